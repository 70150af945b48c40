//! Headers: from clients to workflows, and on to everything that these call.

use std::time::Duration;

use durably::client::UpdateError;
use durably::options::WorkflowIdConflictPolicy;
use durably::payload::{FromPayload, HeaderKey, Headers, Payload};
use durably::prelude::*;
use durably_integration::{Events, Test};
use durably_protos::temporal::api::common::v1::Header;
use durably_protos::temporal::api::history::v1::history_event::Attributes;

const TENANT: HeaderKey<String> = HeaderKey::new("tenant");
const DEPTH: HeaderKey<u32> = HeaderKey::new("depth");

fn tenant(name: &str) -> Headers {
    Headers::new().set(&TENANT, name).unwrap()
}

fn seen(headers: &Headers) -> String {
    let tenant = headers.get(&TENANT).unwrap().unwrap_or("-".to_owned());
    let depth = headers.get(&DEPTH).unwrap().unwrap_or(0);
    format!("{tenant}/{depth}")
}

#[activity(start_to_close_timeout = "10s")]
async fn report(ctx: &ActivityContext) -> ActivityResult<String> {
    assert_eq!(ctx.header(&TENANT)?, ctx.headers().get(&TENANT)?);
    Ok(seen(ctx.headers()))
}

/// Asks everything that a workflow can call for the headers that it got.
#[derive(Default)]
struct Asks;

#[workflow]
impl Asks {
    #[run]
    async fn run(&self, ctx: &WorkflowContext, runs: u32) -> WorkflowResult<Vec<String>> {
        if runs > 0 {
            let deeper = ctx.headers().set(&DEPTH, runs)?;
            let next = async { ctx.continue_as_new(Self::run, runs - 1) };
            return ctx.with_headers(deeper, next).await;
        }
        let mut told_all = vec![format!("run {}", seen(&ctx.headers()))];
        told_all.push(format!("activity {}", ctx.activity(report, ()).await?));
        let local = ctx.local_activity(report, ()).await?;
        told_all.push(format!("local activity {local}"));
        told_all.push(format!("child {}", ctx.child(listens, ()).await?));
        // Its parent signals it, by its id and by its handle.
        let child = ctx.child(is_signaled, ()).start().await?;
        let external = ctx.external_by_id(child.workflow_id());
        external.signal_by_name("outside", vec![]).await?;
        let headers = ctx.headers().without(&TENANT);
        ctx.with_headers(headers, child.signal_by_name("inside", vec![]))
            .await?;
        told_all.extend(child.result().await?);
        Ok(told_all)
    }
}

#[workflow]
async fn listens(ctx: &WorkflowContext) -> WorkflowResult<String> {
    Ok(ctx.activity(report, ()).await?)
}

#[workflow]
async fn is_signaled(ctx: &WorkflowContext) -> WorkflowResult<Vec<String>> {
    let heard = std::rc::Rc::new(State::new(Vec::new()));
    for name in ["inside", "outside"] {
        let (heard, context) = (heard.clone(), ctx.clone());
        ctx.on_signal(name, move |()| {
            let at_once = seen(&context.headers());
            let (heard, ctx) = (heard.clone(), context.clone());
            async move {
                let told = ctx.activity(report, ()).await?;
                heard.update(|heard| heard.push(format!("{name} {at_once} {told}")));
                Ok(())
            }
        });
    }
    ctx.wait_until(|| heard.with(Vec::len) == 2).await?;
    let mut heard = heard.get();
    heard.sort();
    Ok(heard)
}

#[tokio::test]
async fn go_with_everything_that_a_workflow_calls() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| {
        worker
            .workflow(Asks::run)
            .workflow(listens)
            .workflow(is_signaled)
            .activity(report)
    });
    let start = test.starting(Asks::run, 1).header(&TENANT, "acme");
    let handle = start.header(&DEPTH, 7).await.unwrap();
    let told_all = test.result(&handle).await.unwrap();
    assert_eq!(
        told_all,
        [
            "run acme/1",
            "activity acme/1",
            "local activity acme/1",
            "child acme/1",
            "inside acme/1 acme/1",
            "outside acme/1 acme/1",
        ]
    );
    let plain = test
        .starting(Asks::run, 0)
        .workflow_id(test.workflow_id("plain"));
    let plain = plain.await.unwrap();
    let told_all = test.result(&plain).await.unwrap();
    assert!(
        told_all.iter().all(|told| told.ends_with("-/0")),
        "{told_all:?}"
    );
    // What nobody has set is not in the history either.
    assert!(headers(&test.events(&plain).await).next().is_none());
}

/// The headers of a history's events.
fn headers(events: &Events) -> impl Iterator<Item = &Header> {
    use Attributes as A;
    events
        .attributes()
        .filter_map(|attributes| match attributes {
            A::WorkflowExecutionStartedEventAttributes(started) => started.header.as_ref(),
            A::WorkflowExecutionSignaledEventAttributes(signaled) => signaled.header.as_ref(),
            A::ActivityTaskScheduledEventAttributes(scheduled) => scheduled.header.as_ref(),
            A::StartChildWorkflowExecutionInitiatedEventAttributes(child) => child.header.as_ref(),
            A::SignalExternalWorkflowExecutionInitiatedEventAttributes(sent) => {
                sent.header.as_ref()
            }
            _ => None,
        })
}

/// Whose messages bring headers of their own.
#[derive(Default)]
struct Hears {
    heard: State<Vec<String>>,
    closed: State<bool>,
}

