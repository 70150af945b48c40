//! The tokens of tasks: opaque to workers, and checked when they come back.

use bytes::Bytes;
use prost::Message;

use super::refusal::{Answer, invalid};

/// Which task of which run a token stands for.
#[derive(Clone, PartialEq, Eq, Message)]
pub(crate) struct TaskToken {
    #[prost(string, tag = "1")]
    pub(crate) run_id: String,
    /// Tells the attempt from all others.
    #[prost(int64, tag = "2")]
    pub(crate) stamp: i64,
    /// The scheduled event of an activity or a Nexus operation, the number of a query.
    #[prost(int64, tag = "3")]
    pub(crate) id: i64,
}

impl TaskToken {
    pub(crate) fn encode(run_id: &str, stamp: i64, id: i64) -> Bytes {
        let token = Self {
            run_id: run_id.to_owned(),
            stamp,
            id,
        };
        token.encode_to_vec().into()
    }

    /// Reads what a worker sent back.
    ///
    /// # Errors
    /// It is no token of this server.
    pub(crate) fn read(bytes: &Bytes) -> Answer<Self> {
        if bytes.is_empty() {
            return Err(invalid("Task token not set on request."));
        }
        let token = Self::decode(bytes.clone()).ok();
        let token = token.filter(|token| !token.run_id.is_empty());
        token.ok_or_else(|| invalid("Error deserializing task token."))
    }
}

/// Where a page of history ended.
#[derive(Clone, PartialEq, Eq, Message)]
pub(crate) struct PageToken {
    #[prost(string, tag = "1")]
    pub(crate) run_id: String,
    /// The first event that has not been read.
    #[prost(int64, tag = "2")]
    pub(crate) next_id: i64,
    /// The caller follows the run until it closes.
    #[prost(bool, tag = "3")]
    pub(crate) follows: bool,
}

impl PageToken {
    pub(crate) fn to_bytes(&self) -> Bytes {
        self.encode_to_vec().into()
    }

    /// Reads what a client sent back; `None` for the first page.
    ///
    /// # Errors
    /// It is no token of this server.
    pub(crate) fn read(bytes: &Bytes) -> Answer<Option<Self>> {
        if bytes.is_empty() {
            return Ok(None);
        }
        let token = Self::decode(bytes.clone()).ok();
        let token = token.filter(|token| !token.run_id.is_empty());
        token
            .map(Some)
            .ok_or_else(|| invalid("Invalid NextPageToken."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn junk_is_no_token() {
        for junk in [&b"\x10\x01"[..], b"junk", &[0xff; 40]] {
            let status = TaskToken::read(&Bytes::from_static(junk)).unwrap_err();
            assert_eq!(status.message(), "Error deserializing task token.");
        }
        let token = TaskToken::encode("run", 3, 5);
        assert_eq!(TaskToken::read(&token).unwrap().id, 5);
    }
}
