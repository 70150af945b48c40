//! What happens to workflow tasks: failures by a bug that is mended, timeouts, restarts, resets.

use durably::prelude::*;
use serde_json::Value;

use crate::calls::{done, echo, local, millis, unknown_case};

#[derive(Default)]
pub(crate) struct Tasks {
    words: State<u32>,
}

#[workflow(name = "Tasks")]
impl Tasks {
    #[run]
    pub(crate) async fn run(&self, ctx: &WorkflowContext, case: String) -> WorkflowResult<Value> {
        match case.as_str() {
            "bug_at_start" => {
                echo(ctx).await?;
            }
            "bug_in_the_middle" => {
                echo(ctx).await?;
                local(ctx, "echo").await?;
                ctx.sleep(millis(100)).await?;
                ctx.sleep(millis(50)).await?;
                echo(ctx).await?;
            }
            "bug_in_condition" => {
                ctx.wait_until(|| self.words.get() >= 2).await?;
                echo(ctx).await?;
            }
            "too_slow" => {
                echo(ctx).await?;
                ctx.sleep(millis(50)).await?;
                echo(ctx).await?;
            }
            "steps" => {
                for _ in 0..4 {
                    echo(ctx).await?;
                    ctx.sleep(millis(250)).await?;
                    local(ctx, "echo").await?;
                }
            }
            "waits" => {
                echo(ctx).await?;
                ctx.wait_until(|| self.words.get() >= 2).await?;
                echo(ctx).await?;
                ctx.wait_until(|| self.words.get() >= 3).await?;
            }
            _ => return Err(unknown_case(&case)),
        }
        done()
    }

    #[signal]
    fn word(&self, _word: String) {
        self.words.update(|words| *words += 1);
    }

    #[update]
    async fn ask(&self, ctx: &WorkflowContext, _word: String) -> WorkflowResult<Value> {
        echo(ctx).await?;
        self.words.update(|words| *words += 1);
        done()
    }
}
