//! A worker that does all there is to do, until every run has ended.

use std::collections::BTreeSet;
use std::time::Duration;

use bytes::Bytes;
use durably_protos::google::protobuf::Any;
use durably_protos::temporal::api::command::v1::command::Attributes;
use durably_protos::temporal::api::command::v1::{
    Command, CompleteWorkflowExecutionCommandAttributes, ProtocolMessageCommandAttributes,
};
use durably_protos::temporal::api::common::v1::WorkflowExecution;
use durably_protos::temporal::api::enums::v1::{CommandType, QueryResultType};
use durably_protos::temporal::api::history::v1::history_event::Attributes as Event;
use durably_protos::temporal::api::nexus::v1::{Response, response};
use durably_protos::temporal::api::nexus::v1::{StartOperationResponse, start_operation_response};
use durably_protos::temporal::api::protocol::v1::Message;
use durably_protos::temporal::api::query::v1::WorkflowQueryResult;
use durably_protos::temporal::api::taskqueue::v1::TaskQueue;
use durably_protos::temporal::api::update::v1::Rejection;
use durably_protos::temporal::api::workflowservice::v1::workflow_service_client::WorkflowServiceClient;
use durably_protos::temporal::api::workflowservice::v1::*;
use durably_test::server::{Blocker, RecordedRun, TestServer, TestService};
use tonic::{Request, Status};

/// How often all queues are polled at most.
const ROUNDS: usize = 300;

type Client = WorkflowServiceClient<TestService>;

/// Ends every run.
///
/// # Errors
/// One does not end, or an answer is refused.
pub(crate) async fn drain(server: &TestServer) -> Result<(), String> {
    let mut client = Client::new(server.service());
    let namespace = DescribeNamespaceRequest {
        namespace: "default".to_owned(),
        ..DescribeNamespaceRequest::default()
    };
    if client.describe_namespace(namespace).await.is_err() {
        // It was deleted, with all that was in it.
        return Ok(());
    }
    stop_schedules(&mut client).await?;
    let mut asked = BTreeSet::new();
    for round in 0..ROUNDS {
        let open = open(server);
        if open.is_empty() && server.blocked_on().iter().all(is_idle) {
            return Ok(());
        }
        for run in &open {
            // A run that goes on in others is ended: the first time it is woken, later terminated.
            let again = !asked.insert(run.run_id.clone());
            if !again {
                wake(&mut client, run).await;
            } else if round > 30 && is_endless(run) {
                terminate(&mut client, run).await;
            }
        }
        if !work(server, &mut client).await? {
            let_time_pass(server);
        }
    }
    let open = open(server);
    let runs: Vec<_> = open
        .iter()
        .map(|run| (&run.workflow_id, &run.run_id))
        .collect();
    let last: Vec<_> = open
        .iter()
        .flat_map(|run| run.history.events.iter().rev().take(5))
        .collect();
    Err(format!(
        "{runs:?} never end; blocked on {:?}, next {:?}: {last:#?}",
        server.blocked_on(),
        server.next_target()
    ))
}

fn is_idle(blocker: &Blocker) -> bool {
    matches!(
        blocker,
        Blocker::NobodyWaits | Blocker::NothingIsDue | Blocker::Locked
    )
}

fn open(server: &TestServer) -> Vec<RecordedRun> {
    let mut runs = server.histories();
    runs.retain(|run| run.is_open);
    runs
}

fn is_endless(run: &RecordedRun) -> bool {
    let first = run
        .history
        .events
        .first()
        .and_then(|event| event.attributes.as_ref());
    matches!(first, Some(Event::WorkflowExecutionStartedEventAttributes(started)) if !started.cron_schedule.is_empty())
}

fn execution(run: &RecordedRun) -> Option<WorkflowExecution> {
    Some(WorkflowExecution {
        workflow_id: run.workflow_id.clone(),
        run_id: run.run_id.clone(),
    })
}

async fn stop_schedules(client: &mut Client) -> Result<(), String> {
    let list = ListSchedulesRequest {
        namespace: "default".to_owned(),
        ..ListSchedulesRequest::default()
    };
    let listed = client
        .list_schedules(list)
        .await
        .map_err(|status| refused("ListSchedules", &status))?;
    for schedule in listed.into_inner().schedules {
        let delete = DeleteScheduleRequest {
            namespace: "default".to_owned(),
            schedule_id: schedule.schedule_id,
            ..DeleteScheduleRequest::default()
        };
        client
            .delete_schedule(delete)
            .await
            .map_err(|status| refused("DeleteSchedule", &status))?;
    }
    Ok(())
}

