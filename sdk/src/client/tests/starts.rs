//! Starting workflows.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use durably_protos::temporal::api::errordetails::v1::WorkflowExecutionAlreadyStartedFailure;
use durably_protos::temporal::api::workflowservice::v1::get_system_info_response::Capabilities;
use durably_protos::temporal::api::workflowservice::v1::{
    GetSystemInfoRequest, GetSystemInfoResponse, PollWorkflowTaskQueueResponse,
    SignalWithStartWorkflowExecutionRequest, SignalWithStartWorkflowExecutionResponse,
    StartWorkflowExecutionRequest, StartWorkflowExecutionResponse,
};
use tonic::{Code, Status};

use super::*;
use crate::client::{EagerDispatcher, EagerSlot, StartError};
use crate::definition::{SignalDefinition, WorkflowDefinition};
use crate::failure::RetryPolicy;
use crate::options::{Priority, WorkflowIdConflictPolicy, WorkflowIdReusePolicy};
use crate::payload::{FromPayload, Memo, SearchAttributeKey, SearchAttributes, ToPayload};

type Start = StartWorkflowExecutionRequest;

struct Greet;

impl WorkflowDefinition for Greet {
    type Owner = Self;
    type Parameters = (String, u32);
    type Output = String;
    const NAME: &'static str = "greet";
}

struct Wave;

impl SignalDefinition for Wave {
    type Workflow = Greet;
    type Parameters = (bool,);
    const NAME: &'static str = "wave";
}

fn started(run_id: &str) -> StartWorkflowExecutionResponse {
    StartWorkflowExecutionResponse {
        run_id: run_id.into(),
        ..Default::default()
    }
}

#[tokio::test(start_paused = true)]
async fn all_options_are_sent() {
    let server = TestServer::new();
    server.answer::<Start>([Ok(started("run"))]);
    let customer = SearchAttributeKey::keyword("CustomerId");
    let handle = server
        .client()
        .await
        .start(Greet, ("world", 3))
        .workflow_id("greeting-1")
        .task_queue("greetings")
        .id_reuse_policy(WorkflowIdReusePolicy::RejectDuplicate)
        .id_conflict_policy(WorkflowIdConflictPolicy::UseExisting)
        .workflow_execution_timeout(Duration::from_secs(3))
        .workflow_run_timeout(Duration::from_secs(2))
        .workflow_task_timeout(Duration::from_secs(1))
        .retry_policy(RetryPolicy::new().maximum_attempts(4))
        .cron_schedule("@daily")
        .start_delay(Duration::from_millis(1500))
        .memo(Memo::new().set("note", &1).unwrap())
        .search_attributes(
            SearchAttributes::new()
                .set(&customer, "c".to_owned())
                .unwrap(),
        )
        .static_summary("summary")
        .static_details("details")
        .priority(Priority::new().priority_key(1))
        .with_request(|request| request.links.push(Default::default()))
        .await
        .unwrap();
    assert_eq!(
        (handle.workflow_id(), handle.run_id()),
        ("greeting-1", Some("run"))
    );

    let request = server.requests::<Start>().remove(0);
    let seconds =
        |duration: Option<durably_protos::google::protobuf::Duration>| duration.unwrap().seconds;
    let text = |payload: Option<_>| String::from_payload(&payload.unwrap()).unwrap();
    assert_eq!(
        (request.namespace.as_str(), request.identity.as_str()),
        ("default", "tester")
    );
    assert_eq!(request.workflow_type.unwrap().name, "greet");
    assert_eq!(request.task_queue.unwrap().name, "greetings");
    let input = request.input.unwrap().payloads;
    assert_eq!(
        input,
        [
            "world".to_owned().to_payload().unwrap(),
            3.to_payload().unwrap()
        ]
    );
    assert_eq!(
        (
            request.workflow_id_reuse_policy,
            request.workflow_id_conflict_policy
        ),
        (3, 2)
    );
    assert_eq!(seconds(request.workflow_execution_timeout), 3);
    assert_eq!(seconds(request.workflow_run_timeout), 2);
    assert_eq!(seconds(request.workflow_task_timeout), 1);
    assert_eq!(request.retry_policy.unwrap().maximum_attempts, 4);
    assert_eq!(request.cron_schedule, "@daily");
    assert_eq!(request.workflow_start_delay.unwrap().nanos, 500_000_000);
    assert!(request.memo.unwrap().fields.contains_key("note"));
    assert!(
        request
            .search_attributes
            .unwrap()
            .indexed_fields
            .contains_key("CustomerId")
    );
    let metadata = request.user_metadata.unwrap();
    assert_eq!(
        (text(metadata.summary), text(metadata.details)),
        ("summary".into(), "details".into())
    );
    assert_eq!(request.priority.unwrap().priority_key, 1);
    assert_eq!(
        (request.links.len(), request.request_eager_execution),
        (1, false)
    );
}

