//! A mocked operation, as the test holds it.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use durably::payload::{FromPayload, Payload, ToPayload, result_payload};

use super::super::expectation::Expectation;
use super::super::record::sealed;
use super::super::{MockInput, Record, Stand};
use super::context::NexusMockContext;
use super::error::NexusError;
use super::operation::{Given, MockedOperation};
use super::started::StartedOperation;
use crate::env::test_env::Shared;

/// Stands in for an operation of a Nexus endpoint: [`TestEnv::mock_nexus`](crate::TestEnv::mock_nexus).
///
/// Each attempt to start the operation is a call. Clones are the same mock.
pub struct NexusMock<I, O> {
    mock: Arc<MockedOperation>,
    env: Arc<Shared>,
    types: PhantomData<fn(I) -> O>,
}

impl<I, O> NexusMock<I, O>
where
    I: FromPayload + 'static,
    O: ToPayload + 'static,
{
    #[track_caller]
    pub(in crate::env) fn new(
        env: &Arc<Shared>,
        endpoint: &str,
        service: &str,
        operation: &str,
    ) -> Self {
        let what = format!("Nexus operation `{service}.{operation}` of endpoint `{endpoint}`");
        let record = Record::new(what, env.mocks.sequence());
        // Workers have nothing to do with it.
        env.mocks.add(record.clone(), Stand::none());
        let unanswered = NexusError::handler("NOT_IMPLEMENTED", NO_ANSWER);
        let body = Box::new(move |_, _| given(Err(unanswered.clone())));
        let mock = MockedOperation::new(record, service, operation, body);
        let mock = Arc::new(mock);
        env.handle(endpoint, mock.clone());
        Self {
            mock,
            env: env.clone(),
            types: PhantomData,
        }
    }

    /// Answers with what a closure gives for the input. Calls come one after the other, so the closure may
    /// count them.
    #[must_use = "a mock that is not kept is still in place; `let _ =` says so"]
    pub fn with(self, mut body: impl FnMut(I) -> Result<O, NexusError> + Send + 'static) -> Self {
        self.set(move |_, input| given(read(&input).and_then(&mut body).and_then(encode)))
    }

    /// As [`with`](Self::with), with an async closure: `.with_async(async |order| ..)`. Calls run side by
    /// side.
    #[must_use = "a mock that is not kept is still in place; `let _ =` says so"]
    pub fn with_async<F, R>(self, mut body: F) -> Self
    where
        F: FnMut(I) -> R + Send + 'static,
        R: Future<Output = Result<O, NexusError>> + Send + 'static,
    {
        self.with_context(move |_, input| body(input))
    }

    /// As [`with_async`](Self::with_async), for a closure that looks at the headers of the request, say.
    #[must_use = "a mock that is not kept is still in place; `let _ =` says so"]
    pub fn with_context<F, R>(self, mut body: F) -> Self
    where
        F: FnMut(NexusMockContext, I) -> R + Send + 'static,
        R: Future<Output = Result<O, NexusError>> + Send + 'static,
    {
        self.set(move |context, input| match read(&input) {
            Ok(input) => {
                let answer = body(context, input);
                Box::pin(async move { encode(answer.await?) })
            }
            Err(error) => given(Err(error)),
        })
    }

    /// Gives the same result each time, at once.
    ///
    /// # Panics
    /// The value cannot be written.
    #[must_use = "a mock that is not kept is still in place; `let _ =` says so"]
    #[track_caller]
    pub fn returns(self, output: O) -> Self {
        let answer = match result_payload(&output) {
            Ok(answer) => answer,
            Err(error) => panic!("the answer of {} cannot be written: {error}", self.what()),
        };
        self.set(move |_, _| given(Ok(answer.clone())))
    }

    /// Fails each time: the operation with a [failure](durably::failure::ApplicationFailure), or its handler
    /// with [an error](NexusError::handler), which may be retried. The waits between are skipped.
    #[must_use = "a mock that is not kept is still in place; `let _ =` says so"]
    pub fn fails(self, error: impl Into<NexusError>) -> Self {
        let error = error.into();
        self.set(move |_, _| given(Err(error.clone())))
    }

    /// Starts the operation each time, for the test to [complete](StartedOperation::complete). One that the
    /// workflow cancels ends as canceled, unless the mock [ignores](Self::ignores_cancellation) that.
    #[must_use = "a mock that is not kept is still in place; `let _ =` says so"]
    pub fn starts(self) -> Self {
        self.fails(NexusError::complete_asynchronously())
    }

    /// Takes note of requests to cancel, and lets the operation go on until the test ends it.
    #[must_use = "a mock that is not kept is still in place; `let _ =` says so"]
    pub fn ignores_cancellation(self) -> Self {
        self.mock.ignore_cancellation();
        self
    }

    /// The operations that have started so far, in the order in which they did.
    #[must_use]
    pub fn started(&self) -> Vec<StartedOperation<I, O>> {
        let started = self.mock.started().into_iter();
        started.map(|one| self.held(one)).collect()
    }

    /// The next operation that starts, waiting for it: each that has started is given once. The server's
    /// time is skipped for who waits here, as it is for who waits for a result; not any more once the
    /// operation has started.
    ///
    /// # Panics
    /// Meanwhile something happened that ends the test: a workflow task failed, say.
    pub async fn next_started(&self) -> StartedOperation<I, O> {
        let presence = self.env.backend.somebody_waits();
        tokio::select! {
            biased;
            started = self.mock.next_started(presence) => self.held(started),
            reason = self.env.backend.broken() => panic!("{reason}"),
        }
    }

    /// Expects so many calls, no more and no fewer, by the end of the environment.
    #[must_use = "a mock that is not kept is still in place; `let _ =` says so"]
    pub fn times(self, times: usize) -> Self {
        self.mock.record.expect(Expectation::Times(times));
        self
    }

    /// Expects so many calls or more by the end of the environment.
    #[must_use = "a mock that is not kept is still in place; `let _ =` says so"]
    pub fn at_least(self, times: usize) -> Self {
        self.mock.record.expect(Expectation::AtLeast(times));
        self
    }

    /// Expects that it is not called at all.
    #[must_use = "a mock that is not kept is still in place; `let _ =` says so"]
    pub fn never(self) -> Self {
        self.times(0)
    }

    /// The inputs of all calls so far.
    ///
    /// # Panics
    /// Somebody called the operation with an input that it cannot read.
    #[must_use]
    #[track_caller]
    pub fn calls(&self) -> Vec<I>
    where
        (I,): MockInput<Input = I>,
    {
        match self.mock.record.inputs::<(I,)>() {
            Ok(calls) => calls,
            Err(error) => panic!("a call of {} cannot be read: {error}", self.what()),
        }
    }

    fn held(&self, started: Arc<super::operation::Started>) -> StartedOperation<I, O> {
        StartedOperation::new(started, self.env.completer())
    }

    fn what(&self) -> &str {
        self.mock.record.what()
    }

    fn set(self, body: impl FnMut(NexusMockContext, Payload) -> Given + Send + 'static) -> Self {
        self.mock.set_body(Box::new(body));
        self
    }
}

