//! The headers of every call. They can change while the client runs.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use tonic::metadata::{
    AsciiMetadataKey, AsciiMetadataValue, BinaryMetadataKey, BinaryMetadataValue, MetadataMap,
    MetadataValue,
};

const CLIENT_NAME: &str = "client-name";
const CLIENT_VERSION: &str = "client-version";
const SUPPORTED_FEATURES: &str = "supported-features";
const NAMESPACE: &str = "temporal-namespace";
const AUTHORIZATION: &str = "authorization";

/// The name and the version that this SDK gives to the server.
use durably_engine::{SDK_NAME, SDK_VERSION};
/// What this client understands. Without it the server shows the end of a run that is retried, or
/// followed by the next run of a cron schedule, as a continue-as-new instead of as what it was.
const FEATURES: &str = "follows-next-run-id";

/// A header's name or value that gRPC cannot carry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidHeader {
    /// Names are lower-case ASCII; those of binary headers, and only those, end in `-bin`.
    #[error(
        "`{name}` cannot be a header's name: use lower-case ASCII, with `-bin` at the end for binary values only"
    )]
    Name {
        /// The name.
        name: String,
    },
    /// Values of headers that are not binary are visible ASCII.
    #[error(
        "the value of the header `{name}` holds characters other than visible ASCII: use a binary header"
    )]
    Value {
        /// The header's name.
        name: String,
    },
    /// The API key goes into a header, and holds characters a header cannot.
    #[error("the API key holds characters other than visible ASCII")]
    ApiKey,
    /// The namespace goes into a header, and holds characters a header cannot.
    #[error("the namespace `{namespace}` holds characters other than visible ASCII")]
    Namespace {
        /// The namespace.
        namespace: String,
    },
    /// The header `authorization` is set explicitly, and wins over an API key.
    #[error("an API key has no effect: the header `authorization` is set explicitly")]
    AuthorizationIsSet,
    /// The SDK sets this header itself.
    #[error("the header `{name}` is set by the SDK itself")]
    Reserved {
        /// The header's name.
        name: String,
    },
}

/// The headers of one namespace's calls.
#[derive(Debug)]
pub(crate) struct Headers {
    shared: Arc<SharedHeaders>,
    namespace: AsciiMetadataValue,
}

impl Headers {
    pub(super) fn new(shared: Arc<SharedHeaders>, namespace: &str) -> Result<Self, InvalidHeader> {
        let namespace = namespace.parse().map_err(|_| InvalidHeader::Namespace {
            namespace: namespace.to_owned(),
        })?;
        Ok(Self { shared, namespace })
    }

    /// The headers of a call made now.
    pub(super) fn current(&self) -> MetadataMap {
        let mut metadata = self.shared.current();
        metadata.insert(NAMESPACE, self.namespace.clone());
        metadata
    }
}

/// What is the same for all namespaces.
pub(crate) struct SharedHeaders {
    metadata: RwLock<MetadataMap>,
    /// Whether the user set `authorization`, which then wins over the API key.
    own_authorization: bool,
}

impl SharedHeaders {
    /// The headers every call needs, those of the user's, and the API key's.
    pub(super) fn new(user: MetadataMap, api_key: Option<&str>) -> Result<Self, InvalidHeader> {
        let own_authorization = user.contains_key(AUTHORIZATION);
        let mut metadata = user;
        metadata.insert(CLIENT_NAME, MetadataValue::from_static(SDK_NAME));
        metadata.insert(CLIENT_VERSION, MetadataValue::from_static(SDK_VERSION));
        metadata.insert(SUPPORTED_FEATURES, MetadataValue::from_static(FEATURES));
        let headers = Self {
            metadata: RwLock::new(metadata),
            own_authorization,
        };
        if api_key.is_some() && !own_authorization {
            headers.set_api_key(api_key)?;
        }
        Ok(headers)
    }

    fn current(&self) -> MetadataMap {
        // Nothing panics while it holds the lock, and a map is whole at any time.
        self.metadata
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Sets the API key of all later calls.
    pub(super) fn set_api_key(&self, api_key: Option<&str>) -> Result<(), InvalidHeader> {
        let value = api_key.map(bearer).transpose()?;
        if self.own_authorization {
            return Err(InvalidHeader::AuthorizationIsSet);
        }
        let mut metadata = self
            .metadata
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        match value {
            Some(value) => metadata.insert(AUTHORIZATION, value),
            None => metadata.remove(AUTHORIZATION),
        };
        Ok(())
    }
}

/// The API key as a header's value, marked so that it is neither logged nor compressed.
fn bearer(api_key: &str) -> Result<AsciiMetadataValue, InvalidHeader> {
    let text = format!("Bearer {api_key}");
    let mut value: AsciiMetadataValue = text.parse().map_err(|_| InvalidHeader::ApiKey)?;
    value.set_sensitive(true);
    Ok(value)
}

impl fmt::Debug for SharedHeaders {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Values may be secrets.
        let metadata = self.current();
        let names = metadata
            .as_ref()
            .keys()
            .map(|name| name.as_str().to_owned());
        formatter.debug_set().entries(names).finish()
    }
}

