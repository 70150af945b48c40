//! What the server says of an error beyond its code and message.

use bytes::Bytes;
use durably_protos::google::protobuf::Any;
use durably_protos::google::rpc;
use durably_protos::temporal::api::enums::v1::{ResourceExhaustedCause, ResourceExhaustedScope};
use durably_protos::temporal::api::errordetails::v1::{
    ClientVersionNotSupportedFailure, NamespaceNotFoundFailure, NewerBuildExistsFailure,
    NotFoundFailure, PermissionDeniedFailure, QueryFailedFailure, ResourceExhaustedFailure,
    WorkflowExecutionAlreadyStartedFailure, WorkflowNotReadyFailure,
};
use prost::{Message, Name};

use crate::failure::Failure;

/// The details of an [`RpcError`](super::RpcError), as far as this SDK knows them.
///
/// [`RpcError::detail_of`](super::RpcError::detail_of) reads any other.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum RpcErrorDetail {
    /// What the call was about does not exist.
    NotFound,
    /// The namespace does not exist, or this server does not know of it yet.
    NamespaceNotFound {
        /// The namespace.
        namespace: String,
    },
    /// A workflow with that id is running, or has run.
    WorkflowExecutionAlreadyStarted {
        /// The run that is in the way.
        run_id: String,
    },
    /// The query's handler failed, or there is none.
    QueryFailed {
        /// What the worker reported.
        failure: Option<Failure>,
    },
    /// The workflow cannot be asked yet.
    WorkflowNotReady,
    /// A limit was reached.
    ResourceExhausted {
        /// Which limit.
        cause: ResourceExhaustedCause,
        /// For whom it holds.
        scope: ResourceExhaustedScope,
    },
    /// The caller may not do this.
    PermissionDenied {
        /// Why not.
        reason: String,
    },
    /// The server does not serve this version of the SDK.
    ClientVersionNotSupported {
        /// The versions that it serves.
        supported_versions: String,
    },
    /// The task queue has a newer build than this worker.
    NewerBuildExists {
        /// The queue's default build id.
        default_build_id: String,
    },
}

/// The messages inside the `grpc-status-details-bin` of a status.
pub(super) fn details(status_details: &Bytes) -> Vec<Any> {
    if status_details.is_empty() {
        return Vec::new();
    }
    // Details are a help, not part of the contract: what cannot be read is as good as absent.
    rpc::Status::decode(status_details.clone()).map_or_else(|_| Vec::new(), |status| status.details)
}

/// The message of one type among the details.
pub(super) fn find<M: Message + Name + Default>(details: &[Any]) -> Option<M> {
    details.iter().find_map(unpack)
}

/// The first of the details that is known.
pub(super) fn known(details: &[Any]) -> Option<RpcErrorDetail> {
    details.iter().find_map(known_detail)
}

fn known_detail(any: &Any) -> Option<RpcErrorDetail> {
    use RpcErrorDetail as Detail;
    let (_, name) = any.type_url.rsplit_once('.')?;
    Some(match name {
        NotFoundFailure::NAME => Detail::NotFound,
        WorkflowNotReadyFailure::NAME => Detail::WorkflowNotReady,
        NamespaceNotFoundFailure::NAME => Detail::NamespaceNotFound {
            namespace: unpack::<NamespaceNotFoundFailure>(any)?.namespace,
        },
        WorkflowExecutionAlreadyStartedFailure::NAME => Detail::WorkflowExecutionAlreadyStarted {
            run_id: unpack::<WorkflowExecutionAlreadyStartedFailure>(any)?.run_id,
        },
        QueryFailedFailure::NAME => Detail::QueryFailed {
            failure: unpack::<QueryFailedFailure>(any)?
                .failure
                .map(Failure::from),
        },
        ResourceExhaustedFailure::NAME => {
            let failure = unpack::<ResourceExhaustedFailure>(any)?;
            Detail::ResourceExhausted {
                cause: failure.cause(),
                scope: failure.scope(),
            }
        }
        PermissionDeniedFailure::NAME => Detail::PermissionDenied {
            reason: unpack::<PermissionDeniedFailure>(any)?.reason,
        },
        ClientVersionNotSupportedFailure::NAME => Detail::ClientVersionNotSupported {
            supported_versions: unpack::<ClientVersionNotSupportedFailure>(any)?.supported_versions,
        },
        NewerBuildExistsFailure::NAME => Detail::NewerBuildExists {
            default_build_id: unpack::<NewerBuildExistsFailure>(any)?.default_build_id,
        },
        _ => return None,
    })
}

fn unpack<M: Message + Name + Default>(any: &Any) -> Option<M> {
    any.unpack().ok()
}
