//! The names that workflow and activity files need: `use durably::prelude::*;`.

pub use crate::activity::ActivityContext;
pub use crate::client::{Client, ConnectOptions};
pub use crate::failure::{
    ActivityError, ActivityResult, ApplicationFailure, Failure, RetryPolicy, WorkflowError,
    WorkflowResult,
};
pub use crate::worker::Worker;
pub use crate::workflow::{Saga, State, Unordered, WorkflowContext, join_all, try_join_all};
pub use crate::{activities, activity, join, select, try_join, workflow};
