//! A client of a server in this process, and a worker that needs no SDK.

#![allow(
    dead_code,
    reason = "each test program is compiled with all of this, and uses a part"
)]

use std::time::Duration;

use durably_protos::google::protobuf;
use durably_protos::temporal::api::command::v1::command::Attributes;
use durably_protos::temporal::api::command::v1::{
    Command, CompleteWorkflowExecutionCommandAttributes,
};
use durably_protos::temporal::api::common::v1::{
    Payload, Payloads, SearchAttributes, WorkflowExecution, WorkflowType,
};
use durably_protos::temporal::api::enums::v1::{CommandType, HistoryEventFilterType};
use durably_protos::temporal::api::history::v1::HistoryEvent;
use durably_protos::temporal::api::taskqueue::v1::TaskQueue;
use durably_protos::temporal::api::workflowservice::v1::workflow_service_client::WorkflowServiceClient;
use durably_protos::temporal::api::workflowservice::v1::{
    GetWorkflowExecutionHistoryRequest, PollWorkflowTaskQueueRequest,
    RespondWorkflowTaskCompletedRequest, StartWorkflowExecutionRequest,
    TerminateWorkflowExecutionRequest,
};
use durably_test::server::{TestServer, TestService};
use tokio::task::JoinHandle;
use tonic::{Request, Status};

pub(crate) type Client = WorkflowServiceClient<TestService>;

/// The queue of all workflows and workers of the tests.
pub(crate) const QUEUE: &str = "queue";

pub(crate) fn client(server: &TestServer) -> Client {
    WorkflowServiceClient::new(server.service())
}

pub(crate) fn namespace() -> String {
    "default".to_owned()
}

pub(crate) fn task_queue() -> Option<TaskQueue> {
    Some(TaskQueue {
        name: QUEUE.to_owned(),
        ..TaskQueue::default()
    })
}

pub(crate) fn workflow_type() -> Option<WorkflowType> {
    Some(WorkflowType {
        name: "wf".to_owned(),
    })
}

pub(crate) fn json(text: &str) -> Payload {
    Payload {
        metadata: [("encoding", "json/plain".into())].into(),
        data: text.to_owned().into(),
        ..Payload::default()
    }
}

pub(crate) fn keyword(name: &str, value: &str) -> Option<SearchAttributes> {
    Some(SearchAttributes {
        indexed_fields: [(name.to_owned(), json(&format!("\"{value}\"")))].into(),
    })
}

pub(crate) fn execution(workflow_id: &str) -> Option<WorkflowExecution> {
    Some(WorkflowExecution {
        workflow_id: workflow_id.to_owned(),
        run_id: String::new(),
    })
}

pub(crate) fn seconds(seconds: i64) -> Option<protobuf::Duration> {
    Some(protobuf::Duration { seconds, nanos: 0 })
}

/// Starts a workflow; gives its run id.
pub(crate) async fn start(
    client: &mut Client,
    workflow_id: &str,
    search_attributes: Option<SearchAttributes>,
) -> String {
    let request = StartWorkflowExecutionRequest {
        namespace: namespace(),
        workflow_id: workflow_id.to_owned(),
        workflow_type: workflow_type(),
        task_queue: task_queue(),
        search_attributes,
        ..StartWorkflowExecutionRequest::default()
    };
    let started = client.start_workflow_execution(request).await.unwrap();
    started.into_inner().run_id
}

pub(crate) async fn terminate(client: &mut Client, workflow_id: &str) {
    let request = TerminateWorkflowExecutionRequest {
        namespace: namespace(),
        workflow_execution: execution(workflow_id),
        ..TerminateWorkflowExecutionRequest::default()
    };
    client.terminate_workflow_execution(request).await.unwrap();
}

/// The events of the current run of a workflow.
pub(crate) async fn history(client: &mut Client, workflow_id: &str) -> Vec<HistoryEvent> {
    let request = GetWorkflowExecutionHistoryRequest {
        namespace: namespace(),
        execution: execution(workflow_id),
        ..GetWorkflowExecutionHistoryRequest::default()
    };
    let response = client.get_workflow_execution_history(request).await;
    response.unwrap().into_inner().history.unwrap().events
}

/// Waits for the end of a workflow, as the clients of SDKs do.
pub(crate) async fn result(client: &mut Client, workflow_id: &str) -> Result<HistoryEvent, Status> {
    let mut request = GetWorkflowExecutionHistoryRequest {
        namespace: namespace(),
        execution: execution(workflow_id),
        wait_new_event: true,
        ..GetWorkflowExecutionHistoryRequest::default()
    };
    request.set_history_event_filter_type(HistoryEventFilterType::CloseEvent);
    loop {
        let response = client
            .get_workflow_execution_history(request.clone())
            .await?;
        let events = response.into_inner().history.unwrap_or_default().events;
        if let Some(event) = events.into_iter().next() {
            return Ok(event);
        }
    }
}

/// The command that completes a workflow with a result in JSON.
pub(crate) fn complete(result: &str) -> Command {
    let completed = CompleteWorkflowExecutionCommandAttributes {
        result: Some(Payloads {
            payloads: vec![json(result)],
        }),
    };
    let attributes = Attributes::CompleteWorkflowExecutionCommandAttributes(Box::new(completed));
    let mut command = Command {
        attributes: Some(attributes),
        ..Command::default()
    };
    command.set_command_type(CommandType::CompleteWorkflowExecution);
    command
}

/// A worker that answers each workflow task with the commands that `answer` gives for the workflow id.
pub(crate) fn worker(
    server: &TestServer,
    answer: impl Fn(&str) -> Vec<Command> + Send + 'static,
) -> JoinHandle<()> {
    let mut client = client(server);
    tokio::spawn(async move {
        loop {
            let mut poll = Request::new(PollWorkflowTaskQueueRequest {
                namespace: namespace(),
                task_queue: task_queue(),
                identity: "worker".to_owned(),
                ..PollWorkflowTaskQueueRequest::default()
            });
            poll.set_timeout(Duration::from_secs(60));
            let task = client.poll_workflow_task_queue(poll).await.unwrap();
            let task = task.into_inner();
            let Some(execution) = task.workflow_execution else {
                continue;
            };
            let answer = RespondWorkflowTaskCompletedRequest {
                task_token: task.task_token,
                commands: answer(&execution.workflow_id),
                namespace: namespace(),
                ..RespondWorkflowTaskCompletedRequest::default()
            };
            client
                .respond_workflow_task_completed(answer)
                .await
                .unwrap();
        }
    })
}
