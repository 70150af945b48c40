//! Patches: taken, not taken by runs of old code, deprecated, in handlers, between other calls.

use durably::prelude::*;
use serde_json::Value;

use crate::calls::{done, echo, local, millis, unknown_case};

#[derive(Default)]
pub(crate) struct Patches {
    signaled: State<u32>,
}

#[workflow(name = "Patches")]
impl Patches {
    #[run]
    pub(crate) async fn run(&self, ctx: &WorkflowContext, case: String) -> WorkflowResult<Value> {
        match case.as_str() {
            "one" => match ctx.patched("one") {
                true => drop(echo(ctx).await?),
                false => ctx.sleep(millis(50)).await?,
            },
            "same_twice" => {
                for _ in 0..3 {
                    match ctx.patched("again") {
                        true => drop(echo(ctx).await?),
                        false => ctx.sleep(millis(50)).await?,
                    }
                }
            }
            "several" => {
                for name in ["c", "a", "b"] {
                    if ctx.patched(name) {
                        echo(ctx).await?;
                    }
                }
                return Ok(ctx.patched("d").into());
            }
            "several_at_once" => {
                for name in ["c", "a", "b"] {
                    assert!(ctx.patched(name));
                }
                echo(ctx).await?;
            }
            "between" => {
                echo(ctx).await?;
                if ctx.patched("between") {
                    echo(ctx).await?;
                }
                ctx.sleep(millis(50)).await?;
                if ctx.patched("late") {
                    local(ctx, "echo").await?;
                }
                echo(ctx).await?;
            }
            "after_local" => {
                local(ctx, "echo").await?;
                if ctx.patched("after-local") {
                    local(ctx, "echo").await?;
                }
                local(ctx, "slow").await?;
                if ctx.patched("later") {
                    echo(ctx).await?;
                }
            }
            "deprecated" => {
                ctx.deprecate_patch("old");
                echo(ctx).await?;
            }
            "deprecated_and_new" => {
                ctx.deprecate_patch("old");
                if ctx.patched("new") {
                    echo(ctx).await?;
                }
                ctx.deprecate_patch("older");
            }
            "parallel" => {
                try_join_all((0..4).map(|number| async move {
                    echo(ctx).await?;
                    if ctx.patched(&format!("line-{}", number % 2)) {
                        echo(ctx).await?;
                    }
                    Ok::<_, WorkflowError>(())
                }))
                .await?;
            }
            "many" => {
                for number in 0..45 {
                    let id = format!("a-patch-with-quite-a-long-name-to-fill-the-space-{number}");
                    assert!(ctx.patched(&id));
                }
                echo(ctx).await?;
            }
            "in_handler" => ctx.wait_until(|| self.signaled.get() == 2).await?,
            "halfway" => {
                echo(ctx).await?;
                ctx.sleep(millis(1000)).await?;
                if ctx.patched("halfway") {
                    echo(ctx).await?;
                }
                echo(ctx).await?;
            }
            "asked_early" => {
                let first = ctx.patched("early");
                ctx.sleep(millis(1000)).await?;
                assert_eq!(ctx.patched("early"), first);
                echo(ctx).await?;
            }
            "removed" => {
                ctx.deprecate_patch("removed");
                echo(ctx).await?;
            }
            _ => return Err(unknown_case(&case)),
        }
        done()
    }

    #[signal]
    async fn go(&self, ctx: &WorkflowContext) -> WorkflowResult<()> {
        if ctx.patched("in-handler") {
            echo(ctx).await?;
        }
        self.signaled.update(|count| *count += 1);
        Ok(())
    }
}
