//! Headers: values that go along with calls, past the parameters.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use durably_protos::temporal::api::common::v1::{Header, Payload};

use super::encoding::{ENCODING, JSON_PLAIN};
use super::{Argument, FromPayload, PayloadError};

/// The name of a header together with the type of its value.
///
/// ```
/// use durably::payload::{HeaderKey, Headers};
///
/// const TENANT: HeaderKey<String> = HeaderKey::new("tenant");
/// const TRACE: HeaderKey<u128> = HeaderKey::new("trace");
///
/// let headers = Headers::new().set(&TENANT, "acme")?.set(&TRACE, 17)?;
/// assert_eq!(headers.get(&TENANT)?.as_deref(), Some("acme"));
/// # Ok::<(), durably::payload::PayloadError>(())
/// ```
pub struct HeaderKey<T> {
    name: Cow<'static, str>,
    value: PhantomData<fn() -> T>,
}

impl<T> HeaderKey<T> {
    /// The header of this name.
    pub const fn new(name: &'static str) -> Self {
        Self {
            name: Cow::Borrowed(name),
            value: PhantomData,
        }
    }

    /// A key of the same type under another name, for names known only at run time.
    #[must_use]
    pub fn with_name(self, name: impl Into<Cow<'static, str>>) -> Self {
        Self {
            name: name.into(),
            ..self
        }
    }

    /// The header's name.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl<T> Clone for HeaderKey<T> {
    fn clone(&self) -> Self {
        Self {
            name: self.name.clone(),
            value: PhantomData,
        }
    }
}

impl<T> fmt::Debug for HeaderKey<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_tuple("HeaderKey")
            .field(&self.name)
            .finish()
    }
}

/// Values that go along with the start of a workflow, a message to one, or a call that a workflow
/// makes, beside its arguments: who the tenant is, which trace this belongs to.
///
/// A client sends them ([`Client::with_headers`](crate::client::Client::with_headers)); a workflow
/// reads them and passes them on with everything it calls
/// ([`WorkflowContext::headers`](crate::workflow::WorkflowContext::headers)); an activity reads them
/// ([`ActivityContext::headers`](crate::activity::ActivityContext::headers)). They are Temporal's
/// `Header` fields, so workers of other SDKs read them by their context propagators and
/// interceptors, and the other way around. They have nothing to do with the headers of gRPC calls.
///
/// Cheap to clone: clones share the values.
#[derive(Clone, Default, PartialEq)]
pub struct Headers {
    fields: Arc<BTreeMap<String, Payload>>,
}

impl Headers {
    /// No headers.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a header, replacing an earlier value.
    ///
    /// # Errors
    /// The value cannot be encoded; the error names the header.
    pub fn set<T>(
        mut self,
        key: &HeaderKey<T>,
        value: impl Argument<T>,
    ) -> Result<Self, PayloadError> {
        self.insert(key, value)?;
        Ok(self)
    }

    /// As [`set`](Self::set), in place.
    ///
    /// # Errors
    /// As for [`set`](Self::set).
    #[expect(
        clippy::needless_pass_by_value,
        reason = "callers mostly have the value at hand"
    )]
    pub fn insert<T>(
        &mut self,
        key: &HeaderKey<T>,
        value: impl Argument<T>,
    ) -> Result<(), PayloadError> {
        let payload = value
            .to_argument()
            .map_err(|error| error.named(key.name()))?;
        Arc::make_mut(&mut self.fields).insert(key.name().to_owned(), payload);
        Ok(())
    }

    /// Leaves a header out.
    #[must_use]
    pub fn without<T>(mut self, key: &HeaderKey<T>) -> Self {
        if self.fields.contains_key(key.name()) {
            Arc::make_mut(&mut self.fields).remove(key.name());
        }
        self
    }

    /// Reads a header; `None` if it is not there.
    ///
    /// # Errors
    /// The header cannot be read as this type; the error names it.
    pub fn get<T: FromPayload>(&self, key: &HeaderKey<T>) -> Result<Option<T>, PayloadError> {
        let payload = self.fields.get(key.name());
        payload
            .map(T::from_payload)
            .transpose()
            .map_err(|error| error.named(key.name()))
    }

    /// The names, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.fields.keys().map(String::as_str)
    }

    /// The headers as they are on the wire.
    pub fn payloads(&self) -> &BTreeMap<String, Payload> {
        &self.fields
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.fields.len()
    }

    /// These headers and those of `over`, which win.
    pub(crate) fn overlaid(mut self, over: &Self) -> Self {
        if self.is_empty() {
            return over.clone();
        }
        if !over.is_empty() {
            let fields = over.fields.iter();
            let fields = fields.map(|(name, value)| (name.clone(), value.clone()));
            Arc::make_mut(&mut self.fields).extend(fields);
        }
        self
    }

    /// The wire form: no header at all where there is no field (protocol 7.4).
    pub(crate) fn to_proto(&self) -> Option<Header> {
        (!self.is_empty()).then(|| Header {
            fields: (*self.fields).clone(),
        })
    }

    /// What fits into the headers of a Nexus operation, which are text: strings as they are, other
    /// JSON as it is written.
    pub(crate) fn texts(&self) -> impl Iterator<Item = (&str, String)> {
        self.fields
            .iter()
            .filter_map(|(name, value)| Some((name.as_str(), text(value)?)))
    }
}

