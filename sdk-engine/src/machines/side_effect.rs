//! Side effects: values that code makes once and history keeps (protocol 4.8).

use std::collections::{BTreeMap, VecDeque};

use durably_protos::temporal::api::common::v1::Payload;

use crate::command::{Command, CommandQueue, Marker, MarkerContent, MarkerIdentity, RecordMarker};
use crate::shared::Place;

/// What to do for a side effect.
#[derive(Debug)]
pub enum SideEffect {
    /// History has its value.
    Recorded(Option<Payload>),
    /// It is new: make the value, and record it by this number.
    New(u64),
}

#[derive(Debug, Default)]
struct Mutable {
    calls: u64,
    recorded: BTreeMap<u64, Option<Payload>>,
    last: Option<Payload>,
}

/// The side effects of a run.
#[derive(Debug, Default)]
pub(crate) struct SideEffects {
    last: u64,
    recorded: VecDeque<(u64, Option<Payload>)>,
    mutable: BTreeMap<String, Mutable>,
}

/// What a mutable side effect is, at one call.
#[derive(Debug)]
pub struct MutableSideEffect {
    /// Which call it is, from 1.
    pub call: u64,
    /// The value so far.
    pub last: Option<Payload>,
    /// History knows the value: nothing is to be made.
    pub settled: bool,
}

impl SideEffects {
    /// A marker lies ahead in the commands of the task being replayed.
    pub(crate) fn note(&mut self, marker: Marker) {
        let MarkerContent::Value(value) = marker.content else {
            return;
        };
        match marker.key {
            MarkerIdentity::SideEffect { number } => self.recorded.push_back((number, value)),
            MarkerIdentity::MutableSideEffect { id, call } => {
                let mutable = self.mutable.entry(id).or_default();
                mutable.recorded.insert(call, value);
            }
            _ => {}
        }
    }

    pub(crate) fn begin(&mut self, commands: &mut CommandQueue, place: Place) -> SideEffect {
        self.last += 1;
        let number = self.last;
        match self.recorded.front() {
            Some((recorded, _)) if *recorded == number => {
                let value = self.recorded.pop_front().and_then(|(_, value)| value);
                let marker = RecordMarker::of_key(MarkerIdentity::SideEffect { number });
                commands.push(Command::RecordMarker(Box::new(marker)), Some(place));
                SideEffect::Recorded(value)
            }
            _ => SideEffect::New(number),
        }
    }

    pub(crate) fn record(commands: &mut CommandQueue, number: u64, value: Payload, place: Place) {
        let marker = RecordMarker::with_value(MarkerIdentity::SideEffect { number }, value);
        commands.push(Command::RecordMarker(Box::new(marker)), Some(place));
    }

    pub(crate) fn begin_mutable(
        &mut self,
        commands: &mut CommandQueue,
        id: &str,
        replaying: bool,
        place: Place,
    ) -> MutableSideEffect {
        let mutable = self.mutable.entry(id.to_owned()).or_default();
        mutable.calls += 1;
        let call = mutable.calls;
        if let Some(value) = mutable.recorded.remove(&call) {
            mutable.last = value;
            let id = id.to_owned();
            let marker = RecordMarker::of_key(MarkerIdentity::MutableSideEffect { id, call });
            commands.push(Command::RecordMarker(Box::new(marker)), Some(place));
            let last = mutable.last.clone();
            return MutableSideEffect {
                call,
                last,
                settled: true,
            };
        }
        let last = mutable.last.clone();
        // In a replay no marker means that the value was the same.
        let settled = replaying && last.is_some();
        MutableSideEffect {
            call,
            last,
            settled,
        }
    }

    pub(crate) fn record_mutable(
        &mut self,
        commands: &mut CommandQueue,
        id: &str,
        call: u64,
        value: Payload,
        place: Place,
    ) {
        if let Some(mutable) = self.mutable.get_mut(id) {
            mutable.last = Some(value.clone());
        }
        let id = id.to_owned();
        let marker =
            RecordMarker::with_value(MarkerIdentity::MutableSideEffect { id, call }, value);
        commands.push(Command::RecordMarker(Box::new(marker)), Some(place));
    }
}
