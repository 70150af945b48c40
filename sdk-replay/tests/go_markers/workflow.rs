//! The workflow of the histories.

use std::time::Duration;

use durably::activity::HasTimeout;
use durably::prelude::*;
use durably::workflow::{ActivityCall, LocalActivityCall};
use serde_json::{Value, json};

const TEN_SECONDS: Duration = Duration::from_secs(10);

fn remote(ctx: &WorkflowContext, id: &str, name: &str) -> ActivityCall<Value, HasTimeout> {
    let call = ctx.activity_by_name(name, Vec::new()).activity_id(id);
    call.start_to_close_timeout(TEN_SECONDS)
}

fn local(ctx: &WorkflowContext, name: &str) -> LocalActivityCall<Value, HasTimeout> {
    let call = ctx.local_activity_by_name(name, Vec::new());
    call.start_to_close_timeout(TEN_SECONDS)
}

#[workflow(name = "GoMarkers")]
pub(crate) async fn go_markers(ctx: &WorkflowContext, case: String) -> WorkflowResult<Value> {
    // What is not recorded would be seen in the results.
    let not_made = || Value::from("made in a replay");
    let result = match case.as_str() {
        "versions" => {
            let version = ctx.version("ship", WorkflowContext::DEFAULT_VERSION, 2);
            remote(ctx, "quote", "quote").await?;
            if version == 2 {
                assert_eq!(ctx.version("pack", 1, 1), 1);
                remote(ctx, "ship", "shipByAir").await?;
            } else {
                remote(ctx, "ship", "ship").await?;
            }
            json!(version)
        }
        "side_effects" => {
            let (one, two) = (ctx.side_effect(not_made), ctx.side_effect(not_made));
            remote(ctx, "one", "one").await?;
            json!([one, two, ctx.side_effect(not_made)])
        }
        "mutable_side_effects" => {
            let limit = || ctx.mutable_side_effect("limit", not_made);
            let first = limit();
            ctx.signal_channel::<Value>("go").recv().await?;
            let second = limit();
            remote(ctx, "one", "one").await?;
            let third = limit();
            ctx.mutable_side_effect("other", not_made);
            json!([first, second, third, limit()])
        }
        "local_activities" => {
            remote(ctx, "one", "one").await?;
            let calls = ["price", "price", "tax"].map(|name| local(ctx, name));
            let mut results = try_join_all(calls).await?;
            let failed = local(ctx, "fail").await.expect_err("it is recorded");
            assert!(format!("{failed:?}").contains("broken"), "{failed:?}");
            remote(ctx, "two", "two").await?;
            results.push(local(ctx, "price").await?);
            json!(results)
        }
        "mixed" => {
            assert_eq!(ctx.version("v", 1, 1), 1);
            let one = ctx.side_effect(not_made);
            let two = local(ctx, "price").await?;
            ctx.mutable_side_effect("m", not_made);
            remote(ctx, "one", "one").await?;
            json!([
                one,
                two,
                ctx.side_effect(not_made),
                local(ctx, "price").await?
            ])
        }
        _ => return Err(WorkflowError::fail_task(ApplicationFailure::new(case))),
    };
    RESULT.set(result.clone());
    Ok(result)
}

thread_local! {
    /// What the workflow gave last: a replay does not compare it.
    pub(crate) static RESULT: std::cell::RefCell<Value> = const { std::cell::RefCell::new(Value::Null) };
}
