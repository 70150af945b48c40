//! Text read as one event: by the reader of histories, and by serde.

#![no_main]

use durably_protos::temporal::api::history::v1::HistoryEvent;
use durably_protos::{JsonReader, ReadJson};
use libfuzzer_sys::fuzz_target;
use prost::Message;

fuzz_target!(|text: &str| {
    let mut reader = JsonReader::new(text);
    reader.skip_whitespace();
    let mut read = HistoryEvent::default();
    let result = read.read_json(&mut reader);
    if let Err(error) = &result {
        drop(error.to_string());
        assert!(error.offset() <= text.len() && text.is_char_boundary(error.offset()));
    }
    // What serde reads, the reader reads, and as the same event but for its shorter forms of payloads.
    if let Ok(by_serde) = serde_json::from_str::<HistoryEvent>(text) {
        assert!(result.is_ok(), "only serde reads it: {result:?}");
        let same = read == by_serde || read.encode_to_vec() == by_serde.encode_to_vec();
        // Names of fields and maps that have payloads.
        let of_payloads = [
            "ayload", "ields", "etails", "alue", "ummary", "nput", "esult",
        ];
        let has_payload = of_payloads.iter().any(|name| text.contains(name));
        assert!(same || has_payload, "{read:?}\n{by_serde:?}");
    }
    if result.is_ok()
        && let Ok(written) = serde_json::to_string(&read)
    {
        let mut again = HistoryEvent::default();
        let result = again.read_json(&mut JsonReader::new(&written));
        assert!(
            result.is_ok(),
            "what is written is not read: {result:?}\n{written}"
        );
    }
});
