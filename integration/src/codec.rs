//! A payload codec that is no encryption, but notices another key as one does.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use durably::payload::Payload;
use durably::payload::codec::{CodecResult, PayloadCodec, payload_from_bytes, payload_to_bytes};

const ENCODING: &str = "binary/scrambled";

/// Scrambles payloads with a key of one byte, which is in the metadata too.
#[derive(Debug, Clone, Default)]
pub struct Scramble {
    key: u8,
    fails: Arc<AtomicUsize>,
}

impl Scramble {
    /// With a key; 0 leaves the bytes as they are.
    pub fn new(key: u8) -> Self {
        let fails = Arc::default();
        Self { key, fails }
    }

    /// Fails at so many of the next calls of `encode`.
    pub fn fail_to_encode(&self, times: usize) {
        self.fails.store(times, Ordering::SeqCst);
    }

    fn scrambled(&self, bytes: impl AsRef<[u8]>) -> Vec<u8> {
        bytes.as_ref().iter().map(|byte| byte ^ self.key).collect()
    }
}

impl PayloadCodec for Scramble {
    async fn encode(&self, payloads: Vec<Payload>) -> CodecResult {
        // As one does that asks another service for its key.
        tokio::task::yield_now().await;
        let fewer = |fails: usize| fails.checked_sub(1);
        let failing = self
            .fails
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, fewer);
        if failing.is_ok() {
            return Err("the key cannot be fetched".into());
        }
        let encoded = payloads.iter().map(|payload| Payload {
            metadata: [
                ("encoding", ENCODING.into()),
                ("key", vec![self.key].into()),
            ]
            .into(),
            data: self.scrambled(payload_to_bytes(payload)).into(),
            ..Payload::default()
        });
        Ok(encoded.collect())
    }

    async fn decode(&self, payloads: Vec<Payload>) -> CodecResult {
        tokio::task::yield_now().await;
        let decoded = payloads.into_iter().map(|payload| {
            let value = |key: &str| payload.metadata.get(key).map(AsRef::as_ref);
            if value("encoding") != Some(ENCODING.as_bytes()) {
                return Ok(payload);
            }
            if value("key") != Some(&[self.key]) {
                return Err("a payload is scrambled with another key".into());
            }
            payload_from_bytes(self.scrambled(payload.data))
        });
        decoded.collect()
    }
}
