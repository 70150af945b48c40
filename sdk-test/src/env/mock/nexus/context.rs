//! What a mock's closure can look at beside the input.

use std::collections::BTreeMap;

/// The request that a [`NexusMock`](super::NexusMock) answers.
#[derive(Debug, Clone)]
pub struct NexusMockContext {
    header: BTreeMap<String, String>,
    request_id: String,
}

impl NexusMockContext {
    pub(super) fn new(header: BTreeMap<String, String>, request_id: String) -> Self {
        Self { header, request_id }
    }

    /// A header of the request, whatever the case of its name: one that the workflow gave, or one of the
    /// server's own, such as `operation-timeout`.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.header.iter();
        let found = headers.find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// The id of the request, which is the same for all attempts of an operation.
    #[must_use]
    pub fn request_id(&self) -> &str {
        &self.request_id
    }
}
