//! Interceptors of clients: headers that they set, calls that they see and refuse.

use std::sync::{Arc, Mutex};

use durably::client::{AsyncActivityError, RpcCode, RpcError, StartError, UpdateError};
use durably::interceptor::messages::{
    RespondActivityTaskCompletedByIdRequest, RespondActivityTaskCompletedByIdResponse,
    StartWorkflowExecutionRequest, StartWorkflowExecutionResponse, UpdateWorkflowExecutionRequest,
    UpdateWorkflowExecutionResponse,
};
use durably::interceptor::{ClientCall, ClientInterceptor, ClientNext, ClientRequest};
use durably::options::WorkflowIdConflictPolicy;
use durably::payload::{FromPayload, HeaderKey, Headers, ToPayload};
use durably::prelude::*;
use durably_integration::{Test, eventually};

const TENANT: HeaderKey<String> = HeaderKey::new("tenant");
const METHOD: HeaderKey<String> = HeaderKey::new("method");

/// Hears with which headers it is started and talked to.
#[derive(Default)]
struct Hears {
    heard: State<Vec<String>>,
    closed: State<bool>,
}

fn seen(ctx: &WorkflowContext) -> WorkflowResult<String> {
    let tenant = ctx.header(&TENANT)?.unwrap_or("-".to_owned());
    let method = ctx.header(&METHOD)?.unwrap_or("-".to_owned());
    Ok(format!("{tenant}/{method}"))
}

#[workflow]
impl Hears {
    #[run]
    async fn run(&self, ctx: &WorkflowContext) -> WorkflowResult<Vec<String>> {
        let own = seen(ctx)?;
        ctx.wait_until(|| self.closed.get()).await?;
        self.heard.update(|heard| heard.push(own));
        Ok(self.heard.get())
    }

    #[signal]
    fn tell(&self, ctx: &WorkflowContext, close: bool) -> WorkflowResult<()> {
        let seen = seen(ctx)?;
        self.heard.update(|heard| heard.push(seen));
        self.closed.set(close);
        Ok(())
    }

    #[query]
    fn ask(&self, ctx: &WorkflowContext) -> WorkflowResult<String> {
        seen(ctx)
    }

    #[update]
    fn change(&self, ctx: &WorkflowContext) -> WorkflowResult<String> {
        seen(ctx)
    }
}

/// Sends with every message which call it came by.
struct Tenant(&'static str);

impl ClientInterceptor for Tenant {
    async fn every_call<Q: ClientRequest>(
        &self,
        mut call: ClientCall<Q>,
        next: ClientNext<'_, Q>,
    ) -> Result<Q::Response, RpcError> {
        let headers = Headers::new().set(&TENANT, self.0).unwrap();
        call.add_headers(&headers.set(&METHOD, call.method()).unwrap());
        next.run(call).await
    }
}

#[tokio::test]
async fn set_headers_that_workflows_see() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(Hears::run));
    let client = test.connect_with(|options| options.interceptor(Tenant("acme")));
    let client = client.await;
    let start = |id: &str| {
        client
            .start(Hears::run, ())
            .workflow_id(test.workflow_id(id))
            .task_queue(test.task_queue())
    };

    let handle = start("alone").await.unwrap();
    handle.signal(Hears::tell, false).await.unwrap();
    assert_eq!(
        handle.query(Hears::ask, ()).await.unwrap(),
        "acme/QueryWorkflow"
    );
    assert_eq!(
        handle.update(Hears::change, ()).await.unwrap(),
        "acme/UpdateWorkflowExecution"
    );
    // A client without the interceptor sends none of its own: the workflow's show.
    let bare = test
        .client()
        .workflow_handle(Hears::run, handle.workflow_id());
    assert_eq!(
        bare.query(Hears::ask, ()).await.unwrap(),
        "acme/StartWorkflowExecution"
    );
    handle.signal(Hears::tell, true).await.unwrap();
    assert_eq!(
        test.result(&handle).await.unwrap(),
        [
            "acme/SignalWorkflowExecution",
            "acme/SignalWorkflowExecution",
            "acme/StartWorkflowExecution",
        ]
    );

    let signaled = start("signaled").with_signal(Hears::tell, true);
    let signaled = signaled.await.unwrap();
    assert_eq!(
        test.result(&signaled).await.unwrap(),
        ["acme/SignalWithStartWorkflowExecution"; 2]
    );

    let updated = start("updated").id_conflict_policy(WorkflowIdConflictPolicy::Fail);
    let updated = updated.update_with_start(Hears::change, ());
    let (handle, answer) = updated.await.unwrap();
    assert_eq!(answer, "acme/ExecuteMultiOperation");
    handle.signal(Hears::tell, true).await.unwrap();
    assert_eq!(
        test.result(&handle).await.unwrap(),
        ["acme/SignalWorkflowExecution", "acme/ExecuteMultiOperation",]
    );
}

