//! Values that code makes once and history keeps.

use std::panic::Location;

use durably_engine::SideEffect;

use super::WorkflowContext;
use super::call::fail_task;
use crate::payload::{FromPayload, PayloadError, ToPayload, value_from_result};

impl WorkflowContext {
    /// Runs code that is not deterministic, quickly and without waiting, and records what it gives:
    /// a replay gets the recorded value and does not run the code. Prefer a local activity for all
    /// that can fail.
    ///
    /// ```
    /// # use durably::prelude::*;
    /// # async fn example(ctx: &WorkflowContext) -> WorkflowResult<()> {
    /// let shard = ctx.side_effect(|| std::process::id() % 16);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Determinism
    /// Records a `SideEffect` marker with the value. The code may run again when a worker is lost
    /// before the task's end.
    ///
    /// # Panics
    /// When the value cannot be written, or the recorded one cannot be read, as `T`: the workflow
    /// task fails, and is retried until the code is mended.
    #[track_caller]
    pub fn side_effect<T: ToPayload + FromPayload>(&self, make: impl FnOnce() -> T) -> T {
        let place = Location::caller();
        match self.engine.begin_side_effect(place) {
            SideEffect::Recorded(value) => self.recorded(value_from_result(value.as_ref())),
            SideEffect::New(number) => {
                let value = make();
                let payload = self.recorded(value.to_payload());
                self.engine.record_side_effect(number, payload, place);
                value
            }
        }
    }

    /// Like [`side_effect`](Self::side_effect), for a value that is made again at each call and
    /// recorded only when it has changed: a setting, say. `id` names it.
    ///
    /// # Determinism
    /// Records a `MutableSideEffect` marker when the value is another than at the last call.
    ///
    /// # Panics
    /// As [`side_effect`](Self::side_effect).
    #[track_caller]
    pub fn mutable_side_effect<T>(&self, id: &str, make: impl FnOnce() -> T) -> T
    where
        T: ToPayload + FromPayload + PartialEq,
    {
        let place = Location::caller();
        let begun = self.engine.begin_mutable_side_effect(id, place);
        let last = begun.last.as_ref().map(T::from_payload).transpose();
        let last: Option<T> = self.recorded(last);
        match last {
            Some(last) if begun.settled => last,
            last => {
                let value = make();
                if last.as_ref() != Some(&value) {
                    let payload = self.recorded(value.to_payload());
                    let call = begun.call;
                    self.engine
                        .record_mutable_side_effect(id, call, payload, place);
                }
                value
            }
        }
    }

    /// There is no value to go on with when one cannot be read or written: the task must fail. The
    /// panic names the workflow's own line.
    #[track_caller]
    fn recorded<T>(&self, value: Result<T, PayloadError>) -> T {
        match value {
            Ok(value) => value,
            Err(error) => {
                let what = "the value of a side effect cannot be read or written";
                fail_task(self, what, &error, Some(Location::caller()));
                panic!("{what}: {error}");
            }
        }
    }
}
