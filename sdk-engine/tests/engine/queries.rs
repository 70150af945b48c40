//! Queries: what they see, and that they change nothing (protocol 5.2, 5.3, 12.43, 12.71).

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use durably_engine::{Completion, Query, Run, WorkflowRandom, WorkflowTask, refuse_write};
use durably_protos::temporal::api::history::v1::HistoryEvent;
use expect_test::{Expect, expect};

use crate::support::check::{execute, run_of, task};
use crate::support::fixture::{failure, history};
use crate::support::script::ScriptedWorkflow;
use crate::support::text::completion_text;
use crate::support::{Script, complete, fail, workflow};

const FIRST: &str = "WorkflowExecutionStarted | WorkflowExecutionSignaled a | WorkflowTaskScheduled | WorkflowTaskStarted";

fn with_queries(started_event_id: i64, names: &[&str]) -> WorkflowTask {
    let query = |name: &&str| Query {
        id: format!("{name} "),
        name: (*name).to_owned(),
        arguments: Vec::new(),
        header: None,
    };
    WorkflowTask {
        started_event_id,
        queries: names.iter().map(query).collect(),
        ..Default::default()
    }
}

fn waiter() -> ScriptedWorkflow {
    workflow(async |run| {
        let _ = run.timer(60).await;
        run.logged(2).await;
        run.complete_with_log()
    })
}

