//! An embedded, time-skipping, Temporal-compatible server, and the test environment of Durably.
//!
//! * [`TestEnv`] is what most tests begin with: see [`mod@env`].
//! * [`ActivityEnv`] runs one activity alone.
//! * [`server`] is the server alone, for everything that speaks to Temporal.
//! * [`Replayer`] replays recorded histories against today's code.
//! * [`Timeline`] shows a history.

pub mod env;
pub mod prelude;
pub mod server;

pub use durably_history::Timeline;
pub use durably_replay::Replayer;
pub use env::{
    ActivityEnv, ActivityMock, ActivityRun, Faults, NexusError, NexusMock, Recording,
    RunningWorker, StartedOperation, TestEnv, TestEnvBuilder, WorkflowMock,
};
