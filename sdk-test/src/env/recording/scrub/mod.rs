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
pub(super) fn scrubbed(histories: &[History]) -> Result<Vec<History>, ScrubError> {
    let values: Result<Vec<_>, _> = histories.iter().map(serde_json::to_value).collect();
    let mut values = values?;
    for value in &mut values {
        words::remove(value);
    }
    let ids = Ids::of(&values);
    let times = Times::of(&values);
    let histories = values.iter_mut().map(|value| {
        ids.replace(value);
        times.replace(value);
        Ok(read_bytes(&serde_json::to_vec(value)?)?.history)
    });
    histories.collect()
}

#[cfg(test)]
mod tests;
