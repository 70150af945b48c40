//! Workflows as async closures.

use std::cell::RefCell;
use std::panic::Location;
use std::rc::Rc;
use std::time::Duration;

use durably_engine::{
    ActivityCancellationType, ActivityOperation, ActivityResolution, Context, Instance, Outcome,
    Query, SignalDelivery, SignalInput, StartedWorkflow, TaskEnd, TaskFuture, TimerOperation,
    UpdateDelivery, UpdateEnd, UpdateInput, Workflow,
};
use durably_protos::temporal::api::command::v1::ScheduleActivityTaskCommandAttributes;
use durably_protos::temporal::api::common::v1::{ActivityType, Payload};
use durably_protos::temporal::api::failure::v1::Failure;

use super::fixture::{failure, json, text_of};

/// One run of a script: its context and the state that its handlers share.
#[derive(Clone)]
pub(crate) struct Script {
    pub(crate) ctx: Context,
    pub(crate) input: String,
    /// What handlers and main function write, in the order in which they do. `signal` entries
    /// are written by the default signal handler.
    pub(crate) log: Rc<RefCell<Vec<String>>>,
}

type MainFn = dyn Fn(Script) -> TaskFuture;
type SignalFn = dyn Fn(&Script, SignalInput) -> SignalDelivery;
type UpdateFn = dyn Fn(&Script, UpdateInput) -> UpdateDelivery;
type ValidateFn = dyn Fn(&Script, &UpdateInput) -> Result<(), String>;
type QueryFn = dyn Fn(&Script, &str) -> Result<String, String>;

/// A workflow whose parts are closures.
#[derive(Clone)]
pub(crate) struct ScriptedWorkflow {
    main: Rc<MainFn>,
    signal: Rc<SignalFn>,
    query: Rc<QueryFn>,
    /// By name.
    updates: Vec<(&'static str, Rc<UpdateFn>)>,
    validate: Rc<ValidateFn>,
    takes_messages: bool,
}

/// A workflow with this main function; signals and queries go to the log.
pub(crate) fn workflow(main: impl AsyncFn(Script) -> TaskEnd + 'static) -> ScriptedWorkflow {
    let main = Rc::new(main);
    ScriptedWorkflow {
        main: Rc::new(move |script| {
            let main = main.clone();
            Box::pin(async move { main(script).await })
        }),
        signal: Rc::new(|script, signal| {
            script.note(format!("{} {}", signal.name, text_of(&signal.arguments)).trim_end());
            SignalDelivery::Done(TaskEnd::Done)
        }),
        query: Rc::new(|script, _| Ok(script.log.borrow().join(","))),
        updates: Vec::new(),
        validate: Rc::new(|_, _| Ok(())),
        takes_messages: true,
    }
}

impl ScriptedWorkflow {
    pub(crate) fn on_signal(
        mut self,
        signal: impl Fn(&Script, SignalInput) -> SignalDelivery + 'static,
    ) -> Self {
        self.signal = Rc::new(signal);
        self
    }

    pub(crate) fn on_query(
        mut self,
        query: impl Fn(&Script, &str) -> Result<String, String> + 'static,
    ) -> Self {
        self.query = Rc::new(query);
        self
    }

    pub(crate) fn on_update(
        mut self,
        name: &'static str,
        update: impl Fn(&Script, UpdateInput) -> UpdateDelivery + 'static,
    ) -> Self {
        self.updates.insert(0, (name, Rc::new(update)));
        self
    }

    pub(crate) fn validating(
        mut self,
        validate: impl Fn(&Script, &UpdateInput) -> Result<(), String> + 'static,
    ) -> Self {
        self.validate = Rc::new(validate);
        self
    }

    /// Says that the workflow has no handlers at all.
    pub(crate) fn without_messages(mut self) -> Self {
        self.takes_messages = false;
        self
    }

