//! The workflow that performs a plan.

use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;

use durably::failure::{Failure, RetryPolicy};
use durably::payload::Memo;
use durably::prelude::*;
use durably::select;
use durably::workflow::{ChildCancellationType, join_all};

use super::action::{FAILED, WHATEVER, fold};
use super::{Action, Plan};

const MILLISECOND: Duration = Duration::from_millis(1);
/// How long a workflow task may take: a worker that was killed is soon replaced.
pub(super) const TASK_TIMEOUT: Duration = Duration::from_secs(1);

async fn fails_at_first(ctx: &ActivityContext, value: u64, failures: u32) -> ActivityResult<u64> {
    if ctx.info().attempt <= failures {
        return Err(ApplicationFailure::new("not yet")
            .with_type("NotYet")
            .into());
    }
    Ok(value + 1)
}

/// Fails as often as it is told, then gives one more than it got. Fails for good at `u32::MAX`.
#[activity(
    start_to_close_timeout = "2s",
    retry(initial_interval = "1ms", backoff_coefficient = 1.0)
)]
pub async fn compute(ctx: &ActivityContext, value: u64, failures: u32) -> ActivityResult<u64> {
    if failures == u32::MAX {
        return Err(ApplicationFailure::new("never").non_retryable().into());
    }
    fails_at_first(ctx, value, failures).await
}

/// The same as a local activity.
#[activity(
    start_to_close_timeout = "2s",
    retry(initial_interval = "1ms", backoff_coefficient = 1.0)
)]
pub async fn compute_here(ctx: &ActivityContext, value: u64, failures: u32) -> ActivityResult<u64> {
    if failures == u32::MAX {
        return Err(ApplicationFailure::new("never").non_retryable().into());
    }
    fails_at_first(ctx, value, failures).await
}

/// Performs a plan.
#[derive(Debug, Default)]
pub struct Tree {
    signals: State<u32>,
    updates: State<u64>,
}

#[workflow(name = "tree")]
impl Tree {
    /// Performs it.
    #[run]
    pub async fn run(self: Rc<Self>, ctx: &WorkflowContext, plan: Plan) -> WorkflowResult<u64> {
        let performed = perform(self.clone(), ctx.clone(), plan.action).await?;
        let value = fold(plan.carried, performed);
        ctx.wait_until(|| ctx.all_handlers_finished()).await?;
        match plan.next {
            None => Ok(value),
            Some(next) => {
                let next = Plan {
                    carried: value,
                    ..*next
                };
                ctx.continue_as_new(Tree::run, next)
            }
        }
    }

    /// What actions wait for.
    #[signal]
    pub fn step(&self) {
        self.signals.update(|signals| *signals += 1);
    }

    /// Gives one more, by an activity and a timer.
    #[update]
    pub async fn add(&self, ctx: &WorkflowContext, value: u64) -> WorkflowResult<u64> {
        self.updates.update(|updates| *updates += 1);
        let value = ctx.activity(compute, (value, 1)).await?;
        ctx.sleep(5 * MILLISECOND).await?;
        Ok(value)
    }

    #[validator(add)]
    fn may_add(&self, value: &u64) -> Result<(), ApplicationFailure> {
        match value % 13 {
            0 => Err(ApplicationFailure::new("not that one").with_type("Refused")),
            _ => Ok(()),
        }
    }

    /// How many messages have come.
    #[query]
    pub fn progress(&self) -> u64 {
        self.updates.get() + u64::from(self.signals.get())
    }
}

type Performed = Pin<Box<dyn Future<Output = WorkflowResult<u64>>>>;

/// Boxed, since actions contain actions.
fn perform(tree: Rc<Tree>, ctx: WorkflowContext, action: Action) -> Performed {
    Box::pin(async move {
        match action {
            Action::Sequence(actions) => {
                let mut sum = 1;
                for action in actions {
                    sum = fold(sum, perform(tree.clone(), ctx.clone(), action).await?);
                }
                Ok(sum)
            }
            Action::Parallel(actions) => {
                let all = join_all(started(&tree, &ctx, actions)).await;
                all.into_iter()
                    .try_fold(1, |sum, value| Ok(fold(sum, value?)))
            }
            Action::Spawned(actions) => {
                let tasks: Vec<_> = started(&tree, &ctx, actions)
                    .map(|action| ctx.spawn(action))
                    .collect();
                let mut sum = 1;
                for task in tasks {
                    sum = fold(sum, task.await?);
                }
                Ok(sum)
            }
            Action::Race(actions) => {
                let mut all = durably::workflow::Unordered::new();
                for action in started(&tree, &ctx, actions) {
                    all.push(action);
                }
                all.next().await.transpose()?;
                Ok(WHATEVER)
            }
            Action::Timeout(millis, action) => {
                let action = perform(tree, ctx.clone(), *action);
                // Either may be first.
                let _ = ctx.timeout(millis * MILLISECOND, action).await;
                Ok(WHATEVER)
            }
            Action::Canceled(millis, action) => {
                let scoped = ctx.cancel_scope(perform(tree, ctx.clone(), *action));
                let scope = scoped.scope();
                let alarm = ctx.clone();
                drop(ctx.spawn(async move {
                    // A workflow that ends first cancels the alarm.
                    if alarm.sleep(millis * MILLISECOND).await.is_ok() {
                        scope.cancel("the time is over");
                    }
                }));
                let _ = scoped.await;
                Ok(WHATEVER)
            }
            Action::Shielded(action) => {
                let shielded = ctx.clone();
                let scoped = ctx.cancel_scope(async move {
                    let action = perform(tree, shielded.clone(), *action);
                    shielded.shield(action).await
                });
                scoped.scope().cancel("at once");
                scoped.await
            }
            action => one(tree, ctx, action).await,
        }
    })
}

