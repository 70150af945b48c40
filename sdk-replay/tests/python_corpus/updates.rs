//! Updates: answered at once or later, rejected, failing, together, with a start, after a reset.

use durably::prelude::*;
use serde_json::Value;

use crate::calls::{done, echo, local, millis, unknown_case};

#[derive(Default)]
pub(crate) struct Updates {
    items: State<u32>,
    done: State<bool>,
}

#[workflow(name = "Updates")]
impl Updates {
    #[run]
    pub(crate) async fn run(&self, ctx: &WorkflowContext, case: String) -> WorkflowResult<Value> {
        match case.as_str() {
            "until_done" => {
                ctx.wait_until(|| self.done.get()).await?;
                ctx.wait_until(|| ctx.all_handlers_finished()).await?;
            }
            "cuts_off" => ctx.wait_until(|| self.done.get()).await?,
            "works" => {
                echo(ctx).await?;
                ctx.wait_until(|| self.items.get() >= 2).await?;
                echo(ctx).await?;
                ctx.wait_until(|| self.done.get()).await?;
            }
            "timer_and_updates" => ctx.sleep(millis(600)).await?,
            "registered_later" => {
                let inner = ctx.clone();
                ctx.on_update("late", move |_: (String,)| {
                    let ctx = inner.clone();
                    async move { Ok(echo(&ctx).await?) }
                });
                ctx.wait_until(|| self.done.get()).await?;
                ctx.wait_until(|| ctx.all_handlers_finished()).await?;
            }
            _ => return Err(unknown_case(&case)),
        }
        done()
    }

    #[update]
    fn add(&self, item: String) -> WorkflowResult<Value> {
        if item == "broken" {
            return Err(ApplicationFailure::new("a broken item").into());
        }
        self.added()
    }

    #[validator(add)]
    fn check(&self, item: &str) -> Result<(), ApplicationFailure> {
        match item {
            "" => Err(ApplicationFailure::new("which item?")),
            _ => Ok(()),
        }
    }

    #[update]
    async fn fetch(&self, ctx: &WorkflowContext, _item: String) -> WorkflowResult<Value> {
        echo(ctx).await?;
        self.added()
    }

    #[update]
    async fn wait(&self, ctx: &WorkflowContext, item: String) -> WorkflowResult<Value> {
        ctx.sleep(millis(200)).await?;
        self.add(item)
    }

    #[update]
    async fn look(&self, ctx: &WorkflowContext, _item: String) -> WorkflowResult<Value> {
        local(ctx, "echo").await?;
        self.items.update(|items| *items += 1);
        local(ctx, "slow").await?;
        done()
    }

    #[update]
    async fn until(&self, ctx: &WorkflowContext, count: u32) -> WorkflowResult<Value> {
        ctx.wait_until(|| self.items.get() >= count).await?;
        done()
    }

    #[update]
    async fn last(&self, ctx: &WorkflowContext, _item: String) -> WorkflowResult<Value> {
        self.done.set(true);
        Ok(echo(ctx).await?)
    }

    #[update]
    fn finish_now(&self) -> WorkflowResult<Value> {
        self.done.set(true);
        done()
    }

    #[signal]
    fn put(&self, _item: String) {
        self.items.update(|items| *items += 1);
    }

    #[signal]
    fn finish(&self) {
        self.done.set(true);
    }

    fn added(&self) -> WorkflowResult<Value> {
        self.items.update(|items| *items += 1);
        done()
    }
}
