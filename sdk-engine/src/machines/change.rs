//! Changes of the code that running workflows must not see: patches and versions (protocol 4.7).
//!
//! What the code was told once about a change it is told for the rest of the run, also after a
//! replay has ended: a run that began before a change stays on the old side of it.

use std::collections::{BTreeMap, BTreeSet};

use durably_protos::temporal::api::common::v1::Payload;

use crate::command::{Command, CommandQueue, MarkerIdentity, RecordMarker, json_payload};
use crate::shared::Place;

/// The search attribute that lists a run's changes.
pub(crate) const CHANGE_VERSION: &str = "TemporalChangeVersion";

/// The largest list that is written to the search attribute (protocol 4.7).
const MAX_LIST: usize = 2048;

/// What a version is for code that ran before there was a choice.
pub(crate) const DEFAULT_VERSION: i32 = -1;

#[derive(Debug, Default)]
struct Change {
    /// The marker of history, and whether an update of the search attribute follows it.
    recorded: Option<Recorded>,
    /// What the code was told.
    told: Option<i32>,
}

#[derive(Debug, Clone, Copy)]
struct Recorded {
    version: i32,
    upserts: bool,
}

/// The changes of a run, by id.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    changes: BTreeMap<String, Change>,
    /// The elements of the search attribute.
    listed: BTreeSet<String>,
    /// How long their list is as JSON, but for its end.
    listed_bytes: usize,
    /// Also a task that is executed decides as history has it.
    as_recorded: bool,
}

/// A question of the code about a change.
pub(crate) struct Question<'a> {
    pub(crate) id: &'a str,
    pub(crate) kind: ChangeKind,
    pub(crate) replaying: bool,
    pub(crate) place: Place,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ChangeKind {
    Patch {
        deprecated: bool,
    },
    /// The newest version that the code has.
    Version {
        newest: i32,
    },
}

impl Changes {
    /// From now on what has no marker is on the old side, in a task that is executed too; or no more.
    pub(crate) fn decide_as_recorded(&mut self, as_recorded: bool) {
        self.as_recorded = as_recorded;
    }

    /// A marker lies ahead in the commands of the task being replayed.
    pub(crate) fn note(&mut self, key: &MarkerIdentity, upserts: bool) {
        let (id, version) = match key {
            MarkerIdentity::Patch { id, .. } => (id, 1),
            MarkerIdentity::Version { id, version } => (id, *version),
            _ => return,
        };
        let recorded = Some(Recorded { version, upserts });
        self.changes.entry(id.clone()).or_default().recorded = recorded;
        // Also a change that today's code does not ask for any more is one of the run's.
        self.list(element(key));
    }

    fn list(&mut self, element: Option<String>) {
        if let Some(element) = element {
            // An element takes its quotes, escapes, and a comma or the bracket before it.
            let bytes = serde_json::to_string(&element).map_or(0, |json| json.len() + 1);
            if self.listed.insert(element) {
                self.listed_bytes += bytes;
            }
        }
    }

    /// What the code is told: for a patch, 1 when it is on the new side.
    pub(crate) fn ask(&mut self, commands: &mut CommandQueue, question: &Question<'_>) -> i32 {
        let change = self.changes.entry(question.id.to_owned()).or_default();
        if let Some(told) = change.told {
            return told;
        }
        let recorded = change.recorded;
        let replaying = question.replaying || self.as_recorded;
        let version = match (recorded, replaying, question.kind) {
            (Some(recorded), ..) => recorded.version,
            (None, true, _) => DEFAULT_VERSION,
            (None, false, ChangeKind::Patch { .. }) => 1,
            (None, false, ChangeKind::Version { newest }) => newest,
        };
        change.told = Some(version);
        if version == DEFAULT_VERSION && recorded.is_none() {
            return version;
        }
        let id = question.id.to_owned();
        let key = match question.kind {
            ChangeKind::Patch { deprecated } => MarkerIdentity::Patch { id, deprecated },
            ChangeKind::Version { .. } => MarkerIdentity::Version { id, version },
        };
        self.list(element(&key));
        commands.push(
            Command::RecordMarker(Box::new(RecordMarker::of_key(key))),
            Some(question.place),
        );
        self.upsert(commands, recorded, question.place);
        version
    }

    fn upsert(&self, commands: &mut CommandQueue, recorded: Option<Recorded>, place: Place) {
        let list = match recorded {
            Some(Recorded { upserts: false, .. }) => return,
            // History has it; only the key is compared.
            Some(_) => Payload::default(),
            None if self.listed_bytes + 1 >= MAX_LIST => return,
            None => self.list_payload(),
        };
        let fields = BTreeMap::from([(CHANGE_VERSION.to_owned(), list)]);
        commands.push(Command::UpsertSearchAttributes { fields }, Some(place));
    }

    fn list_payload(&self) -> Payload {
        let mut payload = json_payload(&self.listed);
        let kind = bytes::Bytes::from_static(b"KeywordList");
        payload.metadata.insert("type", kind);
        payload
    }

    /// Tells the code from now on that it is on the old side. Nothing is recorded: a replay, which
    /// finds no marker, tells it so as well.
    pub(crate) fn decline(&mut self, id: &str) {
        let change = self.changes.entry(id.to_owned()).or_default();
        change.told.get_or_insert(DEFAULT_VERSION);
    }

    /// What the code was told, or would be; nothing is decided by asking.
    pub(crate) fn peek(&self, id: &str) -> Option<i32> {
        let change = self.changes.get(id)?;
        change
            .told
            .or(change.recorded.map(|recorded| recorded.version))
    }
}

/// The element of the search attribute for a change.
fn element(marker: &MarkerIdentity) -> Option<String> {
    match marker {
        MarkerIdentity::Patch { id, .. } => Some(id.clone()),
        MarkerIdentity::Version { id, version } => Some(format!("{id}-{version}")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_length_of_the_list_is_counted() {
        let mut changes = Changes::default();
        for id in ["plain", "with \"quotes\"", "plain", "päckchen"] {
            changes.list(Some(id.to_owned()));
            assert_eq!(changes.listed_bytes + 1, changes.list_payload().data.len());
        }
    }
}
