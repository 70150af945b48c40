//! Random workflows: trees of actions that a workflow performs, with what they must give.
//!
//! A seed makes a [`Plan`]; [`Plan::expected`] says what performing it gives, whatever the order in
//! which things happen; [`Tree`] performs it; [`run`] does that on a server while workers come and
//! go, and replays every history that comes of it.

mod action;
mod generate;
mod perform;
mod run;
mod workers;

pub use action::{Action, Plan};
pub use generate::Random;
pub use perform::{Tree, compute, compute_here};
pub use run::{Outcome, run};
pub use workers::Workers;
