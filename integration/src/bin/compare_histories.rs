//! Compares the histories that the suite left on two servers, event by event.
//!
//! `DURABLY_RECORD=real TEMPORAL_ADDRESS=... cargo test -p durably-integration`, then the same without
//! `TEMPORAL_ADDRESS` into another folder, then `compare_histories real embedded`. Ids, times, identities
//! and sizes are left out. Prints how many histories are equal, and where the others first differ.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use base64::Engine;
use durably_protos::temporal::api::history::v1::History;
use prost::Message;
use serde_json::Value;

/// Fields that differ from run to run.
const FIELDS: [&str; 13] = [
    "eventTime",
    "taskId",
    "identity",
    "historySizeBytes",
    "requestId",
    "namespaceId",
    "parentWorkflowNamespaceId",
    "stackTrace",
    "workflowExecutionExpirationTime",
    "endpointId",
    "operationToken",
    "operationId",
    "prevAutoResetPoints",
];

fn main() -> ExitCode {
    let folders: Vec<_> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [first, second] = folders.as_slice() else {
        eprintln!("usage: compare_histories <folder> <folder>");
        return ExitCode::from(2);
    };
    match (read(first), read(second)) {
        (Ok(first), Ok(second)) => compare(&first, &second),
        (Err(error), _) | (_, Err(error)) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// The histories of each test and workflow type, as lines.
type Histories = BTreeMap<String, Vec<Vec<String>>>;

fn read(folder: &Path) -> Result<Histories, String> {
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
        let name = name
            .rsplit_once('.')
            .map_or(name.clone(), |(name, _)| name.to_owned());
        let lines = history.events.iter().map(|event| {
            let value = serde_json::to_value(event).map_err(|error| named(error.to_string()))?;
            Ok(scrubbed(value).to_string())
        });
        let lines: Result<Vec<_>, String> = lines.collect();
        histories.entry(name).or_default().push(lines?);
    }
    histories.values_mut().for_each(|of_name| of_name.sort());
    Ok(histories)
}

fn scrubbed(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let kept = fields
                .into_iter()
                .filter(|(name, _)| !FIELDS.contains(&name.as_str()));
            let scrub = |(name, value): (String, Value)| match value {
                Value::String(data) if name == "data" => {
                    let content = content(&data);
                    (name, content)
                }
                // A sticky queue is named by the worker's process.
                Value::String(queue) if name == "name" && queue.contains('@') => {
                    (name, Value::String("<sticky>".to_owned()))
                }
                value => (name, scrubbed(value)),
            };
            Value::Object(kept.map(scrub).collect())
        }
        Value::Array(values) => Value::Array(values.into_iter().map(scrubbed).collect()),
        Value::String(text) => Value::String(without_ids(&text)),
        other => other,
    }
}

/// The content of a payload, without ids, and without times where it is JSON.
fn content(data: &str) -> Value {
    let bytes = base64::engine::general_purpose::STANDARD
        .decode(data)
        .unwrap_or_default();
    match serde_json::from_slice(&bytes) {
        Ok(content) => without_times(scrubbed(content)),
        Err(_) => Value::String(without_ids(&String::from_utf8_lossy(&bytes))),
    }
}

fn without_times(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let kept = fields
                .into_iter()
                .filter(|(name, _)| !name.ends_with("_time"));
            Value::Object(
                kept.map(|(name, value)| (name, without_times(value)))
                    .collect(),
            )
        }
        other => other,
    }
}

/// The text with each UUID in it as `<id>`.
fn without_ids(text: &str) -> String {
    let mut scrubbed = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        match rest
            .get(..36)
            .filter(|part| uuid::Uuid::try_parse(part).is_ok())
        {
            Some(_) => {
                scrubbed.push_str("<id>");
                rest = &rest[36..];
            }
            None => {
                scrubbed.push(first);
                rest = &rest[first.len_utf8()..];
            }
        }
    }
    scrubbed
}

fn compare(first: &Histories, second: &Histories) -> ExitCode {
    let (mut equal, mut different, mut lonely) = (0, 0, 0);
    for (name, histories) in first {
        let Some(others) = second.get(name) else {
            lonely += histories.len();
            println!("{name}: only on the first server");
            continue;
        };
        if histories.len() != others.len() {
            println!("{name}: {} histories and {}", histories.len(), others.len());
        }
        for (one, other) in histories.iter().zip(others) {
            if one == other {
                equal += 1;
                continue;
            }
            different += 1;
            let place = one
                .iter()
                .zip(other)
                .take_while(|(one, other)| one == other)
                .count();
            println!("{name}: event {}", place + 1);
            let line = |events: &[String]| events.get(place).cloned().unwrap_or_default();
            println!("  {}\n  {}", line(one), line(other));
        }
    }
    println!(
        "{equal} histories are equal, {different} differ, {lonely} are on the first server only"
    );
    if different + lonely == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
