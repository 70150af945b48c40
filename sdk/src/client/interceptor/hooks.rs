//! The operations, each with its hook.

use std::future::Future;
use std::sync::Arc;

use super::dispatch::{BoxFuture, Dispatch};
use super::headers::{Carrier, carried, none};
use super::messages::*;
use super::{ClientCall, ClientNext};
use crate::client::{RpcError, ServiceRequest};

/// A request that interceptors of clients see. Each has a hook of [`ClientInterceptor`].
pub trait ClientRequest: ServiceRequest + Clone + Dispatch {}

/// Makes the trait, the form of it that can be an object, and the way from a request to its hook.
macro_rules! operations {
    ($(
        $(#[$documentation:meta])*
        $hook:ident($request:ident) -> $response:ident, $headers:ident;
    )*) => {
        /// Code around the operations of a [`Client`](crate::client::Client) and of its handles:
        /// sets headers, writes logs and measures, refuses calls, answers in place of the server.
        ///
        /// Registered by [`ConnectOptions::interceptor`](crate::client::ConnectOptions::interceptor).
        /// There is a hook for each kind of call; all of them pass the call on unless they are
        /// implemented, as `async fn`.
        ///
        /// ```
        /// use durably::interceptor::messages::{
        ///     StartWorkflowExecutionRequest, StartWorkflowExecutionResponse,
        /// };
        /// use durably::interceptor::{ClientCall, ClientInterceptor, ClientNext};
        /// use durably::client::{ConnectOptions, RpcError};
        /// use durably::payload::HeaderKey;
        ///
        /// const TENANT: HeaderKey<String> = HeaderKey::new("tenant");
        ///
        /// struct Audit;
        ///
        /// impl ClientInterceptor for Audit {
        ///     async fn start_workflow(
        ///         &self,
        ///         mut call: ClientCall<StartWorkflowExecutionRequest>,
        ///         next: ClientNext<'_, StartWorkflowExecutionRequest>,
        ///     ) -> Result<StartWorkflowExecutionResponse, RpcError> {
        ///         call.set_header(&TENANT, "acme")?;
        ///         let workflow_id = call.request.workflow_id.clone();
        ///         let response = next.run(call).await?;
        ///         println!("{workflow_id} runs as {}", response.run_id);
        ///         Ok(response)
        ///     }
        /// }
        ///
        /// let options = ConnectOptions::new("localhost:7233").interceptor(Audit);
        /// ```
        ///
        /// # What they see
        /// Requests come before the [payload codec](crate::payload::codec::PayloadCodec) encodes them,
        /// responses after it decoded them. Errors are those of the call; the operation's own error
        /// enum is made of them after the last interceptor: a refusal with
        /// [`NotFound`](crate::client::RpcCode::NotFound) is a missing workflow to the caller.
        ///
        /// A call passes once, however often it is retried. Where an operation makes several calls,
        /// each passes: the pages of a history, the polls for a result, an update that is sent again
        /// because no worker has seen it. Which workflow a handle is to is the program's choice: an
        /// interceptor that changes workflow ids changes them in all operations.
        ///
        /// # What they do not see
        /// The calls of workers, those that administrate deployments, those about the namespace and
        /// the server, and [`Client::call`](crate::client::Client::call), which is the way past them.
        pub trait ClientInterceptor: Send + Sync + 'static {
            /// Around every call whose own hook is not implemented.
            ///
            /// ```
            /// use durably::client::RpcError;
            /// use durably::interceptor::{ClientCall, ClientInterceptor, ClientNext, ClientRequest};
            ///
            /// struct Slow;
            ///
            /// impl ClientInterceptor for Slow {
            ///     async fn every_call<Q: ClientRequest>(
            ///         &self,
            ///         call: ClientCall<Q>,
            ///         next: ClientNext<'_, Q>,
            ///     ) -> Result<Q::Response, RpcError> {
            ///         let (method, began) = (call.method(), std::time::Instant::now());
            ///         let result = next.run(call).await;
            ///         println!("{method} took {:?}", began.elapsed());
            ///         result
            ///     }
            /// }
            /// ```
            fn every_call<Q: ClientRequest>(
                &self,
                call: ClientCall<Q>,
                next: ClientNext<'_, Q>,
            ) -> impl Future<Output = Result<Q::Response, RpcError>> + Send {
                next.run(call)
            }

            $(
                $(#[$documentation])*
                fn $hook(
                    &self,
                    call: ClientCall<$request>,
                    next: ClientNext<'_, $request>,
                ) -> impl Future<Output = Result<$response, RpcError>> + Send {
                    self.every_call(call, next)
                }
            )*
        }

        /// One that several clients, or the program itself, share.
        impl<I: ClientInterceptor> ClientInterceptor for Arc<I> {
            fn every_call<Q: ClientRequest>(
                &self,
                call: ClientCall<Q>,
                next: ClientNext<'_, Q>,
            ) -> impl Future<Output = Result<Q::Response, RpcError>> + Send {
                (**self).every_call(call, next)
            }

            $(
                fn $hook(
                    &self,
                    call: ClientCall<$request>,
                    next: ClientNext<'_, $request>,
                ) -> impl Future<Output = Result<$response, RpcError>> + Send {
                    ClientInterceptor::$hook(&**self, call, next)
                }
            )*
        }

        /// A [`ClientInterceptor`] whose type is forgotten.
        pub trait AnyClientInterceptor: Send + Sync {
            $(
                /// The hook of the name.
                fn $hook<'a>(
                    &'a self,
                    call: ClientCall<$request>,
                    next: ClientNext<'a, $request>,
                ) -> BoxFuture<'a, Result<$response, RpcError>>;
            )*
        }

        impl<I: ClientInterceptor> AnyClientInterceptor for I {
            $(
                fn $hook<'a>(
                    &'a self,
                    call: ClientCall<$request>,
                    next: ClientNext<'a, $request>,
                ) -> BoxFuture<'a, Result<$response, RpcError>> {
                    Box::pin(ClientInterceptor::$hook(self, call, next))
                }
            )*
        }

        $(
            impl ClientRequest for $request {}

            impl Dispatch for $request {
                fn dispatch<'a>(
                    interceptor: &'a dyn AnyClientInterceptor,
                    call: ClientCall<Self>,
                    next: ClientNext<'a, Self>,
                ) -> BoxFuture<'a, Result<$response, RpcError>> {
                    interceptor.$hook(call, next)
                }

                fn carrier(&mut self) -> Option<&mut dyn Carrier> {
                    $headers(self)
                }
            }
        )*
    };
}

