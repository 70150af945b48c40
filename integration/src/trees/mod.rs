//! Random workflows: trees of actions that a workflow performs, with what they must give.
//!
//! A seed makes a [`Plan`]; [`Plan::expected`] says what performing it gives, whatever the order in
//! which things happen; [`Tree`] performs it; [`run`] does that on a server while workers come and
//! go, and replays every history that comes of it; [`run_on`] and [`run_embedded`] do so with many.

mod action;
mod forest;
mod generate;
mod pace;
mod perform;
mod run;
mod workers;

pub use action::{Action, Plan};
pub use forest::{Report, run_embedded, run_on};
pub use generate::Random;
pub use pace::Pace;
pub use perform::{Tree, compute, compute_here};
pub use run::{Outcome, run};
pub use workers::Workers;
