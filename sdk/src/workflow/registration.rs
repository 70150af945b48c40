//! What a workflow says of a handler that it registers while it runs.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::marker::PhantomData;
use std::rc::Rc;

use crate::failure::{WorkflowError, WorkflowResult};
use crate::payload::{Parameters, Payload};

/// Looks at an update's arguments, which its handler can read, before it is accepted.
pub(super) type ValidateFn = Rc<dyn Fn(&[Payload]) -> WorkflowResult<()>>;

/// What is said of a handler after it was registered.
#[derive(Default)]
pub(super) struct About {
    pub(super) description: RefCell<String>,
    pub(super) abandon_unfinished: Cell<bool>,
    pub(super) validate: RefCell<Option<ValidateFn>>,
}

/// A handler of signals that was registered by
/// [`on_signal`](crate::workflow::WorkflowContext::on_signal): says more of it.
pub struct SignalRegistration(pub(super) Rc<About>);

impl SignalRegistration {
    /// What people read about it in the workflow's metadata.
    #[expect(clippy::return_self_not_must_use, reason = "it is registered already")]
    pub fn description(self, description: impl Into<String>) -> Self {
        self.0.description.replace(description.into());
        self
    }

    /// The end of the run may cut the handler off without a warning. Signals that came before it was
    /// registered are being handled already: for them it is too late to say so.
    #[expect(clippy::return_self_not_must_use, reason = "it is registered already")]
    pub fn abandon_unfinished(self) -> Self {
        self.0.abandon_unfinished.set(true);
        self
    }
}

/// A handler of queries that was registered by
/// [`on_query`](crate::workflow::WorkflowContext::on_query): says more of it.
pub struct QueryRegistration(pub(super) Rc<About>);

impl QueryRegistration {
    /// What people read about it in the workflow's metadata.
    #[expect(clippy::return_self_not_must_use, reason = "it is registered already")]
    pub fn description(self, description: impl Into<String>) -> Self {
        self.0.description.replace(description.into());
        self
    }
}

/// A handler of updates that was registered by
/// [`on_update`](crate::workflow::WorkflowContext::on_update): says more of it. `P` are its
/// parameters.
pub struct UpdateRegistration<P> {
    pub(super) about: Rc<About>,
    pub(super) parameters: PhantomData<fn(P)>,
}

impl<P: Parameters> UpdateRegistration<P> {
    /// Looks at each update before it is accepted. An error refuses the update, which then leaves no
    /// trace in the history. It may read the workflow's state and not change it.
    ///
    /// ```
    /// # use durably::prelude::*;
    /// # async fn example(ctx: &WorkflowContext) -> WorkflowResult<()> {
    /// ctx.on_update("withdraw", |(cents,): (u64,)| async move { Ok(cents) })
    ///     .validator(|(cents,)| match cents {
    ///         0 => Err(ApplicationFailure::new("nothing to withdraw").into()),
    ///         _ => Ok(()),
    ///     });
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Determinism
    /// Not called on replay: an accepted update stays accepted.
    #[expect(clippy::return_self_not_must_use, reason = "it is registered already")]
    pub fn validator(self, validator: impl Fn(&P) -> WorkflowResult<()> + 'static) -> Self {
        let validate: ValidateFn = Rc::new(move |arguments| {
            let parameters = P::from_payloads(arguments).map_err(WorkflowError::Payload)?;
            validator(&parameters)
        });
        self.about.validate.replace(Some(validate));
        self
    }

    /// What people read about it in the workflow's metadata.
    #[expect(clippy::return_self_not_must_use, reason = "it is registered already")]
    pub fn description(self, description: impl Into<String>) -> Self {
        self.about.description.replace(description.into());
        self
    }

    /// The end of the run may cut the handler off without a warning.
    #[expect(clippy::return_self_not_must_use, reason = "it is registered already")]
    pub fn abandon_unfinished(self) -> Self {
        self.about.abandon_unfinished.set(true);
        self
    }
}

impl fmt::Debug for SignalRegistration {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SignalRegistration")
    }
}

impl fmt::Debug for QueryRegistration {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("QueryRegistration")
    }
}

impl<P> fmt::Debug for UpdateRegistration<P> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("UpdateRegistration")
    }
}
