//! The attributes of one namespace.

use std::collections::BTreeMap;

use durably_protos::temporal::api::common::v1::SearchAttributes;
use durably_protos::temporal::api::enums::v1::IndexedValueType;

use super::builtin;
use super::value::{metadata_type, type_name};

/// The attributes of a namespace: those that every namespace has, and the registered custom ones.
#[derive(Clone, Debug, Default)]
pub(crate) struct SearchAttributeRegistry {
    custom: BTreeMap<String, IndexedValueType>,
}

/// Why attributes are not added or removed; the message of `INVALID_ARGUMENT`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RegistryError {
    /// The request names no attribute.
    #[error("SearchAttributes are not set on request.")]
    NotSet,
    /// The name is that of a built-in attribute, or reserved for one.
    #[error("Search attribute {0} is reserved by system.")]
    Reserved(String),
    /// The number is no type.
    #[error("Unknown search attribute type: {0}.")]
    UnknownType(i32),
    /// The type is `Unspecified`.
    #[error(
        "Unable to create search attributes: cannot have more than 0 search attribute of type {0}."
    )]
    UnspecifiedType(&'static str),
    /// Only custom attributes can be removed.
    #[error("Unable to remove non-custom search attributes: {0}.")]
    NotCustom(String),
}

impl SearchAttributeRegistry {
    /// The attributes of something that is no namespace, beside the built-in ones.
    pub(crate) fn of(
        attributes: impl IntoIterator<Item = (&'static str, IndexedValueType)>,
    ) -> Self {
        let custom = attributes.into_iter();
        Self {
            custom: custom.map(|(name, kind)| (name.to_owned(), kind)).collect(),
        }
    }

    /// Registers attributes, all or none. One that is registered keeps its type, without an error.
    pub(crate) fn add(&mut self, attributes: &BTreeMap<String, i32>) -> Result<(), RegistryError> {
        if attributes.is_empty() {
            return Err(RegistryError::NotSet);
        }
        let mut added = Vec::new();
        for (name, number) in attributes {
            if builtin::is_reserved(name) {
                return Err(RegistryError::Reserved(name.clone()));
            }
            let value_type = IndexedValueType::try_from(*number)
                .map_err(|_| RegistryError::UnknownType(*number))?;
            if value_type == IndexedValueType::Unspecified {
                return Err(RegistryError::UnspecifiedType(type_name(value_type)));
            }
            added.push((name.clone(), value_type));
        }
        for (name, value_type) in added {
            self.custom.entry(name).or_insert(value_type);
        }
        Ok(())
    }

    /// Removes custom attributes; one that is not registered is passed over.
    pub(crate) fn remove(&mut self, names: &[String]) -> Result<(), RegistryError> {
        if names.is_empty() {
            return Err(RegistryError::NotSet);
        }
        if let Some(name) = names.iter().find(|name| builtin::builtin(name).is_some()) {
            return Err(RegistryError::NotCustom(name.clone()));
        }
        for name in names {
            self.custom.remove(name);
        }
        Ok(())
    }

    /// Registers the unknown ones of `attributes` whose payloads tell their type in the metadata `type`, as those of
    /// SDKs do. The others stay unknown.
    pub(crate) fn add_missing(&mut self, attributes: &SearchAttributes) {
        for (name, payload) in &attributes.indexed_fields {
            if let Some(value_type) = metadata_type(payload)
                && self.type_of(name).is_none()
                && !builtin::is_reserved(name)
            {
                self.custom.insert(name.clone(), value_type);
            }
        }
    }

    /// The registered attributes.
    pub(crate) fn custom(&self) -> &BTreeMap<String, IndexedValueType> {
        &self.custom
    }

    /// The attributes that every namespace has.
    pub(crate) fn system() -> impl Iterator<Item = (&'static str, IndexedValueType)> {
        builtin::all()
    }

    /// The type of an attribute of any kind.
    pub(crate) fn type_of(&self, name: &str) -> Option<IndexedValueType> {
        match self.custom.get(name) {
            Some(value_type) => Some(*value_type),
            None => builtin::builtin(name).map(|(value_type, _)| value_type),
        }
    }
}