fn started(
    tree: &Rc<Tree>,
    ctx: &WorkflowContext,
    actions: Vec<Action>,
) -> impl Iterator<Item = Performed> {
    let (tree, ctx) = (tree.clone(), ctx.clone());
    actions
        .into_iter()
        .map(move |action| perform(tree.clone(), ctx.clone(), action))
}

/// An action without further actions.
async fn one(tree: Rc<Tree>, ctx: WorkflowContext, action: Action) -> WorkflowResult<u64> {
    match action {
        Action::Activity(value, failures) => Ok(ctx.activity(compute, (value, failures)).await?),
        Action::FailingActivity => failed(ctx.activity(compute, (0, u32::MAX)).await),
        Action::LocalActivity(value, failures) => {
            Ok(ctx.local_activity(compute_here, (value, failures)).await?)
        }
        Action::FailingLocalActivity => {
            failed(ctx.local_activity(compute_here, (0, u32::MAX)).await)
        }
        Action::BackingOff(value) => {
            let policy = RetryPolicy::new().initial_interval(20 * MILLISECOND);
            let call = ctx.local_activity(compute_here, (value, 2));
            Ok(call
                .retry(policy)
                .local_retry_threshold(5 * MILLISECOND)
                .await?)
        }
        Action::Timer(millis) => {
            ctx.sleep(millis * MILLISECOND).await?;
            Ok(WHATEVER)
        }
        Action::WaitForSignals(count) => {
            ctx.wait_until(|| tree.signals.get() >= count).await?;
            Ok(WHATEVER)
        }
        Action::Child(plan) => {
            let child = ctx.child(Tree::run, &*plan);
            Ok(child.workflow_task_timeout(TASK_TIMEOUT).await?)
        }
        Action::SignaledChild(value) => {
            let call = ctx.child(Tree::run, Plan::waiting(value));
            let child = call.workflow_task_timeout(TASK_TIMEOUT).start().await?;
            child.signal(Tree::step, ()).await?;
            Ok(child.result().await?)
        }
        Action::CanceledChild => {
            let call = ctx.child(Tree::run, Plan::waiting(0));
            let child = call
                .workflow_task_timeout(TASK_TIMEOUT)
                .cancellation_type(ChildCancellationType::WaitCancellationCompleted)
                .start()
                .await?;
            child.cancel();
            failed(child.result().await)
        }
        Action::Patch(id) => Ok(u64::from(ctx.patched(&format!("patch-{id}")))),
        Action::Version(newest) => {
            let id = format!("version-{newest}");
            let version = ctx.version(&id, 1, i32::from(newest));
            Ok(u64::from(version.unsigned_abs()))
        }
        Action::SideEffect => {
            let drawn = ctx.side_effect(std::process::id);
            // The value is not the same twice; that it is used shows up in replays.
            ctx.sleep((drawn % 3) * MILLISECOND).await?;
            Ok(WHATEVER)
        }
        Action::MutableSideEffect(value) => {
            Ok(ctx.mutable_side_effect("setting", || u64::from(value)))
        }
        Action::Memo(value) => {
            ctx.upsert_memo(&Memo::new().set("value", &value)?);
            Ok(ctx.info().memo().get("value")?.unwrap_or_default())
        }
        Action::LostSignal => {
            let nobody = ctx.external(Tree::run, "there-is-no-such-workflow");
            select! {
                sent = nobody.signal(Tree::step, ()) => failed(sent.map(|()| 0)),
            }
        }
        other => Err(ApplicationFailure::new(format!("not one action: {other:?}")).into()),
    }
}

/// What must fail gives a number; a cancellation from outside goes on.
fn failed(result: Result<u64, Failure>) -> WorkflowResult<u64> {
    match result {
        Ok(value) => Err(ApplicationFailure::new(format!("{value} instead of a failure")).into()),
        Err(_) => Ok(FAILED),
    }
}
