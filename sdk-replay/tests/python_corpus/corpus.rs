//! The recorded histories, and the workflows that follow them.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use durably::replay::Replayer;
use durably_protos::temporal::api::history::v1::History;
use flate2::read::GzDecoder;

use crate::{
    activities, canceled, children, ends, external, local, nexus, patches, signals, tasks, timers,
    updates,
};

/// Every workflow that was recorded.
pub(crate) fn replayer() -> Replayer {
    let registered = Replayer::new()
        .workflow(activities::activities)
        .and_then(|all| all.workflow(activities::activity_cancellation))
        .and_then(|all| all.workflow(local::LocalActivities::run))
        .and_then(|all| all.workflow(patches::Patches::run))
        .and_then(|all| all.workflow(signals::Signals::run))
        .and_then(|all| all.workflow(updates::Updates::run))
        .and_then(|all| all.workflow(children::children))
        .and_then(|all| all.workflow(external::external))
        .and_then(|all| all.workflow(timers::Timers::run))
        .and_then(|all| all.workflow(canceled::Canceled::run))
        .and_then(|all| all.workflow(ends::ends))
        .and_then(|all| all.workflow(tasks::Tasks::run))
        .and_then(|all| all.workflow(nexus::nexus_calls));
    registered.expect("their names differ")
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/python")
}

/// The histories by name, in order.
pub(crate) fn histories() -> Vec<(String, History)> {
    let entries = folder().read_dir().expect("the corpus is there");
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.expect("a readable folder").path())
        .collect();
    files.sort();
    let histories = files.iter().filter_map(|file| {
        let name = file.file_name()?.to_str()?;
        let (name, _) = name.split_once(".json")?;
        Some((name.to_owned(), read(file)))
    });
    histories.collect()
}

/// One history by name.
pub(crate) fn history(name: &str) -> History {
    let files = ["json", "json.gz"].map(|form| folder().join(format!("{name}.{form}")));
    let file = files.iter().find(|file| file.exists());
    read(file.unwrap_or_else(|| panic!("no history {name}")))
}

fn read(file: &Path) -> History {
    let mut text = String::new();
    let mut open = File::open(file).expect("a readable file");
    let read = match file.extension().is_some_and(|extension| extension == "gz") {
        true => GzDecoder::new(open).read_to_string(&mut text),
        false => open.read_to_string(&mut text),
    };
    read.unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}
