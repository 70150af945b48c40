//! Timers, races, conditions; memo and search attributes; time, randomness, ids.

use durably::payload::{Memo, PayloadError, SearchAttributeKey, SearchAttributes};
use durably::prelude::*;
use durably::workflow::{JoinHandle, Mutex, Semaphore, channel};
use serde_json::Value;

use crate::calls::{done, echo, local, millis, remote, unknown_case};

const KEYWORD: SearchAttributeKey<String> = SearchAttributeKey::keyword("CorpusKeyword");
const NUMBER: SearchAttributeKey<i64> = SearchAttributeKey::int("CorpusNumber");

pub(crate) fn keyword(value: &str) -> Result<SearchAttributes, PayloadError> {
    SearchAttributes::new().set(&KEYWORD, value.to_owned())
}

#[derive(Default)]
pub(crate) struct Timers {
    flag: State<bool>,
}

#[workflow(name = "Timers")]
impl Timers {
    #[run]
    pub(crate) async fn run(&self, ctx: &WorkflowContext, case: String) -> WorkflowResult<Value> {
        match case.as_str() {
            "condition_timeout" => {
                let wait = ctx.wait_until(|| self.flag.get());
                assert!(!wait.timeout(millis(200)).await?);
                echo(ctx).await?;
            }
            "condition_in_time" => {
                let wait = ctx.wait_until(|| self.flag.get());
                assert!(wait.timeout(millis(30_000)).await?);
                echo(ctx).await?;
            }
            "condition_true_already" => {
                self.flag.set(true);
                ctx.wait_until(|| self.flag.get()).await?;
                let wait = ctx.wait_until(|| self.flag.get());
                wait.timeout(millis(10_000)).await?;
                echo(ctx).await?;
            }
            "summaries" => {
                ctx.timer(millis(50)).summary("a short sleep").await?;
                let wait = ctx.wait_until(|| self.flag.get());
                if !wait.timeout(millis(50)).await? {
                    return Err(ApplicationFailure::new("timed out").into());
                }
            }
            "metadata" => metadata(ctx).await?,
            _ => match timers(ctx, &case).await {
                Err(Unknown::Case) => beside(ctx, &case).await?,
                Err(Unknown::Failed(error)) => return Err(error),
                Ok(()) => {}
            },
        }
        done()
    }

    #[signal]
    fn set_flag(&self) {
        self.flag.set(true);
    }
}

/// Why a group of cases did not do one.
enum Unknown {
    Case,
    Failed(WorkflowError),
}

