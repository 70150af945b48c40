//! What is no history, or was one: the error names the file, the event and the field.

mod common;

use std::io::Write as _;

use durably_history::{HistoryReader, ReadError, ReadLimits, RecordedHistory, read, read_bytes};
use flate2::Compression;
use flate2::write::GzEncoder;
use prost::Message as _;

use common::{ORDER, order};

fn error(bytes: &[u8]) -> String {
    read_bytes(bytes).unwrap_err().to_string()
}

fn zip(bytes: &[u8]) -> Vec<u8> {
    let mut zip = GzEncoder::new(Vec::new(), Compression::fast());
    zip.write_all(bytes).unwrap();
    zip.finish().unwrap()
}

#[test]
fn what_is_wrong_in_a_text_is_named() {
    let with = |from: &str, to: &str| {
        assert!(ORDER.contains(from), "{from}");
        ORDER.replacen(from, to, 1)
    };
    for (text, named) in [
        (
            with("\"attempt\": 1,", "\"attempt\": \"one\","),
            vec![
                "bytes, line 38, event 1, field workflowExecutionStartedEventAttributes.attempt",
                "`\"one\"`",
                "32-bit integer",
            ],
        ),
        (
            with("\"eventTime\": \"2026", "\"eventTime\": \"yesterday 2026"),
            vec!["event 1, field eventTime", "RFC 3339"],
        ),
        (
            with("\"10s\"", "\"10 s\""),
            vec![
                "field workflowExecutionStartedEventAttributes.workflowTaskTimeout",
                "seconds",
            ],
        ),
        (
            with("\"eyJpdGVtIjoidGVhIn0=\"", "\"eyJ*\""),
            vec![
                "field workflowExecutionStartedEventAttributes.input.payloads[0].data",
                "base64",
            ],
        ),
        (
            with("\"reason\": \"test\"", "\"reason\": 7"),
            vec![
                "event 4, field workflowExecutionTerminatedEventAttributes.reason",
                "text expected, found `7`",
            ],
        ),
        (
            with("\"eventType\"", "eventType"),
            vec!["line 6, event 1", "not JSON", "in quotes"],
        ),
        (
            with("\"eventId\": \"2\"", "\"x\": 2"),
            vec!["after event 1 has no eventId"],
        ),
        (
            with("\"reason\": \"test\"", "\"reason\": \"te\nst\""),
            vec!["event 4", "control character"],
        ),
        (
            ORDER[..ORDER.len() - 40].to_owned(),
            vec!["event 4", "ends within a value"],
        ),
        (
            format!("{ORDER} more"),
            vec!["a history or an event expected, found `more`"],
        ),
        (
            ORDER.replace("    },\n    {", "    }\n    {"),
            vec!["an event, `,` or `]` expected"],
        ),
        (
            "{}".to_owned(),
            vec!["an object without `events` (it has no fields)"],
        ),
        (
            "{\"a\": 1, \"b\": [2]}".to_owned(),
            vec!["without `events` (it has a, b)"],
        ),
        (
            "{\"history\":{\"events\":[]},\"nextPageToken\":\"eA==\"}".to_owned(),
            vec!["one page", "temporal workflow show"],
        ),
        (
            "{\"rawHistory\":[{\"data\":\"\"}]}".to_owned(),
            vec!["rawHistory"],
        ),
        (
            "[[[[[[[[[[[[[[[[[[[[".to_owned(),
            vec!["nested deeper than 16"],
        ),
        ("[".to_owned(), vec!["ends within a value"]),
        (
            "hello".to_owned(),
            vec!["bytes is no history", "`hello`", "temporal workflow show"],
        ),
        (String::new(), vec!["bytes is empty"]),
    ] {
        let error = error(text.as_bytes());
        for named in named {
            assert!(error.contains(named), "{named} is not in: {error}");
        }
    }
    assert!(error(b"\xff\xfe{\0").contains("UTF-16"));
    let damaged = ORDER.replace("test", "te\u{1}st").into_bytes();
    let damaged: Vec<u8> = damaged
        .into_iter()
        .map(|byte| if byte == 1 { 0xff } else { byte })
        .collect();
    assert!(error(&damaged).contains("not UTF-8 at byte"));
    let marked = error(b"\xef\xbb\xbf{\"events\":[\"\xff");
    assert!(marked.contains("not UTF-8 at byte 15"), "{marked}");
}

#[test]
fn what_is_wrong_in_bytes_is_named() {
    let binary = order().encode_to_vec();
    let cut = error(&binary[..binary.len() - 3]);
    assert!(
        cut.contains("after event 3: the file ends within an event"),
        "{cut}"
    );
    let mut damaged = binary.clone();
    let place = damaged.windows(4).position(|it| it == b"test").unwrap();
    damaged[place] = 0xff;
    let damaged = error(&damaged);
    assert!(
        damaged.contains("after event 3") && damaged.contains("reason"),
        "{damaged}"
    );
    let zipped = zip(ORDER.as_bytes());
    let cut = error(&zipped[..zipped.len() / 2]);
    assert!(cut.contains("damaged gzip"), "{cut}");
    let missing = read("tests/histories/none.json").unwrap_err().to_string();
    assert!(
        missing.starts_with("tests/histories/none.json: "),
        "{missing}"
    );
}

#[test]
fn cuts_and_changed_bytes_are_answers_and_no_panics() {
    let binary = order().encode_to_vec();
    for content in [ORDER.as_bytes(), &binary] {
        for end in (0..content.len()).step_by(5) {
            let read = read_bytes(&content[..end]);
            // A binary history may end behind any of its events.
            let is_binary = content == binary;
            assert!(read.is_err() || is_binary, "{end}");
        }
        let mut changed = content.to_vec();
        for place in (0..content.len()).step_by(3) {
            for byte in [0, b'"', b'[', 0xff] {
                changed[place] = byte;
                drop(read_bytes(&changed));
            }
            changed[place] = content[place];
        }
    }
}

