//! The untyped siblings: workflows, signals, queries by name, with payloads; and calls of any method.

use durably::payload::{FromPayload, ToPayload};
use durably::prelude::*;
use durably_integration::{Test, in_time};
use durably_protos::temporal::api::workflowservice::v1::{
    DescribeTaskQueueRequest, GetSystemInfoRequest,
};

#[derive(Default)]
struct Sum {
    sum: State<i64>,
}

#[workflow(name = "Sum")]
impl Sum {
    #[run]
    async fn run(&self, ctx: &WorkflowContext, until: i64) -> WorkflowResult<i64> {
        ctx.wait_until(|| self.sum.get() >= until).await?;
        Ok(self.sum.get())
    }

    #[signal]
    fn add(&self, number: i64) {
        self.sum.update(|sum| *sum += number);
    }

    #[query]
    fn sum(&self) -> i64 {
        self.sum.get()
    }
}

#[tokio::test]
async fn everything_by_name() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(Sum::run));
    let payload = |number: i64| vec![number.to_payload().unwrap()];
    let id = test.workflow_id("sum");
    let start = test
        .client()
        .start_by_name("Sum", payload(10))
        .workflow_id(&id)
        .task_queue(test.task_queue());
    let started = start.with_signal_by_name("add", payload(1)).await.unwrap();
    let handle = test.client().untyped_workflow_handle(&id);
    let answer = handle.query_by_name("sum", vec![]).await.unwrap();
    assert_eq!(i64::from_payload(&answer.0).unwrap(), 1);
    handle.signal_by_name("add", payload(9)).await.unwrap();
    let result = in_time("the result", started.result().into_future())
        .await
        .unwrap();
    assert_eq!(i64::from_payload(&result.0).unwrap(), 10);
    // The same workflow, typed.
    let typed = test.client().workflow_handle(Sum::run, &id);
    assert_eq!(test.result(&typed).await.unwrap(), 10);
    assert_eq!(typed.query(Sum::sum, ()).await.unwrap(), 10);

    let execute = test
        .client()
        .execute_by_name("Sum", payload(0))
        .task_queue(test.task_queue());
    let result = in_time("the result", execute.into_future()).await.unwrap();
    assert_eq!(i64::from_payload(&result.0).unwrap(), 0);
}

#[tokio::test]
async fn any_method_of_the_server() {
    let test = Test::begin().await;
    let info = test.client().call(GetSystemInfoRequest {}).await.unwrap();
    assert!(!info.server_version.is_empty());
    let request = DescribeTaskQueueRequest {
        namespace: test.client().namespace().to_owned(),
        ..DescribeTaskQueueRequest::default()
    };
    let error = test.client().call(request).await.unwrap_err();
    assert_eq!(error.method(), "DescribeTaskQueue");
    assert_eq!(error.code(), durably::client::RpcCode::InvalidArgument);
}
