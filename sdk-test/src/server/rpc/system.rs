//! What a server says of itself.

use durably_protos::grpc::health::v1::health_check_response::ServingStatus;
use durably_protos::grpc::health::v1::{HealthCheckRequest, HealthCheckResponse};
use durably_protos::temporal::api::workflowservice::v1::get_system_info_response::Capabilities;
use durably_protos::temporal::api::workflowservice::v1::{
    GetClusterInfoRequest, GetClusterInfoResponse, GetSystemInfoRequest, GetSystemInfoResponse,
};
use tonic::Status;

use crate::server::refusal::Answer;
use crate::server::world::World;

/// The version of the server whose behaviour this one has, with a mark of its own.
const SERVER_VERSION: &str = concat!("1.32.0+durably.", env!("CARGO_PKG_VERSION"));
/// What clients ask the health of.
pub(super) const WORKFLOW_SERVICE: &str = "temporal.api.workflowservice.v1.WorkflowService";

pub(super) fn info(_: &mut World, _: GetSystemInfoRequest) -> Answer<GetSystemInfoResponse> {
    Ok(GetSystemInfoResponse {
        server_version: SERVER_VERSION.to_owned(),
        capabilities: Some(Capabilities {
            signal_and_query_header: true,
            internal_error_differentiation: true,
            activity_failure_include_heartbeat: true,
            supports_schedules: true,
            encoded_failure_attributes: true,
            upsert_memo: true,
            eager_workflow_start: true,
            sdk_metadata: true,
            count_group_by_execution_status: true,
            nexus: true,
            ..Capabilities::default()
        }),
    })
}

pub(super) fn cluster(
    world: &mut World,
    _: GetClusterInfoRequest,
) -> Answer<GetClusterInfoResponse> {
    let clients = [
        "temporal-cli",
        "temporal-go",
        "temporal-java",
        "temporal-php",
        "temporal-server",
        "temporal-typescript",
        "temporal-ui",
    ];
    let supported = clients.map(|client| (client.to_owned(), "<2.0.0".to_owned()));
    Ok(GetClusterInfoResponse {
        supported_clients: supported.into(),
        server_version: SERVER_VERSION.to_owned(),
        cluster_id: world.cluster_id.clone(),
        cluster_name: "active".to_owned(),
        history_shard_count: 1,
        persistence_store: "memory".to_owned(),
        visibility_store: "memory".to_owned(),
        initial_failover_version: 1,
        failover_version_increment: 10,
        ..GetClusterInfoResponse::default()
    })
}

pub(super) fn health(_: &mut World, request: HealthCheckRequest) -> Answer<HealthCheckResponse> {
    if request.service.is_empty() || request.service == WORKFLOW_SERVICE {
        Ok(HealthCheckResponse {
            status: ServingStatus::Serving.into(),
        })
    } else {
        Err(Status::not_found("unknown service"))
    }
}
