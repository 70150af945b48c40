//! Replacing what differs each time a test runs.
//!
//! It is done on the JSON form, in which every id and every time can be found without knowing each message.

mod ids;
mod local_activity;
mod payload;
mod times;
mod words;

use durably_history::{ReadError, read_bytes};
use durably_protos::temporal::api::history::v1::History;
use serde_json::Value;

use self::ids::Ids;
use self::times::Times;

/// Histories cannot be taken apart and put together again.
#[derive(Debug, thiserror::Error)]
pub(super) enum ScrubError {
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    #[error(transparent)]
    Read(#[from] ReadError),
}

/// The histories with fixed ids and times; what was the same in two of them still is.
///
/// Ids that a workflow draws, such as those of its children, come from its run id, so with a fixed one it
/// draws others. `draws` says which: an id that a history has, and what the code has in its place. The
/// histories get those.
pub(super) fn scrubbed(
    histories: &[History],
    draws: impl Fn(&History) -> Option<DrawnId>,
) -> Result<Vec<History>, ScrubError> {
    let values: Result<Vec<_>, _> = histories.iter().map(serde_json::to_value).collect();
    let mut values = values?;
    for value in &mut values {
        words::remove(value);
    }
    let mut ids = Ids::of(&values);
    let times = Times::of(&values);
    loop {
        let histories = put_together(&values, &ids, &times)?;
        let drawn = histories.iter().find_map(&draws);
        if !drawn.is_some_and(|drawn| ids.adopt(&drawn)) {
            return Ok(histories);
        }
    }
}

fn put_together(values: &[Value], ids: &Ids, times: &Times) -> Result<Vec<History>, ScrubError> {
    let histories = values.iter().map(|value| {
        let mut value = value.clone();
        ids.replace(&mut value);
        times.replace(&mut value);
        Ok(read_bytes(&serde_json::to_vec(&value)?)?.history)
    });
    histories.collect()
}

/// Where code and history have different ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::env) struct DrawnId {
    pub(in crate::env) history: String,
    pub(in crate::env) code: String,
}

#[cfg(test)]
mod tests;
