//! Changes of the code that running workflows must not see: patches and versions (protocol 4.7).
//!
//! What the code was told once about a change it is told for the rest of the run, also after a
//! replay has ended: a run that began before a change stays on the old side of it.

use std::collections::BTreeMap;

use durably_protos::temporal::api::common::v1::Payload;

use crate::command::{Command, CommandQueue, MarkerKey, RecordMarker, json_payload};
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
    listed: std::collections::BTreeSet<String>,
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
    /// A marker lies ahead in the commands of the task being replayed.
    pub(crate) fn note(&mut self, key: &MarkerKey, upserts: bool) {
        let (id, version) = match key {
            MarkerKey::Patch { id, .. } => (id, 1),
            MarkerKey::Version { id, version } => (id, *version),
            _ => return,
        };
        let recorded = Some(Recorded { version, upserts });
        self.changes.entry(id.clone()).or_default().recorded = recorded;
    }

    /// What the code is told: for a patch, 1 when it is on the new side.
    pub(crate) fn ask(&mut self, commands: &mut CommandQueue, question: &Question<'_>) -> i32 {
        let change = self.changes.entry(question.id.to_owned()).or_default();
        if let Some(told) = change.told {
            return told;
        }
        let recorded = change.recorded;
        let version = match (recorded, question.replaying, question.kind) {
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
        let (key, element) = match question.kind {
            ChangeKind::Patch { deprecated } => (
                MarkerKey::Patch {
                    deprecated,
                    id: id.clone(),
                },
                id,
            ),
            ChangeKind::Version { .. } => {
                let element = format!("{id}-{version}");
                (MarkerKey::Version { id, version }, element)
            }
        };
        commands.push(
            Command::RecordMarker(Box::new(RecordMarker::of_key(key))),
            Some(question.place),
        );
        self.listed.insert(element);
        self.upsert(commands, recorded, question.place);
        version
    }

    fn upsert(&self, commands: &mut CommandQueue, recorded: Option<Recorded>, place: Place) {
        let list = self.list();
        let wanted = recorded.map_or(list.data.len() < MAX_LIST, |recorded| recorded.upserts);
        if wanted {
            let fields = BTreeMap::from([(CHANGE_VERSION.to_owned(), list)]);
            commands.push(Command::UpsertSearchAttributes { fields }, Some(place));
        }
    }

    fn list(&self) -> Payload {
        let mut payload = json_payload(&self.listed);
        let kind = bytes::Bytes::from_static(b"KeywordList");
        payload.metadata.insert("type".to_owned(), kind);
        payload
    }

    /// What the code was told, or would be; nothing is decided by asking.
    pub(crate) fn peek(&self, id: &str) -> Option<i32> {
        let change = self.changes.get(id)?;
        change
            .told
            .or(change.recorded.map(|recorded| recorded.version))
    }
}
