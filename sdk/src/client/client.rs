//! The client: a connection to the server, for one namespace.

use std::fmt;
use std::sync::Arc;

use durably_protos::temporal::api::common::v1::Payload;
use durably_protos::temporal::api::workflowservice::v1::{
    GetSystemInfoRequest, GetSystemInfoResponse,
};
use tokio::sync::OnceCell;
use tonic::Code;
use tonic::metadata::MetadataMap;

use super::connect_options::HeaderValue;
use super::connection::Connection;
use super::eager::EagerDispatchers;
use super::headers::{Headers, InvalidHeader, SharedHeaders, insert, insert_binary};
use super::identity::default_identity;
use super::interceptor::Interceptors;
use super::rpc::{Call, Rpc, RpcError, ServiceRequest};
use super::start::{StartWorkflow, Untyped};
use super::{AsyncActivityHandle, ConnectError, ConnectOptions, WorkflowHandle};
use crate::definition::WorkflowDefinition;
use crate::payload::{self, Arguments};
use crate::worker::WorkflowThreads;

/// A connection to the server, for one namespace. Cheap to clone: clones share the connection.
///
/// ```no_run
/// use durably::client::{Client, ConnectOptions};
///
/// # async fn connect() -> Result<(), Box<dyn std::error::Error>> {
/// let client = Client::connect(ConnectOptions::new("localhost:7233")).await?;
/// let handle = client
///     .start_by_name("OrderWorkflow", Vec::new())
///     .workflow_id("order-123")
///     .task_queue("orders")
///     .await?;
/// handle.cancel("changed my mind").await?;
/// # Ok(())
/// # }
/// ```
///
/// Calls that fail in a way that may pass are made again: for up to 10 s, in at most 10 attempts.
/// Errors are reported after that.
#[derive(Clone)]
pub struct Client {
    rpc: Rpc,
    shared: Arc<Shared>,
    headers: Arc<Headers>,
    namespace: Arc<str>,
    /// What goes along with starts and messages.
    workflow_headers: payload::Headers,
}

/// What the clones of a client share, whatever their namespace.
struct Shared {
    connection: Connection,
    headers: Arc<SharedHeaders>,
    identity: String,
    system_info: OnceCell<GetSystemInfoResponse>,
    eager: Arc<EagerDispatchers>,
    interceptors: Interceptors,
    /// The threads on which this client's workers run workflow code.
    threads: WorkflowThreads,
}

impl Client {
    /// Connects to the server and asks what it can do.
    ///
    /// # Errors
    /// The options cannot be used, or the server cannot be reached. A server that does not answer is
    /// asked again for 10 s.
    pub async fn connect(options: ConnectOptions) -> Result<Self, ConnectError> {
        let client = Self::connect_lazy(options)?;
        let answer = client.system_info().await;
        answer.map_err(|source| ConnectError::Server {
            address: client.shared.connection.address.clone(),
            source,
        })?;
        Ok(client)
    }

    /// A client that connects with its first call. Must be called inside a tokio runtime, on which
    /// the connection then lives.
    ///
    /// # Errors
    /// The options cannot be used, or there is no runtime.
    pub fn connect_lazy(options: ConnectOptions) -> Result<Self, ConnectError> {
        let connection = Connection::new(&options)?;
        let mut user_headers = MetadataMap::new();
        for (name, value) in &options.headers {
            match value {
                HeaderValue::Text(value) => insert(&mut user_headers, name, value)?,
                HeaderValue::Binary(value) => insert_binary(&mut user_headers, name, value)?,
            }
        }
        let shared_headers = Arc::new(SharedHeaders::new(
            user_headers,
            options.api_key.as_deref(),
        )?);
        let headers = Arc::new(Headers::new(shared_headers.clone(), &options.namespace)?);
        Ok(Self {
            rpc: Rpc::new(connection.open()?, headers.clone(), options.edge),
            headers,
            namespace: options.namespace.into(),
            workflow_headers: payload::Headers::new(),
            shared: Arc::new(Shared {
                connection,
                headers: shared_headers,
                identity: options.identity.unwrap_or_else(default_identity),
                system_info: OnceCell::new(),
                eager: Arc::default(),
                interceptors: options.interceptors,
                threads: WorkflowThreads::default(),
            }),
        })
    }

