//! Endpoints: names behind which handlers stand.

use std::collections::BTreeMap;

use durably_protos::temporal::api::nexus::v1::endpoint_target::{Variant, Worker};
use durably_protos::temporal::api::nexus::v1::{Endpoint, EndpointSpec};

/// The endpoints of a server, by id.
#[derive(Debug, Default)]
pub(crate) struct NexusEndpoints {
    by_id: BTreeMap<String, Endpoint>,
}

impl NexusEndpoints {
    pub(crate) fn get(&self, id: &str) -> Option<&Endpoint> {
        self.by_id.get(id)
    }

    pub(crate) fn named(&self, name: &str) -> Option<&Endpoint> {
        self.iter().find(|endpoint| spec_of(endpoint).name == name)
    }

    /// In the order of their ids.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Endpoint> {
        self.by_id.values()
    }

    /// Adds an endpoint, or puts it in the place of the one with its id.
    pub(crate) fn put(&mut self, endpoint: Endpoint) {
        self.by_id.insert(endpoint.id.clone(), endpoint);
    }

    pub(crate) fn remove(&mut self, id: &str) -> Option<Endpoint> {
        self.by_id.remove(id)
    }

    /// Where the handlers of an endpoint poll.
    pub(crate) fn worker(&self, id: &str) -> Option<&Worker> {
        let target = spec_of(self.get(id)?).target.as_ref()?;
        match target.variant.as_ref()? {
            Variant::Worker(worker) => Some(worker),
            Variant::External(_) => None,
        }
    }
}

/// What an endpoint was made with.
fn spec_of(endpoint: &Endpoint) -> &EndpointSpec {
    static NONE: std::sync::OnceLock<EndpointSpec> = std::sync::OnceLock::new();
    let none = || NONE.get_or_init(EndpointSpec::default);
    endpoint.spec.as_ref().unwrap_or_else(none)
}
