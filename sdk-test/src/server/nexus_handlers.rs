//! What a test environment's handlers of Nexus operations need of the server beside its calls.

use std::collections::BTreeMap;

use durably_protos::temporal::api::common::v1::Payload;
use durably_protos::temporal::api::failure::v1::Failure;
use durably_protos::temporal::api::nexus::v1::endpoint_target::{Variant, Worker};
use durably_protos::temporal::api::nexus::v1::{EndpointSpec, EndpointTarget};
use durably_protos::temporal::api::operatorservice::v1::CreateNexusEndpointRequest;
use tonic::Status;

use super::rpc::create_nexus_endpoint;
use super::run::{CallbackToken, OperationEnd, TOKEN_HEADER};
use super::test_server::TestServer;
use super::waiters::Presence;

/// How an operation that had started has ended.
#[derive(Debug, Clone)]
pub(crate) enum OperationEnding {
    Completed(Option<Payload>),
    Failed(Failure),
    /// The failure says that it was canceled.
    Canceled(Failure),
}

impl TestServer {
    /// Where the handlers of an endpoint poll. It is made if there is none of that name, for `wanted`.
    pub(crate) fn endpoint_target(&self, name: &str, wanted: &Worker) -> Result<Worker, Status> {
        self.shared.with(|world| {
            if let Some(endpoint) = world.nexus_endpoints.named(name) {
                let worker = world.nexus_endpoints.worker(&endpoint.id);
                return Ok(worker.unwrap_or(wanted).clone());
            }
            let spec = EndpointSpec {
                name: name.to_owned(),
                description: None,
                target: Some(EndpointTarget {
                    variant: Some(Variant::Worker(wanted.clone())),
                }),
            };
            create_nexus_endpoint(world, CreateNexusEndpointRequest { spec: Some(spec) })?;
            Ok(wanted.clone())
        })
    }

    /// Ends an operation as a call of its callback does: `header` is the callback's, `operation` what
    /// the handler calls it.
    pub(crate) fn complete_operation(
        &self,
        header: &BTreeMap<String, String>,
        operation: &str,
        ending: OperationEnding,
    ) -> Result<(), String> {
        let token = header.get(TOKEN_HEADER);
        let token = token.and_then(|token| CallbackToken::read(token));
        let Some(token) = token else {
            return Err("the callback has no token of this server".to_owned());
        };
        let end = match ending {
            OperationEnding::Completed(result) => OperationEnd::Completed(result, Vec::new()),
            OperationEnding::Failed(failure) => OperationEnd::Failed(failure),
            OperationEnding::Canceled(failure) => OperationEnd::Canceled(failure),
        };
        self.shared
            .with(|world| world.complete_operation(&token, operation, None, end))
    }

    /// Counts somebody for whom time may be skipped.
    pub(crate) fn somebody_waits(&self) -> Presence {
        self.shared.with(|world| world.waiters.enter())
    }
}
