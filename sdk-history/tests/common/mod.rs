//! Recorded histories.
#![allow(dead_code, reason = "each test file uses a part")]

use std::io::Read as _;
use std::path::PathBuf;

use durably_protos::temporal::api::history::v1::History;
use prost::Message as _;

/// `temporal workflow show --output json` of a workflow that was started, signaled and terminated.
pub(crate) const ORDER: &str = include_str!("../histories/order-1.json");

/// The same with `--output jsonl`.
pub(crate) const ORDER_LINES: &str = include_str!("../histories/order-1.jsonl");

/// The recordings of `durably-protos`.
pub(crate) const RECORDED: [&str; 5] = [
    "fanout-first-30",
    "local_seq-first-25",
    "seq-first-35",
    "signals-first-60",
    "timers-500",
];

pub(crate) fn order() -> History {
    serde_json::from_str(ORDER).unwrap()
}

pub(crate) fn recorded_json(name: &str) -> String {
    String::from_utf8(unzip(&format!("{name}.json.gz"))).unwrap()
}

pub(crate) fn recorded(name: &str) -> History {
    History::decode(unzip(&format!("{name}.pb.gz")).as_slice()).unwrap()
}

fn unzip(file: &str) -> Vec<u8> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../protos/tests/histories");
    let mut content = Vec::new();
    flate2::read::GzDecoder::new(std::fs::File::open(folder.join(file)).unwrap())
        .read_to_end(&mut content)
        .unwrap();
    content
}
