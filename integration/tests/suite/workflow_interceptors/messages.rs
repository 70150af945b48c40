//! The start of a run and the messages to it.

use std::cell::Cell;
use std::rc::Rc;

use durably::client::UpdateError;
use durably::failure::WorkflowResult;
use durably::interceptor::{
    ExecuteWorkflow, HandleQuery, HandleSignal, HandleUpdate, Intercepted, ValidateUpdate,
    WorkflowInterceptor, WorkflowNext,
};
use durably::payload::{FromPayload, HeaderKey, Payload, ToPayload};
use durably::prelude::*;
use durably_integration::Test;

const TENANT: HeaderKey<String> = HeaderKey::new("tenant");

/// Every text that comes gets a mark, so does every text that goes.
struct Mark {
    mark: &'static str,
    /// How many messages the run has had; a replay counts again.
    messages: Rc<Cell<u32>>,
}

impl Mark {
    fn new(mark: &'static str) -> Self {
        let messages = Rc::default();
        Self { mark, messages }
    }

    fn text(&self, arguments: &mut [Payload]) {
        for argument in arguments {
            let text = String::from_payload(argument).unwrap();
            *argument = format!("{text}{}", self.mark).to_payload().unwrap();
        }
    }

    fn counted(&self) -> u32 {
        self.messages.set(self.messages.get() + 1);
        self.messages.get()
    }
}

fn marked(mark: &str, payload: Payload) -> Payload {
    let text = String::from_payload(&payload).unwrap();
    format!("{mark}{text}").to_payload().unwrap()
}

impl WorkflowInterceptor for Mark {
    fn execute_workflow(
        &self,
        _: &WorkflowContext,
        mut run: ExecuteWorkflow,
        next: WorkflowNext<ExecuteWorkflow>,
    ) -> Intercepted<WorkflowResult<Option<Payload>>> {
        self.text(&mut run.arguments);
        let tenant = run.headers.get(&TENANT).unwrap().unwrap_or_default();
        let tenant = format!("{tenant}{}", self.mark);
        run.headers.insert(&TENANT, tenant).unwrap();
        let (mark, messages) = (self.mark, self.messages.clone());
        next.run(run).then(move |result| {
            let payload =
                result?.map(|payload| marked(&format!("{}{mark}", messages.get()), payload));
            Ok(payload)
        })
    }

    fn handle_signal(
        &self,
        _: &WorkflowContext,
        mut signal: HandleSignal,
        next: WorkflowNext<HandleSignal>,
    ) -> Intercepted<WorkflowResult<()>> {
        self.counted();
        if signal.name() == "bad" {
            return Intercepted::done(Err(ApplicationFailure::new("a bad signal").into()));
        }
        self.text(&mut signal.arguments);
        next.run(signal)
    }

    fn receive_signal(&self, _: &WorkflowContext, signal: &mut HandleSignal) {
        self.counted();
        assert!(!signal.identity().is_empty());
        self.text(&mut signal.arguments);
    }

    fn handle_query(
        &self,
        ctx: &WorkflowContext,
        mut query: HandleQuery,
        next: WorkflowNext<HandleQuery>,
    ) -> WorkflowResult<Payload> {
        assert_eq!(query.name(), "heard");
        assert!(ctx.header(&TENANT)?.is_some());
        self.text(&mut query.arguments);
        Ok(marked(self.mark, next.run(query)?))
    }

    fn validate_update(
        &self,
        _: &WorkflowContext,
        mut update: ValidateUpdate,
        next: WorkflowNext<ValidateUpdate>,
    ) -> WorkflowResult<()> {
        if update.headers.is_empty() && update.identity().name == "answer" {
            return Err(ApplicationFailure::new("nobody said for which tenant").into());
        }
        self.text(&mut update.arguments);
        next.run(update)
    }

    fn handle_update(
        &self,
        _: &WorkflowContext,
        mut update: HandleUpdate,
        next: WorkflowNext<HandleUpdate>,
    ) -> Intercepted<WorkflowResult<Option<Payload>>> {
        self.counted();
        self.text(&mut update.arguments);
        let mark = self.mark;
        next.run(update).around(move |handled| async move {
            let payload = handled.await?;
            Ok(payload.map(|payload| marked(mark, payload)))
        })
    }
}

#[derive(Default)]
struct Listens {
    begun: String,
    heard: State<Vec<String>>,
    answered: State<bool>,
}

