//! Wakers of the user's own, as futures that poll other futures make them: whenever the engine wakes
//! or drops one, code may run that calls back into the run.

use std::cell::RefCell;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context as PollContext, Poll, Wake, Waker};
use std::time::Duration;

use durably_engine::Context;

use crate::support::check::{execute, run_of, task};
use crate::support::fixture::history;
use crate::support::text::completion_text;
use crate::support::workflow;

/// Calls into the run whenever it is woken or dropped.
struct Meddling {
    inner: Waker,
    calls: Arc<AtomicUsize>,
}

thread_local! {
    static MEDDLED: RefCell<Option<Context>> = const { RefCell::new(None) };
}

impl Meddling {
    fn meddle(&self) {
        self.calls.fetch_add(1, Ordering::Relaxed);
        let Some(ctx) = MEDDLED.with_borrow(Clone::clone) else {
            return;
        };
        // Each of them needs the run's tables.
        drop(ctx.wait_until(|| false));
        drop(ctx.cancel_scope(async {}));
        drop(ctx.start_timer(Duration::from_secs(9), None, std::panic::Location::caller()));
        drop(ctx.take_signal("a"));
        drop(ctx.spawn(async {}));
    }
}

impl Wake for Meddling {
    fn wake(self: Arc<Self>) {
        self.meddle();
        self.inner.wake_by_ref();
    }
}

impl Drop for Meddling {
    fn drop(&mut self) {
        self.meddle();
    }
}

type Step = Pin<Box<dyn Future<Output = ()>>>;

/// Polls all futures, each time with new wakers, so that the tables drop those before.
fn poll_all(
    mut futures: Vec<Option<Step>>,
    calls: Arc<AtomicUsize>,
) -> impl Future<Output = ()> + 'static {
    std::future::poll_fn(move |cx| {
        for slot in &mut futures {
            let waker = Waker::from(Arc::new(Meddling {
                inner: cx.waker().clone(),
                calls: calls.clone(),
            }));
            let poll = |future: &mut Step| {
                let mut cx = PollContext::from_waker(&waker);
                future.as_mut().poll(&mut cx).is_ready()
            };
            if slot.as_mut().is_some_and(poll) {
                *slot = None;
            }
        }
        match futures.iter().all(Option::is_none) {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    })
}

#[test]
fn wakers_are_woken_and_dropped_while_nothing_is_borrowed() {
    let calls = Arc::new(AtomicUsize::new(0));
    let counter = calls.clone();
    let main = workflow(async move |run| {
        MEDDLED.set(Some(run.ctx.clone()));
        let (timer, charge) = (run.timer(60), run.activity("charge"));
        let (waits, script) = (run.ctx.wait_until(|| false), run.clone());
        let (canceled, in_task) = (run.ctx.canceled(), run.clone());
        let inner = run.clone();
        let scoped = run.ctx.cancel_scope(async move {
            let (timer, charge) = (inner.timer(60), inner.activity("inner"));
            let _ = timer.await;
            drop(charge.await);
        });
        let scope = scoped.scope();
        let task = run.ctx.spawn(async move { in_task.logged(2).await });
        let futures: Vec<Option<Step>> = vec![
            Some(Box::pin(async move { _ = timer.await })),
            Some(Box::pin(async move { drop(charge.await) })),
            Some(Box::pin(async move { _ = waits.await })),
            Some(Box::pin(async move { drop(canceled.await) })),
            Some(Box::pin(task)),
            Some(Box::pin(scoped)),
            Some(Box::pin(async move {
                script.logged(1).await;
                scope.cancel("enough");
            })),
        ];
        poll_all(futures, counter.clone()).await;
        MEDDLED.set(None);
        run.complete_with_log()
    });
    let events = history(
        "WorkflowExecutionStarted | WorkflowTask
         TimerStarted 1 | ActivityTaskScheduled 1 charge | TimerStarted 2 | ActivityTaskScheduled 2 inner
         WorkflowExecutionSignaled a | WorkflowTaskScheduled | WorkflowTaskStarted",
    );
    let mut run = run_of(&main.rc());
    let mut answers = vec![completion_text(&execute(
        &mut run,
        task(3),
        &events[..3],
        9,
    ))];
    answers.push(completion_text(&execute(
        &mut run,
        task(11),
        &events[3..],
        9,
    )));
    // The rest of the history, from what the run itself has just said.
    let more = history(
        "WorkflowExecutionStarted | WorkflowTask
         TimerStarted 1 | ActivityTaskScheduled 1 charge | TimerStarted 2 | ActivityTaskScheduled 2 inner
         WorkflowExecutionSignaled a | WorkflowTask | TimerCanceled 2 | ActivityTaskCancelRequested 2
         WorkflowExecutionSignaled b | WorkflowExecutionCancelRequested why | TimerFired 1
         WorkflowTaskScheduled | WorkflowTaskStarted",
    );
    answers.push(completion_text(&execute(
        &mut run,
        task(19),
        &more[11..],
        9,
    )));
    MEDDLED.set(None);
    drop(run);
    assert!(calls.load(Ordering::Relaxed) > 20);
    assert_eq!(
        answers,
        [
            "StartTimer 1 60s\nScheduleActivityTask 1 charge\nStartTimer 2 60s\nScheduleActivityTask 2 inner",
            "CancelTimer 2\nRequestCancelActivityTask 8",
            "RequestCancelActivityTask 6\nCompleteWorkflowExecution a,b",
        ]
    );
}
