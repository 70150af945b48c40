//! For what the code waits, and where: the answer to `__stack_trace` (protocol 5.4).

use std::fmt;

use super::Context;
use crate::shared::Place;

/// Something that the code waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wait {
    /// What it is: `activity "charge" (id 3)`.
    pub what: String,
    /// The call that made it.
    pub place: Option<Place>,
}

impl fmt::Display for Wait {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place {
            Some(place) => write!(formatter, "{} at {place}", self.what),
            None => formatter.write_str(&self.what),
        }
    }
}

impl Context {
    /// For what the code waits just now: by kind, each by age.
    #[must_use]
    pub fn waits(&self) -> Vec<Wait> {
        let tables = self.shared.tables.borrow();
        let mut waits = Vec::new();
        let mut add = |what: String, place: Option<Place>| waits.push(Wait { what, place });
        for (seq, place) in tables.timers.waits() {
            add(format!("timer (id {seq})"), Some(place));
        }
        for (kind, id, place) in tables.activities.waits(&tables.commands) {
            // History has confirmed another command in this one's place: it has no id.
            let id = match id {
                "" => String::new(),
                id => format!(" (id {id})"),
            };
            add(format!("activity \"{kind}\"{id}"), Some(place));
        }
        if let Some(more) = &tables.more {
            for (kind, place) in more.local_activities.waits() {
                add(format!("local activity \"{kind}\""), Some(place));
            }
            for (child, place) in more.children.waits() {
                let (kind, id) = (&child.workflow_type, &child.workflow_id);
                add(format!("child workflow \"{kind}\" (id {id})"), Some(place));
            }
            for (operation, place) in more.nexus_operations.waits() {
                let (name, service) = (&operation.operation, &operation.service);
                let what = format!("Nexus operation \"{name}\" of service \"{service}\"");
                add(what, Some(place));
            }
            for place in more.signals.waits() {
                add("a signal to another workflow".to_owned(), Some(place));
            }
            for place in more.cancels.waits() {
                add(
                    "a cancel request to another workflow".to_owned(),
                    Some(place),
                );
            }
        }
        for place in tables.conditions.waits() {
            add("a condition".to_owned(), place);
        }
        if tables.cancel_waiters.has_waiters() {
            add("a cancellation".to_owned(), None);
        }
        waits
    }
}
