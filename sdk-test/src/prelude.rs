//! The names that tests need: `use durably_test::prelude::*;`.

pub use crate::env::{
    ActivityEnv, ActivityMock, ActivityRun, Mocked, RunningWorker, TestEnv, WorkflowMock,
};
pub use crate::timeline::Timeline;
