//! Mocks of activities.

use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use durably::activity::ActivityContext;
use durably::definition::ActivityDefinition;
use durably::failure::{ActivityResult, ApplicationFailure};
use durably::payload::{Payload, ToPayload, result_payload};

use super::expectation::Expectation;
use super::input::MockInput;
use super::record::{Record, sealed};
use super::{Mocks, Stand};

type Answer = Pin<Box<dyn Future<Output = ActivityResult<Option<Payload>>> + Send>>;
type Body = Box<dyn FnMut(ActivityContext, Vec<Payload>) -> Answer + Send>;

/// Stands in for an activity: [`TestEnv::mock`](crate::TestEnv::mock).
///
/// Each attempt of the activity is a call. Clones are the same mock.
pub struct ActivityMock<A> {
    record: Arc<Record>,
    body: Arc<Mutex<Body>>,
    activity: PhantomData<fn() -> A>,
}

impl<A> ActivityMock<A>
where
    A: ActivityDefinition,
    A::Parameters: MockInput,
    A::Output: ToPayload,
{
    pub(in crate::env) fn new(activity: A, mocks: &Mocks) -> Self {
        // A definition is a value only so that it can be named.
        let _ = activity;
        let what = format!("activity `{}`", A::NAME);
        let unanswered = || ApplicationFailure::new(NO_ANSWER).with_type("MockWithoutAnswer");
        let body: Body = Box::new(move |_, _| {
            let failure = unanswered().non_retryable();
            Box::pin(async move { Err(failure.into()) })
        });
        Self {
            record: Record::new(what, mocks.sequence.clone()),
            body: Arc::new(Mutex::new(body)),
            activity: PhantomData,
        }
    }

    pub(in crate::env) fn added_to(self, mocks: &Mocks) -> Self {
        mocks.add(self.record.clone(), self.stand());
        self
    }

    pub(in crate::env) fn stand(&self) -> Stand {
        let (record, body) = (self.record.clone(), self.body.clone());
        Stand(Arc::new(move |builder| {
            let (record, body) = (record.clone(), body.clone());
            builder.replace_activity(A::NAME, move |context, input: Vec<Payload>| {
                record.called(input.clone());
                let mut body = body.lock().unwrap_or_else(PoisonError::into_inner);
                body(context, input)
            })
        }))
    }

    /// Answers with what a closure gives for the arguments: the parameter itself, or a tuple of them.
    /// Calls come one after the other, so the closure may count them.
    #[must_use = "a mock that is not kept is still in place; `let _ =` says so"]
    pub fn with(
        self,
        mut body: impl FnMut(<A::Parameters as MockInput>::Input) -> ActivityResult<A::Output>
        + Send
        + 'static,
    ) -> Self {
        self.set(move |_, input| {
            let answer = read::<A>(&input).and_then(&mut body).and_then(encode);
            Box::pin(std::future::ready(answer))
        })
    }

    /// As [`with`](Self::with), with an async closure: `.with_async(async |order| ..)`. Calls run side by
    /// side.
    #[must_use = "a mock that is not kept is still in place; `let _ =` says so"]
    pub fn with_async<F, R>(self, mut body: F) -> Self
    where
        F: FnMut(<A::Parameters as MockInput>::Input) -> R + Send + 'static,
        R: Future<Output = ActivityResult<A::Output>> + Send + 'static,
    {
        self.set(move |_, input| match read::<A>(&input) {
            Ok(input) => {
                let answer = body(input);
                Box::pin(async move { encode(answer.await?) })
            }
            Err(error) => Box::pin(std::future::ready(Err(error))),
        })
    }

    /// As [`with_async`](Self::with_async), for a closure that reports heartbeats, say, or looks at the
    /// attempt's number.
    #[must_use = "a mock that is not kept is still in place; `let _ =` says so"]
    pub fn with_context<F, R>(self, mut body: F) -> Self
    where
        F: FnMut(ActivityContext, <A::Parameters as MockInput>::Input) -> R + Send + 'static,
        R: Future<Output = ActivityResult<A::Output>> + Send + 'static,
    {
        self.set(move |context, input| match read::<A>(&input) {
            Ok(input) => {
                let answer = body(context, input);
                Box::pin(async move { encode(answer.await?) })
            }
            Err(error) => Box::pin(std::future::ready(Err(error))),
        })
    }

    /// Gives the same answer each time.
    ///
    /// # Panics
    /// The value cannot be written.
    #[must_use = "a mock that is not kept is still in place; `let _ =` says so"]
    #[track_caller]
    pub fn returns(self, output: A::Output) -> Self {
        let answer = match result_payload(&output) {
            Ok(answer) => answer,
            Err(error) => panic!("the answer of {} cannot be written: {error}", self.what()),
        };
        self.set(move |_, _| Box::pin(std::future::ready(Ok(answer.clone()))))
    }

    /// Fails each time. A failure that is not [non-retryable](ApplicationFailure::non_retryable) is
    /// retried as the activity's policy says; the waits between are skipped.
    #[must_use = "a mock that is not kept is still in place; `let _ =` says so"]
    pub fn fails(self, failure: ApplicationFailure) -> Self {
        self.set(move |_, _| Box::pin(std::future::ready(Err(failure.clone().into()))))
    }

    /// Expects so many calls, no more and no fewer, by the end of the environment.
    #[must_use = "a mock that is not kept is still in place; `let _ =` says so"]
    pub fn times(self, times: usize) -> Self {
        self.record.expect(Expectation::Times(times));
        self
    }

    /// Expects so many calls or more by the end of the environment.
    #[must_use = "a mock that is not kept is still in place; `let _ =` says so"]
    pub fn at_least(self, times: usize) -> Self {
        self.record.expect(Expectation::AtLeast(times));
        self
    }

    /// Expects that it is not called at all.
    #[must_use = "a mock that is not kept is still in place; `let _ =` says so"]
    pub fn never(self) -> Self {
        self.times(0)
    }

    /// The arguments of all calls so far.
    ///
    /// # Panics
    /// Somebody called the activity with arguments that it cannot read.
    #[must_use]
    #[track_caller]
    pub fn calls(&self) -> Vec<<A::Parameters as MockInput>::Input> {
        match self.record.inputs::<A::Parameters>() {
            Ok(calls) => calls,
            Err(error) => panic!("a call of {} cannot be read: {error}", self.what()),
        }
    }

    fn what(&self) -> &str {
        self.record.what()
    }

    fn set(
        self,
        body: impl FnMut(ActivityContext, Vec<Payload>) -> Answer + Send + 'static,
    ) -> Self {
        *self.body.lock().unwrap_or_else(PoisonError::into_inner) = Box::new(body);
        self
    }
}

const NO_ANSWER: &str =
    "the mock has no answer: give it one with `.returns(..)`, `.with(..)` or `.fails(..)`";

fn read<A>(input: &[Payload]) -> ActivityResult<<A::Parameters as MockInput>::Input>
where
    A: ActivityDefinition,
    A::Parameters: MockInput,
{
    use durably::payload::Parameters;
    Ok(A::Parameters::from_payloads(input)?.into_input())
}

fn encode<T: ToPayload + 'static>(output: T) -> ActivityResult<Option<Payload>> {
    Ok(result_payload(&output)?)
}

impl<A> sealed::Mocked for ActivityMock<A> {
    fn record(&self) -> &Arc<Record> {
        &self.record
    }
}

impl<A> Clone for ActivityMock<A> {
    fn clone(&self) -> Self {
        Self {
            record: self.record.clone(),
            body: self.body.clone(),
            activity: PhantomData,
        }
    }
}

impl<A> fmt::Debug for ActivityMock<A> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ActivityMock")
            .field("record", &self.record)
            .finish_non_exhaustive()
    }
}
