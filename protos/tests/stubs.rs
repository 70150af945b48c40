//! A generated client against a generated server, without a connection between them.
#![cfg(all(feature = "client", feature = "server"))]

use durably_protos::temporal::api::workflowservice::v1::workflow_service_client::WorkflowServiceClient;
use durably_protos::temporal::api::workflowservice::v1::workflow_service_server::{
    WorkflowService, WorkflowServiceServer,
};
use durably_protos::temporal::api::workflowservice::v1::{
    DescribeNamespaceRequest, GetSystemInfoRequest, GetSystemInfoResponse,
};
use tonic::{Code, Request, Response, Status};

struct KnowsItsVersion;

#[tonic::async_trait]
impl WorkflowService for KnowsItsVersion {
    async fn get_system_info(
        &self,
        _request: Request<GetSystemInfoRequest>,
    ) -> Result<Response<GetSystemInfoResponse>, Status> {
        Ok(Response::new(GetSystemInfoResponse {
            server_version: "1.2.3".to_owned(),
            ..GetSystemInfoResponse::default()
        }))
    }
}

#[tokio::test]
async fn a_method_answers_and_one_that_is_not_implemented_says_so() {
    let mut client = WorkflowServiceClient::new(WorkflowServiceServer::new(KnowsItsVersion));

    let info = client
        .get_system_info(GetSystemInfoRequest {})
        .await
        .unwrap();
    assert_eq!(info.into_inner().server_version, "1.2.3");

    let refused = client
        .describe_namespace(DescribeNamespaceRequest::default())
        .await;
    assert_eq!(refused.unwrap_err().code(), Code::Unimplemented);
}