/// Gives a run a reason for a workflow task: without one it may wait for something that never comes.
async fn wake(client: &mut Client, run: &RecordedRun) {
    let unpause = UnpauseWorkflowExecutionRequest {
        namespace: "default".to_owned(),
        workflow_id: run.workflow_id.clone(),
        run_id: run.run_id.clone(),
        request_id: "drain".to_owned(),
        ..UnpauseWorkflowExecutionRequest::default()
    };
    // Most are not paused.
    drop(client.unpause_workflow_execution(unpause).await);
    let signal = SignalWorkflowExecutionRequest {
        namespace: "default".to_owned(),
        workflow_execution: execution(run),
        signal_name: "end".to_owned(),
        ..SignalWorkflowExecutionRequest::default()
    };
    // The one before may have ended it.
    drop(client.signal_workflow_execution(signal).await);
}

async fn terminate(client: &mut Client, run: &RecordedRun) {
    let terminate = TerminateWorkflowExecutionRequest {
        namespace: "default".to_owned(),
        workflow_execution: execution(run),
        ..TerminateWorkflowExecutionRequest::default()
    };
    drop(client.terminate_workflow_execution(terminate).await);
}

fn let_time_pass(server: &TestServer) {
    if let Some(next) = server.next_target() {
        let wait = next.duration_since(server.now()).unwrap_or_default();
        server.advance_at_once(wait);
    }
}

