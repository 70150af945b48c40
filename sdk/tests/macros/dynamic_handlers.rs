//! Handlers of every name that no other handler has, and of what may be cut off.

#![deny(warnings)]

use std::rc::Rc;

use durably::definition::WorkflowImplementation;
use durably::failure::{ApplicationFailure, WorkflowError, WorkflowResult};
use durably::payload::Payload;
use durably::workflow;
use durably::workflow::{State, WorkflowContext};

#[derive(Default)]
struct Inbox {
    names: State<Vec<String>>,
}

#[workflow]
impl Inbox {
    #[run]
    async fn run(&self, ctx: &WorkflowContext) -> WorkflowResult<Vec<String>> {
        self.any_signal(ctx, "run".to_owned(), Vec::new()).await;
        Ok(self.names.get())
    }

    /// Takes every signal.
    #[signal(dynamic, unfinished_policy = "abandon")]
    async fn any_signal(&self, ctx: &WorkflowContext, name: String, arguments: Vec<Payload>) {
        let _ = (ctx, arguments);
        self.names.update(|names| names.push(name));
    }

    #[query(dynamic, description = "Every query")]
    fn any_query(
        self: Rc<Self>,
        name: String,
        _: Vec<Payload>,
    ) -> Result<usize, ApplicationFailure> {
        Ok(name.len())
    }

    #[update(dynamic)]
    fn any_update(&self, name: String, arguments: Vec<Payload>) -> Result<usize, WorkflowError> {
        self.names.update(|names| names.push(name));
        Ok(arguments.len())
    }

    #[validator(any_update)]
    fn check_update(
        &self,
        _ctx: &WorkflowContext,
        name: &str,
        arguments: &[Payload],
    ) -> WorkflowResult<()> {
        if name.is_empty() && arguments.is_empty() {
            Err(ApplicationFailure::new("what?").into())
        } else {
            Ok(())
        }
    }

    #[update(unfinished_policy = "warn_and_abandon")]
    async fn known(&self, number: u32) -> u32 {
        number
    }

    #[signal(unfinished_policy = "abandon")]
    async fn cut_off(&self, _number: u32) {}
}

#[derive(Default)]
struct Conditional;

#[workflow]
impl Conditional {
    #[run]
    async fn run(&self, _ctx: &WorkflowContext) -> WorkflowResult<()> {
        Ok(())
    }

    #[cfg(any())]
    #[signal(dynamic)]
    fn not_built(&self, name: String, arguments: Vec<Missing>) {}
}

fn check_inbox<W: WorkflowImplementation>(_: W) {
    let signal = W::DYNAMIC_SIGNAL.unwrap();
    assert_eq!(
        (signal.description, signal.abandon_unfinished),
        ("Takes every signal.", true)
    );
    assert_eq!(W::DYNAMIC_QUERY.unwrap().description, "Every query");
    let update = W::DYNAMIC_UPDATE.unwrap();
    assert_eq!(
        (update.validate.is_some(), update.abandon_unfinished),
        (true, false)
    );
    let signals = W::SIGNALS
        .iter()
        .map(|row| (row.name, row.abandon_unfinished))
        .collect::<Vec<_>>();
    assert_eq!(signals, [("cut_off", true)]);
    let updates = W::UPDATES
        .iter()
        .map(|row| (row.name, row.abandon_unfinished))
        .collect::<Vec<_>>();
    assert_eq!(updates, [("known", false)]);
}

fn check_conditional<W: WorkflowImplementation>(_: W) {
    assert!(W::DYNAMIC_SIGNAL.is_none() && W::DYNAMIC_UPDATE.is_none());
}

#[test]
fn is_usable() {
    check_inbox(Inbox::run);
    check_conditional(Conditional::run);
}