#[workflow]
impl Listens {
    #[init]
    fn new(_: &WorkflowContext, begun: &str) -> Self {
        let begun = begun.to_owned();
        Self {
            begun,
            ..Self::default()
        }
    }

    #[run]
    async fn run(&self, ctx: &WorkflowContext, begun: String) -> WorkflowResult<String> {
        assert_eq!(begun, self.begun);
        let channel = ctx.signal_channel::<String>("channel");
        let received = channel.recv().await?;
        self.heard.update(|heard| heard.push(received));
        ctx.wait_until(|| self.heard.with(Vec::len) >= 3 && self.answered.get())
            .await?;
        // Comes before its handler.
        let (heard, late) = (Rc::new(State::new(None)), ctx.clone());
        let told = heard.clone();
        ctx.on_signal("late", move |(text,): (String,)| {
            let tenant = late.header(&TENANT).unwrap_or_default().unwrap_or_default();
            told.set(Some((text, tenant)));
            async { Ok(()) }
        });
        ctx.wait_until(|| heard.with(Option::is_some)).await?;
        let (late, tenant) = heard.get().unwrap();
        let heard = self.heard.get().join(" ");
        Ok(format!("{begun} {heard} {late} {tenant}"))
    }

    #[signal]
    fn plain(&self, text: String) {
        self.heard.update(|heard| heard.push(text));
    }

    #[signal]
    async fn slow(&self, ctx: &WorkflowContext, text: String) -> WorkflowResult<()> {
        ctx.sleep(std::time::Duration::from_millis(1)).await?;
        let tenant = ctx.header(&TENANT)?.unwrap_or_default();
        self.heard
            .update(|heard| heard.push(format!("{text}({tenant})")));
        Ok(())
    }

    #[signal]
    fn bad(&self) {}

    #[query]
    fn heard(&self, who: String) -> String {
        format!("{who} {}", self.heard.with(Vec::len))
    }

    #[update]
    fn answer(&self, question: String) -> String {
        self.answered.set(true);
        question
    }

    #[validator(answer)]
    fn check_answer(&self, question: &String) -> WorkflowResult<()> {
        assert!(question.ends_with("12"), "{question}");
        Ok(())
    }
}

#[tokio::test]
async fn see_and_change_what_comes() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| {
        worker
            .workflow(Listens::run)
            .workflow_interceptor(|_| Mark::new("1"))
            .workflow_interceptor(|_| Mark::new("2"))
    });
    let start = test.starting(Listens::run, "begin").header(&TENANT, "acme");
    let handle = start.await.unwrap();
    handle
        .signal_by_name("late", vec!["late".to_payload().unwrap()])
        .await
        .unwrap();
    handle.signal(Listens::plain, "plain").await.unwrap();
    handle.signal(Listens::slow, "slow").await.unwrap();
    let text = "channel".to_payload().unwrap();
    handle.signal_by_name("channel", vec![text]).await.unwrap();
    let heard = handle.query(Listens::heard, "me").await.unwrap();
    assert!(heard.starts_with("12me12 "), "{heard}");

    // Refused by the outer one, with a failure of its own; then accepted.
    let refused = handle.update(Listens::answer, "why").await.unwrap_err();
    let UpdateError::Failed(failure) = &refused else {
        panic!("{refused:?}");
    };
    assert_eq!(failure.message(), "nobody said for which tenant");
    let answer = handle
        .update(Listens::answer, "why")
        .header(&TENANT, "acme");
    assert_eq!(answer.await.unwrap(), "12why12");

    let result = test.result(&handle).await.unwrap();
    // The inner one is nearest to the result; each has counted four signals and an update.
    assert!(result.starts_with("5152begin12 "), "{result}");
    for part in ["plain12", "slow12(acme12)", "channel12", "late12", "acme12"] {
        assert!(result.contains(part), "{result}");
    }
}

#[tokio::test]
async fn may_end_a_run() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| {
        worker
            .workflow(Listens::run)
            .workflow_interceptor(|_| Mark::new("1"))
    });
    let handle = test.start(Listens::run, "begin").await;
    handle.signal(Listens::bad, ()).await.unwrap();
    let error = test.result(&handle).await.unwrap_err();
    assert!(format!("{error:?}").contains("a bad signal"), "{error:?}");
}
