//! The server's look at itself: whether what it holds fits together.
//!
//! Each check says in words what is wrong, and of which run. Tests that send random requests ask after
//! each of them.

mod history;
mod run;
mod world;

use super::test_server::TestServer;
use super::world::World;

impl TestServer {
    /// What is wrong within the server's own state, run by run; nothing unless the server has a fault.
    ///
    /// For the tests of the server itself: it goes through every event of every run.
    #[must_use]
    #[doc(hidden)]
    pub fn audit(&self) -> Vec<String> {
        self.shared.with(World::audit)
    }
}

/// What is wrong, each with the run it is about.
#[derive(Debug, Default)]
struct Faults {
    about: String,
    found: Vec<String>,
}

impl Faults {
    fn add(&mut self, what: impl std::fmt::Display) {
        self.found.push(format!("{}: {what}", self.about));
    }

    /// Notes what is wrong unless something holds.
    fn unless(&mut self, holds: bool, what: impl FnOnce() -> String) {
        if !holds {
            self.add(what());
        }
    }
}