const NO_ANSWER: &str = "the mock has no answer: give it one with `.returns(..)`, `.with(..)`, `.fails(..)` or `.starts()`";

fn given(answer: Result<Option<Payload>, NexusError>) -> Given {
    Box::pin(std::future::ready(answer))
}

fn read<I: FromPayload>(input: &Payload) -> Result<I, NexusError> {
    I::from_payload(input).map_err(|error| {
        let text = format!("the input cannot be read: {error}");
        NexusError::handler("BAD_REQUEST", text)
    })
}

fn encode<O: ToPayload + 'static>(output: O) -> Result<Option<Payload>, NexusError> {
    result_payload(&output).map_err(|error| {
        let text = format!("the result cannot be written: {error}");
        NexusError::handler("INTERNAL", text).non_retryable()
    })
}

impl<I, O> sealed::Mocked for NexusMock<I, O> {
    fn record(&self) -> &Arc<Record> {
        &self.mock.record
    }
}

impl<I, O> Clone for NexusMock<I, O> {
    fn clone(&self) -> Self {
        Self {
            mock: self.mock.clone(),
            env: self.env.clone(),
            types: PhantomData,
        }
    }
}

impl<I, O> fmt::Debug for NexusMock<I, O> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("NexusMock")
            .field("mock", &self.mock)
            .finish_non_exhaustive()
    }
}