#[tokio::test(start_paused = true)]
async fn a_repeated_start_is_the_same_start() {
    let server = TestServer::new();
    server.answer::<Start>([Err(Status::unavailable("answer lost")), Ok(started("run"))]);
    let client = server.client().await;
    let handle = client
        .start_by_name("greet", Vec::new())
        .task_queue("q")
        .await
        .unwrap();
    let requests = server.requests::<Start>();
    assert_eq!(requests.len(), 2);
    assert_eq!(requests[0], requests[1]);
    assert!(!requests[0].request_id.is_empty());
    assert_eq!(handle.workflow_id(), requests[0].workflow_id);
    assert_eq!(handle.workflow_id().len(), 36);
}

#[tokio::test(start_paused = true)]
async fn an_id_that_is_taken_is_told_with_the_run() {
    let server = TestServer::new();
    let detail = WorkflowExecutionAlreadyStartedFailure {
        run_id: "other".into(),
        ..Default::default()
    };
    server.answer::<Start>([Err(status(Code::AlreadyExists, "already running", &detail))]);
    let client = server.client().await;
    let start = client
        .start_by_name("greet", Vec::new())
        .task_queue("q")
        .workflow_id("w");
    let error = start.await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "workflow `w` has already been started (run `other`)"
    );
    assert!(matches!(error, StartError::AlreadyStarted { run_id, .. } if run_id == "other"));
}

#[tokio::test(start_paused = true)]
async fn what_is_wrong_is_told_without_a_call() {
    let server = TestServer::new();
    let client = server.client().await;
    let queue = client
        .start(Greet, ("a", 1))
        .workflow_id("w")
        .await
        .unwrap_err();
    assert!(matches!(queue, StartError::NoTaskQueue { .. }), "{queue}");
    let policy = RetryPolicy::new().backoff_coefficient(0.5);
    let policy = client
        .start(Greet, ("a", 1))
        .retry_policy(policy)
        .task_queue("q")
        .await;
    assert!(matches!(policy.unwrap_err(), StartError::RetryPolicy(_)));
    assert!(server.requests::<Start>().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_signal_goes_with_the_start() {
    type Request = SignalWithStartWorkflowExecutionRequest;
    let server = TestServer::new();
    let response = SignalWithStartWorkflowExecutionResponse {
        run_id: "run".into(),
        ..Default::default()
    };
    server.answer::<Request>([Ok(response)]);
    let client = server.client().await;
    let start = client.start(Greet, ("world", 3)).with_signal(Wave, true);
    let handle = start
        .workflow_id("w")
        .task_queue("q")
        .cron_schedule("@daily")
        .await
        .unwrap();
    assert_eq!(handle.run_id(), Some("run"));
    let request = server.requests::<Request>().remove(0);
    assert_eq!(
        (request.signal_name.as_str(), request.workflow_id.as_str()),
        ("wave", "w")
    );
    assert_eq!(
        request.signal_input.unwrap().payloads,
        [true.to_payload().unwrap()]
    );
    assert_eq!(request.input.unwrap().payloads.len(), 2);
    assert_eq!(request.cron_schedule, "@daily");
}

/// A worker with so many free slots, and the tasks it was given.
#[derive(Clone)]
struct Worker {
    free: bool,
    tasks: Arc<Mutex<Vec<PollWorkflowTaskQueueResponse>>>,
}

impl EagerDispatcher for Worker {
    fn try_reserve(&self) -> Option<Box<dyn EagerSlot>> {
        self.free.then(|| Box::new(self.clone()) as _)
    }
}

impl EagerSlot for Worker {
    fn dispatch(self: Box<Self>, task: PollWorkflowTaskQueueResponse) {
        self.tasks.lock().unwrap().push(task);
    }
}

#[tokio::test(start_paused = true)]
async fn the_first_task_goes_to_a_local_worker_with_a_free_slot() {
    let server = TestServer::new();
    let capabilities = Capabilities {
        eager_workflow_start: true,
        ..Default::default()
    };
    server.answer::<GetSystemInfoRequest>([Ok(GetSystemInfoResponse {
        capabilities: Some(capabilities),
        ..Default::default()
    })]);
    let client = server.client().await;
    let start = || {
        client
            .start_by_name("greet", Vec::new())
            .task_queue("q")
            .request_eager_start()
    };
    let asked = |place: usize| server.requests::<Start>()[place].request_eager_execution;

    server.answer::<Start>([Ok(started("no-worker"))]);
    start().await.unwrap();
    assert!(!asked(0));

    let full = Worker {
        free: false,
        tasks: Arc::default(),
    };
    let _full = client
        .eager_dispatchers()
        .register("default", "q", Arc::new(full));
    let worker = Worker {
        free: true,
        tasks: Arc::default(),
    };
    let registration =
        client
            .eager_dispatchers()
            .register("default", "q", Arc::new(worker.clone()));
    let task = PollWorkflowTaskQueueResponse {
        attempt: 1,
        ..Default::default()
    };
    let mut response = started("with-worker");
    response.eager_workflow_task = Some(task);
    server.answer::<Start>([
        Ok(response),
        Ok(started("refused")),
        Ok(started("worker-gone")),
    ]);
    start().await.unwrap();
    assert!(asked(1));
    assert_eq!(worker.tasks.lock().unwrap().len(), 1);

    start().await.unwrap();
    assert_eq!(worker.tasks.lock().unwrap().len(), 1);
    drop(registration);
    start().await.unwrap();
    assert!(asked(2) && !asked(3));
}
