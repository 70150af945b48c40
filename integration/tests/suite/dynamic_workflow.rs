//! A workflow that runs under every name that no other has.

use durably::payload::ToPayload;
use durably::prelude::*;
use durably_integration::Test;

#[activity(start_to_close_timeout = "10s")]
async fn double(number: u32) -> ActivityResult<u32> {
    Ok(number * 2)
}

#[workflow]
async fn known(_ctx: &WorkflowContext, name: String) -> WorkflowResult<String> {
    Ok(format!("known: {name}"))
}

#[workflow]
async fn anything(ctx: &WorkflowContext) -> WorkflowResult<String> {
    let (name, number): (String, u32) = ctx.arguments()?;
    let doubled = ctx.activity(double, number).await?;
    Ok(format!("{}: {name} {doubled}", ctx.info().workflow_type()))
}

#[tokio::test]
async fn a_workflow_may_run_under_any_name() {
    let test = Test::begin().await;
    let worker = || {
        test.worker(|worker| {
            worker
                .workflow(known)
                .dynamic_workflow(anything)
                .activity(double)
        })
    };
    let _worker = worker();
    let by_name = |name: &str, arguments| {
        test.client()
            .start_by_name(name, arguments)
            .workflow_id(test.workflow_id(name))
            .task_queue(test.task_queue())
    };
    let arguments = || {
        let texts = ["Ada".to_payload(), 21_u32.to_payload()];
        texts.map(Result::unwrap).to_vec()
    };
    for name in ["one", "another"] {
        let handle = by_name(name, arguments()).await.unwrap();
        let result = handle.result().await.unwrap();
        let text: String = durably::payload::FromPayload::from_payload(&result.0).unwrap();
        assert_eq!(text, format!("{name}: Ada 42"));
    }
    let handle = test.start(known, "Ada").await;
    assert_eq!(test.result(&handle).await.unwrap(), "known: Ada");
}
