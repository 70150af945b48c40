//! Typed names of search attributes.

use std::borrow::Cow;
use std::marker::PhantomData;
use std::time::SystemTime;

use super::datetime;

/// The type of a search attribute, as the namespace has it registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SearchAttributeType {
    /// Text that is searched word by word.
    Text,
    /// Text that is compared as a whole.
    Keyword,
    /// A 64-bit signed integer.
    Int,
    /// A 64-bit floating point number.
    Double,
    /// True or false.
    Bool,
    /// A point in time.
    Datetime,
    /// Several keywords.
    KeywordList,
}

impl SearchAttributeType {
    /// The name the server knows the type by.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "Text",
            Self::Keyword => "Keyword",
            Self::Int => "Int",
            Self::Double => "Double",
            Self::Bool => "Bool",
            Self::Datetime => "Datetime",
            Self::KeywordList => "KeywordList",
        }
    }
}

/// The name of a search attribute together with its type, so that only values of that type are set
/// and read.
///
/// ```
/// use durably::payload::{SearchAttributeKey, SearchAttributes};
///
/// const CUSTOMER: SearchAttributeKey<String> = SearchAttributeKey::keyword("CustomerId");
/// const TOTAL: SearchAttributeKey<f64> = SearchAttributeKey::double("OrderTotal");
///
/// let attributes = SearchAttributes::new()
///     .set(&CUSTOMER, "c-17".to_owned())?
///     .set(&TOTAL, 99.5)?;
/// assert_eq!(attributes.get(&TOTAL)?, Some(99.5));
/// # Ok::<(), durably::payload::PayloadError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SearchAttributeKey<T> {
    name: Cow<'static, str>,
    value_type: SearchAttributeType,
    value: PhantomData<fn() -> T>,
}

impl<T> SearchAttributeKey<T> {
    const fn of(name: &'static str, value_type: SearchAttributeType) -> Self {
        Self {
            name: Cow::Borrowed(name),
            value_type,
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

    /// The attribute's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The attribute's type.
    pub fn value_type(&self) -> SearchAttributeType {
        self.value_type
    }
}

impl SearchAttributeKey<String> {
    /// A `Text` attribute: searched word by word.
    pub const fn text(name: &'static str) -> Self {
        Self::of(name, SearchAttributeType::Text)
    }

    /// A `Keyword` attribute: compared as a whole.
    pub const fn keyword(name: &'static str) -> Self {
        Self::of(name, SearchAttributeType::Keyword)
    }
}

impl SearchAttributeKey<i64> {
    /// An `Int` attribute.
    pub const fn int(name: &'static str) -> Self {
        Self::of(name, SearchAttributeType::Int)
    }
}

impl SearchAttributeKey<f64> {
    /// A `Double` attribute.
    pub const fn double(name: &'static str) -> Self {
        Self::of(name, SearchAttributeType::Double)
    }
}

impl SearchAttributeKey<bool> {
    /// A `Bool` attribute.
    pub const fn bool(name: &'static str) -> Self {
        Self::of(name, SearchAttributeType::Bool)
    }
}

impl SearchAttributeKey<SystemTime> {
    /// A `Datetime` attribute.
    pub const fn datetime(name: &'static str) -> Self {
        Self::of(name, SearchAttributeType::Datetime)
    }
}

impl SearchAttributeKey<Vec<String>> {
    /// A `KeywordList` attribute.
    pub const fn keyword_list(name: &'static str) -> Self {
        Self::of(name, SearchAttributeType::KeywordList)
    }
}

/// The values a search attribute can have: `String`, `i64`, `f64`, `bool`, [`SystemTime`] and
/// `Vec<String>`.
///
/// Their wire form is fixed by the server, so this trait cannot be implemented for other types.
pub trait SearchAttributeValue: sealed::Value {}
impl<T: sealed::Value> SearchAttributeValue for T {}

pub(super) mod sealed {
    use std::error::Error;

    use serde_json::Value as Json;

    type BoxError = Box<dyn Error + Send + Sync>;

    /// How a value is written in JSON and read back.
    pub trait Value: Sized {
        fn to_json(&self) -> Result<Json, BoxError>;
        fn from_json(json: Json) -> Result<Self, BoxError>;
    }
}

macro_rules! serde_value {
    ($($type:ty),*) => {$(
        impl sealed::Value for $type {
            fn to_json(&self) -> Result<serde_json::Value, Box<dyn std::error::Error + Send + Sync>> {
                Ok(serde_json::to_value(self)?)
            }

            fn from_json(
                json: serde_json::Value,
            ) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
                Ok(serde_json::from_value(json)?)
            }
        }
    )*};
}

serde_value!(String, i64, bool, Vec<String>);

impl sealed::Value for f64 {
    fn to_json(&self) -> Result<serde_json::Value, Box<dyn std::error::Error + Send + Sync>> {
        serde_json::Number::from_f64(*self)
            .map(serde_json::Value::Number)
            .ok_or_else(|| format!("{self} has no JSON form").into())
    }

    fn from_json(
        json: serde_json::Value,
    ) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(serde_json::from_value(json)?)
    }
}

impl sealed::Value for SystemTime {
    fn to_json(&self) -> Result<serde_json::Value, Box<dyn std::error::Error + Send + Sync>> {
        datetime::format(*self)
            .map(serde_json::Value::String)
            .ok_or_else(|| "the time lies outside the years 0 to 9999".into())
    }

    fn from_json(
        json: serde_json::Value,
    ) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        let text: String = serde_json::from_value(json)?;
        datetime::parse(&text)
            .ok_or_else(|| format!("`{text}` is not an RFC 3339 date and time").into())
    }
}