    pub(crate) fn rc(self) -> Rc<dyn Workflow> {
        Rc::new(self)
    }
}

impl Workflow for ScriptedWorkflow {
    fn start(&self, context: &Context, input: &[Payload]) -> Result<StartedWorkflow, Failure> {
        let script = Script {
            ctx: context.clone(),
            input: text_of(input),
            log: Rc::default(),
        };
        match &*script.input {
            "unreadable" => return Err(failure("the input cannot be read")),
            "panic" => panic!("no state"),
            _ => {}
        }
        let instance = ScriptInstance {
            script: script.clone(),
            workflow: self.clone(),
        };
        Ok(StartedWorkflow {
            instance: Box::new(instance),
            main: (self.main)(script),
        })
    }
}

struct ScriptInstance {
    script: Script,
    workflow: ScriptedWorkflow,
}

impl ScriptInstance {
    /// Handlers whose name begins with `late` are there once the log says so.
    fn handler(&self, name: &str) -> Option<&Rc<UpdateFn>> {
        let known = self
            .workflow
            .updates
            .iter()
            .find(|(known, _)| *known == name);
        let registered = format!("registered {name}");
        let there = !name.starts_with("late") || self.script.log.borrow().contains(&registered);
        known.filter(|_| there).map(|(_, handler)| handler)
    }
}

impl Instance for ScriptInstance {
    fn signal(&self, _: &Context, signal: SignalInput) -> SignalDelivery {
        (self.workflow.signal)(&self.script, signal)
    }

    fn knows_update(&self, _: &Context, name: &str) -> bool {
        self.handler(name).is_some()
    }

    fn validate_update(&self, _: &Context, update: &UpdateInput) -> Result<(), Failure> {
        if self.handler(&update.identity.name).is_none() {
            return Err(failure("unknown update"));
        }
        (self.workflow.validate)(&self.script, update).map_err(|why| failure(&why))
    }

    fn update(&self, _: &Context, update: UpdateInput) -> UpdateDelivery {
        match self.handler(&update.identity.name) {
            Some(handler) => handler(&self.script, update),
            None => {
                let why = failure("an update of the history has no handler");
                UpdateDelivery::Done(UpdateEnd::TaskFailed(Box::new(why)))
            }
        }
    }

    fn query(&self, _: &Context, query: &Query) -> Result<Payload, Failure> {
        let answer = (self.workflow.query)(&self.script, &query.name);
        answer
            .map(|text| json(&text))
            .map_err(|text| failure(&text))
    }

    fn takes_messages(&self) -> bool {
        self.workflow.takes_messages
    }
}

impl Script {
    pub(crate) fn note(&self, text: impl Into<String>) {
        self.log.borrow_mut().push(text.into());
    }

    #[track_caller]
    pub(crate) fn activity(&self, name: &str) -> ActivityOperation {
        self.activity_with(name, ActivityCancellationType::TryCancel)
    }

    #[track_caller]
    pub(crate) fn activity_with(
        &self,
        name: &str,
        kind: ActivityCancellationType,
    ) -> ActivityOperation {
        let attributes = ScheduleActivityTaskCommandAttributes {
            activity_type: Some(ActivityType {
                name: name.to_owned(),
            }),
            ..Default::default()
        };
        self.ctx
            .schedule_activity(attributes, None, kind, Location::caller())
    }

    #[track_caller]
    pub(crate) fn timer(&self, seconds: u64) -> TimerOperation {
        self.ctx
            .start_timer(Duration::from_secs(seconds), None, Location::caller())
    }

    /// One timer of a second, as a future of its own.
    pub(crate) async fn one_timer(self) -> Result<(), durably_engine::Canceled> {
        self.timer(1).await
    }

    /// Waits until the log has this many entries.
    pub(crate) async fn logged(&self, count: usize) {
        let log = self.log.clone();
        // Scripts that are canceled meanwhile say so by their log.
        let _ = self
            .ctx
            .wait_until(move || log.borrow().len() >= count)
            .await;
    }

    /// Seconds of workflow time, which are the id of the event that started the task.
    pub(crate) fn seconds(&self) -> u64 {
        let now = self.ctx.now().duration_since(std::time::UNIX_EPOCH);
        now.expect("workflow time is after 1970").as_secs()
    }

    /// Completes the workflow with the log.
    pub(crate) fn complete_with_log(&self) -> TaskEnd {
        complete(self.log.borrow().join(","))
    }
}

pub(crate) fn complete(result: impl AsRef<str>) -> TaskEnd {
    TaskEnd::Workflow(Outcome::Completed(Some(json(result.as_ref()))))
}

pub(crate) fn fail(message: &str) -> TaskEnd {
    TaskEnd::Workflow(Outcome::Failed(Box::new(failure(message))))
}

/// What an activity ended with, in one word or two.
pub(crate) fn said(resolution: Option<ActivityResolution>) -> String {
    match resolution {
        Some(ActivityResolution::Completed(result)) => {
            result.map_or_else(|| "nothing".to_owned(), |result| text_of(&result.payloads))
        }
        Some(ActivityResolution::Failed(failure)) => {
            let cause = failure.cause.as_ref().map_or("", |cause| &cause.message);
            format!("{}: {cause}", failure.message)
        }
        None => "polled after its end".to_owned(),
    }
}