/// Does what waits in queues; whether there was something.
async fn work(server: &TestServer, client: &mut Client) -> Result<bool, String> {
    let (mut workflows, mut activities, mut nexus) =
        (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for blocker in server.blocked_on() {
        match blocker {
            Blocker::WorkflowTask {
                waits_on: Some(queue),
                ..
            } => drop(workflows.insert(queue.task_queue)),
            Blocker::Activity {
                waits_on: Some(queue),
                ..
            } => drop(activities.insert(queue.task_queue)),
            Blocker::NexusOperation {
                waits_on: Some(queue),
                ..
            } => drop(nexus.insert(queue.task_queue)),
            Blocker::Queries { workflow_id, .. } => {
                workflows.extend(queues_of(server, &workflow_id));
            }
            _ => {}
        }
    }
    let mut did_something = false;
    for queue in workflows {
        did_something |= workflow_tasks(client, &queue).await?;
    }
    for queue in activities {
        did_something |= activity_task(client, &queue).await?;
    }
    for queue in nexus {
        did_something |= nexus_task(client, &queue).await?;
    }
    Ok(did_something)
}

/// The queues on which a workflow's queries may wait.
fn queues_of(server: &TestServer, workflow_id: &str) -> Vec<String> {
    let runs = server
        .histories()
        .into_iter()
        .filter(|run| run.workflow_id == workflow_id);
    let queues =
        runs.flat_map(|run| run.history.events)
            .filter_map(|event| match event.attributes? {
                Event::WorkflowExecutionStartedEventAttributes(started) => {
                    Some(started.task_queue?.name)
                }
                Event::WorkflowTaskScheduledEventAttributes(scheduled) => {
                    Some(scheduled.task_queue?.name)
                }
                _ => None,
            });
    queues.collect()
}

fn poll<T>(request: T) -> Request<T> {
    let mut request = Request::new(request);
    request.set_timeout(Duration::from_secs(3));
    request
}

fn queue(name: &str) -> Option<TaskQueue> {
    Some(TaskQueue {
        name: name.to_owned(),
        ..TaskQueue::default()
    })
}

async fn workflow_tasks(client: &mut Client, name: &str) -> Result<bool, String> {
    let request = PollWorkflowTaskQueueRequest {
        namespace: "default".to_owned(),
        task_queue: queue(name),
        identity: "drain".to_owned(),
        ..PollWorkflowTaskQueueRequest::default()
    };
    let task = client.poll_workflow_task_queue(poll(request)).await;
    let task = task
        .map_err(|status| refused("PollWorkflowTaskQueue", &status))?
        .into_inner();
    if task.task_token.is_empty() {
        return Ok(false);
    }
    if task.query.is_some() {
        let mut answer = RespondQueryTaskCompletedRequest {
            namespace: "default".to_owned(),
            task_token: task.task_token,
            ..RespondQueryTaskCompletedRequest::default()
        };
        answer.set_completed_type(QueryResultType::Answered);
        let answered = client.respond_query_task_completed(answer).await;
        return answered
            .map(|_| true)
            .map_err(|status| refused("RespondQueryTaskCompleted", &status));
    }
    let about = format!("{:?}, attempt {}", task.workflow_execution, task.attempt);
    let answer = workflow_answer(task);
    let answered = client.respond_workflow_task_completed(answer).await;
    match answered {
        Ok(_) => Ok(true),
        // Something came meanwhile: the next task tells of it.
        Err(status) if status.message().starts_with("UnhandledCommand") => Ok(true),
        Err(status) => Err(refused("RespondWorkflowTaskCompleted", &status) + &about),
    }
}

/// Refuses all updates, answers all queries, and completes the workflow.
fn workflow_answer(task: PollWorkflowTaskQueueResponse) -> RespondWorkflowTaskCompletedRequest {
    let results = task.queries.into_keys().map(|id| {
        let mut result = WorkflowQueryResult::default();
        result.set_result_type(QueryResultType::Answered);
        (id, result)
    });
    let (mut messages, mut commands) = (Vec::new(), Vec::new());
    for message in task.messages {
        let rejection = Rejection {
            rejected_request_message_id: message.id.clone(),
            ..Rejection::default()
        };
        let id = format!("{}/reject", message.id);
        messages.push(Message {
            id: id.clone(),
            protocol_instance_id: message.protocol_instance_id,
            body: Some(any(&rejection)),
            ..Message::default()
        });
        let says = ProtocolMessageCommandAttributes { message_id: id };
        commands.push(command(
            CommandType::ProtocolMessage,
            Attributes::ProtocolMessageCommandAttributes(Box::new(says)),
        ));
    }
    let completed = CompleteWorkflowExecutionCommandAttributes::default();
    commands.push(command(
        CommandType::CompleteWorkflowExecution,
        Attributes::CompleteWorkflowExecutionCommandAttributes(Box::new(completed)),
    ));
    RespondWorkflowTaskCompletedRequest {
        namespace: "default".to_owned(),
        task_token: task.task_token,
        commands,
        messages,
        query_results: results.collect(),
        ..RespondWorkflowTaskCompletedRequest::default()
    }
}

fn any(rejection: &Rejection) -> Any {
    use prost::Message as _;
    Any {
        type_url: "type.googleapis.com/temporal.api.update.v1.Rejection".to_owned(),
        value: rejection.encode_to_vec().into(),
    }
}

fn command(kind: CommandType, attributes: Attributes) -> Command {
    Command {
        command_type: kind.into(),
        attributes: Some(attributes),
        ..Command::default()
    }
}

async fn activity_task(client: &mut Client, name: &str) -> Result<bool, String> {
    let request = PollActivityTaskQueueRequest {
        namespace: "default".to_owned(),
        task_queue: queue(name),
        identity: "drain".to_owned(),
        ..PollActivityTaskQueueRequest::default()
    };
    let task = client.poll_activity_task_queue(poll(request)).await;
    let task_token = task
        .map_err(|status| refused("PollActivityTaskQueue", &status))?
        .into_inner()
        .task_token;
    if task_token == Bytes::new() {
        return Ok(false);
    }
    let answer = RespondActivityTaskCompletedRequest {
        namespace: "default".to_owned(),
        task_token,
        ..RespondActivityTaskCompletedRequest::default()
    };
    let answered = client.respond_activity_task_completed(answer).await;
    answered
        .map(|_| true)
        .map_err(|status| refused("RespondActivityTaskCompleted", &status))
}

async fn nexus_task(client: &mut Client, name: &str) -> Result<bool, String> {
    let request = PollNexusTaskQueueRequest {
        namespace: "default".to_owned(),
        task_queue: queue(name),
        identity: "drain".to_owned(),
        ..PollNexusTaskQueueRequest::default()
    };
    let task = client.poll_nexus_task_queue(poll(request)).await;
    let task = task
        .map_err(|status| refused("PollNexusTaskQueue", &status))?
        .into_inner();
    if task.task_token.is_empty() {
        return Ok(false);
    }
    let done =
        start_operation_response::Variant::SyncSuccess(start_operation_response::Sync::default());
    let started = StartOperationResponse {
        variant: Some(done),
    };
    let answer = RespondNexusTaskCompletedRequest {
        namespace: "default".to_owned(),
        task_token: task.task_token,
        response: Some(Response {
            variant: Some(response::Variant::StartOperation(started)),
        }),
        ..RespondNexusTaskCompletedRequest::default()
    };
    let answered = client.respond_nexus_task_completed(answer).await;
    answered
        .map(|_| true)
        .map_err(|status| refused("RespondNexusTaskCompleted", &status))
}

fn refused(method: &str, status: &Status) -> String {
    format!("while all is brought to its end, {method} is refused: {status:?}")
}
