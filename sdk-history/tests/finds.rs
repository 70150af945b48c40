//! Files that once took too much, or were answered badly: found by `fuzz/`, and by thinking. And
//! random changes of good ones.

mod common;

use std::path::Path;
use std::time::{Duration, Instant};

use durably_history::{HistoryReader, ReadError, ReadLimits, RecordedHistory, Timeline};
use prost::Message as _;

use common::{ORDER, ORDER_LINES, order};

fn limits() -> ReadLimits {
    ReadLimits::default()
        .history_bytes(1 << 20)
        .history_events(2_000)
        .input_bytes(4 << 20)
}

fn read(name: &str, content: &[u8]) -> Result<Vec<RecordedHistory>, ReadError> {
    HistoryReader::with_limits(name, content, limits())?.collect()
}

/// Whatever comes is read, or answered in a text that people read.
fn check(name: &str, content: &[u8]) -> String {
    match read(name, content) {
        Ok(histories) => {
            for recorded in histories {
                drop(Timeline::of(&recorded.history).to_string());
            }
            String::new()
        }
        Err(error) => {
            let text = error.to_string();
            assert!(text.len() < 4_000, "{name}: {} bytes", text.len());
            text
        }
    }
}

fn find(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/finds");
    check(
        name,
        &std::fs::read(folder.join(name)).expect("it is there"),
    )
}

#[test]
fn finds_are_answered() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/finds");
    for entry in folder.read_dir().expect("the finds are there") {
        let name = entry.expect("a readable folder").file_name();
        let began = Instant::now();
        find(name.to_str().expect("a name in UTF-8"));
        let took = began.elapsed();
        assert!(took < Duration::from_secs(10), "{name:?}: {took:?}");
    }
}

#[test]
fn elements_and_events_are_counted_before_they_take_memory() {
    for (name, said) in [
        (
            "payloads-of-two-bytes.json.gz",
            "16384 payloads, links and other elements",
        ),
        ("export-of-empty-events.binpb", "2000 events"),
        ("answer-of-empty-events.binpb", "2000 events"),
    ] {
        let error = find(name);
        assert!(error.contains(said), "{name}: {error}");
    }
}

/// A field with a length.
fn field(number: u8, content: &[u8]) -> Vec<u8> {
    let mut field = Vec::new();
    prost::encoding::encode_key(
        u32::from(number),
        prost::encoding::WireType::LengthDelimited,
        &mut field,
    );
    prost::encoding::encode_varint(content.len() as u64, &mut field);
    [field, content.to_vec()].concat()
}

/// Two bytes of a binary event were a payload of 80, and two or three a failure of hundreds: such an
/// event took 40 times its bytes and more.
#[test]
fn messages_in_binary_events_are_counted_before_they_take_memory() {
    let event = |attributes: &[u8]| field(1, &[&[8, 1], attributes].concat());
    let payloads = field(1, &[]).repeat(20_000);
    // WorkflowExecutionStarted and its input.
    let one_event = event(&field(6, &field(5, &payloads)));
    let error = check("payloads", &one_event);
    assert!(
        error.contains("16384 payloads, links and other elements"),
        "{error}"
    );
    // ActivityTaskFailed and the causes of its failure.
    let causes = (0..90).fold(Vec::new(), |cause, _| field(4, &cause));
    let failed = event(&field(18, &field(1, &causes)));
    let error = check("causes", &failed.repeat(1_000));
    assert!(error.contains("65536 messages within messages"), "{error}");
    // In an export and an answer too.
    for outer in [1, 2] {
        let content = (0..outer).fold(one_event.clone(), |inner, _| field(1, &inner));
        let error = check("outer", &content);
        assert!(error.contains("16384 payloads"), "{error}");
    }
    // Each history counts by itself.
    let small = field(
        1,
        &field(1, &event(&field(6, &field(5, &payloads[..20_000])))),
    );
    assert_eq!(check("export", &small.repeat(8)), "");
}

#[test]
fn long_names_are_cut() {
    for (name, said) in [
        (
            "object-of-many-fields.json",
            "it has field0, field1, field2",
        ),
        ("object-of-many-fields.json", "field11 and more"),
        ("field-with-a-long-name.json", "xxxx"),
        ("map-key-with-a-long-name.json", "kkkk..."),
        ("event-type-with-a-long-name.json", "TTTT.."),
    ] {
        let error = find(name);
        assert!(error.contains(said), "{name}: {error}");
    }
}

/// Chance with a seed (SplitMix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % bound.max(1) as u64) as usize
    }
}

/// What is put into a file in place of a few of its bytes.
const PIECES: [&[u8]; 18] = [
    b"",
    b"\"",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"\\",
    b"\\ud800",
    b"null",
    b"1e400",
    b"-9223372036854775808",
    b"18446744073709551616",
    b"\"9999-99-99T99:99:99Z\"",
    b"\xff",
    b"\xf0\x9f",
    b"{\"events\":[",
];

/// `MUTATED_FILES=1000000` in the environment is so many.
#[test]
fn mutated_files_are_answered() {
    let set = std::env::var("MUTATED_FILES").ok();
    let seeds = set.map_or(3_000, |text| text.parse().expect("a number"));
    let binary = order().encode_to_vec();
    let files = [ORDER.as_bytes(), ORDER_LINES.as_bytes(), &binary];
    for seed in 0..seeds {
        let mut dice = Dice(seed);
        let mut content = files[dice.below(files.len())].to_vec();
        for _ in 0..dice.below(4) + 1 {
            let from = dice.below(content.len());
            let to = (from + dice.below(8)).min(content.len());
            let piece = PIECES[dice.below(PIECES.len())];
            content.splice(from..to, piece.iter().copied());
        }
        let answered = std::panic::catch_unwind(|| check("mutated", &content));
        assert!(answered.is_ok(), "seed {seed}");
    }
}
