//! Which request goes to which method, and what it is answered with.

use durably_protos::VisitPayloads;
use durably_protos::temporal::api::{operatorservice, workflowservice};
use prost::Message;

/// A request of Temporal's API: of the `WorkflowService`, which everything is built on, or of the
/// `OperatorService`.
///
/// Implemented for the request of every method; see [`Client::call`](crate::client::Client::call).
pub trait ServiceRequest: Message + VisitPayloads + Sized + 'static {
    /// What the request is answered with.
    type Response: Message + VisitPayloads + Default + 'static;
    /// The method's name.
    const METHOD: &'static str;
    /// The method's path, with the service.
    const PATH: &'static str;
}

macro_rules! requests {
    ($service:literal, $module:path: $($method:ident $request:ident $response:ident)*) => {
        const _: () = {
            use $module as service;
            $(
                impl ServiceRequest for service::$request {
                    type Response = service::$response;
                    const METHOD: &'static str = stringify!($method);
                    const PATH: &'static str = concat!("/", $service, "/", stringify!($method));
                }
            )*
        };
    };
}

requests! { "temporal.api.workflowservice.v1.WorkflowService", workflowservice::v1:
    CountActivityExecutions CountActivityExecutionsRequest CountActivityExecutionsResponse
    CountNexusOperationExecutions CountNexusOperationExecutionsRequest CountNexusOperationExecutionsResponse
    CountSchedules CountSchedulesRequest CountSchedulesResponse
    CountWorkers CountWorkersRequest CountWorkersResponse
    CountWorkflowExecutions CountWorkflowExecutionsRequest CountWorkflowExecutionsResponse
    CreateSchedule CreateScheduleRequest CreateScheduleResponse
    CreateWorkerDeployment CreateWorkerDeploymentRequest CreateWorkerDeploymentResponse
    CreateWorkerDeploymentVersion CreateWorkerDeploymentVersionRequest CreateWorkerDeploymentVersionResponse
    CreateWorkflowRule CreateWorkflowRuleRequest CreateWorkflowRuleResponse
    DeleteActivityExecution DeleteActivityExecutionRequest DeleteActivityExecutionResponse
    DeleteNexusOperationExecution DeleteNexusOperationExecutionRequest DeleteNexusOperationExecutionResponse
    DeleteSchedule DeleteScheduleRequest DeleteScheduleResponse
    DeleteWorkerDeployment DeleteWorkerDeploymentRequest DeleteWorkerDeploymentResponse
    DeleteWorkerDeploymentVersion DeleteWorkerDeploymentVersionRequest DeleteWorkerDeploymentVersionResponse
    DeleteWorkflowExecution DeleteWorkflowExecutionRequest DeleteWorkflowExecutionResponse
    DeleteWorkflowRule DeleteWorkflowRuleRequest DeleteWorkflowRuleResponse
    DeprecateNamespace DeprecateNamespaceRequest DeprecateNamespaceResponse
    DescribeActivityExecution DescribeActivityExecutionRequest DescribeActivityExecutionResponse
    DescribeBatchOperation DescribeBatchOperationRequest DescribeBatchOperationResponse
    DescribeDeployment DescribeDeploymentRequest DescribeDeploymentResponse
    DescribeNamespace DescribeNamespaceRequest DescribeNamespaceResponse
    DescribeNexusOperationExecution DescribeNexusOperationExecutionRequest DescribeNexusOperationExecutionResponse
    DescribeSchedule DescribeScheduleRequest DescribeScheduleResponse
    DescribeTaskQueue DescribeTaskQueueRequest DescribeTaskQueueResponse
    DescribeWorker DescribeWorkerRequest DescribeWorkerResponse
    DescribeWorkerDeployment DescribeWorkerDeploymentRequest DescribeWorkerDeploymentResponse
    DescribeWorkerDeploymentVersion DescribeWorkerDeploymentVersionRequest DescribeWorkerDeploymentVersionResponse
    DescribeWorkflowExecution DescribeWorkflowExecutionRequest DescribeWorkflowExecutionResponse
    DescribeWorkflowRule DescribeWorkflowRuleRequest DescribeWorkflowRuleResponse
    ExecuteMultiOperation ExecuteMultiOperationRequest ExecuteMultiOperationResponse
    FetchWorkerConfig FetchWorkerConfigRequest FetchWorkerConfigResponse
    GetClusterInfo GetClusterInfoRequest GetClusterInfoResponse
    GetCurrentDeployment GetCurrentDeploymentRequest GetCurrentDeploymentResponse
    GetDeploymentReachability GetDeploymentReachabilityRequest GetDeploymentReachabilityResponse
    GetSearchAttributes GetSearchAttributesRequest GetSearchAttributesResponse
    GetSystemInfo GetSystemInfoRequest GetSystemInfoResponse
    GetWorkerBuildIdCompatibility GetWorkerBuildIdCompatibilityRequest GetWorkerBuildIdCompatibilityResponse
    GetWorkerTaskReachability GetWorkerTaskReachabilityRequest GetWorkerTaskReachabilityResponse
    GetWorkerVersioningRules GetWorkerVersioningRulesRequest GetWorkerVersioningRulesResponse
    GetWorkflowExecutionHistory GetWorkflowExecutionHistoryRequest GetWorkflowExecutionHistoryResponse
    GetWorkflowExecutionHistoryReverse GetWorkflowExecutionHistoryReverseRequest GetWorkflowExecutionHistoryReverseResponse
    ListActivityExecutions ListActivityExecutionsRequest ListActivityExecutionsResponse
    ListArchivedWorkflowExecutions ListArchivedWorkflowExecutionsRequest ListArchivedWorkflowExecutionsResponse
    ListBatchOperations ListBatchOperationsRequest ListBatchOperationsResponse
    ListClosedWorkflowExecutions ListClosedWorkflowExecutionsRequest ListClosedWorkflowExecutionsResponse
    ListDeployments ListDeploymentsRequest ListDeploymentsResponse
    ListNamespaces ListNamespacesRequest ListNamespacesResponse
    ListNexusOperationExecutions ListNexusOperationExecutionsRequest ListNexusOperationExecutionsResponse
    ListOpenWorkflowExecutions ListOpenWorkflowExecutionsRequest ListOpenWorkflowExecutionsResponse
    ListScheduleMatchingTimes ListScheduleMatchingTimesRequest ListScheduleMatchingTimesResponse
    ListSchedules ListSchedulesRequest ListSchedulesResponse
    ListTaskQueuePartitions ListTaskQueuePartitionsRequest ListTaskQueuePartitionsResponse
    ListWorkerDeployments ListWorkerDeploymentsRequest ListWorkerDeploymentsResponse
    ListWorkers ListWorkersRequest ListWorkersResponse
    ListWorkflowExecutions ListWorkflowExecutionsRequest ListWorkflowExecutionsResponse
    ListWorkflowRules ListWorkflowRulesRequest ListWorkflowRulesResponse
    PatchSchedule PatchScheduleRequest PatchScheduleResponse
    PauseActivity PauseActivityRequest PauseActivityResponse
    PauseActivityExecution PauseActivityExecutionRequest PauseActivityExecutionResponse
    PauseWorkflowExecution PauseWorkflowExecutionRequest PauseWorkflowExecutionResponse
    PollActivityExecution PollActivityExecutionRequest PollActivityExecutionResponse
    PollActivityTaskQueue PollActivityTaskQueueRequest PollActivityTaskQueueResponse
    PollNexusOperationExecution PollNexusOperationExecutionRequest PollNexusOperationExecutionResponse
    PollNexusTaskQueue PollNexusTaskQueueRequest PollNexusTaskQueueResponse
    PollWorkflowExecutionTimeSkipping PollWorkflowExecutionTimeSkippingRequest PollWorkflowExecutionTimeSkippingResponse
    PollWorkflowExecutionUpdate PollWorkflowExecutionUpdateRequest PollWorkflowExecutionUpdateResponse
    PollWorkflowTaskQueue PollWorkflowTaskQueueRequest PollWorkflowTaskQueueResponse
    QueryWorkflow QueryWorkflowRequest QueryWorkflowResponse
    RecordActivityTaskHeartbeat RecordActivityTaskHeartbeatRequest RecordActivityTaskHeartbeatResponse
    RecordActivityTaskHeartbeatById RecordActivityTaskHeartbeatByIdRequest RecordActivityTaskHeartbeatByIdResponse
    RecordWorkerHeartbeat RecordWorkerHeartbeatRequest RecordWorkerHeartbeatResponse
    RegisterNamespace RegisterNamespaceRequest RegisterNamespaceResponse
    RequestCancelActivityExecution RequestCancelActivityExecutionRequest RequestCancelActivityExecutionResponse
    RequestCancelNexusOperationExecution RequestCancelNexusOperationExecutionRequest RequestCancelNexusOperationExecutionResponse
    RequestCancelWorkflowExecution RequestCancelWorkflowExecutionRequest RequestCancelWorkflowExecutionResponse
    ResetActivity ResetActivityRequest ResetActivityResponse
    ResetActivityExecution ResetActivityExecutionRequest ResetActivityExecutionResponse
    ResetStickyTaskQueue ResetStickyTaskQueueRequest ResetStickyTaskQueueResponse
    ResetWorkflowExecution ResetWorkflowExecutionRequest ResetWorkflowExecutionResponse
    RespondActivityTaskCanceled RespondActivityTaskCanceledRequest RespondActivityTaskCanceledResponse
    RespondActivityTaskCanceledById RespondActivityTaskCanceledByIdRequest RespondActivityTaskCanceledByIdResponse
    RespondActivityTaskCompleted RespondActivityTaskCompletedRequest RespondActivityTaskCompletedResponse
    RespondActivityTaskCompletedById RespondActivityTaskCompletedByIdRequest RespondActivityTaskCompletedByIdResponse
    RespondActivityTaskFailed RespondActivityTaskFailedRequest RespondActivityTaskFailedResponse
    RespondActivityTaskFailedById RespondActivityTaskFailedByIdRequest RespondActivityTaskFailedByIdResponse
    RespondNexusTaskCompleted RespondNexusTaskCompletedRequest RespondNexusTaskCompletedResponse
    RespondNexusTaskFailed RespondNexusTaskFailedRequest RespondNexusTaskFailedResponse
    RespondQueryTaskCompleted RespondQueryTaskCompletedRequest RespondQueryTaskCompletedResponse
    RespondWorkflowTaskCompleted RespondWorkflowTaskCompletedRequest RespondWorkflowTaskCompletedResponse
    RespondWorkflowTaskFailed RespondWorkflowTaskFailedRequest RespondWorkflowTaskFailedResponse
    ScanWorkflowExecutions ScanWorkflowExecutionsRequest ScanWorkflowExecutionsResponse
    SetCurrentDeployment SetCurrentDeploymentRequest SetCurrentDeploymentResponse
    SetWorkerDeploymentCurrentVersion SetWorkerDeploymentCurrentVersionRequest SetWorkerDeploymentCurrentVersionResponse
    SetWorkerDeploymentManager SetWorkerDeploymentManagerRequest SetWorkerDeploymentManagerResponse
    SetWorkerDeploymentRampingVersion SetWorkerDeploymentRampingVersionRequest SetWorkerDeploymentRampingVersionResponse
    ShutdownWorker ShutdownWorkerRequest ShutdownWorkerResponse
    SignalWithStartWorkflowExecution SignalWithStartWorkflowExecutionRequest SignalWithStartWorkflowExecutionResponse
    SignalWorkflowExecution SignalWorkflowExecutionRequest SignalWorkflowExecutionResponse
    StartActivityExecution StartActivityExecutionRequest StartActivityExecutionResponse
    StartBatchOperation StartBatchOperationRequest StartBatchOperationResponse
    StartNexusOperationExecution StartNexusOperationExecutionRequest StartNexusOperationExecutionResponse
    StartWorkflowExecution StartWorkflowExecutionRequest StartWorkflowExecutionResponse
    StopBatchOperation StopBatchOperationRequest StopBatchOperationResponse
    TerminateActivityExecution TerminateActivityExecutionRequest TerminateActivityExecutionResponse
    TerminateNexusOperationExecution TerminateNexusOperationExecutionRequest TerminateNexusOperationExecutionResponse
    TerminateWorkflowExecution TerminateWorkflowExecutionRequest TerminateWorkflowExecutionResponse
    TriggerWorkflowRule TriggerWorkflowRuleRequest TriggerWorkflowRuleResponse
    UnpauseActivity UnpauseActivityRequest UnpauseActivityResponse
    UnpauseActivityExecution UnpauseActivityExecutionRequest UnpauseActivityExecutionResponse
    UnpauseWorkflowExecution UnpauseWorkflowExecutionRequest UnpauseWorkflowExecutionResponse
    UpdateActivityExecutionOptions UpdateActivityExecutionOptionsRequest UpdateActivityExecutionOptionsResponse
    UpdateActivityOptions UpdateActivityOptionsRequest UpdateActivityOptionsResponse
    UpdateNamespace UpdateNamespaceRequest UpdateNamespaceResponse
    UpdateSchedule UpdateScheduleRequest UpdateScheduleResponse
    UpdateTaskQueueConfig UpdateTaskQueueConfigRequest UpdateTaskQueueConfigResponse
    UpdateWorkerBuildIdCompatibility UpdateWorkerBuildIdCompatibilityRequest UpdateWorkerBuildIdCompatibilityResponse
    UpdateWorkerConfig UpdateWorkerConfigRequest UpdateWorkerConfigResponse
    UpdateWorkerDeploymentVersionComputeConfig UpdateWorkerDeploymentVersionComputeConfigRequest UpdateWorkerDeploymentVersionComputeConfigResponse
    UpdateWorkerDeploymentVersionMetadata UpdateWorkerDeploymentVersionMetadataRequest UpdateWorkerDeploymentVersionMetadataResponse
    UpdateWorkerVersioningRules UpdateWorkerVersioningRulesRequest UpdateWorkerVersioningRulesResponse
    UpdateWorkflowExecution UpdateWorkflowExecutionRequest UpdateWorkflowExecutionResponse
    UpdateWorkflowExecutionOptions UpdateWorkflowExecutionOptionsRequest UpdateWorkflowExecutionOptionsResponse
    ValidateWorkerDeploymentVersionComputeConfig ValidateWorkerDeploymentVersionComputeConfigRequest ValidateWorkerDeploymentVersionComputeConfigResponse
}

