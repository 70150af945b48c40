//! Eviction: a run can be dropped in any state, and nothing its code does then counts (protocol 2.12).

use std::cell::Cell;
use std::rc::Rc;

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
        self.ctx
            .fail_task(crate::support::fixture::failure("late"), None);
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