#[test]
fn queries_of_a_task_are_answered_after_it_was_executed() {
    let mut run = run_of(&waiter().rc());
    let answer = execute(
        &mut run,
        with_queries(4, &["one", "two"]),
        &history(FIRST),
        9,
    );
    expect![[r#"
        StartTimer 1 60s
        query one = a
        query two = a"#]]
    .assert_eq(&completion_text(&answer));
}

#[test]
fn queries_are_answered_beside_the_end_of_the_run() {
    let done = workflow(async |_| complete("done"));
    let answer = execute(
        &mut run_of(&done.rc()),
        with_queries(4, &["one"]),
        &history(FIRST),
        9,
    );
    expect![[r#"
        CompleteWorkflowExecution done
        query one = a"#]]
    .assert_eq(&completion_text(&answer));
}

#[test]
fn a_query_is_always_told_that_it_is_replaying() {
    let told = waiter().on_query(|run, _| Ok(format!("{}", run.ctx.is_replaying())));
    let mut run = run_of(&told.rc());
    let answer = execute(&mut run, with_queries(4, &["one"]), &history(FIRST), 9);
    assert!(
        completion_text(&answer).ends_with("query one = true"),
        "{answer:?}"
    );
    assert!(!run.context().expect("the run has begun").is_replaying());
}

#[test]
fn a_query_that_fails_or_panics_fails_alone() {
    let grumpy = waiter().on_query(|_, name| match name {
        "fails" => Err("no such thing".to_owned()),
        "panics" => panic!("not now"),
        _ => Ok("fine".to_owned()),
    });
    let mut run = run_of(&grumpy.rc());
    let answer = execute(
        &mut run,
        with_queries(4, &["fails", "panics", "works"]),
        &history(FIRST),
        9,
    );
    expect![[r#"
        StartTimer 1 60s
        query fails failed: no such thing
        query panics failed: workflow code panicked: not now
        query works = fine"#]]
    .assert_eq(&completion_text(&answer));
}

type Write = fn(&Script);

#[test]
fn whatever_a_query_tries_to_change_is_refused_and_named() {
    let writes: [(Write, Expect); 10] = [
        (
            |run| drop(run.timer(1)),
            expect!["starting a timer at HERE"],
        ),
        (
            |run| drop(run.activity("charge")),
            expect!["scheduling an activity at HERE"],
        ),
        (
            |run| _ = run.ctx.random().u64(),
            expect!["drawing a random number"],
        ),
        (|run| _ = run.ctx.uuid(), expect!["drawing a random number"]),
        (
            |run| drop(run.ctx.spawn(async {})),
            expect!["spawning a task"],
        ),
        (
            |run| run.ctx.cancel_scope(async {}).scope().cancel(""),
            expect!["canceling a scope"],
        ),
        (
            |run| run.ctx.fail_task(failure("no"), None),
            expect!["failing the workflow task"],
        ),
        (
            |run| drop(run.ctx.take_signal("a")),
            expect!["taking a signal"],
        ),
        (
            |run| _ = refuse_write(|| "my own".to_owned()).map(|()| run.note("written")),
            expect!["my own"],
        ),
        (
            |run| {
                drop(
                    run.ctx
                        .start_timer(Duration::ZERO, None, std::panic::Location::caller()),
                );
            },
            expect!["starting a timer at HERE"],
        ),
    ];
    for (write, what) in writes {
        let writing = waiter().on_query(move |run, _| {
            write(run);
            Ok("written".to_owned())
        });
        let events = history("WorkflowExecutionStarted | WorkflowExecutionSignaled a | WorkflowTask
            TimerStarted 1 | TimerFired 1 | WorkflowExecutionSignaled b | WorkflowTaskScheduled | WorkflowTaskStarted");
        let mut run = run_of(&writing.rc());
        let answer = completion_text(&execute(&mut run, with_queries(4, &["q"]), &events[..4], 9));
        let answer = without_places(&answer);
        let refused = answer
            .strip_prefix(
                "StartTimer 1 60s\nquery q failed: query \"q\" tried to change the workflow (",
            )
            .and_then(|rest| rest.strip_suffix("); queries may only read"));
        what.assert_eq(refused.unwrap_or(&answer));
        assert!(!run.must_be_evicted());
        // The run goes on as if nothing had been asked.
        let answer = completion_text(&execute(&mut run, task(10), &events[4..], 9));
        assert_eq!(answer, "CompleteWorkflowExecution a,b");
    }
}

fn without_places(text: &str) -> String {
    let place = |text: &str, start: usize| {
        let end = text[start..]
            .find(')')
            .map_or(text.len(), |end| start + end);
        format!("{}HERE{}", &text[..start], &text[end..])
    };
    text.find(file!())
        .or_else(|| text.find("sdk-engine/tests"))
        .map_or_else(|| text.to_owned(), |start| place(text, start))
}

/// Operations and generators that the code keeps in its state are in reach of queries, too.
#[test]
fn what_the_state_holds_is_as_read_only_as_the_context() {
    #[derive(Default)]
    struct Kept {
        timer: Option<durably_engine::TimerOperation>,
        random: Option<WorkflowRandom>,
    }
    let writes: [fn(&mut Kept); 3] = [
        |kept| kept.timer.as_ref().expect("kept").cancel(),
        |kept| drop(kept.timer.take()),
        |kept| _ = kept.random.as_ref().expect("kept").u64(),
    ];
    for (index, write) in writes.into_iter().enumerate() {
        let kept = Rc::new(RefCell::new(Kept::default()));
        let (state, seen) = (kept.clone(), kept.clone());
        let workflow = workflow(async move |run| {
            *state.borrow_mut() = Kept {
                timer: Some(run.timer(60)),
                random: Some(run.ctx.random()),
            };
            run.logged(1).await;
            let drawn = state.borrow().random.as_ref().expect("kept").u64();
            complete(format!("{drawn:x}"))
        })
        .on_query(move |_, _| {
            write(&mut seen.borrow_mut());
            Ok("written".to_owned())
        });
        let events = history(
            "WorkflowExecutionStarted | WorkflowTask | TimerStarted 1
            WorkflowExecutionSignaled a | WorkflowTaskScheduled | WorkflowTaskStarted",
        );
        let mut run = run_of(&workflow.rc());
        let answer = completion_text(&execute(&mut run, with_queries(3, &["q"]), &events[..3], 9));
        assert!(
            answer.contains("query q failed: query \"q\" tried to change the workflow"),
            "{index}: {answer}"
        );
        // A timer that a query dropped is gone for the code: that cannot be undone.
        let dropped = index == 1;
        assert_eq!(run.must_be_evicted(), dropped);
        if dropped {
            continue;
        }
        let answer = completion_text(&execute(&mut run, task(8), &events[3..], 9));
        assert_eq!(
            answer, "CompleteWorkflowExecution 89a6366a1ffe1cc7",
            "{index}"
        );
        drop(run);
        drop(kept);
    }
}

/// A query that wakes a task has changed something that the task waits for.
#[test]
fn a_query_that_wakes_a_task_costs_the_run_its_place_in_memory() {
    let (sender, receiver) = tokio::sync::watch::channel(0);
    let sender = Rc::new(sender);
    let (from_query, from_signal) = (sender.clone(), sender);
    let workflow = workflow(async move |run| {
        let mut receiver = receiver.clone();
        let _ = run.timer(1).await;
        while *receiver.borrow_and_update() < 5 {
            receiver.changed().await.expect("the sender is kept");
        }
        complete("woken")
    })
    .on_query(move |_, _| {
        from_query.send_modify(|_| {});
        Ok("written".to_owned())
    })
    .on_signal(move |_, _| {
        from_signal.send_replace(5);
        durably_engine::SignalDelivery::Done(durably_engine::TaskEnd::Done)
    });
    let events = history(
        "WorkflowExecutionStarted | WorkflowTask | TimerStarted 1 | TimerFired 1
        WorkflowTask | WorkflowExecutionSignaled a | WorkflowTaskScheduled | WorkflowTaskStarted",
    );
    let workflow = workflow.rc();
    let mut run = run_of(&workflow);
    execute(&mut run, task(3), &events[..3], 9);
    let answer = completion_text(&execute(
        &mut run,
        with_queries(8, &["q"]),
        &events[3..8],
        9,
    ));
    expect!["query q failed: query \"q\" tried to change the workflow (waking a task); queries may only read"].assert_eq(&answer);
    // What it changed cannot be undone here; a run built anew has never seen it.
    assert!(run.must_be_evicted());
    let answer = completion_text(&execute(&mut run, task(12), &events[8..], 9));
    assert!(
        answer.ends_with("this run failed earlier and must be evicted"),
        "{answer}"
    );
    let answer = completion_text(&execute(&mut run_of(&workflow), task(12), &events, 9));
    assert_eq!(answer, "CompleteWorkflowExecution woken");
}

#[test]
fn a_legacy_query_is_one_query() {
    let events: Vec<HistoryEvent> = history(
        "WorkflowExecutionStarted | WorkflowExecutionSignaled a | WorkflowTask | TimerStarted 1",
    );
    let mut run: Run = run_of(&waiter().rc());
    let answer = execute(&mut run, with_queries(0, &["one", "two"]), &events, 9);
    assert!(matches!(answer, Completion::Failed(_)), "{answer:?}");
    let mut run = run_of(&waiter().rc());
    let answer = execute(&mut run, with_queries(0, &["one"]), &events, 9);
    assert_eq!(completion_text(&answer), "query one = a");
}

#[test]
fn a_query_before_the_code_was_ever_started_fails() {
    let mut run = run_of(&workflow(async |_| fail("")).rc());
    let events = history("WorkflowExecutionStarted | WorkflowTaskScheduled");
    let answer = execute(&mut run, with_queries(0, &["one"]), &events, 9);
    expect![[
        r#"query one failed: query "one" came before the workflow's first task was completed"#
    ]]
    .assert_eq(&completion_text(&answer));
}