fn with_limits(content: &[u8], limits: ReadLimits) -> Result<Vec<RecordedHistory>, ReadError> {
    HistoryReader::with_limits("test", content, limits)?.collect()
}

#[test]
fn limits_are_kept() {
    let limits = ReadLimits::default();
    let bomb = zip(&vec![b' '; 8 << 20]);
    assert!(bomb.len() < 100_000);
    for (content, limits, named) in [
        (
            zip(&[b"{\"events\":[".as_slice(), &vec![b' '; 4 << 20]].concat()),
            limits.history_bytes(1 << 20),
            "history_bytes",
        ),
        (bomb, limits.input_bytes(1 << 20), "input_bytes"),
        (
            ORDER.as_bytes().to_vec(),
            limits.history_events(3),
            "history_events",
        ),
        (
            order().encode_to_vec(),
            limits.history_events(3),
            "history_events",
        ),
        (
            order().encode_to_vec(),
            limits.history_bytes(200),
            "history_bytes",
        ),
        (
            b"\x0a\xff\xff\xff\xff\x7f\x08\x01".to_vec(),
            limits,
            "history_bytes",
        ),
    ] {
        let error = with_limits(&content, limits).unwrap_err().to_string();
        assert!(error.contains(named), "{named}: {error}");
    }
    // Failures within failures, of few bytes each.
    let causes = format!(
        "{}{}",
        "{\"cause\":".repeat(110),
        "{}".to_owned() + &"}".repeat(110)
    );
    let event =
        format!("{{\"eventId\":1,\"activityTaskFailedEventAttributes\":{{\"failure\":{causes}}}}}");
    let events = format!("{{\"events\":[{}]}}", vec![event; 100].join(","));
    assert!(events.len() < 200_000);
    let error = with_limits(events.as_bytes(), limits.history_bytes(200_000));
    let error = error.map(drop).unwrap_err();
    assert!(error.to_string().contains("other elements"), "{error}");
    // Many histories, each within the limit.
    let many = ORDER.repeat(400);
    let read = with_limits(many.as_bytes(), limits.history_bytes(300_000)).unwrap();
    assert_eq!(read.len(), 400);
}

#[test]
fn strange_fields_are_passed_over_or_named() {
    let with = |event: &str| format!("{{\"events\":[{event}]}}");
    // A name that is nearly one of ours is another name.
    let strange = with("{\"eventId__\":\"7\",\"eventType\":\"EVENT_TYPE_TIMER_FIRED\"}");
    let strange = error(strange.as_bytes());
    assert!(strange.contains("has no eventId"), "{strange}");
    let beside = ORDER.replacen("\"eventId\"", "\"eventId__\": {\"a\": [1]}, \"eventId\"", 1);
    assert_eq!(read_bytes(beside.as_bytes()).unwrap().history, order());
    // Names in the spelling of protobuf's own files are ours.
    let snake = ORDER.replace("\"eventId\"", "\"event_id\"");
    assert_eq!(read_bytes(snake.as_bytes()).unwrap().history, order());

    // Keys that are there twice, in whichever spelling, count as protobuf has it: the last value, and
    // of arrays all elements.
    for twice in [
        "{\"eventId\":\"7\",\"eventId\":\"1\",\"taskId\":\"6\"}",
        "{\"event_id\":\"7\",\"taskId\":\"6\",\"eventId\":\"1\"}",
        "{\"eventId\":\"1\",\"taskId\":\"5\",\"taskId\":\"6\"}",
    ] {
        let read = read_bytes(with(twice).as_bytes()).unwrap().history;
        let ids: Vec<_> = read
            .events
            .iter()
            .map(|it| (it.event_id, it.task_id))
            .collect();
        assert_eq!(ids, [(1, 6)], "{twice}");
    }
    let two = "{\"events\":[{\"eventId\":\"1\"}],\"events\":[{\"eventId\":\"2\"}]}";
    let read = read_bytes(two.as_bytes()).unwrap().history;
    assert_eq!(read.events.len(), 2);
}

#[test]
fn an_empty_gzip_is_empty() {
    for nothing in [&b""[..], &zip(b"")] {
        let error = error(nothing);
        assert!(error.contains("bytes is empty"), "{error}");
    }
    let folder = std::env::temp_dir().join(format!("durably-history-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("order.json.gz");
    std::fs::write(&path, b"").unwrap();
    let error = read(&path).unwrap_err().to_string();
    assert!(error.contains("order.json.gz is empty"), "{error}");
    std::fs::remove_dir_all(&folder).unwrap();
    // Only the first bytes of gzip's head.
    let head = read_bytes(&zip(b"")[..4]).unwrap_err().to_string();
    assert!(head.contains("damaged gzip"), "{head}");
}

#[test]
fn what_is_nested_without_end_is_an_error() {
    let nested = |open: &str, middle: &str, close: &str| {
        let (open, close) = (open.repeat(100_000), close.repeat(100_000));
        format!(
            "{{\"events\":[{{\"eventId\":\"1\",\"activityTaskFailedEventAttributes\":{open}{middle}{close}}}]}}"
        )
    };
    for text in [
        nested("{\"failure\":{\"cause\":", "{}", "}}"),
        nested("[", "", "]"),
        format!(
            "{{\"events\":[{{\"eventId\":1,\"x\":{}",
            "[".repeat(100_000)
        ),
        "{\"history\":".repeat(100_000),
        "{\"items\":[".repeat(100_000),
    ] {
        let error = error(text.as_bytes());
        assert!(error.len() < 4_000, "{}", error.len());
    }
}