/// Notes the methods that are called and how they end.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    /// What was called since, repeated polls counted once.
    fn take(&self) -> Vec<String> {
        let mut lines = std::mem::take(&mut *self.0.lock().unwrap());
        lines.dedup();
        lines
    }
}

impl ClientInterceptor for Log {
    async fn every_call<Q: ClientRequest>(
        &self,
        call: ClientCall<Q>,
        next: ClientNext<'_, Q>,
    ) -> Result<Q::Response, RpcError> {
        let method = call.method();
        let result = next.run(call).await;
        let outcome = match &result {
            Ok(_) => "ok".to_owned(),
            Err(error) => format!("{:?}", error.code()),
        };
        self.0.lock().unwrap().push(format!("{method} {outcome}"));
        result
    }
}

#[tokio::test]
async fn see_every_operation() {
    let (test, log) = (Test::begin().await, Log::default());
    let _worker = test.worker(|worker| worker.workflow(Hears::run));
    let client = test.connect_with(|options| options.interceptor(log.clone()));
    let client = client.await;
    assert!(log.take().is_empty(), "connecting is no operation");
    let start = client
        .start(Hears::run, ())
        .workflow_id(test.workflow_id("seen"))
        .task_queue(test.task_queue());
    let handle = start.await.unwrap();
    handle.query(Hears::ask, ()).await.unwrap();
    handle.update(Hears::change, ()).await.unwrap();
    handle.describe().await.unwrap();
    handle.signal(Hears::tell, true).await.unwrap();
    handle.result().await.unwrap();
    handle.terminate("too late").await.unwrap_err();
    assert_eq!(
        log.take(),
        [
            "StartWorkflowExecution ok",
            "QueryWorkflow ok",
            "UpdateWorkflowExecution ok",
            "DescribeWorkflowExecution ok",
            "SignalWorkflowExecution ok",
            "GetWorkflowExecutionHistory ok",
            "TerminateWorkflowExecution NotFound",
        ]
    );
    // Those of a worker of this client are none.
    let queue = format!("{}-2", test.task_queue());
    let worker = Worker::builder(&client, &queue).workflow(Hears::run);
    let _worker = test.start_worker(worker.build().unwrap());
    let start = client.start(Hears::run, ()).task_queue(&queue);
    let start = start.request_eager_start().with_signal(Hears::tell, true);
    start.await.unwrap().result().await.unwrap();
    assert_eq!(
        log.take(),
        [
            "SignalWithStartWorkflowExecution ok",
            "GetWorkflowExecutionHistory ok",
        ]
    );
}

#[tokio::test]
async fn an_eager_start_gives_its_task_to_the_worker() {
    let (test, log) = (Test::begin().await, Log::default());
    let client = test.connect_with(|options| options.interceptor(log.clone()));
    let client = client.await;
    let worker = Worker::builder(&client, test.task_queue()).workflow(Hears::run);
    let _worker = test.start_worker(worker.build().unwrap());
    // Until the worker has registered itself a start goes through the queue, as any other.
    eventually("an eager start", async || {
        let start = client
            .start(Hears::run, ())
            .workflow_id(test.workflow_id("eager"))
            .task_queue(test.task_queue())
            .request_eager_start();
        log.take();
        let handle = start.await.unwrap();
        assert_eq!(log.take(), ["StartWorkflowExecution ok"]);
        handle.signal(Hears::tell, true).await.unwrap();
        test.result(&handle).await.unwrap();
        let events = test.events(&handle).await;
        match events.started().eager_execution_accepted {
            true => Ok(()),
            false => Err(events),
        }
    })
    .await;
}

