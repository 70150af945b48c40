//! The workers that tell of themselves.

use std::collections::{BTreeMap, HashMap};

use durably_protos::temporal::api::enums::v1::WorkerStatus;
use durably_protos::temporal::api::worker::v1::WorkerHeartbeat;

/// The last heartbeat of each worker, by namespace and instance key. A worker that says it is shut down is forgotten.
#[derive(Debug, Default)]
pub(crate) struct Workers(HashMap<String, BTreeMap<String, WorkerHeartbeat>>);

impl Workers {
    pub(crate) fn record(&mut self, namespace: &str, heartbeat: WorkerHeartbeat) {
        let workers = self.0.entry(namespace.to_owned()).or_default();
        let key = heartbeat.worker_instance_key.clone();
        if heartbeat.status() == WorkerStatus::Shutdown {
            workers.remove(&key);
        } else {
            workers.insert(key, heartbeat);
        }
    }

    pub(crate) fn get(&self, namespace: &str, instance_key: &str) -> Option<&WorkerHeartbeat> {
        self.0.get(namespace)?.get(instance_key)
    }

    /// The workers of a namespace in the order of their instance keys.
    pub(crate) fn of_namespace(&self, namespace: &str) -> impl Iterator<Item = &WorkerHeartbeat> {
        self.0.get(namespace).into_iter().flat_map(BTreeMap::values)
    }

    pub(crate) fn remove_namespace(&mut self, namespace: &str) {
        self.0.remove(namespace);
    }
}
