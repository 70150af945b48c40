//! Interceptors of activities: values that they change, attempts that they refuse, heartbeats.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use durably::activity::{ActivityInfo, HeartbeatError};
use durably::interceptor::{ActivityInterceptor, ExecuteActivity, RecordHeartbeat};
use durably::payload::{FromPayload, HeaderKey, Payload, ToPayload};
use durably::prelude::*;
use durably_integration::Test;
use durably_protos::temporal::api::history::v1::history_event::Attributes;

const TENANT: HeaderKey<String> = HeaderKey::new("tenant");

#[activity(start_to_close_timeout = "10s", retry(initial_interval = "10ms"))]
async fn greet(ctx: &ActivityContext, whom: String) -> ActivityResult<String> {
    ctx.heartbeat(&format!("greeting {whom}"))?;
    if ctx.info().attempt == 1 && !ctx.info().is_local {
        return Err("not yet".into());
    }
    let before: Option<String> = ctx.heartbeat_details()?;
    let tenant = ctx.header(&TENANT)?.unwrap_or_default();
    Ok(format!("{whom} of {tenant}, after {before:?}"))
}

#[activity(start_to_close_timeout = "10s")]
fn block(ctx: &ActivityContext, whom: String) -> ActivityResult<String> {
    ctx.heartbeat(&"blocking".to_owned())?;
    std::thread::sleep(Duration::from_millis(10));
    Ok(whom)
}

#[workflow]
async fn calls(ctx: &WorkflowContext) -> WorkflowResult<Vec<String>> {
    let greeted = ctx.activity(greet, "Ada").await?;
    let locally = ctx.local_activity(greet, "Bea").await?;
    let blocked = ctx.activity(block, "Cleo").await?;
    let blocked_locally = ctx.local_activity(block, "Dora").await?;
    Ok(vec![greeted, locally, blocked, blocked_locally])
}

