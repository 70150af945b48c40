//! An embedded, time-skipping, Temporal-compatible server, and the test environment of Durably.
//!
//! * [`TestEnv`] is what most tests begin with: see [`mod@env`].
//! * [`ActivityEnv`] runs one activity alone.
//! * [`server`] is the server alone, for everything that speaks to Temporal.
//! * [`Timeline`] shows a history.

mod timeline;

pub mod env;
pub mod prelude;
pub mod server;

pub use env::{
    ActivityEnv, ActivityMock, ActivityRun, Faults, RunningWorker, TestEnv, TestEnvBuilder,
    WorkflowMock,
};
pub use timeline::Timeline;
