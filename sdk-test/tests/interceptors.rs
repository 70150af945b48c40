//! Interceptors of an environment's client and workers.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use durably::activity::ActivityContext;
use durably::client::RpcError;
use durably::interceptor::{
    ActivityInterceptor, ClientCall, ClientInterceptor, ClientNext, ClientRequest, ExecuteActivity,
};
use durably::payload::{HeaderKey, Headers, Payload};
use durably::prelude::*;
use durably_test::TestEnv;

const TENANT: HeaderKey<String> = HeaderKey::new("tenant");

#[activity(start_to_close_timeout = "10s")]
async fn charge(cents: u64) -> ActivityResult<String> {
    Ok(format!("{cents} cents"))
}

#[workflow]
async fn order(ctx: &WorkflowContext, cents: u64) -> WorkflowResult<String> {
    ctx.sleep(Duration::from_secs(24 * 60 * 60)).await?;
    Ok(ctx.activity(charge, cents).await?)
}

/// Sets the tenant, and notes what client and activities do.
#[derive(Default)]
struct Seen(Mutex<Vec<String>>);

impl Seen {
    fn note(&self, what: String) {
        self.0.lock().unwrap().push(what);
    }
}

impl ClientInterceptor for Seen {
    async fn every_call<Q: ClientRequest>(
        &self,
        mut call: ClientCall<Q>,
        next: ClientNext<'_, Q>,
    ) -> Result<Q::Response, RpcError> {
        call.add_headers(&Headers::new().set(&TENANT, "acme").unwrap());
        self.note(call.method().to_owned());
        next.run(call).await
    }
}

impl ActivityInterceptor for Seen {
    async fn execute_activity(
        &self,
        ctx: &ActivityContext,
        arguments: Vec<Payload>,
        next: ExecuteActivity<'_>,
    ) -> ActivityResult<Option<Payload>> {
        let tenant = ctx.header(&TENANT)?.unwrap_or_default();
        self.note(format!("{} of {tenant}", ctx.info().activity_type));
        next.run(ctx, arguments).await
    }
}

#[tokio::test]
async fn are_around_its_client_and_its_mocks() {
    let seen = Arc::new(Seen::default());
    let of_client = Arc::clone(&seen);
    let env = TestEnv::builder();
    let env = env.client_options(move |options| options.interceptor(Arc::clone(&of_client)));
    let env = env.start().await;
    let worker = env.worker("orders").workflow(order);
    let _worker = worker
        .configure(|worker| worker.activity_interceptor(Arc::clone(&seen)))
        .mock(charge, |cents| Ok(format!("mocked {cents}")))
        .start();
    let start = env.client().start(order, 2_u64).task_queue("orders");
    let handle = start.await.unwrap();
    // A day passes at once, for the result is waited for.
    assert_eq!(handle.result().await.unwrap(), "mocked 2");
    env.finish().await;
    let mut seen = seen.0.lock().unwrap().clone();
    seen.dedup();
    assert_eq!(
        seen,
        [
            "StartWorkflowExecution",
            "GetWorkflowExecutionHistory",
            "charge of acme",
        ]
    );
}