impl Hears {
    fn hear(&self, what: &str, ctx: &WorkflowContext) {
        let text = format!("{what} {}", seen(&ctx.headers()));
        self.heard.update(|heard| heard.push(text));
    }
}

#[workflow]
impl Hears {
    #[run]
    async fn run(&self, ctx: &WorkflowContext) -> WorkflowResult<Vec<String>> {
        ctx.wait_until(|| self.closed.get()).await?;
        ctx.wait_until(|| ctx.all_handlers_finished()).await?;
        self.hear("run", ctx);
        Ok(self.heard.get())
    }

    #[signal]
    fn at_once(&self, ctx: &WorkflowContext) {
        self.hear("signal", ctx);
    }

    #[signal]
    async fn later(&self, ctx: &WorkflowContext) -> WorkflowResult<()> {
        ctx.sleep(Duration::from_millis(5)).await?;
        let context = ctx.clone();
        let spawned = ctx.spawn(async move { context.activity(report, ()).await });
        let told = spawned.await?;
        self.heard
            .update(|heard| heard.push(format!("spawned {told}")));
        self.hear("later", ctx);
        Ok(())
    }

    #[signal]
    fn close(&self) {
        self.closed.set(true);
    }

    #[query]
    fn tenant(&self, ctx: &WorkflowContext) -> WorkflowResult<Option<String>> {
        Ok(ctx.header(&TENANT)?)
    }

    #[update]
    async fn ask(&self, ctx: &WorkflowContext) -> WorkflowResult<String> {
        let told = ctx.activity(report, ()).await?;
        self.hear("update", ctx);
        Ok(told)
    }

    #[validator(ask)]
    fn check(&self, ctx: &WorkflowContext) -> WorkflowResult<()> {
        match ctx.header(&TENANT)?.as_deref() {
            Some("banned") => Err("this tenant may not".into()),
            _ => Ok(()),
        }
    }

    #[signal(dynamic)]
    fn any(&self, ctx: &WorkflowContext, name: String, _arguments: Vec<Payload>) {
        self.hear(&name, ctx);
    }
}

#[tokio::test]
async fn messages_bring_their_own() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(Hears::run).activity(report));
    let start = test.starting(Hears::run, ()).header(&TENANT, "acme");
    let start = start.header(&DEPTH, 1);
    let own = start.with_signal(Hears::at_once, ()).await.unwrap();
    assert_eq!(own.query(Hears::tenant, ()).await.unwrap().unwrap(), "acme");
    // The workflow's own, where the message has none: the tenant; its depth is the run's.
    let other = own.clone().with_headers(tenant("other"));
    assert_eq!(other.client().headers(), &tenant("other"));
    assert_eq!(
        other.query(Hears::tenant, ()).await.unwrap().unwrap(),
        "other"
    );
    other.signal(Hears::later, ()).await.unwrap();
    other.signal_by_name("whatever", vec![]).await.unwrap();
    let update = own.update(Hears::ask, ());
    assert_eq!(update.await.unwrap(), "acme/1");
    let update = other.update(Hears::ask, ()).header(&DEPTH, 5);
    assert_eq!(update.await.unwrap(), "other/5");
    let refused = own.update(Hears::ask, ()).header(&TENANT, "banned");
    let refused = refused.await.unwrap_err();
    assert!(matches!(refused, UpdateError::Failed { .. }), "{refused:?}");
    own.signal(Hears::close, ()).await.unwrap();
    let mut heard = test.result(&own).await.unwrap();
    assert_eq!(heard.pop().unwrap(), "run acme/1");
    heard.sort();
    assert_eq!(
        heard,
        [
            "later other/1",
            "signal acme/1",
            "spawned other/1",
            "update acme/1",
            "update other/5",
            "whatever other/1",
        ]
    );
}

#[tokio::test]
async fn updates_with_a_start_have_those_of_the_start() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(Hears::run).activity(report));
    let client = test.client().with_headers(tenant("acme"));
    let begin = || {
        client
            .start(Hears::run, ())
            .workflow_id(test.workflow_id("with-update"))
            .task_queue(test.task_queue())
            .id_conflict_policy(WorkflowIdConflictPolicy::Fail)
            .header(&DEPTH, 2)
            .update_with_start(Hears::ask, ())
    };
    let (handle, answer) = begin().await.unwrap();
    assert_eq!(answer, "acme/2");
    let (other, answer) = begin().update_header(&DEPTH, 3).await.unwrap();
    assert_eq!(answer, "acme/3");
    for handle in [handle, other] {
        handle.signal(Hears::close, ()).await.unwrap();
        let heard = test.result(&handle).await.unwrap();
        assert_eq!(heard[1], "run acme/2");
    }
}

/// The wire form is that of other SDKs' context propagators: a payload for each name.
#[tokio::test]
async fn are_payloads_by_name_on_the_wire() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(listens).activity(report));
    let handle = test.starting(listens, ()).header(&TENANT, "acme").await;
    let handle = handle.unwrap();
    assert_eq!(test.result(&handle).await.unwrap(), "acme/0");
    let events = test.events(&handle).await;
    let found: Vec<_> = headers(&events).collect();
    assert_eq!(found.len(), 2, "of the start and of the activity");
    for header in found {
        let payload = &header.fields["tenant"];
        assert_eq!(payload.metadata["encoding"], "json/plain");
        assert_eq!(String::from_payload(payload).unwrap(), "acme");
    }
}
