//! Local activities: results, order, retries, backoff timers, cancellations, heartbeats of the task.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

use durably::activity::ActivityCancellationType as Cancel;
use durably::failure::Failure;
use durably::prelude::*;
use serde_json::Value;

use crate::calls::{begin_local, done, echo, local, millis, unknown_case};

#[derive(Default)]
pub(crate) struct LocalActivities {
    notes: State<u32>,
}

#[workflow(name = "LocalActivities")]
impl LocalActivities {
    #[run]
    pub(crate) async fn run(&self, ctx: &WorkflowContext, case: String) -> WorkflowResult<Value> {
        match case.as_str() {
            "heartbeats" => {
                local(ctx, "slow").await?;
                echo(ctx).await?;
            }
            "heartbeats_two" => {
                let (first, second) = (self.slow(ctx), self.slow(ctx));
                first.await?;
                local(ctx, "echo").await?;
                second.await?;
            }
            "heartbeats_after_activity" => {
                echo(ctx).await?;
                let waiting = self.sleep_beside(ctx, 200);
                local(ctx, "slow").await?;
                waiting.await?;
                local(ctx, "echo").await?;
            }
            "notes_while_it_runs" | "asked_while_it_runs" => {
                local(ctx, "slow").await?;
                ctx.wait_until(|| self.notes.get() == 2).await?;
            }
            "clock" => {
                let began = ctx.now();
                local(ctx, "slow").await?;
                if ctx.now() > began {
                    ctx.sleep(millis(10)).await?;
                }
                local(ctx, "echo").await?;
            }
            "end_while_it_runs" => {
                let slow = self.slow(ctx);
                local(ctx, "echo").await?;
                // Python leaves it behind.
                std::mem::forget(slow);
            }
            "race" => {
                let slow = self.slow(ctx);
                let timer = ctx.spawn({
                    let ctx = ctx.clone();
                    async move { ctx.sleep(millis(1000)).await }
                });
                select! {
                    ended = slow => { ended?; }
                    ended = timer => { ended?; }
                }
            }
            _ => return calls(ctx, &case).await,
        }
        done()
    }

    #[signal]
    async fn note(&self, ctx: &WorkflowContext, _word: String) -> WorkflowResult<()> {
        local(ctx, "echo").await?;
        self.notes.update(|notes| *notes += 1);
        Ok(())
    }

    #[update]
    async fn ask(&self, ctx: &WorkflowContext, _word: String) -> WorkflowResult<Value> {
        local(ctx, "echo").await?;
        local(ctx, "slow").await?;
        self.notes.update(|notes| *notes += 1);
        done()
    }

    fn slow(
        &self,
        ctx: &WorkflowContext,
    ) -> impl Future<Output = Result<Value, Failure>> + Unpin + use<> {
        begin_local(local(ctx, "slow"))
    }

    fn sleep_beside(
        &self,
        ctx: &WorkflowContext,
        time: u64,
    ) -> impl Future<Output = Result<(), Failure>> + use<> {
        let ctx = ctx.clone();
        let inner = ctx.clone();
        ctx.spawn(async move { inner.sleep(millis(time)).await })
    }
}

async fn calls(ctx: &WorkflowContext, case: &str) -> WorkflowResult<Value> {
    match case {
        "one" => return Ok(local(ctx, "echo").await?),
        "sequence" => {
            for _ in 0..6 {
                local(ctx, "echo").await?;
            }
        }
        "parallel" => {
            try_join_all((0..3).map(|_| local(ctx, "slow"))).await?;
        }
        "parallel_at_once" => {
            try_join_all((0..5).map(|_| local(ctx, "echo"))).await?;
        }
        "parallel_chains" => {
            try_join_all((0..3).map(|_| async move {
                local(ctx, "slow").await?;
                local(ctx, "echo").await?;
                echo(ctx).await
            }))
            .await?;
        }
        "mixed_ids" => {
            echo(ctx).await?;
            local(ctx, "echo").await?;
            let third = echo(ctx).start();
            let fourth = begin_local(local(ctx, "echo"));
            let fifth = echo(ctx).start();
            third.await?;
            fourth.await?;
            fifth.await?;
        }
        "with_timer" => {
            let timer = ctx.spawn({
                let ctx = ctx.clone();
                async move { ctx.sleep(millis(100)).await }
            });
            local(ctx, "slow").await?;
            timer.await?;
            local(ctx, "echo").await?;
        }
        "no_value" => {
            local(ctx, "nothing").await?;
            local(ctx, "echo").await?;
        }
        "retries" => return Ok(local(ctx, "flaky").await?),
        "fails" => {
            assert!(local(ctx, "fail").await.is_err());
            local(ctx, "echo").await?;
        }
        "fails_for_good" => return Ok(local(ctx, "fail").await?),
        "backoff_timers" => {
            local(ctx, "flaky").await?;
            local(ctx, "echo").await?;
            echo(ctx).await?;
        }
        "backoff_timers_parallel" => {
            let names = ["flaky", "slow", "flaky"];
            try_join_all(names.map(|name| local(ctx, name))).await?;
        }
        "timeouts" => {
            let kinds = [0, 1].map(|_| begin_local(local(ctx, "slow")));
            for kind in kinds {
                assert!(kind.await.is_err());
            }
        }
        "cancel_try" => canceled(ctx, Cancel::TryCancel, "slow").await?,
        "cancel_wait" => canceled(ctx, Cancel::WaitCancellationCompleted, "slow").await?,
        "cancel_wait_stubborn" => {
            canceled(ctx, Cancel::WaitCancellationCompleted, "stubborn").await?;
        }
        "cancel_abandon" => canceled(ctx, Cancel::Abandon, "slow").await?,
        "cancel_at_once" => {
            let kinds = [
                Cancel::TryCancel,
                Cancel::WaitCancellationCompleted,
                Cancel::Abandon,
            ];
            for kind in kinds {
                let call = local(ctx, "slow").cancellation_type(kind);
                let _ = canceled_when(ctx, call, std::future::ready(())).await;
            }
            echo(ctx).await?;
        }
        "cancel_backoff" => {
            let call = local(ctx, "flaky");
            let _ = canceled_when(ctx, call, ctx.sleep(millis(300))).await;
            local(ctx, "echo").await?;
        }
        "options" => {
            local(ctx, "echo").activity_id("mine").await?;
            local(ctx, "echo").await?;
        }
        _ => return Err(unknown_case(case)),
    }
    done()
}

/// Awaits a call in a scope that is canceled when something has happened.
async fn canceled_when<F: IntoFuture>(
    ctx: &WorkflowContext,
    call: F,
    event: impl Future,
) -> F::Output {
    let mut scoped = Box::pin(ctx.cancel_scope(call));
    let scope = scoped.scope();
    let mut event = Box::pin(event);
    let mut canceled = false;
    poll_fn(move |cx| {
        let first = Pin::new(&mut scoped).poll(cx);
        if first.is_ready() || canceled {
            return first;
        }
        if event.as_mut().poll(cx).is_ready() {
            canceled = true;
            scope.cancel("enough");
            return Pin::new(&mut scoped).poll(cx);
        }
        Poll::Pending
    })
    .await
}

async fn canceled(ctx: &WorkflowContext, kind: Cancel, name: &str) -> Result<(), Failure> {
    let call = local(ctx, name).cancellation_type(kind);
    let mut other = None;
    let beside = async {
        other = Some(begin_local(local(ctx, "slow")));
        local(ctx, "slow").await
    };
    let _ = canceled_when(ctx, call, beside).await;
    local(ctx, "echo").await?;
    if let Some(other) = other {
        other.await?;
    }
    Ok(())
}
