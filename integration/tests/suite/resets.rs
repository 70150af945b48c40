//! Workflows that an operator resets: the new run carries on the history up to there.

use durably::prelude::*;
use durably_integration::Test;
use durably_protos::temporal::api::common::v1::WorkflowExecution;
use durably_protos::temporal::api::enums::v1::{EventType, WorkflowTaskFailedCause};
use durably_protos::temporal::api::history::v1::WorkflowTaskFailedEventAttributes;
use durably_protos::temporal::api::workflowservice::v1::ResetWorkflowExecutionRequest;

#[activity(start_to_close_timeout = "10s")]
async fn step(number: u32) -> ActivityResult<u32> {
    Ok(number + 1)
}

/// Draws an id before and after each of its steps.
#[derive(Default)]
struct Drawing {
    signals: State<u32>,
}

#[workflow]
impl Drawing {
    #[run]
    async fn run(&self, ctx: &WorkflowContext) -> WorkflowResult<Vec<String>> {
        let mut drawn = vec![ctx.uuid().to_string()];
        let mut number = 0;
        while number < 2 {
            number = ctx.activity(step, number).await?;
            drawn.push(ctx.uuid().to_string());
        }
        ctx.wait_until(|| self.signals.get() > 0).await?;
        Ok(drawn)
    }

    #[signal]
    fn go(&self) {
        self.signals.update(|signals| *signals += 1);
    }
}

#[tokio::test]
async fn the_new_run_goes_on_from_there() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(Drawing::run).activity(step));
    let first = test.start(Drawing::run, ()).await;
    first.signal(Drawing::go, ()).await.unwrap();
    let drawn = test.result(&first).await.unwrap();

    // To the end of the second task: after the first step, before the second.
    let events = test.events(&first).await;
    let completed: Vec<_> = events
        .iter()
        .filter(|event| event.event_type() == EventType::WorkflowTaskCompleted)
        .collect();
    let request = ResetWorkflowExecutionRequest {
        namespace: test.client().namespace().to_owned(),
        workflow_execution: Some(WorkflowExecution {
            workflow_id: first.workflow_id().to_owned(),
            run_id: first.run_id().unwrap().to_owned(),
        }),
        reason: "a test".to_owned(),
        workflow_task_finish_event_id: completed[1].event_id,
        request_id: test.workflow_id("reset"),
        ..ResetWorkflowExecutionRequest::default()
    };
    let run_id = test.client().call(request).await.unwrap().run_id;
    let second = test
        .client()
        .workflow_handle(Drawing::run, first.workflow_id())
        .with_run_id(run_id);
    // The signal was sent to the first run, and came over to the second. The task at which the history
    // was cut counts as failed, for the reset.
    let redrawn = test.result_of_troubled(&second).await.unwrap();
    assert_eq!(redrawn.len(), drawn.len());
    assert_eq!(
        redrawn[0], drawn[0],
        "what was drawn before the reset stays"
    );
    assert_ne!(redrawn[2], drawn[2], "what is drawn after it is new");
    let events = test.events(&second).await;
    let broken: Vec<_> = events
        .broken_tasks()
        .map(WorkflowTaskFailedEventAttributes::cause)
        .collect();
    let reset = WorkflowTaskFailedCause::ResetWorkflow;
    assert_eq!(broken, [reset]);
}
