//! Changing the code of workflows that are running.

use std::panic::Location;

use super::WorkflowContext;
use crate::failure::ApplicationFailure;

impl WorkflowContext {
    /// Whether this run takes the new side of a change of the code. Runs that passed this point
    /// with the old code answer `false` for the rest of their lives, all others `true`.
    ///
    /// ```
    /// # use durably::prelude::*;
    /// # #[activity(start_to_close_timeout = "10s")] async fn charge(order: String) -> ActivityResult<()> { Ok(()) }
    /// # #[activity(start_to_close_timeout = "10s")] async fn authorize(order: String) -> ActivityResult<()> { Ok(()) }
    /// # async fn example(ctx: &WorkflowContext, order: String) -> WorkflowResult<()> {
    /// if ctx.patched("authorize-first") {
    ///     ctx.activity(authorize, &order).await?;
    /// }
    /// ctx.activity(charge, &order).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// A worker may hold a patch back from some of the runs that would be the first to take it: see
    /// [`WorkerBuilder::patch_activation`](crate::worker::WorkerBuilder::patch_activation).
    ///
    /// When no run of the old code is left, put
    /// [`deprecate_patch`](Self::deprecate_patch) in its place; when no run with the patch's marker
    /// is left, remove that too.
    ///
    /// # Determinism
    /// Records a marker, and the id in the search attribute `TemporalChangeVersion`, the first time
    /// it is asked for by code that is not replayed.
    #[track_caller]
    #[must_use = "the answer says which side of the change to take"]
    pub fn patched(&self, id: &str) -> bool {
        self.decide_patch(id);
        self.engine.patched(id, false, Location::caller())
    }

    /// Keeps runs that have a patch's marker replayable, when only the new side is left in the code.
    ///
    /// # Determinism
    /// Records a marker that later code may do without.
    #[track_caller]
    pub fn deprecate_patch(&self, id: &str) {
        let _ = self.engine.patched(id, true, Location::caller());
    }

    /// Which version of a part of the code this run follows: `newest` for a run that asks for the
    /// first time, the same as then for one that asked before, and
    /// [`DEFAULT_VERSION`](Self::DEFAULT_VERSION) for one that passed here before there were
    /// versions.
    ///
    /// ```
    /// # use durably::prelude::*;
    /// # async fn example(ctx: &WorkflowContext) -> WorkflowResult<()> {
    /// match ctx.version("shipping", WorkflowContext::DEFAULT_VERSION, 2) {
    ///     WorkflowContext::DEFAULT_VERSION => { /* as it was */ }
    ///     1 => { /* the first change */ }
    ///     _ => { /* as it is now */ }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// A run whose version is not in `oldest..=newest` cannot go on: its workflow task fails, and
    /// is retried until a worker has code for it.
    ///
    /// # Determinism
    /// Records a `Version` marker when it is asked for the first time by code that is not replayed.
    #[track_caller]
    pub fn version(&self, id: &str, oldest: i32, newest: i32) -> i32 {
        let place = Location::caller();
        let version = self.engine.version(id, newest, place);
        if !(oldest..=newest).contains(&version) {
            let message = format!(
                "{place}: this run follows version {version} of \"{id}\", the code has {oldest} to {newest}; \
                 run it with a worker that has that version, or bring it back"
            );
            let failure = ApplicationFailure::new(message).with_type("UnsupportedVersion");
            self.engine.fail_task(failure.into(), Some(place));
        }
        version
    }

    /// The version of a run that passed a [`version`](Self::version) call before it was there.
    pub const DEFAULT_VERSION: i32 = -1;
}