operations! {
    /// Around a start: `StartWorkflowExecution`.
    ///
    /// Its request id is set: the same request runs twice without starting twice. Whether it
    /// also asks for the first task is settled after the interceptors
    /// ([`request_eager_start`](crate::client::StartWorkflow::request_eager_start)), and the
    /// task given to the worker before they see the response.
    start_workflow(StartWorkflowExecutionRequest) -> StartWorkflowExecutionResponse, carried;

    /// Around a signal with a start: `SignalWithStartWorkflowExecution`. The request has one set
    /// of headers for both.
    signal_with_start_workflow(SignalWithStartWorkflowExecutionRequest) -> SignalWithStartWorkflowExecutionResponse, carried;

    /// Around an update with a start: `ExecuteMultiOperation`, of a start and an update. Sent
    /// again while the update has not been answered.
    update_with_start_workflow(ExecuteMultiOperationRequest) -> ExecuteMultiOperationResponse, carried;

    /// Around a signal: `SignalWorkflowExecution`. Its request id is set.
    signal_workflow(SignalWorkflowExecutionRequest) -> SignalWorkflowExecutionResponse, carried;

    /// Around a query: `QueryWorkflow`.
    query_workflow(QueryWorkflowRequest) -> QueryWorkflowResponse, carried;

    /// Around an update: `UpdateWorkflowExecution`. Its update id is set. Sent again while the
    /// update has only been admitted, and after an update with a start that was.
    update_workflow(UpdateWorkflowExecutionRequest) -> UpdateWorkflowExecutionResponse, carried;

    /// Around a poll for an update's result: `PollWorkflowExecutionUpdate`.
    poll_workflow_update(PollWorkflowExecutionUpdateRequest) -> PollWorkflowExecutionUpdateResponse, none;

    /// Around a request to cancel a workflow: `RequestCancelWorkflowExecution`.
    cancel_workflow(RequestCancelWorkflowExecutionRequest) -> RequestCancelWorkflowExecutionResponse, none;

    /// Around a termination: `TerminateWorkflowExecution`.
    terminate_workflow(TerminateWorkflowExecutionRequest) -> TerminateWorkflowExecutionResponse, none;

    /// Around a description of a workflow: `DescribeWorkflowExecution`.
    describe_workflow(DescribeWorkflowExecutionRequest) -> DescribeWorkflowExecutionResponse, none;

    /// Around a change of a workflow's options: `UpdateWorkflowExecutionOptions`.
    update_workflow_options(UpdateWorkflowExecutionOptionsRequest) -> UpdateWorkflowExecutionOptionsResponse, none;

    /// Around each page of a history, and each poll for a workflow's result:
    /// `GetWorkflowExecutionHistory`.
    get_workflow_history(GetWorkflowExecutionHistoryRequest) -> GetWorkflowExecutionHistoryResponse, none;

    /// Around each page of a list of workflows: `ListWorkflowExecutions`.
    list_workflows(ListWorkflowExecutionsRequest) -> ListWorkflowExecutionsResponse, none;

    /// Around each poll for the end of a fast-forward: `PollWorkflowExecutionTimeSkipping`.
    poll_workflow_time_skipping(PollWorkflowExecutionTimeSkippingRequest) -> PollWorkflowExecutionTimeSkippingResponse, none;

    /// Around a heartbeat by [`AsyncActivityHandle`](crate::client::AsyncActivityHandle), for an
    /// activity by its task token: `RecordActivityTaskHeartbeat`.
    heartbeat_activity(RecordActivityTaskHeartbeatRequest) -> RecordActivityTaskHeartbeatResponse, none;

    /// As [`heartbeat_activity`](Self::heartbeat_activity), for an activity by ids:
    /// `RecordActivityTaskHeartbeatById`.
    heartbeat_activity_by_id(RecordActivityTaskHeartbeatByIdRequest) -> RecordActivityTaskHeartbeatByIdResponse, none;

    /// Around the completion of an activity by its task token: `RespondActivityTaskCompleted`.
    complete_activity(RespondActivityTaskCompletedRequest) -> RespondActivityTaskCompletedResponse, none;

    /// Around the completion of an activity by ids: `RespondActivityTaskCompletedById`.
    complete_activity_by_id(RespondActivityTaskCompletedByIdRequest) -> RespondActivityTaskCompletedByIdResponse, none;

    /// Around the failure of an activity by its task token: `RespondActivityTaskFailed`.
    fail_activity(RespondActivityTaskFailedRequest) -> RespondActivityTaskFailedResponse, none;

    /// Around the failure of an activity by ids: `RespondActivityTaskFailedById`.
    fail_activity_by_id(RespondActivityTaskFailedByIdRequest) -> RespondActivityTaskFailedByIdResponse, none;

    /// Around the report that an activity was canceled, by its task token:
    /// `RespondActivityTaskCanceled`.
    report_activity_canceled(RespondActivityTaskCanceledRequest) -> RespondActivityTaskCanceledResponse, none;

    /// Around the report that an activity was canceled, by ids: `RespondActivityTaskCanceledById`.
    report_activity_canceled_by_id(RespondActivityTaskCanceledByIdRequest) -> RespondActivityTaskCanceledByIdResponse, none;
}