/// Puts marks on all values, and notes what it saw.
struct Marks(&'static str, Arc<Mutex<Vec<String>>>);

impl Marks {
    fn note(&self, info: &ActivityInfo, what: &str) {
        let kind = if info.is_local { "local " } else { "" };
        let (mark, activity_type, attempt) = (self.0, &info.activity_type, info.attempt);
        let line = format!("{mark} {kind}{activity_type} {attempt}: {what}");
        self.1.lock().unwrap().push(line);
    }

    fn marked(&self, payload: &Payload) -> Payload {
        let text = String::from_payload(payload).unwrap();
        format!("{text}{}", self.0).to_payload().unwrap()
    }
}

impl ActivityInterceptor for Marks {
    async fn execute_activity(
        &self,
        ctx: &ActivityContext,
        arguments: Vec<Payload>,
        next: ExecuteActivity<'_>,
    ) -> ActivityResult<Option<Payload>> {
        self.note(ctx.info(), "begins");
        let arguments = arguments.iter().map(|argument| self.marked(argument));
        let tenant = ctx.header(&TENANT)?.unwrap_or_default() + self.0;
        let headers = ctx.headers().clone().set(&TENANT, tenant)?;
        let result = next
            .run(&ctx.with_headers(headers), arguments.collect())
            .await;
        self.note(ctx.info(), if result.is_ok() { "ends" } else { "fails" });
        Ok(result?.as_ref().map(|result| self.marked(result)))
    }

    fn record_heartbeat(
        &self,
        ctx: &ActivityContext,
        details: Vec<Payload>,
        next: RecordHeartbeat<'_>,
    ) -> Result<(), HeartbeatError> {
        self.note(ctx.info(), "heartbeat");
        let details = details.iter().map(|detail| self.marked(detail));
        next.run(ctx, details.collect())
    }
}

#[tokio::test]
async fn change_what_passes_in_activities_of_all_kinds() {
    let (test, seen) = (Test::begin().await, Arc::default());
    let _worker = test.worker(|worker| {
        worker
            .activity_interceptor(Marks("+", Arc::clone(&seen)))
            .workflow(calls)
            .activity(greet)
            .activity(block)
            .activity_interceptor(Marks("-", Arc::clone(&seen)))
    });
    let handle = test.starting(calls, ()).header(&TENANT, "acme").await;
    let told = test.result(&handle.unwrap()).await.unwrap();
    assert_eq!(
        told,
        [
            "Ada+- of acme+-, after Some(\"greeting Ada+-+-\")-+",
            "Bea+- of acme+-, after None-+",
            "Cleo+--+",
            "Dora+--+",
        ]
    );
    let seen = seen.lock().unwrap().clone();
    let attempt = |what: &str, ends: &str| {
        [
            "+:begins",
            "-:begins",
            "+:heartbeat",
            "-:heartbeat",
            "-:",
            "+:",
        ]
        .map(|step| {
            let (mark, step) = step.split_once(':').unwrap();
            let step = if step.is_empty() { ends } else { step };
            format!("{mark} {what}: {step}")
        })
    };
    let expected = [
        attempt("greet 1", "fails"),
        attempt("greet 2", "ends"),
        attempt("local greet 1", "ends"),
        attempt("block 1", "ends"),
        attempt("local block 1", "ends"),
    ];
    assert_eq!(seen, expected.concat());
}

/// Refuses attempts.
struct Refuses;

impl ActivityInterceptor for Refuses {
    async fn execute_activity(
        &self,
        ctx: &ActivityContext,
        arguments: Vec<Payload>,
        next: ExecuteActivity<'_>,
    ) -> ActivityResult<Option<Payload>> {
        match ctx.info().attempt {
            // A panic is the attempt's: the next one goes on.
            1 => panic!("the interceptor is not ready"),
            2 => {
                let refused = ApplicationFailure::new("no tenant").with_type("NoTenant");
                Err(refused.non_retryable().into())
            }
            _ => next.run(ctx, arguments).await,
        }
    }
}

#[workflow]
async fn is_refused(ctx: &WorkflowContext) -> WorkflowResult<Vec<String>> {
    let mut told = Vec::new();
    for error in [
        ctx.activity(greet, "Ada").await.unwrap_err(),
        ctx.local_activity(greet, "Ada").await.unwrap_err(),
    ] {
        told.extend(
            error
                .application()
                .map(|failure| failure.message().to_owned()),
        );
    }
    Ok(told)
}

#[tokio::test]
async fn refuse_attempts() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| {
        worker
            .workflow(is_refused)
            .activity(greet)
            .activity_interceptor(Refuses)
    });
    let handle = test.start(is_refused, ()).await;
    let told = test.result(&handle).await.unwrap();
    assert_eq!(told, ["no tenant"; 2]);
    let events = test.events(&handle).await;
    let last_failure = events.attributes().find_map(|attributes| match attributes {
        Attributes::ActivityTaskStartedEventAttributes(started) => started.last_failure.as_ref(),
        _ => None,
    });
    let message = &last_failure.unwrap().message;
    assert!(
        message.contains("the interceptor is not ready"),
        "{message}"
    );
}

/// A session's own activities are none of the interceptors' business.
#[workflow]
async fn in_session(ctx: &WorkflowContext) -> WorkflowResult<String> {
    let session = ctx
        .session()
        .execution_timeout(Duration::from_secs(60))
        .await?;
    let told = session.activity(block, "Eve").await?;
    session.complete().await;
    Ok(told)
}

#[tokio::test]
async fn are_around_activities_of_sessions() {
    let (test, seen) = (Test::begin().await, Arc::default());
    let _worker = test.worker(|worker| {
        worker
            .workflow(in_session)
            .activity(block)
            .max_concurrent_sessions(1)
            .activity_interceptor(Marks("+", Arc::clone(&seen)))
    });
    assert_eq!(test.run(in_session, ()).await, "Eve++");
    let expected = ["begins", "heartbeat", "ends"].map(|step| format!("+ block 1: {step}"));
    assert_eq!(*seen.lock().unwrap(), expected);
}
