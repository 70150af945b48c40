//! The namespaces of a server, each with its search attributes.

use std::collections::BTreeMap;
use std::sync::Arc;

use durably_protos::temporal::api::common::v1::SearchAttributes;

use super::refusal::{Answer, invalid, namespace_not_found};
use super::search_attributes::SearchAttributeRegistry;
use super::time::Span;

/// What a namespace is called.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NamespaceName {
    pub(crate) name: String,
    pub(crate) id: String,
}

/// A namespace.
#[derive(Debug)]
pub(crate) struct Namespace {
    pub(crate) name: Arc<NamespaceName>,
    pub(crate) search_attributes: SearchAttributeRegistry,
    pub(crate) description: String,
    pub(crate) owner_email: String,
    pub(crate) data: BTreeMap<String, String>,
    pub(crate) retention: Span,
}

/// All of them.
#[derive(Debug, Default)]
pub(crate) struct Namespaces {
    by_name: BTreeMap<String, Namespace>,
    /// Unknown search attributes are registered by the first value that names its type.
    pub(crate) auto_register_search_attributes: bool,
}

impl Namespaces {
    /// The namespace a request is for.
    ///
    /// # Errors
    /// No name is given, or there is no such namespace.
    pub(crate) fn get(&self, name: &str) -> Answer<&Namespace> {
        if name.is_empty() {
            return Err(invalid("Namespace is empty."));
        }
        self.find(name).ok_or_else(|| namespace_not_found(name))
    }

    pub(crate) fn find(&self, name: &str) -> Option<&Namespace> {
        self.by_name.get(name)
    }

    pub(crate) fn find_mut(&mut self, name: &str) -> Option<&mut Namespace> {
        self.by_name.get_mut(name)
    }

    pub(crate) fn find_by_id(&self, id: &str) -> Option<&Namespace> {
        self.iter().find(|namespace| namespace.name.id == id)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Namespace> {
        self.by_name.values()
    }

    pub(crate) fn add(&mut self, namespace: Namespace) {
        let name = namespace.name.name.clone();
        self.by_name.insert(name, namespace);
    }

    pub(crate) fn remove(&mut self, name: &str) -> Option<Namespace> {
        self.by_name.remove(name)
    }

    /// The namespace a command names, the run's own without a name.
    pub(crate) fn named(&self, name: &str, own: &Arc<NamespaceName>) -> Arc<NamespaceName> {
        let named = self.find(name);
        named.map_or_else(|| own.clone(), |namespace| namespace.name.clone())
    }

    /// The search attributes of a new run, with their types.
    ///
    /// # Errors
    /// What is wrong with them, in the real server's words.
    pub(crate) fn accept_start(
        &self,
        namespace: &str,
        attributes: Option<&SearchAttributes>,
    ) -> Result<Option<SearchAttributes>, String> {
        let registry = self.registry(namespace, attributes);
        let accepted = registry.accept_start(namespace, attributes);
        accepted.map_err(|error| error.to_string())
    }

    /// The search attributes of an upsert, with their types and with what they take away.
    ///
    /// # Errors
    /// What is wrong with them, in the real server's words.
    pub(crate) fn accept_upsert(
        &self,
        namespace: &str,
        attributes: Option<&SearchAttributes>,
    ) -> Result<SearchAttributes, String> {
        let registry = self.registry(namespace, attributes);
        let accepted = registry.accept_upsert(namespace, attributes);
        accepted.map_err(|error| error.to_string())
    }

    /// Registers what is new, where that is wanted.
    pub(crate) fn learn(&mut self, namespace: &str, attributes: Option<&SearchAttributes>) {
        if self.auto_register_search_attributes
            && let (Some(attributes), Some(namespace)) = (attributes, self.find_mut(namespace))
        {
            namespace.search_attributes.add_missing(attributes);
        }
    }

    fn registry(
        &self,
        namespace: &str,
        attributes: Option<&SearchAttributes>,
    ) -> SearchAttributeRegistry {
        let found = self.find(namespace);
        let mut registry = found.map_or_else(SearchAttributeRegistry::default, |namespace| {
            namespace.search_attributes.clone()
        });
        if self.auto_register_search_attributes
            && let Some(attributes) = attributes
        {
            registry.add_missing(attributes);
        }
        registry
    }
}
