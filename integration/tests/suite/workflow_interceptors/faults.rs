//! Interceptors that are wrong, and replays with others than the worker's.

use std::future::pending;

use durably::failure::WorkflowResult;
use durably::interceptor::{
    CallResult, ExecuteWorkflow, Intercepted, ScheduleActivity, WorkflowInterceptor, WorkflowNext,
};
use durably::payload::Payload;
use durably::prelude::*;
use durably::replay::Replayer;
use durably_integration::Test;

#[activity(start_to_close_timeout = "10s")]
async fn work() -> ActivityResult<String> {
    Ok("done".to_owned())
}

#[workflow]
async fn works(ctx: &WorkflowContext) -> WorkflowResult<String> {
    Ok(ctx.activity(work, ()).await?)
}

type RunResult = WorkflowResult<Option<Payload>>;

/// Does not pass the start on.
struct KeepsStart;

impl WorkflowInterceptor for KeepsStart {
    fn execute_workflow(
        &self,
        _: &WorkflowContext,
        _: ExecuteWorkflow,
        _: WorkflowNext<ExecuteWorkflow>,
    ) -> Intercepted<RunResult> {
        Intercepted::running(pending())
    }
}

/// Passes it on too late.
struct StartsLate;

impl WorkflowInterceptor for StartsLate {
    fn execute_workflow(
        &self,
        _: &WorkflowContext,
        run: ExecuteWorkflow,
        next: WorkflowNext<ExecuteWorkflow>,
    ) -> Intercepted<RunResult> {
        Intercepted::running(async move { next.run(run).await })
    }
}

/// Passes it on again when it has ended.
struct StartsTwice;

impl WorkflowInterceptor for StartsTwice {
    fn execute_workflow(
        &self,
        _: &WorkflowContext,
        run: ExecuteWorkflow,
        next: WorkflowNext<ExecuteWorkflow>,
    ) -> Intercepted<RunResult> {
        let first = next.run(run.clone());
        first.around(|first| async move {
            first.await?;
            next.run(run).await
        })
    }
}

struct Panics;

impl WorkflowInterceptor for Panics {
    fn schedule_activity(
        &self,
        _: &WorkflowContext,
        _: ScheduleActivity,
        _: WorkflowNext<ScheduleActivity>,
    ) -> Intercepted<CallResult> {
        panic!("the interceptor is broken")
    }
}

/// The failure of the workflow task, with this interceptor; the run goes on with a worker without it.
async fn fails<I: WorkflowInterceptor>(
    make: impl Fn(&WorkflowContext) -> I + Send + Sync + 'static,
) -> String {
    let test = Test::begin().await;
    let broken = test.worker(|worker| {
        let worker = worker.workflow(works).activity(work);
        worker.workflow_interceptor(make)
    });
    let handle = test.start(works, ()).await;
    let events = test
        .until(
            &handle,
            "a failed task",
            |events: &durably_integration::Events| events.task_failure().is_some(),
        )
        .await;
    let message = events.task_failure().unwrap().message.clone();
    broken.stop().await;
    let _mended = test.worker(|worker| worker.workflow(works).activity(work));
    let result = test.result_of_troubled(&handle).await;
    assert_eq!(result.unwrap(), "done");
    message
}

#[tokio::test]
async fn one_that_does_not_start_the_run_fails_the_task() {
    let message = fails(|_| KeepsStart).await;
    assert!(
        message.contains("has not passed `execute_workflow` on"),
        "{message}"
    );
}

#[tokio::test]
async fn one_that_starts_the_run_late_fails_the_task() {
    let message = fails(|_| StartsLate).await;
    assert!(
        message.contains("call `next.run(..)` before it returns"),
        "{message}"
    );
}

#[tokio::test]
async fn one_that_starts_the_run_twice_fails_the_task() {
    let message = fails(|_| StartsTwice).await;
    assert!(
        message.contains("passed `execute_workflow` on twice"),
        "{message}"
    );
}

#[tokio::test]
async fn one_that_panics_fails_the_task() {
    let message = fails(|_| Panics).await;
    assert!(message.contains("the interceptor is broken"), "{message}");
}

/// Calls another activity than the code does.
#[derive(Clone, Copy)]
struct Redirects;

impl WorkflowInterceptor for Redirects {
    fn schedule_activity(
        &self,
        _: &WorkflowContext,
        mut call: ScheduleActivity,
        next: WorkflowNext<ScheduleActivity>,
    ) -> Intercepted<CallResult> {
        call.activity_type = format!("audited-{}", call.activity_type);
        next.run(call)
    }
}

#[activity(name = "audited-work", start_to_close_timeout = "10s")]
async fn audited_work() -> ActivityResult<String> {
    Ok("audited".to_owned())
}

#[tokio::test]
async fn a_replay_needs_those_that_change_commands() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| {
        let worker = worker.workflow(works).activity(audited_work);
        worker.workflow_interceptor(|_| Redirects)
    });
    let handle = test.start(works, ()).await;
    assert_eq!(test.result(&handle).await.unwrap(), "audited");
    let history = test.events(&handle).await.history().clone();
    let replayer = Replayer::new().workflow(works).unwrap();
    let error = replayer.replay(history.clone()).unwrap_err();
    assert!(error.to_string().contains("audited-work"), "{error}");
    let replayer = replayer.workflow_interceptor(|_| Redirects);
    replayer.replay(history.clone()).unwrap();
    replayer.replay_from_every_task(&history).unwrap();
}