    /// A client for another namespace over the same connection.
    ///
    /// # Errors
    /// The namespace holds characters that a header cannot.
    pub fn with_namespace(&self, namespace: impl Into<String>) -> Result<Self, InvalidHeader> {
        let namespace = namespace.into();
        let headers = Arc::new(Headers::new(self.shared.headers.clone(), &namespace)?);
        Ok(Self {
            rpc: self
                .rpc
                .with_headers(headers.clone(), self.rpc.edge().clone()),
            shared: self.shared.clone(),
            headers,
            namespace: namespace.into(),
            workflow_headers: self.workflow_headers.clone(),
        })
    }

    /// A client that sends these headers with all that it starts, signals, queries and updates, in
    /// place of those that this one sends. Cheap: one may be made for each request that a program
    /// serves. Handles have the headers of the client that they are from.
    ///
    /// Workflows read them ([`WorkflowContext::header`](crate::workflow::WorkflowContext::header))
    /// and pass them on to what they call. The headers of the gRPC calls themselves are
    /// [`ConnectOptions::header`].
    ///
    /// ```no_run
    /// # use durably::prelude::*;
    /// use durably::payload::{HeaderKey, Headers};
    ///
    /// const TENANT: HeaderKey<String> = HeaderKey::new("tenant");
    ///
    /// # #[workflow]
    /// # async fn invoice(ctx: &WorkflowContext, cents: u64) -> WorkflowResult<()> { Ok(()) }
    /// # async fn serve(client: &Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let client = client.with_headers(Headers::new().set(&TENANT, "acme")?);
    /// let handle = client.start(invoice, 4_200_u64).task_queue("invoices").await?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn with_headers(&self, headers: payload::Headers) -> Self {
        Self {
            workflow_headers: headers,
            ..self.clone()
        }
    }

    /// The headers that go along with what this client starts and sends.
    pub fn headers(&self) -> &payload::Headers {
        &self.workflow_headers
    }

    /// The namespace.
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    /// What this process calls itself in histories.
    pub fn identity(&self) -> &str {
        &self.shared.identity
    }

    /// Replaces the API key in all later calls of this client, of its clones and of the workers made
    /// from it; `None` sends none.
    ///
    /// # Errors
    /// The key holds characters that a header cannot, or the header `authorization` was set
    /// explicitly and would be sent instead.
    pub fn set_api_key(&self, api_key: Option<&str>) -> Result<(), InvalidHeader> {
        self.shared.headers.set_api_key(api_key)
    }

    /// Starts a workflow, with the options that follow; see [`StartWorkflow`].
    ///
    /// ```no_run
    /// # use durably::prelude::*;
    /// # #[derive(Default)]
    /// # struct OrderSaga;
    /// # #[workflow]
    /// # impl OrderSaga {
    /// #     #[run]
    /// #     async fn run(&self, ctx: &WorkflowContext, order: String) -> WorkflowResult<String> { Ok(order) }
    /// #     #[signal]
    /// #     fn cancel(&self, reason: String) {}
    /// #     #[query]
    /// #     fn status(&self) -> String { String::new() }
    /// # }
    /// # async fn start(client: Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let order = client
    ///     .start(OrderSaga::run, "three apples")
    ///     .workflow_id("order-123")
    ///     .task_queue("orders")
    ///     .await?;
    /// let receipt: String = order.result().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn start<W: WorkflowDefinition>(
        &self,
        workflow: W,
        arguments: impl Arguments<W::Parameters>,
    ) -> StartWorkflow<W> {
        // A definition is a value only so that it can be named.
        let _ = workflow;
        StartWorkflow::new(self.clone(), W::NAME, arguments.to_payloads())
    }

    /// Starts a workflow by the name of its type, with arguments as they go over the wire.
    pub fn start_by_name(
        &self,
        workflow_type: impl Into<String>,
        arguments: Vec<Payload>,
    ) -> StartWorkflow<Untyped> {
        StartWorkflow::new(self.clone(), workflow_type, Ok(arguments))
    }

    /// Starts a workflow and waits for its result: [`start`](Self::start) and
    /// [`result`](WorkflowHandle::result) in one.
    pub fn execute<W: WorkflowDefinition>(
        &self,
        workflow: W,
        arguments: impl Arguments<W::Parameters>,
    ) -> StartWorkflow<W, super::start::Execute> {
        self.start(workflow, arguments).and_wait()
    }

    /// As [`execute`](Self::execute), by the name of the workflow's type.
    pub fn execute_by_name(
        &self,
        workflow_type: impl Into<String>,
        arguments: Vec<Payload>,
    ) -> StartWorkflow<Untyped, super::start::Execute> {
        self.start_by_name(workflow_type, arguments).and_wait()
    }

    /// A handle to a workflow that runs, or has run. Nothing is asked of the server.
    pub fn workflow_handle<W: WorkflowDefinition>(
        &self,
        workflow: W,
        workflow_id: impl Into<String>,
    ) -> WorkflowHandle<W> {
        let _ = workflow;
        WorkflowHandle::existing(self.clone(), workflow_id.into())
    }

    /// As [`workflow_handle`](Self::workflow_handle), for a workflow of any type.
    pub fn untyped_workflow_handle(
        &self,
        workflow_id: impl Into<String>,
    ) -> WorkflowHandle<Untyped> {
        WorkflowHandle::existing(self.clone(), workflow_id.into())
    }

    /// A handle to an activity that someone other than its worker completes, by the task token the
    /// activity was given.
    pub fn async_activity(&self, task_token: impl Into<bytes::Bytes>) -> AsyncActivityHandle {
        AsyncActivityHandle::by_token(self.clone(), task_token.into())
    }

    /// As [`async_activity`](Self::async_activity), by the ids of workflow and activity. Without a run
    /// id it is the workflow's current run.
    pub fn async_activity_by_id(
        &self,
        workflow_id: impl Into<String>,
        run_id: Option<&str>,
        activity_id: impl Into<String>,
    ) -> AsyncActivityHandle {
        let run_id = run_id.unwrap_or_default().to_owned();
        AsyncActivityHandle::by_id(self.clone(), workflow_id.into(), run_id, activity_id.into())
    }

    /// Calls any method of the server's API, with this client's headers, deadline (30 s) and retries.
    /// The request's own namespace and identity are the caller's to fill in.
    /// [Interceptors](crate::interceptor::ClientInterceptor) do not see the call.
    ///
    /// ```no_run
    /// # async fn list(client: durably::client::Client) -> Result<(), durably::client::RpcError> {
    /// use durably_protos::temporal::api::workflowservice::v1::CountWorkflowExecutionsRequest;
    ///
    /// let request = CountWorkflowExecutionsRequest {
    ///     namespace: client.namespace().to_owned(),
    ///     query: "ExecutionStatus = 'Running'".to_owned(),
    /// };
    /// let running = client.call(request).await?.count;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The call failed, after the retries.
    pub async fn call<Q: ServiceRequest>(&self, request: Q) -> Result<Q::Response, RpcError> {
        self.rpc.call(request, Call::ORDINARY).await
    }

    /// The channel this client was made with.
    pub(crate) fn rpc(&self) -> &Rpc {
        &self.rpc
    }

    /// A further channel, which lives on the calling runtime. Headers stay common: a new API key
    /// reaches it too.
    pub(crate) fn open_channel(&self) -> Result<Rpc, ConnectError> {
        Ok(Rpc::new(
            self.shared.connection.open()?,
            self.headers.clone(),
            self.rpc.edge().clone(),
        ))
    }

    /// A channel that another client has opened on this runtime, with this client's headers and codec.
    pub(crate) fn on_channel(&self, rpc: &Rpc) -> Rpc {
        rpc.with_headers(self.headers.clone(), self.rpc.edge().clone())
    }

    pub(super) fn interceptors(&self) -> &Interceptors {
        &self.shared.interceptors
    }

    pub(crate) fn workflow_threads(&self) -> &WorkflowThreads {
        &self.shared.threads
    }

    /// What the server says of itself. Asked once; a server that does not know the question counts
    /// as one without any capability.
    pub(crate) async fn system_info(&self) -> Result<&GetSystemInfoResponse, RpcError> {
        let ask = || async {
            match self.rpc.call(GetSystemInfoRequest {}, Call::CONNECT).await {
                Err(error) if error.code() == Code::Unimplemented => Ok(Default::default()),
                answer => answer,
            }
        };
        self.shared.system_info.get_or_try_init(ask).await
    }

    /// The workers of this process that take the first task of a workflow from the client.
    pub(crate) fn eager_dispatchers(&self) -> &Arc<EagerDispatchers> {
        &self.shared.eager
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Client")
            .field("address", &self.shared.connection.address)
            .field("namespace", &self.namespace)
            .field("identity", &self.shared.identity)
            .finish_non_exhaustive()
    }
}
