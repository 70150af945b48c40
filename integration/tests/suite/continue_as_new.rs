//! Continuing as new: what the next run takes over, and what can be changed.

use std::time::Duration;

use durably::client::ResultError;
use durably::payload::{Memo, SearchAttributes};
use durably::prelude::*;
use durably_integration::Test;
use durably_protos::temporal::api::enums::v1::{ContinueAsNewInitiator, EventType};

use crate::start_options::{CUSTOMER, register_search_attributes};

#[workflow]
async fn counts(ctx: &WorkflowContext, from: u32, to: u32) -> WorkflowResult<(u32, String)> {
    if from < to {
        return ctx.continue_as_new(counts, (from + 1, to));
    }
    let note = ctx.info().memo().get::<String>("note")?.unwrap_or_default();
    let customer = ctx
        .info()
        .search_attributes()
        .get(&CUSTOMER)?
        .unwrap_or_default();
    let attempts = ctx
        .info()
        .retry_policy()
        .and_then(|policy| policy.get_maximum_attempts());
    let seconds = ctx.info().run_timeout().map(|timeout| timeout.as_secs());
    Ok((from, format!("{note} {customer} {attempts:?} {seconds:?}")))
}

#[tokio::test]
async fn options_are_carried_on() {
    let test = Test::begin().await;
    register_search_attributes(&test).await;
    let _worker = test.worker(|worker| worker.workflow(counts));
    let handle = test
        .starting(counts, (0, 3))
        .memo(Memo::new().set("note", &"fragile".to_owned()).unwrap())
        .search_attributes(
            SearchAttributes::new()
                .set(&CUSTOMER, "c-17".to_owned())
                .unwrap(),
        )
        .retry_policy(RetryPolicy::new().maximum_attempts(5))
        .workflow_run_timeout(Duration::from_secs(90))
        .await
        .unwrap();
    let (count, seen) = test.result(&handle).await.unwrap();
    assert_eq!(count, 3);
    assert_eq!(seen, "fragile c-17 Some(5) Some(90)");

    let first_only = handle.result().follow_runs(false).await.unwrap_err();
    let ResultError::ContinuedAsNew { new_run_id } = first_only else {
        panic!("a continuation, not {first_only:?}");
    };
    assert_eq!(
        test.events(&handle).await.last(),
        EventType::WorkflowExecutionContinuedAsNew
    );
    let second = test.events(&handle.clone().with_run_id(new_run_id)).await;
    second.assert_healthy();
    let started = second.started();
    assert_eq!(started.initiator(), ContinueAsNewInitiator::Workflow);
    assert_eq!(started.continued_execution_run_id, handle.run_id().unwrap());
    assert_eq!(started.first_execution_run_id, handle.run_id().unwrap());
}

#[workflow]
async fn moves(ctx: &WorkflowContext, task_queue: String) -> WorkflowResult<String> {
    if ctx.info().continued_run_id().is_some() {
        let note = ctx.info().memo().get::<String>("note")?.unwrap_or_default();
        return Ok(format!(
            "{} {:?} {note}",
            ctx.info().task_queue(),
            ctx.info().run_timeout()
        ));
    }
    let memo = Memo::new().set("note", &"changed".to_owned())?;
    ctx.continue_as_new_with(moves, &task_queue, |next| {
        next.task_queue = Some(task_queue.clone());
        next.workflow_run_timeout = Some(Duration::from_secs(77));
        next.memo = Some(memo);
    })
}

#[tokio::test]
async fn options_are_changed() {
    let test = Test::begin().await;
    let other_queue = format!("{}-other", test.task_queue());
    let _here = test.worker(|worker| worker.workflow(moves));
    let there = Worker::builder(test.client(), &other_queue)
        .workflow(moves)
        .build()
        .unwrap();
    let _there = durably_integration::RunningWorker::start(there);
    let seen = test.run(moves, &other_queue).await;
    assert_eq!(seen, format!("{other_queue} Some(77s) changed"));
}

#[workflow]
async fn first_half(ctx: &WorkflowContext, text: String) -> WorkflowResult<String> {
    ctx.continue_as_new(second_half, (format!("{text}, then the first half"), 2))
}

#[workflow]
async fn second_half(_ctx: &WorkflowContext, text: String, half: u32) -> WorkflowResult<String> {
    Ok(format!("{text}, then half {half}"))
}

#[tokio::test]
async fn as_another_workflow() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(first_half).workflow(second_half));
    let text = test.run(first_half, "start").await;
    assert_eq!(text, "start, then the first half, then half 2");
}
