//! One JSON number as the payloads of an argument or a result.

use bytes::Bytes;
use durably_protos::temporal::api::common::v1::{Payload, Payloads};

/// A number as payloads.
pub fn payloads(number: u64) -> Payloads {
    let encoding = ("encoding", Bytes::from_static(b"json/plain"));
    Payloads {
        payloads: vec![Payload {
            metadata: [encoding].into(),
            data: number.to_string().into(),
            ..Payload::default()
        }],
    }
}

/// The number that payloads begin with, if they do.
pub fn number(payloads: Option<&Payloads>) -> Option<u64> {
    let payload = payloads?.payloads.first()?;
    std::str::from_utf8(&payload.data).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back() {
        assert_eq!(number(Some(&payloads(0))), Some(0));
        assert_eq!(number(Some(&payloads(u64::MAX))), Some(u64::MAX));
        assert_eq!(number(Some(&Payloads::default())), None);
        assert_eq!(number(None), None);
    }
}
