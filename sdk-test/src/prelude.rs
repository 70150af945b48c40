//! The names that tests need: `use durably_test::prelude::*;`.

pub use crate::env::{
    ActivityEnv, ActivityMock, ActivityRun, Faults, Mocked, NexusError, NexusMock, RunningWorker,
    TestEnv, WorkflowMock,
};
pub use durably_history::Timeline;
pub use durably_replay::Replayer;