impl<E: Into<WorkflowError>> From<E> for Unknown {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

async fn timers(ctx: &WorkflowContext, case: &str) -> Result<(), Unknown> {
    match case {
        "sequence" => {
            for wait in [100, 50, 20] {
                ctx.sleep(millis(wait)).await?;
            }
        }
        "gather" => {
            try_join_all([600, 100, 300].map(|wait| ctx.timer(millis(wait)))).await?;
        }
        "race" => {
            for waits in [vec![100, 5000], vec![5000, 100], vec![5000, 5000, 100]] {
                let mut timers = Unordered::new();
                timers.extend(waits.into_iter().map(|wait| ctx.timer(millis(wait))));
                timers.next().await;
            }
        }
        "race_with_activity" => {
            let activity = remote(ctx, "slow").start();
            let unused = ctx.sleep(millis(5000));
            activity.await?;
            // A task learns of its cancellation when it is run next.
            let slow = remote(ctx, "slow").start();
            drop(unused);
            ctx.sleep(millis(100)).await?;
            let last = echo(ctx).start();
            drop(slow);
            last.await?;
        }
        "wait_for" => {
            for (wait, limit) in [(100, 5000), (5000, 100)] {
                // `asyncio.wait_for` starts the timer of the limit first.
                let limit = ctx.sleep(millis(limit));
                let timer = ctx.sleep(millis(wait));
                select! {
                    slept = timer => slept?,
                    passed = limit => passed?,
                }
            }
            echo(ctx).await?;
        }
        "zero" => {
            // `asyncio.sleep(0)` is no timer, `workflow.sleep(0)` is one.
            ctx.sleep(millis(0)).await?;
            echo(ctx).await?;
            ctx.sleep(millis(1)).await?;
            ctx.sleep(millis(0)).await?;
            ctx.sleep(millis(10)).await?;
            echo(ctx).await?;
        }
        "canceled_at_once" => {
            drop(ctx.sleep(millis(10_000)));
            ctx.sleep(millis(50)).await?;
            echo(ctx).await?;
        }
        "canceled_later" => {
            // `create_task` begins at the next await, after the activity.
            let activity = echo(ctx).start();
            let timer = ctx.sleep(millis(10_000));
            activity.await?;
            // A task learns of its cancellation when it is run next.
            let activity = echo(ctx).start();
            drop(timer);
            let timer = ctx.sleep(millis(10_000));
            activity.await?;
            drop(timer);
        }
        "left_behind" => {
            remote(ctx, "slow").start().detach();
            let sleep = ctx.sleep(millis(50));
            std::mem::forget(ctx.sleep(millis(10_000)));
            sleep.await?;
        }
        "clock_and_chance" => {
            let began = ctx.now();
            echo(ctx).await?;
            let jitter = ctx.random().below(100);
            ctx.sleep(millis(100 + jitter)).await?;
            if ctx
                .now()
                .duration_since(began)
                .is_ok_and(|passed| passed >= millis(100))
            {
                echo(ctx).await?;
            }
            local(ctx, "echo").await?;
        }
        "days_of_work" => {
            for _ in 0..8 {
                let activity = echo(ctx).start();
                let (activity, timer) = join!(activity, ctx.timer(millis(50)));
                activity?;
                timer?;
                local(ctx, "echo").await?;
            }
        }
        _ => return Err(Unknown::Case),
    }
    Ok(())
}

/// Cases of several tasks.
async fn beside(ctx: &WorkflowContext, case: &str) -> WorkflowResult<()> {
    match case {
        "tasks" => {
            let lines = (0..3).map(|number| {
                let inner = ctx.clone();
                ctx.spawn(async move {
                    for _ in 0..3 {
                        inner.sleep(millis(20 * (number + 1))).await?;
                        echo(&inner).await?;
                    }
                    Ok::<_, WorkflowError>(())
                })
            });
            for line in lines.collect::<Vec<_>>() {
                line.await?;
            }
        }
        "queue" => {
            let (sender, receiver) = channel(2);
            let receiver = std::rc::Rc::new(Mutex::new(receiver));
            let takers = [0, 1].map(|_| {
                let (inner, receiver) = (ctx.clone(), receiver.clone());
                ctx.spawn(async move {
                    loop {
                        let item = receiver.lock().await.recv().await;
                        if item.flatten().is_none() {
                            return Ok::<_, WorkflowError>(());
                        }
                        echo(&inner).await?;
                    }
                })
            });
            for item in [Some(1), Some(2), Some(3), Some(4), Some(5), None, None] {
                let _ = sender.send(item).await;
            }
            try_join_all(takers).await?;
        }
        "semaphore" => {
            let semaphore = Semaphore::new(2);
            let calls = (0..4).map(|_| async {
                let _permit = semaphore.acquire().await;
                remote(ctx, "slow").await
            });
            try_join_all(calls).await?;
        }
        "lock" => {
            let lock = Mutex::new(());
            let calls = (0..3).map(|_| async {
                let _guard = lock.lock().await;
                echo(ctx).await?;
                ctx.sleep(millis(20)).await
            });
            try_join_all(calls).await?;
        }
        "event" => {
            let event = State::new(false);
            let setter = async {
                ctx.sleep(millis(100)).await?;
                event.set(true);
                Ok(())
            };
            let waiters = try_join_all((0..3).map(|_| async {
                ctx.wait_until(|| event.get()).await?;
                echo(ctx).await
            }));
            let waiters = async { waiters.await.map(|_| ()) };
            try_join!(setter, waiters)?;
        }
        "nested" => {
            let outer = ctx.spawn({
                let ctx = ctx.clone();
                async move {
                    let both = [inner(&ctx, 0), inner(&ctx, 1)];
                    try_join_all(both).await
                }
            });
            let last = inner(ctx, 2);
            outer.await?;
            last.await?;
        }
        _ => return Err(unknown_case(case)),
    }
    Ok(())
}

/// A task that waits for an activity, and for a timer of a task of its own.
fn inner(ctx: &WorkflowContext, number: u64) -> JoinHandle<WorkflowResult<()>> {
    let inner = ctx.clone();
    ctx.spawn(async move {
        let timer = inner.spawn({
            let ctx = inner.clone();
            async move { ctx.sleep(millis(50 * (number + 1))).await }
        });
        echo(&inner).await?;
        Ok(timer.await?)
    })
}

async fn metadata(ctx: &WorkflowContext) -> WorkflowResult<()> {
    ctx.upsert_memo(&Memo::new().set("step", &1)?);
    ctx.upsert_search_attributes(&keyword("one")?.set(&NUMBER, 1)?);
    ctx.set_current_details("half of it");
    echo(ctx).await?;
    ctx.upsert_search_attributes(&SearchAttributes::new().unset(&KEYWORD));
    ctx.upsert_memo(&Memo::new().set("step", &2)?);
    ctx.sleep(millis(50)).await?;
    ctx.upsert_search_attributes(&SearchAttributes::new().set(&NUMBER, 2)?);
    Ok(())
}
