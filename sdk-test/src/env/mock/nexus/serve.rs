//! Bringing the handlers of an endpoint to work.

use std::sync::Arc;

use durably_protos::temporal::api::nexus::v1::endpoint_target::Worker;

use super::completer::Completer;
use super::operation::MockedOperation;
use crate::env::backend::Backend;
use crate::env::test_env::Shared;

impl Shared {
    pub(super) fn completer(&self) -> Completer {
        Completer::new(&self.backend, &self.client)
    }

    /// Adds a mocked operation to the handlers of its endpoint, which is registered if need be.
    ///
    /// # Panics
    /// The endpoint cannot be registered.
    #[track_caller]
    pub(super) fn handle(self: &Arc<Self>, endpoint: &str, mock: Arc<MockedOperation>) {
        let (handlers, is_new) = self.nexus.handlers(endpoint);
        handlers.add(mock);
        if !is_new {
            return;
        }
        let wanted = Worker {
            namespace: self.client.namespace().to_owned(),
            // The same from one environment to the next: what one has left behind is known again.
            task_queue: format!("durably-test-nexus-{endpoint}"),
        };
        let (client, completer) = (self.client.clone(), self.completer());
        match &self.backend {
            Backend::Embedded(server) => match server.endpoint_target(endpoint, &wanted) {
                Ok(worker) => self.spawn(handlers.serve(worker.into(), client, completer)),
                Err(status) => panic!(
                    "the Nexus endpoint `{endpoint}` cannot be made: {}",
                    status.message()
                ),
            },
            Backend::Remote(link) => {
                // No workflow task is completed until the endpoint is there.
                let making = link.hold_completions();
                let (this, endpoint) = (Arc::downgrade(self), endpoint.to_owned());
                self.spawn(async move {
                    let Some(shared) = this.upgrade() else { return };
                    let registered = shared.nexus.register(&endpoint, &client, wanted).await;
                    drop(making);
                    match registered {
                        Ok(target) => {
                            drop(shared);
                            handlers.serve(target, client, completer).await;
                        }
                        Err(error) => shared.backend.break_down(format!(
                            "the Nexus endpoint `{endpoint}` cannot be made: {error}"
                        )),
                    }
                });
            }
        }
    }
}
