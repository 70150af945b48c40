//! What a run says of itself: search attributes, memo, current details; and what it knows of its
//! handlers.

use std::collections::BTreeMap;
use std::rc::Rc;

use durably_protos::temporal::api::common::v1::Payload;

use super::Context;
use crate::command::Command;
use crate::shared::Place;
use crate::workflow::UpdateIdentity;

impl Context {
    /// Changes search attributes; a payload that holds JSON `null` or an empty list unsets one.
    pub fn upsert_search_attributes(&self, fields: BTreeMap<String, Payload>, place: Place) {
        if fields.is_empty() || !self.may_act(|| format!("changing search attributes at {place}")) {
            return;
        }
        let mut tables = self.shared.tables.borrow_mut();
        let (more, commands) = tables.more_and_commands();
        for (key, value) in &fields {
            let value = Some(value).filter(|value| !is_unset(value)).cloned();
            more.search_attributes.insert(key.clone(), value);
        }
        commands.push(Command::UpsertSearchAttributes { fields }, Some(place));
    }

    /// The search attributes as they are now.
    #[must_use]
    pub fn search_attributes(&self) -> BTreeMap<String, Payload> {
        let started = self.info().search_attributes().cloned();
        let tables = self.shared.tables.borrow();
        let changed = tables.more.as_ref().map(|more| &more.search_attributes);
        merged(started.unwrap_or_default(), changed)
    }

    /// Changes the memo; a payload that holds JSON `null` removes a field.
    pub fn upsert_memo(&self, memo: BTreeMap<String, Payload>, place: Place) {
        if memo.is_empty() || !self.may_act(|| format!("changing the memo at {place}")) {
            return;
        }
        let mut tables = self.shared.tables.borrow_mut();
        let (more, commands) = tables.more_and_commands();
        for (key, value) in &memo {
            let value = Some(value).filter(|value| !is_unset(value)).cloned();
            more.memo.insert(key.clone(), value);
        }
        commands.push(Command::ModifyProperties { memo }, Some(place));
    }

    /// The memo as it is now.
    #[must_use]
    pub fn memo(&self) -> BTreeMap<String, Payload> {
        let started = self.info().memo().cloned();
        let tables = self.shared.tables.borrow();
        let changed = tables.more.as_ref().map(|more| &more.memo);
        merged(started.unwrap_or_default(), changed)
    }

    /// Says what the run is doing, for who asks for its metadata. Not recorded.
    pub fn set_current_details(&self, details: &str) {
        if self.may_act(|| "setting the current details".to_owned()) {
            let mut tables = self.shared.tables.borrow_mut();
            tables.more().current_details = details.into();
        }
    }

    /// What the run said last of what it is doing.
    #[must_use]
    pub fn current_details(&self) -> Rc<str> {
        let tables = self.shared.tables.borrow();
        let details = tables
            .more
            .as_ref()
            .map(|more| more.current_details.clone());
        details.unwrap_or_default()
    }

    /// Whether no handler of a signal or an update is in progress.
    #[must_use]
    pub fn all_handlers_finished(&self) -> bool {
        let tables = self.shared.tables.borrow();
        let more = tables.more.as_ref();
        let spawned = self.shared.spawned.borrow();
        more.is_none_or(|more| more.handlers.is_empty())
            && spawned.iter().all(|task| task.handler.is_none())
    }

    /// The update whose handler, or validator, is running.
    #[must_use]
    pub fn current_update(&self) -> Option<Rc<UpdateIdentity>> {
        self.shared.update.borrow().clone()
    }
}

/// Temporal's convention for "no such value".
fn is_unset(payload: &Payload) -> bool {
    let encoding = payload.metadata.get("encoding");
    encoding.is_some_and(|encoding| encoding == "binary/null")
        || matches!(&*payload.data, b"null" | b"[]")
}

fn merged(
    mut fields: BTreeMap<String, Payload>,
    changed: Option<&BTreeMap<String, Option<Payload>>>,
) -> BTreeMap<String, Payload> {
    for (key, value) in changed.into_iter().flatten() {
        match value {
            Some(value) => fields.insert(key.clone(), value.clone()),
            None => fields.remove(key),
        };
    }
    fields
}
