//! Eviction: a run can be dropped in any state, and nothing its code does then counts (protocol 2.12).

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context as PollContext, Wake, Waker};

use durably_engine::Context;
use expect_test::expect;

use crate::support::check::{execute, run_of, task};
use crate::support::fixture::history;
use crate::support::script::ScriptedWorkflow;
use crate::support::text::completion_text;
use crate::support::{Script, check, complete, workflow};

const HISTORY: &str =
    "WorkflowExecutionStarted | WorkflowTask | TimerStarted 1 | ActivityTaskScheduled 1 charge
    WorkflowExecutionSignaled a | TimerFired 1 | WorkflowTaskScheduled | WorkflowTaskStarted";

/// Does everything it should not when it is dropped.
struct Unruly {
    ctx: Context,
    drops: Rc<Cell<u32>>,
    panics: bool,
}

impl Drop for Unruly {
    fn drop(&mut self) {
        self.drops.set(self.drops.get() + 1);
        let here = std::panic::Location::caller();
        drop(
            self.ctx
                .start_timer(std::time::Duration::from_secs(1), None, here),
        );
        drop(self.ctx.spawn(async {}));
        drop(self.ctx.cancel_scope(async {}));
        drop(self.ctx.wait_until(|| false));
        let _ = self.ctx.random().u64();
        let _ = self.ctx.now();
        drop(self.ctx.take_signal("a"));
        self.ctx.fail_task(crate::support::fixture::failure("late"));
        assert!(
            !self.panics || std::thread::panicking(),
            "a destructor's panic"
        );
    }
}

fn unruly(drops: Rc<Cell<u32>>, panics: bool) -> ScriptedWorkflow {
    workflow(async move |run| {
        let unruly = || Unruly {
            ctx: run.ctx.clone(),
            drops: drops.clone(),
            panics,
        };
        let (_main, in_task, in_scope) = (unruly(), unruly(), unruly());
        let timer = run.timer(60);
        let _charge = run.activity("charge");
        let waits = run.clone();
        let _task = run.ctx.spawn(async move {
            let _in_task = in_task;
            waits.ctx.canceled().await;
        });
        let _scoped = run.ctx.cancel_scope(async move {
            let _in_scope = in_scope;
            std::future::pending::<()>().await;
        });
        let _ = timer.await;
        std::future::pending().await
    })
}

#[test]
fn a_run_is_dropped_in_any_state_without_a_panic() {
    let events = history(HISTORY);
    for panics in [false, true] {
        for length in 0..=events.len() {
            let drops = Rc::new(Cell::new(0));
            let mut run = run_of(&unruly(drops.clone(), panics).rc());
            run.begin(task(i64::try_from(length).unwrap()));
            run.push_events(events[..length].to_vec())
                .expect("the history fits");
            if [3, 10].contains(&length) {
                run.finish();
            }
            drop(run);
            let polled = length == 3 || length > 6;
            assert_eq!(
                drops.get(),
                if polled { 3 } else { 0 },
                "after {length} events"
            );
        }
    }
}

#[test]
fn a_failed_run_is_dropped_without_a_panic() {
    let drops = Rc::new(Cell::new(0));
    let count = drops.clone();
    let main = workflow(async move |run| {
        let _unruly = Unruly {
            ctx: run.ctx.clone(),
            drops: count.clone(),
            panics: false,
        };
        let _ = run.timer(60).await;
        panic!("no")
    });
    let mut run = run_of(&main.rc());
    let events = history(
        "WorkflowExecutionStarted | WorkflowTask | TimerStarted 1 | TimerFired 1 | WorkflowTaskScheduled | WorkflowTaskStarted",
    );
    let answer = completion_text(&execute(&mut run, task(8), &events, 9));
    assert!(answer.ends_with("workflow code panicked: no"), "{answer}");
    drop(run);
    assert_eq!(drops.get(), 1);
}

/// Operations that are dropped when the main function returns are canceled; the same operations
/// dropped by eviction are not. A context that outlives the run is harmless.
#[test]
fn what_outlives_the_run_is_harmless() {
    let kept: Rc<std::cell::RefCell<Option<(Script, durably_engine::TimerOperation)>>> =
        Rc::default();
    let keep = kept.clone();
    let main = workflow(async move |run| {
        let timer = run.timer(60);
        *keep.borrow_mut() = Some((run.clone(), timer));
        run.logged(1).await;
        complete("")
    });
    let mut run = run_of(&main.rc());
    let events = history("WorkflowExecutionStarted | WorkflowTaskScheduled | WorkflowTaskStarted");
    assert_eq!(
        completion_text(&execute(&mut run, task(3), &events, 9)),
        "StartTimer 1 60s"
    );
    drop(run);
    let (script, timer) = kept.take().expect("the code was polled");
    assert_eq!(script.ctx.info().workflow_type(), "test");
    timer.cancel();
    drop(timer);
    drop(script.ctx.spawn(async {}));
}

