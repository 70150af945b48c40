//! The test environment: a server with a clock of its own, workers, mocks, and checks at the end.
//!
//! ```
//! use std::time::Duration;
//!
//! use durably::prelude::*;
//! use durably_test::TestEnv;
//!
//! #[activity(start_to_close_timeout = "10s")]
//! async fn charge(cents: u64) -> ActivityResult<String> {
//!     Err(format!("{cents} cents must not be charged in tests").into())
//! }
//!
//! #[workflow]
//! async fn subscribe(ctx: &WorkflowContext, months: u64) -> WorkflowResult<Vec<String>> {
//!     let mut receipts = Vec::new();
//!     for _ in 0..months {
//!         ctx.sleep(Duration::from_secs(30 * 24 * 60 * 60)).await?;
//!         receipts.push(ctx.activity(charge, 500).await?);
//!     }
//!     Ok(receipts)
//! }
//!
//! #[tokio::main(flavor = "current_thread")]
//! async fn main() {
//!     let env = TestEnv::start().await;
//!     let charged = env
//!         .mock(charge)
//!         .with(|cents| Ok(format!("{cents} charged")))
//!         .times(12);
//!     let _worker = env.worker("billing").workflow(subscribe).start();
//!     let handle = env.client().start(subscribe, 12_u64).task_queue("billing").await.unwrap();
//!     // A year passes at once.
//!     assert_eq!(handle.result().await.unwrap().len(), 12);
//!     assert_eq!(charged.calls()[0], 500);
//!     // The mock was called 12 times, and the history replays.
//!     env.finish().await;
//! }
//! ```
//!
//! Each environment is a world of its own, so tests run side by side. Time stands still for nobody: it
//! passes as real time does while something is under way, and is skipped when all wait for something to
//! come (see [`ClockMode`](crate::server::ClockMode)).
//!
//! Unless told otherwise, an environment
//! * ends the test as soon as a workflow task fails (code that panics, does not follow its history, or
//!   cannot read its input), with the cause and the history, instead of waiting for a retry to do better;
//! * replays all histories with the workers' code at its end, and [keeps](TestEnv::record) those that it is
//!   told to keep;
//! * says on standard error what it waits for when nothing has moved for 5 seconds.

mod activity_env;
mod backend;
mod builder;
mod callback;
mod checks;
mod faults;
mod mock;
mod recording;
mod remote;
mod replays;
mod running_worker;
mod stall;
mod test_env;
mod worker;

pub use activity_env::{ActivityEnv, ActivityRun};
pub use builder::{TestEnvBuilder, TestEnvError};
pub use faults::Faults;
pub use mock::{
    ActivityMock, EndOperationError, MockInput, Mocked, NexusError, NexusMock, NexusMockContext,
    StartedOperation, WorkflowMock,
};
pub use recording::Recording;
pub use remote::DevServerError;
pub use running_worker::RunningWorker;
pub use test_env::TestEnv;
pub use worker::TestWorkerBuilder;
