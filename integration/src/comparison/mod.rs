//! Comparing the histories that the same tests left on two servers.

mod expected;
mod pairs;
mod scrub;
mod strands;

use std::collections::BTreeMap;
use std::path::Path;

use durably_protos::temporal::api::history::v1::History;
use prost::Message;
use serde_json::Value;

pub use expected::{ExpectedDifference, expected_difference};
pub use pairs::{Likeness, Pair, pair};
use strands::Strands;

/// A history, ready to be compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparable {
    /// Its events without what differs from run to run.
    pub events: Vec<String>,
    strands: Strands,
}

/// The histories of each test and workflow type.
pub type Histories = BTreeMap<String, Vec<Comparable>>;

/// Reads the histories that `DURABLY_RECORD` saved in a folder.
///
/// # Errors
/// The folder, or a file in it, cannot be read; the text names it.
pub fn read(folder: &Path) -> Result<Histories, String> {
    let files = std::fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()));
    let mut histories = Histories::new();
    for file in files? {
        let path = file.map_err(|error| error.to_string())?.path();
        let named = |error: String| format!("{}: {error}", path.display());
        let bytes = std::fs::read(&path).map_err(|error| named(error.to_string()))?;
        let history = History::decode(&bytes[..]).map_err(|error| named(error.to_string()))?;
        let name = path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        // The last part is the run's id.
        let name = name.rsplit_once('.').map_or(&*name, |(name, _)| name);
        let comparable = comparable(&history).map_err(|error| named(error.to_string()))?;
        histories
            .entry(name.to_owned())
            .or_default()
            .push(comparable);
    }
    for of_name in histories.values_mut() {
        of_name.sort_by(|one, other| one.events.cmp(&other.events));
    }
    Ok(histories)
}

fn comparable(history: &History) -> serde_json::Result<Comparable> {
    let values = history.events.iter().map(|event| {
        let value = serde_json::to_value(event)?;
        Ok(scrub::scrubbed(value))
    });
    let values = values.collect::<serde_json::Result<Vec<Value>>>()?;
    Ok(Comparable {
        events: values.iter().map(Value::to_string).collect(),
        strands: strands::strands(&values),
    })
}
