//! The endpoints whose operations are mocked.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use durably::client::{Client, RpcError};
use durably_protos::temporal::api::nexus::v1::endpoint_target::{Variant, Worker};
use durably_protos::temporal::api::nexus::v1::{
    Endpoint as Registered, EndpointSpec, EndpointTarget,
};
use durably_protos::temporal::api::operatorservice::v1::{
    CreateNexusEndpointRequest, DeleteNexusEndpointRequest, ListNexusEndpointsRequest,
};
use tonic::Code;

use super::handlers::Handlers;

/// Where the handlers of an endpoint poll.
#[derive(Debug, Clone)]
pub(super) struct Endpoint {
    pub(super) namespace: String,
    pub(super) task_queue: String,
}

/// The endpoints of an environment.
#[derive(Debug, Default)]
pub(in crate::env) struct NexusEndpoints {
    handlers: Mutex<BTreeMap<String, Arc<Handlers>>>,
    /// Those that are to be removed at the end.
    made: Mutex<Vec<Registered>>,
}

impl NexusEndpoints {
    /// The handlers of an endpoint; whether they are new, and still have to be served.
    pub(super) fn handlers(&self, name: &str) -> (Arc<Handlers>, bool) {
        let mut all = self.handlers.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new = !all.contains_key(name);
        (all.entry(name.to_owned()).or_default().clone(), is_new)
    }

    /// Registers an endpoint on a server of another process, if there is none of that name.
    pub(super) async fn register(
        &self,
        name: &str,
        client: &Client,
        wanted: Worker,
    ) -> Result<Endpoint, RpcError> {
        let spec = EndpointSpec {
            name: name.to_owned(),
            description: None,
            target: Some(EndpointTarget {
                variant: Some(Variant::Worker(wanted.clone())),
            }),
        };
        let create = CreateNexusEndpointRequest { spec: Some(spec) };
        let found = match client.call(create).await {
            Ok(created) => created.endpoint,
            Err(error) if error.code() == Code::AlreadyExists => {
                let list = ListNexusEndpointsRequest {
                    name: name.to_owned(),
                    ..ListNexusEndpointsRequest::default()
                };
                client.call(list).await?.endpoints.into_iter().next()
            }
            Err(error) => return Err(error),
        };
        let worker = found.as_ref().and_then(worker).unwrap_or(&wanted).clone();
        if let Some(found) = found
            && worker == wanted
        {
            // One of this queue was made by an environment, if not by this one.
            self.made().push(found);
        }
        Ok(worker.into())
    }

    /// Removes what was registered. What cannot be removed, and why.
    pub(in crate::env) async fn remove(&self, client: &Client) -> Vec<String> {
        let made = std::mem::take(&mut *self.made());
        let mut problems = Vec::new();
        for endpoint in made {
            let delete = DeleteNexusEndpointRequest {
                id: endpoint.id,
                version: endpoint.version,
            };
            match client.call(delete).await {
                Ok(_) => {}
                Err(error) if error.code() == Code::NotFound => {}
                Err(error) => {
                    let name = endpoint.spec.unwrap_or_default().name;
                    problems.push(format!(
                        "the Nexus endpoint `{name}` cannot be removed: {error}"
                    ));
                }
            }
        }
        problems
    }

    fn made(&self) -> MutexGuard<'_, Vec<Registered>> {
        self.made.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn worker(endpoint: &Registered) -> Option<&Worker> {
    let target = endpoint.spec.as_ref()?.target.as_ref()?;
    match target.variant.as_ref()? {
        Variant::Worker(worker) => Some(worker),
        Variant::External(_) => None,
    }
}

impl From<Worker> for Endpoint {
    fn from(worker: Worker) -> Self {
        Self {
            namespace: worker.namespace,
            task_queue: worker.task_queue,
        }
    }
}
