//! Replaying recorded histories against today's code.
//!
//! ```no_run
//! use durably::prelude::*;
//! use durably::replay::Replayer;
//!
//! # #[workflow]
//! # async fn greet(ctx: &WorkflowContext, name: String) -> WorkflowResult<String> { Ok(name) }
//! # fn example(bytes: &[u8]) -> Result<(), Box<dyn std::error::Error>> {
//! let replayer = Replayer::new().workflow(greet)?;
//! replayer.replay_bytes(bytes)?;
//! # Ok(())
//! # }
//! ```
//!
//! A history is replayed by the engine that runs workflows live; nothing is sent, nothing is
//! executed but workflow code.

mod decoder;
mod error;
mod replayer;
mod traced;

pub use decoder::PayloadDecoder;
pub use durably_engine::{
    CommandIdentity, Divergence, HistoryError, MarkerIdentity, Nondeterminism, RunError,
    TracedCommand, TracedTask, Wait, WaitedFor, describe_event, is_command_event,
};
pub use error::ReplayError;
pub use replayer::{Replayed, Replayer};
pub use traced::TracedReplay;
