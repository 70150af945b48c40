//! Messages within `Payload`.

/// What is known of a value that is stored outside of Temporal.
#[derive(Clone, Copy, PartialEq, Eq, Hash, prost::Message)]
pub struct ExternalPayloadDetails {
    /// Field 1: its length.
    #[prost(int64, tag = "1")]
    pub size_bytes: i64,
}
