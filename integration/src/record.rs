//! Saving histories, for replay tests.

use std::env;
use std::fs;
use std::path::PathBuf;

use prost::Message;

use crate::Events;

/// Saves a history in the folder that `DURABLY_RECORD` names, if it does.
///
/// # Panics
/// The file cannot be written.
pub(crate) fn record(test: &str, workflow_id: &str, events: &Events) {
    let Some(folder) = env::var_os("DURABLY_RECORD").map(PathBuf::from) else {
        return;
    };
    let started = events.started();
    let kind = started.workflow_type.as_ref().map_or("", |kind| &kind.name);
    // All of it: the first part of a run's id is the time at which it started.
    let run = &started.original_execution_run_id;
    let name = format!("{test}.{kind}.{run}.pb")
        .replace("::", ".")
        .replace(['/', ' '], "_");
    let saved = fs::create_dir_all(&folder)
        .and_then(|()| fs::write(folder.join(&name), events.history().encode_to_vec()));
    saved.unwrap_or_else(|error| panic!("cannot record {workflow_id} as {name}: {error}"));
}
