//! A registered activity without its types.

use std::fmt;
use std::sync::Arc;

use super::ActivityContext;
use crate::definition::{ActivityExecution, ActivityImplementation, ActivityMethod};
use crate::failure::{ActivityError, ActivityResult, ApplicationFailure};
use crate::payload::{Parameters, Payload, PayloadError, ToPayload, result_payload};

/// An attempt that is ready to run and gives an encoded result.
pub(crate) type Execution = ActivityExecution<Option<Payload>>;

type Start = dyn Fn(ActivityContext, Vec<Payload>) -> Result<Execution, PayloadError> + Send + Sync;

/// How attempts of one activity are started.
pub(crate) struct Handler {
    parameters: Option<usize>,
    start: Box<Start>,
}

impl Handler {
    pub(super) fn function<A>() -> Self
    where
        A: ActivityImplementation,
        A::Parameters: Parameters,
        A::Output: ToPayload,
    {
        Self::typed(A::execute)
    }

    pub(super) fn method<A>(receiver: Arc<A::Receiver>) -> Self
    where
        A: ActivityMethod,
        A::Parameters: Parameters,
        A::Output: ToPayload,
    {
        Self::typed(move |context, parameters| {
            A::execute(Arc::clone(&receiver), context, parameters)
        })
    }

    pub(super) fn untyped<F, R>(activity: F) -> Self
    where
        F: Fn(ActivityContext, Vec<Payload>) -> R + Send + Sync + 'static,
        R: Future<Output = ActivityResult<Option<Payload>>> + Send + 'static,
    {
        Self {
            parameters: None,
            start: Box::new(move |context, input| {
                Ok(ActivityExecution::Async(Box::pin(activity(context, input))))
            }),
        }
    }

    fn typed<P, T>(
        execute: impl Fn(ActivityContext, P) -> ActivityExecution<T> + Send + Sync + 'static,
    ) -> Self
    where
        P: Parameters,
        T: ToPayload + 'static,
    {
        Self {
            parameters: Some(P::COUNT),
            start: Box::new(move |context, input| {
                let parameters = P::from_payloads(&input)?;
                Ok(encode_result(execute(context, parameters)))
            }),
        }
    }

    /// How many parameters the activity takes; `None` if it takes whatever comes.
    pub(crate) fn parameters(&self) -> Option<usize> {
        self.parameters
    }

    /// Reads the parameters and makes the attempt. Nothing of its body has run when this returns.
    pub(crate) fn start(
        &self,
        context: ActivityContext,
        input: Vec<Payload>,
    ) -> Result<Execution, PayloadError> {
        (self.start)(context, input)
    }
}

fn encode_result<T: ToPayload + 'static>(execution: ActivityExecution<T>) -> Execution {
    match execution {
        ActivityExecution::Async(body) => {
            ActivityExecution::Async(Box::pin(async move { encode(body.await) }))
        }
        ActivityExecution::Blocking(body) => {
            ActivityExecution::Blocking(Box::new(move || encode(body())))
        }
    }
}

fn encode<T: ToPayload + 'static>(result: ActivityResult<T>) -> ActivityResult<Option<Payload>> {
    result_payload(&result?).map_err(|error| {
        let failure = ApplicationFailure::new("cannot encode the activity's result");
        ActivityError::from(failure.with_type("PayloadError").with_cause(error))
    })
}

impl fmt::Debug for Handler {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Handler")
            .field("parameters", &self.parameters)
            .finish_non_exhaustive()
    }
}
