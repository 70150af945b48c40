//! The attributes of a record that are stored as payloads.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use durably_protos::temporal::api::common::v1::SearchAttributes;

use crate::server::search_attributes::{SearchAttributeRegistry, SearchAttributeValue};

/// The values of custom and predefined attributes: read when a query first asks for one that is there, since most
/// records of a long list are never asked.
#[derive(Clone, Debug, Default)]
pub(crate) struct StoredAttributes<'a> {
    source: Option<(&'a SearchAttributeRegistry, [&'a SearchAttributes; 2])>,
    values: OnceCell<BTreeMap<String, SearchAttributeValue>>,
}

impl<'a> StoredAttributes<'a> {
    /// Those of a run: what it was given, and what the server keeps.
    pub(crate) fn new(
        registry: &'a SearchAttributeRegistry,
        stored: [&'a SearchAttributes; 2],
    ) -> Self {
        Self {
            source: Some((registry, stored)),
            values: OnceCell::new(),
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&SearchAttributeValue> {
        let values = match (self.values.get(), self.source) {
            (Some(values), _) => values,
            (None, Some((registry, stored))) => {
                let mut all = stored.iter();
                if !all.any(|stored| stored.indexed_fields.contains_key(name)) {
                    return None;
                }
                let values = |stored: &&SearchAttributes| registry.values(stored);
                let all = stored.iter().flat_map(values);
                self.values.get_or_init(|| all.collect())
            }
            (None, None) => return None,
        };
        values.get(name)
    }
}

impl From<BTreeMap<String, SearchAttributeValue>> for StoredAttributes<'_> {
    fn from(values: BTreeMap<String, SearchAttributeValue>) -> Self {
        Self {
            source: None,
            values: OnceCell::from(values),
        }
    }
}