/// Adds a header of the user's.
pub(super) fn insert(
    metadata: &mut MetadataMap,
    name: &str,
    value: &str,
) -> Result<(), InvalidHeader> {
    check_not_reserved(name)?;
    let key: AsciiMetadataKey = name.parse().map_err(|_| InvalidHeader::Name {
        name: name.to_owned(),
    })?;
    let value: AsciiMetadataValue = value.parse().map_err(|_| InvalidHeader::Value {
        name: name.to_owned(),
    })?;
    metadata.insert(key, value);
    Ok(())
}

/// Adds a binary header of the user's.
pub(super) fn insert_binary(
    metadata: &mut MetadataMap,
    name: &str,
    value: &[u8],
) -> Result<(), InvalidHeader> {
    let key: BinaryMetadataKey = name.parse().map_err(|_| InvalidHeader::Name {
        name: name.to_owned(),
    })?;
    metadata.insert_bin(key, BinaryMetadataValue::from_bytes(value));
    Ok(())
}

/// The headers that only the SDK sets.
const RESERVED: [&str; 5] = [
    CLIENT_NAME,
    CLIENT_VERSION,
    SUPPORTED_FEATURES,
    NAMESPACE,
    "grpc-timeout",
];

fn check_not_reserved(name: &str) -> Result<(), InvalidHeader> {
    if RESERVED.contains(&name) {
        return Err(InvalidHeader::Reserved {
            name: name.to_owned(),
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(user: MetadataMap, api_key: Option<&str>) -> Headers {
        let shared = SharedHeaders::new(user, api_key).unwrap();
        Headers::new(Arc::new(shared), "orders").unwrap()
    }

    #[test]
    fn every_call_says_who_calls_and_for_which_namespace() {
        let metadata = headers(MetadataMap::new(), None).current();
        assert_eq!(metadata.get("client-name").unwrap(), SDK_NAME);
        assert_eq!(metadata.get("client-version").unwrap(), SDK_VERSION);
        assert_eq!(metadata.get("temporal-namespace").unwrap(), "orders");
        assert_eq!(
            metadata.get("supported-features").unwrap(),
            "follows-next-run-id"
        );
        assert!(metadata.get("authorization").is_none());
    }

    #[test]
    fn the_api_key_can_change_and_is_not_shown() {
        let headers = headers(MetadataMap::new(), Some("one"));
        assert_eq!(
            headers.current().get("authorization").unwrap(),
            "Bearer one"
        );
        headers.shared.set_api_key(Some("two")).unwrap();
        assert_eq!(
            headers.current().get("authorization").unwrap(),
            "Bearer two"
        );
        assert!(!format!("{headers:?}").contains("two"));
        headers.shared.set_api_key(None).unwrap();
        assert!(headers.current().get("authorization").is_none());
        assert_eq!(
            headers.shared.set_api_key(Some("a\nb")),
            Err(InvalidHeader::ApiKey)
        );
    }

    #[test]
    fn an_explicit_authorization_wins() {
        let mut user = MetadataMap::new();
        insert(&mut user, "authorization", "Basic x").unwrap();
        let headers = headers(user, Some("key"));
        let refused = headers.shared.set_api_key(Some("other"));
        assert_eq!(refused, Err(InvalidHeader::AuthorizationIsSet));
        assert_eq!(headers.current().get("authorization").unwrap(), "Basic x");
    }

    #[test]
    fn headers_that_grpc_cannot_carry_are_refused() {
        let mut metadata = MetadataMap::new();
        insert(&mut metadata, "team", "orders").unwrap();
        insert_binary(&mut metadata, "trace-bin", &[0, 255]).unwrap();
        for name in ["spaces here", "x-bin", "", "client-name"] {
            assert!(insert(&mut metadata, name, "x").is_err(), "{name}");
        }
        assert!(insert(&mut metadata, "team", "é\n").is_err());
        assert!(insert_binary(&mut metadata, "trace", &[0]).is_err());
        assert_eq!(metadata.len(), 2);
    }
}