requests! { "temporal.api.operatorservice.v1.OperatorService", operatorservice::v1:
    AddOrUpdateRemoteCluster AddOrUpdateRemoteClusterRequest AddOrUpdateRemoteClusterResponse
    AddSearchAttributes AddSearchAttributesRequest AddSearchAttributesResponse
    CreateNexusEndpoint CreateNexusEndpointRequest CreateNexusEndpointResponse
    DeleteNamespace DeleteNamespaceRequest DeleteNamespaceResponse
    DeleteNexusEndpoint DeleteNexusEndpointRequest DeleteNexusEndpointResponse
    GetNexusEndpoint GetNexusEndpointRequest GetNexusEndpointResponse
    ListClusters ListClustersRequest ListClustersResponse
    ListNexusEndpoints ListNexusEndpointsRequest ListNexusEndpointsResponse
    ListSearchAttributes ListSearchAttributesRequest ListSearchAttributesResponse
    RemoveRemoteCluster RemoveRemoteClusterRequest RemoveRemoteClusterResponse
    RemoveSearchAttributes RemoveSearchAttributesRequest RemoveSearchAttributesResponse
    UpdateNexusEndpoint UpdateNexusEndpointRequest UpdateNexusEndpointResponse
}

#[cfg(test)]
mod tests {
    /// The methods of a service, as its generated client has them.
    fn generated(client: &'static str) -> impl Iterator<Item = &'static str> {
        let paths = client
            .split('"')
            .filter(|text| text.starts_with("/temporal."));
        paths.filter_map(|path| path.rsplit('/').next())
    }

    #[test]
    fn every_method_of_the_generated_clients_is_listed() {
        let own = include_str!("service.rs");
        let clients = [
            include_str!(
                "../../../../protos/src/generated/client/temporal.api.workflowservice.v1.rs"
            ),
            include_str!(
                "../../../../protos/src/generated/client/temporal.api.operatorservice.v1.rs"
            ),
        ];
        for method in clients.into_iter().flat_map(generated) {
            let line = format!("    {method} {method}Request {method}Response\n");
            assert!(own.contains(&line), "{method} is missing");
        }
    }
}
