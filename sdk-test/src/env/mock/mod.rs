//! Closures that stand in for activities, child workflows and Nexus operations.

mod activity;
mod expectation;
mod input;
mod nexus;
mod record;
mod workflow;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use durably::worker::WorkerBuilder;

pub use activity::ActivityMock;
pub use input::MockInput;
pub(super) use nexus::NexusEndpoints;
pub use nexus::{EndOperationError, NexusError, NexusMock, NexusMockContext, StartedOperation};
pub use record::Mocked;
pub(super) use record::Record;
pub use workflow::WorkflowMock;

/// Puts a mock into a worker.
#[derive(Clone)]
pub(super) struct Stand(Arc<dyn Fn(WorkerBuilder) -> WorkerBuilder + Send + Sync>);

impl Stand {
    /// Of a mock that is none of the worker's concern.
    fn none() -> Self {
        Self(Arc::new(|builder| builder))
    }

    pub(super) fn register(&self, builder: WorkerBuilder) -> WorkerBuilder {
        (self.0)(builder)
    }
}

impl fmt::Debug for Stand {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Stand")
    }
}

/// All mocks of an environment.
#[derive(Debug, Default)]
pub(crate) struct Mocks {
    sequence: Arc<Mutex<u64>>,
    all: Mutex<Vec<(Arc<Record>, Stand)>>,
    orders: Mutex<Vec<Vec<Arc<Record>>>>,
    workflows: Mutex<Vec<&'static str>>,
}

impl Mocks {
    fn sequence(&self) -> Arc<Mutex<u64>> {
        self.sequence.clone()
    }

    fn add(&self, record: Arc<Record>, stand: Stand) {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.push((record, stand));
    }

    fn add_workflow(&self, workflow_type: &'static str) {
        let workflows = self.workflows.lock();
        let mut workflows = workflows.unwrap_or_else(PoisonError::into_inner);
        workflows.push(workflow_type);
    }

    /// Whether a mock stands in for workflows of this type.
    pub(super) fn is_workflow_mocked(&self, workflow_type: &str) -> bool {
        let workflows = self.workflows.lock();
        let workflows = workflows.unwrap_or_else(PoisonError::into_inner);
        workflows.contains(&workflow_type)
    }

    pub(super) fn stands(&self) -> Vec<Stand> {
        let all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter().map(|(_, stand)| stand.clone()).collect()
    }

    pub(super) fn expect_order(&self, order: Vec<Arc<Record>>) {
        let mut orders = self.orders.lock().unwrap_or_else(PoisonError::into_inner);
        orders.push(order);
    }

    /// What was expected and did not come.
    pub(super) fn broken_expectations(&self) -> Vec<String> {
        let all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        let orders = self.orders.lock().unwrap_or_else(PoisonError::into_inner);
        let counts = all.iter().filter_map(|(record, _)| record.broken());
        let orders = orders.iter().filter_map(|order| record::wrong_order(order));
        counts.chain(orders).collect()
    }
}
