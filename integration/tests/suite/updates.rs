//! Updates, which this version rejects: the caller is told so, and the workflow is none the worse.

use durably::payload::ToPayload;
use durably::prelude::*;
use durably_integration::{Test, in_time};
use durably_protos::temporal::api::common::v1::{Payloads, WorkflowExecution};
use durably_protos::temporal::api::enums::v1::{
    EventType, UpdateWorkflowExecutionLifecycleStage as Stage,
};
use durably_protos::temporal::api::update::v1::{Input, Meta, Request, WaitPolicy, outcome};
use durably_protos::temporal::api::workflowservice::v1::UpdateWorkflowExecutionRequest;

#[derive(Default)]
struct Address {
    street: State<String>,
    signals: State<u32>,
}

#[workflow]
impl Address {
    #[run]
    async fn run(&self, ctx: &WorkflowContext) -> WorkflowResult<String> {
        ctx.wait_until(|| self.signals.get() == 3).await?;
        Ok(self.street.get())
    }

    #[signal]
    fn step(&self) {
        self.signals.update(|signals| *signals += 1);
    }

    #[update]
    fn change(&self, street: String) -> String {
        self.street.replace(street)
    }
}

/// Sends an update; gives what it was refused with.
async fn update(test: &Test, workflow_id: &str, name: &str) -> String {
    let request = UpdateWorkflowExecutionRequest {
        namespace: test.client().namespace().to_owned(),
        workflow_execution: Some(WorkflowExecution {
            workflow_id: workflow_id.to_owned(),
            run_id: String::new(),
        }),
        wait_policy: Some(WaitPolicy {
            lifecycle_stage: Stage::Completed.into(),
        }),
        request: Some(Request {
            meta: Some(Meta {
                update_id: test.workflow_id("update"),
                identity: String::new(),
            }),
            input: Some(Input {
                name: name.to_owned(),
                args: Some(Payloads {
                    payloads: vec!["High Street".to_payload().unwrap()],
                }),
                header: None,
            }),
            ..Request::default()
        }),
        ..UpdateWorkflowExecutionRequest::default()
    };
    let response = in_time("the update's end", test.client().call(request)).await;
    let outcome = response.expect("the update is answered").outcome;
    match outcome.and_then(|outcome| outcome.value) {
        Some(outcome::Value::Failure(failure)) => failure.message,
        other => panic!("a rejection, not {other:?}"),
    }
}

#[tokio::test]
async fn they_are_rejected_and_leave_no_trace() {
    let Some(test) = Test::begin().await else {
        return;
    };
    let _worker = test.worker(|worker| worker.workflow(Address::run));
    let handle = test.start(Address::run, ()).await;
    test.until_event(&handle, EventType::WorkflowTaskCompleted)
        .await;
    for name in ["change", "unknown", "change"] {
        let message = update(&test, handle.workflow_id(), name).await;
        assert!(message.contains("update"), "{message}");
        // Each rejection takes back a task that was only tried; the next one must fit all the same.
        handle.signal(Address::step, ()).await.unwrap();
    }
    assert_eq!(test.result(&handle).await.unwrap(), "");
    let events = test.events(&handle).await;
    assert!(!events.has(EventType::WorkflowExecutionUpdateAccepted));
}