/// A value as an HTTP header can carry it: visible ASCII and spaces.
fn text(payload: &Payload) -> Option<String> {
    let encoding = payload.metadata.get(ENCODING)?;
    if encoding != JSON_PLAIN {
        return None;
    }
    let text = match serde_json::from_slice::<String>(&payload.data) {
        Ok(string) => string,
        Err(_) => str::from_utf8(&payload.data).ok()?.to_owned(),
    };
    text.bytes()
        .all(|byte| matches!(byte, b' '..=b'~'))
        .then_some(text)
}

impl From<Header> for Headers {
    fn from(header: Header) -> Self {
        header.fields.into()
    }
}

impl From<BTreeMap<String, Payload>> for Headers {
    fn from(fields: BTreeMap<String, Payload>) -> Self {
        Self {
            fields: Arc::new(fields),
        }
    }
}

impl From<Option<Header>> for Headers {
    fn from(header: Option<Header>) -> Self {
        header.map(Self::from).unwrap_or_default()
    }
}

impl fmt::Debug for Headers {
    /// The names alone: values may be secrets.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Headers")?;
        formatter.debug_set().entries(self.fields.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payload::RawPayload;

    const TENANT: HeaderKey<String> = HeaderKey::new("tenant");
    const DEPTH: HeaderKey<u32> = HeaderKey::new("depth");

    fn both() -> Headers {
        let tenant = "acme".to_owned();
        let headers = Headers::new().set(&TENANT, &tenant).unwrap();
        headers.set(&DEPTH, 3).unwrap()
    }

    #[test]
    fn what_is_set_is_read() {
        let headers = Headers::from(both().to_proto());
        assert_eq!(headers, both());
        assert_eq!(headers.get(&TENANT).unwrap().unwrap(), "acme");
        assert_eq!(headers.get(&DEPTH).unwrap(), Some(3));
        let raw: HeaderKey<RawPayload> = HeaderKey::new("").with_name("depth".to_owned());
        assert_eq!(headers.get(&raw).unwrap().unwrap().0.data, "3");
        let headers = headers.without(&TENANT).without(&TENANT);
        assert_eq!(headers.names().collect::<Vec<_>>(), ["depth"]);
        assert_eq!(headers.without(&DEPTH).to_proto(), None);
        assert_eq!(format!("{:?}", both()), r#"Headers{"depth", "tenant"}"#);
    }

    #[test]
    fn an_error_names_the_header() {
        let wrong: HeaderKey<bool> = HeaderKey::new("depth");
        let error = both().get(&wrong).unwrap_err().to_string();
        assert!(
            error.starts_with("`depth`: cannot read a `bool`"),
            "{error}"
        );
    }

    #[test]
    fn those_laid_over_others_win() {
        let over = Headers::new().set(&DEPTH, 4).unwrap();
        let headers = both().overlaid(&over);
        assert_eq!(headers.get(&DEPTH).unwrap(), Some(4));
        assert_eq!(headers.get(&TENANT).unwrap().unwrap(), "acme");
        assert_eq!(Headers::new().overlaid(&over), over);
        assert_eq!(both().overlaid(&Headers::new()), both());
    }

    #[test]
    fn only_plain_text_goes_to_nexus() {
        let bytes: HeaderKey<Vec<u8>> = HeaderKey::new("bytes");
        let headers = both()
            .set(&bytes, vec![1])
            .unwrap()
            .set(&TENANT.with_name("city"), "Zürich")
            .unwrap();
        let texts: Vec<_> = headers.texts().collect();
        assert_eq!(
            texts,
            [("depth", "3".to_owned()), ("tenant", "acme".to_owned())]
        );
    }
}
