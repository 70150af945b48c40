//! What the messages promise beyond their fields: small events, shared payload bytes, one encoding.

use bytes::Bytes;
use durably_protos::temporal::api::command::v1::Command;
use durably_protos::temporal::api::common::v1::{Payload, Payloads};
use durably_protos::temporal::api::history::v1::HistoryEvent;
use prost::Message as _;

#[test]
fn events_and_commands_are_small() {
    assert!(
        size_of::<HistoryEvent>() <= 176,
        "{}",
        size_of::<HistoryEvent>()
    );
    assert!(size_of::<Command>() <= 56, "{}", size_of::<Command>());
}

#[test]
fn payload_bytes_are_shared_with_the_buffer_they_are_decoded_from() {
    let payloads = Payloads {
        payloads: vec![Payload {
            data: Bytes::from(vec![7; 4096]),
            ..Payload::default()
        }],
    };
    let buffer = Bytes::from(payloads.encode_to_vec());
    let decoded = Payloads::decode(buffer.clone()).unwrap();
    assert_eq!(decoded, payloads);
    assert!(
        buffer
            .as_ptr_range()
            .contains(&decoded.payloads[0].data.as_ptr())
    );
}

#[test]
fn maps_are_encoded_in_the_order_of_their_keys() {
    let payload = |keys: &[&str]| Payload {
        metadata: keys
            .iter()
            .map(|key| ((*key).to_owned(), Bytes::new()))
            .collect(),
        ..Payload::default()
    };
    let encoded = payload(&["b", "c", "a"]).encode_to_vec();
    assert_eq!(encoded, payload(&["c", "a", "b"]).encode_to_vec());
    let keys: Vec<u8> = encoded
        .into_iter()
        .filter(u8::is_ascii_alphabetic)
        .collect();
    assert_eq!(keys, b"abc");
}