/// Lets only some tenants in, and reads arguments.
struct Guard;

impl ClientInterceptor for Guard {
    async fn start_workflow(
        &self,
        call: ClientCall<StartWorkflowExecutionRequest>,
        next: ClientNext<'_, StartWorkflowExecutionRequest>,
    ) -> Result<StartWorkflowExecutionResponse, RpcError> {
        let tenant = call.headers().get(&TENANT).unwrap();
        match tenant.as_deref() {
            Some("acme") => next.run(call).await,
            _ => Err(call.refused(RpcCode::PermissionDenied, "only acme may start workflows")),
        }
    }

    async fn update_workflow(
        &self,
        call: ClientCall<UpdateWorkflowExecutionRequest>,
        _: ClientNext<'_, UpdateWorkflowExecutionRequest>,
    ) -> Result<UpdateWorkflowExecutionResponse, RpcError> {
        Err(call.refused(RpcCode::NotFound, "updates are not for you"))
    }
}

#[tokio::test]
async fn refuse_calls() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(Hears::run));
    let client = test
        .connect_with(|options| options.interceptor(Guard))
        .await;
    let start = || {
        client
            .start(Hears::run, ())
            .workflow_id(test.workflow_id("guarded"))
            .task_queue(test.task_queue())
    };
    let error = start().header(&TENANT, "other").await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "StartWorkflowExecution was refused by an interceptor (PERMISSION_DENIED): only acme may start workflows"
    );
    assert!(
        matches!(&error, StartError::Rpc(error) if error.is_refused()),
        "{error:?}"
    );
    let handle = start().header(&TENANT, "acme").await.unwrap();
    let error = handle.update(Hears::change, ()).await.unwrap_err();
    assert!(matches!(error, UpdateError::NotFound { .. }), "{error:?}");
    handle.signal(Hears::tell, true).await.unwrap();
    test.result(&handle).await.unwrap();
}

#[activity(start_to_close_timeout = "60s")]
async fn wait_for_someone() -> ActivityResult<String> {
    Err(ActivityError::complete_asynchronously())
}

#[workflow]
async fn waits(ctx: &WorkflowContext) -> WorkflowResult<String> {
    let activity = ctx.activity(wait_for_someone, ());
    Ok(activity.activity_id("waits").await?)
}

/// Completes activities by other values than the program says.
struct Stamp;

impl ClientInterceptor for Stamp {
    async fn complete_activity_by_id(
        &self,
        mut call: ClientCall<RespondActivityTaskCompletedByIdRequest>,
        next: ClientNext<'_, RespondActivityTaskCompletedByIdRequest>,
    ) -> Result<RespondActivityTaskCompletedByIdResponse, RpcError> {
        let payloads = &mut call.request.result.as_mut().unwrap().payloads;
        let result = String::from_payload(&payloads[0]).unwrap();
        payloads[0] = format!("{result}, stamped").to_payload().unwrap();
        next.run(call).await
    }
}

#[tokio::test]
async fn are_around_the_completion_of_activities() {
    let (test, log) = (Test::begin().await, Log::default());
    let _worker = test.worker(|worker| worker.workflow(waits).activity(wait_for_someone));
    let client = test.connect_with(|options| options.interceptor(log.clone()).interceptor(Stamp));
    let client = client.await;
    let handle = test.start(waits, ()).await;
    let activity = client.async_activity_by_id(handle.workflow_id(), None, "waits");
    // The activity may not have been scheduled yet.
    eventually("the activity is there", async || {
        match activity.heartbeat(&1).await {
            Ok(_) => Ok(()),
            Err(error @ AsyncActivityError::NotFound { .. }) => Err(error),
            Err(error) => panic!("{error}"),
        }
    })
    .await;
    activity.complete(&"approved".to_owned()).await.unwrap();
    assert_eq!(test.result(&handle).await.unwrap(), "approved, stamped");
    let seen = log.take();
    let seen: Vec<_> = seen.iter().filter(|line| line.ends_with(" ok")).collect();
    assert_eq!(
        seen,
        [
            "RecordActivityTaskHeartbeatById ok",
            "RespondActivityTaskCompletedById ok",
        ]
    );
}
