//! What a run calls.

use std::time::Duration;

use durably::failure::{ContinueAsNew, Failure};
use durably::interceptor::{
    CallResult, CancelExternalWorkflow, Intercepted, InterceptedStart, ScheduleActivity,
    ScheduleLocalActivity, SignalExternalWorkflow, StartChildWorkflow, StartTimer,
    WorkflowInterceptor, WorkflowNext,
};
use durably::payload::{FromPayload, HeaderKey, Payload, ToPayload};
use durably::prelude::*;
use durably_integration::Test;
use durably_protos::temporal::api::enums::v1::EventType;
use durably_protos::temporal::api::history::v1::history_event::Attributes;

const CALLER: HeaderKey<String> = HeaderKey::new("caller");

/// Signs what goes out, and what comes back.
struct Sign;

fn signed(arguments: &mut [Payload]) {
    for argument in arguments {
        let text = String::from_payload(argument).unwrap();
        *argument = format!("{text}!").to_payload().unwrap();
    }
}

fn sign_result(result: CallResult) -> CallResult {
    let sign = |payload: Payload| {
        let text = String::from_payload(&payload).unwrap();
        format!("<{text}>").to_payload().unwrap()
    };
    result.map(|payload| payload.map(sign))
}

impl WorkflowInterceptor for Sign {
    fn schedule_activity(
        &self,
        ctx: &WorkflowContext,
        mut call: ScheduleActivity,
        next: WorkflowNext<ScheduleActivity>,
    ) -> Intercepted<CallResult> {
        signed(&mut call.arguments);
        call.options.summary = Some("signed".to_owned());
        let caller = ctx.info().workflow_type().to_owned();
        call.headers.insert(&CALLER, caller).unwrap();
        next.run(call).then(sign_result)
    }

    fn schedule_local_activity(
        &self,
        ctx: &WorkflowContext,
        mut call: ScheduleLocalActivity,
        next: WorkflowNext<ScheduleLocalActivity>,
    ) -> Intercepted<CallResult> {
        signed(&mut call.arguments);
        let caller = ctx.info().workflow_type().to_owned();
        call.headers.insert(&CALLER, caller).unwrap();
        next.run(call).then(sign_result)
    }

    fn start_child_workflow(
        &self,
        _: &WorkflowContext,
        mut call: StartChildWorkflow,
        next: WorkflowNext<StartChildWorkflow>,
    ) -> InterceptedStart<String> {
        signed(&mut call.arguments);
        call.options.workflow_id = call.options.workflow_id.map(|id| format!("{id}-signed"));
        let mut child = next.run(call);
        child.started = child
            .started
            .then(|run_id| run_id.map(|id| format!("run {id}")));
        child.result = child.result.then(sign_result);
        child
    }

    fn signal_external_workflow(
        &self,
        _: &WorkflowContext,
        mut call: SignalExternalWorkflow,
        next: WorkflowNext<SignalExternalWorkflow>,
    ) -> Intercepted<Result<(), Failure>> {
        signed(&mut call.arguments);
        let kind = if call.is_child { "child" } else { "other" };
        call.headers.insert(&CALLER, kind).unwrap();
        next.run(call)
    }

    fn cancel_external_workflow(
        &self,
        _: &WorkflowContext,
        mut call: CancelExternalWorkflow,
        next: WorkflowNext<CancelExternalWorkflow>,
    ) -> Intercepted<Result<(), Failure>> {
        call.reason.push('!');
        // One who is not there is no error.
        next.run(call).then(|_| Ok(()))
    }

    fn start_timer(
        &self,
        _: &WorkflowContext,
        mut call: StartTimer,
        next: WorkflowNext<StartTimer>,
    ) -> Intercepted<Result<(), Failure>> {
        call.duration = Duration::from_millis(7);
        call.summary = Some("signed".to_owned());
        next.run(call)
    }

    fn continue_as_new(&self, _: &WorkflowContext, call: &mut ContinueAsNew) {
        assert_eq!(call.workflow_type.as_deref(), Some("calls"));
        let headers = call.headers.as_mut().unwrap();
        headers.insert(&CALLER, "the run before").unwrap();
        signed(&mut call.arguments);
    }
}

#[activity(start_to_close_timeout = "10s")]
async fn echo(ctx: &ActivityContext, text: String) -> ActivityResult<String> {
    let caller = ctx.header(&CALLER)?.unwrap_or_default();
    Ok(format!("{text} of {caller}"))
}

#[workflow]
async fn listener(ctx: &WorkflowContext, text: String) -> WorkflowResult<String> {
    let signals = ctx.signal_channel::<String>("told");
    let mut heard = Vec::new();
    while heard.len() < 2 {
        heard.push(signals.recv().await?);
    }
    heard.sort();
    Ok(format!("{text} {}", heard.join(" ")))
}

#[workflow]
async fn calls(ctx: &WorkflowContext, round: String) -> WorkflowResult<Vec<String>> {
    if round == "first" {
        return ctx.continue_as_new(calls, "second");
    }
    let mut told = vec![round, ctx.header(&CALLER)?.unwrap_or_default()];
    told.push(ctx.activity(echo, "activity").await?);
    told.push(ctx.local_activity(echo, "local").await?);
    let id = format!("{}-child", ctx.info().workflow_id());
    let child = ctx.child(listener, "child").workflow_id(id).start().await?;
    assert!(child.run_id().starts_with("run "));
    assert!(child.workflow_id().ends_with("-child-signed"));
    let payload = || "by handle".to_payload().unwrap();
    child.signal_by_name("told", vec![payload()]).await?;
    let other = ctx.external_by_id(child.workflow_id());
    other
        .signal_by_name("told", vec!["by id".to_payload().unwrap()])
        .await?;
    told.push(child.result().await?);
    ctx.external_by_id("nobody").cancel("no need").await?;
    ctx.sleep(Duration::from_secs(600)).await?;
    Ok(told)
}