/// A waker of the user's own that calls into the run whenever it is cloned, woken or dropped.
struct Meddling {
    inner: Waker,
    calls: Arc<AtomicUsize>,
}

thread_local! {
    static MEDDLED: std::cell::RefCell<Option<Context>> = const { std::cell::RefCell::new(None) };
}

fn meddle(calls: &AtomicUsize) {
    calls.fetch_add(1, Ordering::Relaxed);
    let ctx = MEDDLED.with_borrow(Clone::clone);
    if let Some(ctx) = ctx {
        // Needs the tables, as every operation does.
        let _ = ctx.is_canceled();
        drop(ctx.wait_until(|| false));
        drop(ctx.cancel_scope(async {}));
        drop(ctx.start_timer(
            std::time::Duration::from_secs(9),
            None,
            std::panic::Location::caller(),
        ));
    }
}

impl Wake for Meddling {
    fn wake(self: Arc<Self>) {
        meddle(&self.calls);
        self.inner.wake_by_ref();
    }
}

impl Drop for Meddling {
    fn drop(&mut self) {
        meddle(&self.calls);
    }
}

#[test]
fn wakers_are_woken_and_dropped_while_nothing_is_borrowed() {
    let calls = Arc::new(AtomicUsize::new(0));
    let counter = calls.clone();
    let main = move || {
        let counter = counter.clone();
        workflow(async move |run| {
            MEDDLED.set(Some(run.ctx.clone()));
            let task = run.ctx.spawn(std::future::pending::<()>());
            let (inner, stop) = (
                run.clone(),
                run.ctx.cancel_scope(std::future::pending::<()>()),
            );
            let mut futures: Vec<std::pin::Pin<Box<dyn Future<Output = ()>>>> = vec![
                Box::pin(async move {
                    let _ = inner.timer(60).await;
                }),
                Box::pin({
                    let charge = run.activity("charge");
                    async move { drop(charge.await) }
                }),
                Box::pin({
                    let condition = run.ctx.wait_until(|| false);
                    async move {
                        let _ = condition.await;
                    }
                }),
                Box::pin({
                    let canceled = run.ctx.canceled();
                    async move { drop(canceled.await) }
                }),
                Box::pin(task),
                Box::pin(stop),
            ];
            let log = run.log.clone();
            let counter = counter.clone();
            std::future::poll_fn(move |cx| {
                // Each poll has a waker of its own, so that the tables drop the one before.
                for future in &mut futures {
                    let waker = Waker::from(Arc::new(Meddling {
                        inner: cx.waker().clone(),
                        calls: counter.clone(),
                    }));
                    let _ = future.as_mut().poll(&mut PollContext::from_waker(&waker));
                }
                if log.borrow().len() >= 2 {
                    std::task::Poll::Ready(())
                } else {
                    std::task::Poll::Pending
                }
            })
            .await;
            MEDDLED.set(None);
            run.complete_with_log()
        })
    };
    let events = history(HISTORY);
    let mut run = run_of(&main().rc());
    execute(&mut run, task(3), &events[..3], 9);
    let answer = completion_text(&execute(&mut run, task(10), &events[3..], 9));
    MEDDLED.set(None);
    drop(run);
    assert!(calls.load(Ordering::Relaxed) > 0);
    assert!(!answer.contains("panicked"), "{answer}");
}

#[test]
fn a_run_rebuilt_from_history_goes_on_where_the_evicted_one_stood() {
    let main = workflow(async |run| {
        let (timer, charge) = (run.timer(60), run.activity("charge"));
        let fired = timer.await;
        charge.cancel();
        complete(format!("{fired:?} {}", run.ctx.uuid()))
    });
    check(
        HISTORY,
        main,
        expect![[r#"
            RequestCancelActivityTask 6
            CompleteWorkflowExecution Ok(()) 89a6366a-1ffe-4cc7-b6ac-cb1e5c439630"#]],
    );
}
