//! What a mock was called with, and how often it should have been.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use durably::payload::{Payload, PayloadError};

use super::expectation::Expectation;
use super::input::MockInput;

/// The calls of one mock.
#[derive(Debug)]
#[allow(unreachable_pub, reason = "named by a sealed trait")]
pub struct Record {
    /// What it stands in for, such as "activity `charge`".
    what: String,
    /// Counts the calls of all mocks of the environment.
    sequence: Arc<Mutex<u64>>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    calls: Vec<(u64, Vec<Payload>)>,
    expectations: Vec<Expectation>,
}

impl Record {
    pub(super) fn new(what: String, sequence: Arc<Mutex<u64>>) -> Arc<Self> {
        Arc::new(Self {
            what,
            sequence,
            state: Mutex::default(),
        })
    }

    pub(super) fn what(&self) -> &str {
        &self.what
    }

    pub(super) fn called(&self, input: Vec<Payload>) {
        let mut sequence = self.sequence.lock().unwrap_or_else(PoisonError::into_inner);
        *sequence += 1;
        self.state().calls.push((*sequence, input));
    }

    pub(super) fn expect(&self, expectation: Expectation) {
        self.state().expectations.push(expectation);
    }

    pub(super) fn inputs<P: MockInput>(&self) -> Result<Vec<P::Input>, PayloadError> {
        let state = self.state();
        let inputs = state.calls.iter().map(|(_, input)| P::from_payloads(input));
        inputs
            .map(|input| input.map(MockInput::into_input))
            .collect()
    }

    /// The expectation that does not hold, in words.
    pub(super) fn broken(&self) -> Option<String> {
        let state = self.state();
        let calls = state.calls.len();
        let broken = state.expectations.iter().find(|it| !it.holds(calls))?;
        let called = match calls {
            0 => "never".to_owned(),
            1 => "once".to_owned(),
            calls => format!("{calls} times"),
        };
        let what = &self.what;
        Some(format!("{what} should {broken}, and was called {called}"))
    }

    fn first_call(&self) -> Option<u64> {
        self.state().calls.first().map(|(sequence, _)| *sequence)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is wrong with the order of first calls, in words.
pub(super) fn wrong_order(order: &[Arc<Record>]) -> Option<String> {
    let wanted: Vec<_> = order.iter().map(|record| record.what()).collect();
    let wanted = wanted.join(", then ");
    let uncalled = order.iter().find(|record| record.first_call().is_none());
    if let Some(record) = uncalled {
        let what = record.what();
        return Some(format!("expected {wanted}; {what} was never called"));
    }
    let wrong = order.windows(2).find(|pair| {
        let [first, second] = pair else { return false };
        first.first_call() > second.first_call()
    })?;
    let [first, second] = wrong else { return None };
    let (first, second) = (first.what(), second.what());
    Some(format!(
        "expected {wanted}; {second} was called before {first}"
    ))
}

/// A mock of whatever kind: see [`TestEnv::in_order`](crate::TestEnv::in_order).
pub trait Mocked: sealed::Mocked {}

impl<M: sealed::Mocked> Mocked for M {}

pub(super) mod sealed {
    use super::{Arc, Record};

    #[allow(unreachable_pub, reason = "sealed")]
    pub trait Mocked {
        fn record(&self) -> &Arc<Record>;
    }
}
