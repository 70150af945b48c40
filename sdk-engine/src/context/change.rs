//! Patches, versions and side effects: what code may ask once and is then told for good.

use durably_protos::temporal::api::common::v1::Payload;

use super::Context;
use crate::machines::{
    ChangeKind, DEFAULT_VERSION, MutableSideEffect, Question, SideEffect, SideEffects,
};
use crate::shared::Place;
use crate::step::{Mode, mode_of};

impl Context {
    /// Whether the run is on the new side of a change. Records a `core_patch` marker when it is
    /// asked for the first time by code that is not replayed (protocol 4.7).
    #[must_use]
    pub fn patched(&self, id: &str, deprecated: bool, place: Place) -> bool {
        let kind = ChangeKind::Patch { deprecated };
        self.ask_change(id, kind, place) != DEFAULT_VERSION
    }

    /// Whether the code would be put on the new side of a patch if it asked now, which nothing has
    /// decided so far: neither history nor an earlier answer.
    #[must_use]
    pub fn is_patch_open(&self, id: &str) -> bool {
        let tables = self.shared.tables.borrow();
        let known = tables.more.as_ref().and_then(|more| more.changes.peek(id));
        mode_of(self.shared.key) == Mode::Running && !self.is_replaying() && known.is_none()
    }

    /// Puts the run on the old side of a patch for good. Nothing is recorded; a replay, which finds
    /// no marker, decides so by itself.
    pub fn decline_patch(&self, id: &str) {
        if self.is_patch_open(id) {
            let mut tables = self.shared.tables.borrow_mut();
            tables.more().changes.decline(id);
        }
    }

    /// Which version of the code the run follows: the newest for runs that ask while not being
    /// replayed, which a `Version` marker records; -1 for those that passed here before there
    /// were versions.
    #[must_use]
    pub fn version(&self, id: &str, newest: i32, place: Place) -> i32 {
        self.ask_change(id, ChangeKind::Version { newest }, place)
    }

    fn ask_change(&self, id: &str, kind: ChangeKind, place: Place) -> i32 {
        if !self.may_act(|| format!("asking for the change \"{id}\" at {place}")) {
            let tables = self.shared.tables.borrow();
            let known = tables.more.as_ref().and_then(|more| more.changes.peek(id));
            return known.unwrap_or(DEFAULT_VERSION);
        }
        let question = Question {
            id,
            kind,
            replaying: self.is_replaying(),
            place,
        };
        let mut tables = self.shared.tables.borrow_mut();
        let (more, commands) = tables.more_and_commands();
        more.changes.ask(commands, &question)
    }

    /// Begins a side effect: gives its recorded value, or asks for it to be made and
    /// [recorded](Self::record_side_effect).
    #[must_use]
    pub fn begin_side_effect(&self, place: Place) -> SideEffect {
        if !self.may_act(|| format!("a side effect at {place}")) {
            return SideEffect::New(0);
        }
        let mut tables = self.shared.tables.borrow_mut();
        let (more, commands) = tables.more_and_commands();
        more.side_effects.begin(commands, place)
    }

    /// Records the value of a new side effect, as a `SideEffect` marker.
    pub fn record_side_effect(&self, number: u64, value: Payload, place: Place) {
        if number != 0 && self.may_act(|| format!("a side effect at {place}")) {
            let mut tables = self.shared.tables.borrow_mut();
            SideEffects::record(&mut tables.commands, number, value, place);
        }
    }

    /// Begins a call of a side effect that is recorded only when its value has changed.
    #[must_use]
    pub fn begin_mutable_side_effect(&self, id: &str, place: Place) -> MutableSideEffect {
        if !self.may_act(|| format!("the side effect \"{id}\" at {place}")) {
            let (call, last, settled) = (0, None, false);
            return MutableSideEffect {
                call,
                last,
                settled,
            };
        }
        let replaying = self.is_replaying();
        let mut tables = self.shared.tables.borrow_mut();
        let (more, commands) = tables.more_and_commands();
        more.side_effects
            .begin_mutable(commands, id, replaying, place)
    }

    /// Records the new value of such a side effect, as a `MutableSideEffect` marker.
    pub fn record_mutable_side_effect(&self, id: &str, call: u64, value: Payload, place: Place) {
        if call != 0 && self.may_act(|| format!("the side effect \"{id}\" at {place}")) {
            let mut tables = self.shared.tables.borrow_mut();
            let (more, commands) = tables.more_and_commands();
            more.side_effects
                .record_mutable(commands, id, call, value, place);
        }
    }
}
