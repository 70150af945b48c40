//! Mocks of workflows, which usually are children of those under test.

use std::fmt;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use durably::definition::WorkflowDefinition;
use durably::failure::{ApplicationFailure, Failure, WorkflowError, WorkflowResult};
use durably::payload::{Payload, PayloadError, ToPayload, result_payload};
use durably::workflow::WorkflowContext;
use durably_protos::temporal::api::failure::v1::Failure as ProtoFailure;
use prost::Message;
use serde::{Deserialize, Serialize};

use super::expectation::Expectation;
use super::input::MockInput;
use super::record::{Record, sealed};
use super::{Mocks, Stand};

type Body = Box<dyn FnMut(Vec<Payload>) -> Result<Option<Payload>, ApplicationFailure> + Send>;

/// Stands in for a workflow: [`TestEnv::mock_workflow`](crate::TestEnv::mock_workflow).
///
/// It is a workflow of that type whose body calls the closure, once for each run: the answer is recorded
/// as a side effect, so a replay does not call it again. Clones are the same mock.
pub struct WorkflowMock<W> {
    record: Arc<Record>,
    body: Arc<Mutex<Body>>,
    takes: Arc<Mutex<Duration>>,
    workflow: PhantomData<fn() -> W>,
}

impl<W> WorkflowMock<W>
where
    W: WorkflowDefinition,
    W::Parameters: MockInput,
    W::Output: ToPayload,
{
    pub(in crate::env) fn new(workflow: W, mocks: &Mocks) -> Self {
        // A definition is a value only so that it can be named.
        let _ = workflow;
        let what = format!("workflow `{}`", W::NAME);
        let body: Body = Box::new(|_| {
            let failure = ApplicationFailure::new(NO_ANSWER).with_type("MockWithoutAnswer");
            Err(failure.non_retryable())
        });
        let mock = Self {
            record: Record::new(what, mocks.sequence.clone()),
            body: Arc::new(Mutex::new(body)),
            takes: Arc::default(),
            workflow: PhantomData,
        };
        mocks.add(mock.record.clone(), mock.stand());
        mocks.add_workflow(W::NAME);
        mock
    }

    fn stand(&self) -> Stand {
        let (record, body, takes) = (self.record.clone(), self.body.clone(), self.takes.clone());
        Stand(Arc::new(move |builder| {
            let (record, body, takes) = (record.clone(), body.clone(), takes.clone());
            builder.replace_workflow(W::NAME, move |context, input: Vec<Payload>| {
                let (record, body) = (record.clone(), body.clone());
                let takes = *takes.lock().unwrap_or_else(PoisonError::into_inner);
                async move {
                    let answer = context.side_effect(|| {
                        record.called(input.clone());
                        let mut body = body.lock().unwrap_or_else(PoisonError::into_inner);
                        RecordedAnswer::of(body(input))
                    });
                    answer.given(&context, takes).await
                }
            })
        }))
    }

    /// Answers with what a closure gives for the arguments: the parameter itself, or a tuple of them.
    #[must_use = "a mock that is not kept is still in place; `let _ =` says so"]
    pub fn with(
        self,
        mut body: impl FnMut(
            <W::Parameters as MockInput>::Input,
        ) -> Result<W::Output, ApplicationFailure>
        + Send
        + 'static,
    ) -> Self {
        self.set(move |input| {
            use durably::payload::Parameters;
            let input = W::Parameters::from_payloads(&input).map_err(unreadable)?;
            let output = body(input.into_input())?;
            result_payload(&output).map_err(unreadable)
        })
    }

    /// Gives the same answer each time.
    ///
    /// # Panics
    /// The value cannot be written.
    #[must_use = "a mock that is not kept is still in place; `let _ =` says so"]
    #[track_caller]
    pub fn returns(self, output: W::Output) -> Self {
        let answer = match result_payload(&output) {
            Ok(answer) => answer,
            Err(error) => panic!("the answer of {} cannot be written: {error}", self.what()),
        };
        self.set(move |_| Ok(answer.clone()))
    }

    /// Fails each time.
    #[must_use = "a mock that is not kept is still in place; `let _ =` says so"]
    pub fn fails(self, failure: ApplicationFailure) -> Self {
        self.set(move |_| Err(failure.clone()))
    }

    /// Takes so long, on the server's clock, before it ends. It can be canceled meanwhile.
    #[must_use = "a mock that is not kept is still in place; `let _ =` says so"]
    pub fn takes(self, duration: Duration) -> Self {
        *self.takes.lock().unwrap_or_else(PoisonError::into_inner) = duration;
        self
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
    /// Somebody called the workflow with arguments that it cannot read.
    #[must_use]
    #[track_caller]
    pub fn calls(&self) -> Vec<<W::Parameters as MockInput>::Input> {
        match self.record.inputs::<W::Parameters>() {
            Ok(calls) => calls,
            Err(error) => panic!("a call of {} cannot be read: {error}", self.what()),
        }
    }

    fn what(&self) -> &str {
        self.record.what()
    }

    fn set(
        self,
        body: impl FnMut(Vec<Payload>) -> Result<Option<Payload>, ApplicationFailure> + Send + 'static,
    ) -> Self {
        *self.body.lock().unwrap_or_else(PoisonError::into_inner) = Box::new(body);
        self
    }
}

const NO_ANSWER: &str =
    "the mock has no answer: give it one with `.returns(..)`, `.with(..)` or `.fails(..)`";

fn unreadable(error: PayloadError) -> ApplicationFailure {
    ApplicationFailure::new(error.to_string())
        .with_type("PayloadError")
        .non_retryable()
}

/// An answer as the history keeps it: encoded protobuf messages.
#[derive(Serialize, Deserialize)]
struct RecordedAnswer {
    result: Option<Vec<u8>>,
    failure: Option<Vec<u8>>,
}

impl RecordedAnswer {
    fn of(answer: Result<Option<Payload>, ApplicationFailure>) -> Self {
        let (result, failure) = match answer {
            Ok(result) => (result, None),
            Err(failure) => (None, Some(ProtoFailure::from(failure))),
        };
        Self {
            result: result.map(|result| result.encode_to_vec()),
            failure: failure.map(|failure| failure.encode_to_vec()),
        }
    }

    async fn given(
        self,
        context: &WorkflowContext,
        takes: Duration,
    ) -> WorkflowResult<Option<Payload>> {
        if !takes.is_zero() {
            context.sleep(takes).await?;
        }
        if let Some(failure) = self.failure {
            let failure = ProtoFailure::decode(&*failure)?;
            return Err(WorkflowError::Failed(Failure::from(failure)));
        }
        let result = self.result.map(|result| Payload::decode(&*result));
        Ok(result.transpose()?)
    }
}

impl<W> sealed::Mocked for WorkflowMock<W> {
    fn record(&self) -> &Arc<Record> {
        &self.record
    }
}

impl<W> Clone for WorkflowMock<W> {
    fn clone(&self) -> Self {
        Self {
            record: self.record.clone(),
            body: self.body.clone(),
            takes: self.takes.clone(),
            workflow: PhantomData,
        }
    }
}

impl<W> fmt::Debug for WorkflowMock<W> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("WorkflowMock")
            .field("record", &self.record)
            .finish_non_exhaustive()
    }
}
