//! What requests and commands may set.

use std::collections::BTreeMap;

use durably_protos::temporal::api::common::v1::SearchAttributes;
use prost::Message as _;

use super::SearchAttributeRegistry;
use super::builtin::{SetBy, builtin};
use super::go_value::quoted;
use super::value::{SearchAttributeValue, add_metadata_type, decode, type_name};

/// The most attributes of a request or a command.
const MAX_ATTRIBUTES: usize = 100;
/// The most bytes of one value.
const MAX_VALUE_SIZE: usize = 2048;
/// The most bytes of all attributes of a request or a command, as a message.
const MAX_TOTAL_SIZE: usize = 40 * 1024;

/// Attributes that a request or a command cannot set; the message of `INVALID_ARGUMENT`, and after
/// `BadSearchAttributes: ` that of a failed workflow task.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SearchAttributeError {
    /// No attribute of this name is registered.
    #[error("Namespace {namespace} has no mapping defined for search attribute {name}")]
    Unknown { namespace: String, name: String },
    /// Only the server sets this attribute.
    #[error("{0} attribute can't be set in SearchAttributes")]
    SetByServer(String),
    /// The value is not of the attribute's type.
    #[error("invalid value for search attribute {name} of type {value_type}: {value}")]
    InvalidValue {
        name: String,
        value_type: &'static str,
        /// The value as Go prints it.
        value: String,
    },
    /// More than 100 attributes.
    #[error("number of search attributes {0} exceeds limit {MAX_ATTRIBUTES}")]
    TooMany(usize),
    /// A value of more than 2 KiB.
    #[error("search attribute {name} value size {size} exceeds size limit {MAX_VALUE_SIZE}")]
    ValueTooLarge { name: String, size: usize },
    /// More than 40 KiB together.
    #[error("total size of search attributes {0} exceeds size limit {MAX_TOTAL_SIZE}")]
    TotalTooLarge(usize),
    /// A command of an upsert without attributes.
    #[error("SearchAttributes is not set on UpsertWorkflowSearchAttributesCommand.")]
    UpsertNotSet,
    /// A command of an upsert whose attributes are empty.
    #[error("IndexedFields is not set on UpsertWorkflowSearchAttributesCommand.")]
    UpsertEmpty,
}

impl SearchAttributeRegistry {
    /// The attributes of a new run as its started event shows them: with their types, and without nulls.
    pub(crate) fn accept_start(
        &self,
        namespace: &str,
        attributes: Option<&SearchAttributes>,
    ) -> Result<Option<SearchAttributes>, SearchAttributeError> {
        let Some(attributes) = attributes else {
            return Ok(None);
        };
        self.validate(namespace, attributes)?;
        let mut accepted = self.typed(attributes);
        let values = self.values(&accepted);
        accepted
            .indexed_fields
            .retain(|name, _| values.contains_key(name));
        Ok(Some(accepted))
    }

    /// The attributes of an upsert as its event shows them: with their types, and with the nulls that unset.
    pub(crate) fn accept_upsert(
        &self,
        namespace: &str,
        attributes: Option<&SearchAttributes>,
    ) -> Result<SearchAttributes, SearchAttributeError> {
        let attributes = attributes.ok_or(SearchAttributeError::UpsertNotSet)?;
        if attributes.indexed_fields.is_empty() {
            return Err(SearchAttributeError::UpsertEmpty);
        }
        self.validate(namespace, attributes)?;
        Ok(self.typed(attributes))
    }

    /// The values of attributes that were accepted. Those that were removed from the registry since, and nulls, are
    /// left out.
    pub(crate) fn values(
        &self,
        attributes: &SearchAttributes,
    ) -> BTreeMap<String, SearchAttributeValue> {
        attributes
            .indexed_fields
            .iter()
            .filter_map(|(name, payload)| {
                let value = decode(payload, self.type_of(name)?).ok()??;
                Some((name.clone(), value))
            })
            .collect()
    }

    /// Checks in the order of the real server: names, number, values, sizes.
    fn validate(
        &self,
        namespace: &str,
        attributes: &SearchAttributes,
    ) -> Result<(), SearchAttributeError> {
        let fields = &attributes.indexed_fields;
        if let Some(name) = fields.keys().find(|name| self.type_of(name).is_none()) {
            return Err(SearchAttributeError::Unknown {
                namespace: namespace.to_owned(),
                name: name.clone(),
            });
        }
        if fields.len() > MAX_ATTRIBUTES {
            return Err(SearchAttributeError::TooMany(fields.len()));
        }
        for (name, payload) in fields {
            if matches!(builtin(name), Some((_, SetBy::Server))) {
                return Err(SearchAttributeError::SetByServer(name.clone()));
            }
            if let Some(value_type) = self.type_of(name)
                && decode(payload, value_type).is_err()
            {
                return Err(SearchAttributeError::InvalidValue {
                    name: name.clone(),
                    value_type: type_name(value_type),
                    value: quoted(payload),
                });
            }
        }
        for (name, payload) in fields {
            if payload.data.len() > MAX_VALUE_SIZE {
                return Err(SearchAttributeError::ValueTooLarge {
                    name: name.clone(),
                    size: payload.data.len(),
                });
            }
        }
        match attributes.encoded_len() {
            size if size > MAX_TOTAL_SIZE => Err(SearchAttributeError::TotalTooLarge(size)),
            _ => Ok(()),
        }
    }

    fn typed(&self, attributes: &SearchAttributes) -> SearchAttributes {
        let mut typed = attributes.clone();
        for (name, payload) in &mut typed.indexed_fields {
            if let Some(value_type) = self.type_of(name) {
                add_metadata_type(payload, value_type);
            }
        }
        typed
    }
}
