//! The messages of the calls that interceptors of clients see: what is sent, and what comes back.
//!
//! They are those of Temporal's `WorkflowService`, field by field; the crate `durably-protos` has all
//! others, and the types of their fields.

pub use durably_protos::temporal::api::workflowservice::v1::{
    DescribeWorkflowExecutionRequest, DescribeWorkflowExecutionResponse,
    ExecuteMultiOperationRequest, ExecuteMultiOperationResponse,
    GetWorkflowExecutionHistoryRequest, GetWorkflowExecutionHistoryResponse,
    ListWorkflowExecutionsRequest, ListWorkflowExecutionsResponse,
    PollWorkflowExecutionTimeSkippingRequest, PollWorkflowExecutionTimeSkippingResponse,
    PollWorkflowExecutionUpdateRequest, PollWorkflowExecutionUpdateResponse, QueryWorkflowRequest,
    QueryWorkflowResponse, RecordActivityTaskHeartbeatByIdRequest,
    RecordActivityTaskHeartbeatByIdResponse, RecordActivityTaskHeartbeatRequest,
    RecordActivityTaskHeartbeatResponse, RequestCancelWorkflowExecutionRequest,
    RequestCancelWorkflowExecutionResponse, RespondActivityTaskCanceledByIdRequest,
    RespondActivityTaskCanceledByIdResponse, RespondActivityTaskCanceledRequest,
    RespondActivityTaskCanceledResponse, RespondActivityTaskCompletedByIdRequest,
    RespondActivityTaskCompletedByIdResponse, RespondActivityTaskCompletedRequest,
    RespondActivityTaskCompletedResponse, RespondActivityTaskFailedByIdRequest,
    RespondActivityTaskFailedByIdResponse, RespondActivityTaskFailedRequest,
    RespondActivityTaskFailedResponse, SignalWithStartWorkflowExecutionRequest,
    SignalWithStartWorkflowExecutionResponse, SignalWorkflowExecutionRequest,
    SignalWorkflowExecutionResponse, StartWorkflowExecutionRequest, StartWorkflowExecutionResponse,
    TerminateWorkflowExecutionRequest, TerminateWorkflowExecutionResponse,
    UpdateWorkflowExecutionOptionsRequest, UpdateWorkflowExecutionOptionsResponse,
    UpdateWorkflowExecutionRequest, UpdateWorkflowExecutionResponse,
};