#[tokio::test]
async fn see_and_change_what_goes() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| {
        worker
            .workflow(calls)
            .workflow(listener)
            .activity(echo)
            .workflow_interceptor(|_| Sign)
    });
    let handle = test.start(calls, "first").await;
    let told = test.result(&handle).await.unwrap();
    assert_eq!(
        told,
        [
            "second!",
            "the run before",
            "<activity! of calls>",
            "<local! of calls>",
            "<child! by handle! by id!>",
        ]
    );
    let newest = test.client().workflow_handle(calls, handle.workflow_id());
    let events = test.events(&newest).await;
    let timer = events.attributes().find_map(|attributes| match attributes {
        Attributes::TimerStartedEventAttributes(timer) => timer.start_to_fire_timeout,
        _ => None,
    });
    assert_eq!(timer.unwrap().nanos, 7_000_000);
    let reason = events.attributes().find_map(|attributes| match attributes {
        Attributes::RequestCancelExternalWorkflowExecutionInitiatedEventAttributes(request) => {
            Some(request.reason.as_str())
        }
        _ => None,
    });
    assert_eq!(reason, Some("no need!"));
}

/// Asks again by itself, twice at the most, and lets nobody delete anything.
struct Careful;

impl WorkflowInterceptor for Careful {
    fn schedule_activity(
        &self,
        ctx: &WorkflowContext,
        call: ScheduleActivity,
        next: WorkflowNext<ScheduleActivity>,
    ) -> Intercepted<CallResult> {
        if call.activity_type == "delete" {
            let refused = ApplicationFailure::new("nothing is deleted here").non_retryable();
            return Intercepted::done(Err(refused.into()));
        }
        let ctx = ctx.clone();
        next.run(call.clone()).around(|first| async move {
            let mut result = first.await;
            for _ in 0..2 {
                if result.is_ok() {
                    break;
                }
                ctx.sleep(Duration::from_millis(1)).await?;
                result = next.run(call.clone()).await;
            }
            result
        })
    }
}

#[activity(start_to_close_timeout = "10s", retry(maximum_attempts = 1))]
async fn moody(ctx: &ActivityContext) -> ActivityResult<String> {
    match ctx.info().activity_id.as_str() {
        "1" => Err("not now".into()),
        id => Ok(id.to_owned()),
    }
}

#[activity(start_to_close_timeout = "10s")]
async fn delete() -> ActivityResult<()> {
    Ok(())
}

#[workflow]
async fn is_careful(ctx: &WorkflowContext) -> WorkflowResult<String> {
    let id = ctx.activity(moody, ()).await?;
    let failure = ctx.activity(delete, ()).await.unwrap_err();
    Ok(format!("{id} {}", failure.message()))
}

#[tokio::test]
async fn repeat_calls_and_refuse_them() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| {
        worker
            .workflow(is_careful)
            .activity(moody)
            .activity(delete)
            .workflow_interceptor(|_| Careful)
    });
    let handle = test.start(is_careful, ()).await;
    let result = test.result(&handle).await.unwrap();
    assert!(result.ends_with(" nothing is deleted here"), "{result}");
    let events = test.events(&handle).await;
    assert_eq!(events.count(EventType::ActivityTaskScheduled), 2);
}

/// Puts futures around calls.
struct Around;

impl WorkflowInterceptor for Around {
    fn schedule_activity(
        &self,
        _: &WorkflowContext,
        call: ScheduleActivity,
        next: WorkflowNext<ScheduleActivity>,
    ) -> Intercepted<CallResult> {
        next.run(call).around(|call| call)
    }

    fn start_timer(
        &self,
        _: &WorkflowContext,
        call: StartTimer,
        next: WorkflowNext<StartTimer>,
    ) -> Intercepted<Result<(), Failure>> {
        next.run(call).around(|call| call)
    }
}

/// Handles cancel, detach and drop what is within the interceptors' futures.
#[workflow]
async fn lets_go(ctx: &WorkflowContext) -> WorkflowResult<String> {
    let wait = || {
        ctx.activity_by_name::<()>("nobody", vec![])
            .start_to_close_timeout(Duration::from_secs(600))
    };
    let (canceled, detached, dropped) = (wait().start(), wait().start(), wait().start());
    let (timer, dropped_timer) = (
        ctx.sleep(Duration::from_secs(600)),
        ctx.sleep(Duration::from_secs(600)),
    );
    ctx.sleep(Duration::from_millis(1)).await?;
    canceled.cancel();
    timer.cancel();
    detached.detach();
    drop(dropped);
    drop(dropped_timer);
    let failure = canceled.await.unwrap_err();
    assert!(timer.await.unwrap_err().is_canceled());
    Ok(failure.is_canceled().to_string())
}

#[tokio::test]
async fn handles_reach_through() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(lets_go).workflow_interceptor(|_| Around));
    let handle = test.start(lets_go, ()).await;
    assert_eq!(test.result(&handle).await.unwrap(), "true");
    let events = test.events(&handle).await;
    assert_eq!(events.count(EventType::ActivityTaskScheduled), 3);
    assert_eq!(events.count(EventType::ActivityTaskCancelRequested), 2);
    assert_eq!(events.count(EventType::TimerCanceled), 2);
}
