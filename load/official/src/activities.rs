//! The one activity of the load workflows.

use std::time::Duration;

use temporalio_macros::activities;
use temporalio_sdk::ActivityOptions;
use temporalio_sdk::activities::{ActivityContext, ActivityError};

/// The activities of the worker.
pub struct LoadActivities;

#[activities]
impl LoadActivities {
    /// Returns its argument.
    #[activity(name = "noop")]
    pub async fn noop(_ctx: ActivityContext, n: u64) -> Result<u64, ActivityError> {
        Ok(n)
    }
}

/// What every scheduled `noop` carries: `start_to_close_timeout` 60 s, no heartbeat timeout, the
/// server's default retry policy.
pub fn noop_options() -> ActivityOptions {
    ActivityOptions::start_to_close_timeout(Duration::from_secs(60))
}
