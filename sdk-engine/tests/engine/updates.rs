//! Updates: accepted, refused, answered, replayed (protocol 4.12, 12.40 to 12.52).

use std::future::pending;

use durably_engine::{Context, TaskEnd, UpdateDelivery, UpdateEnd};
use expect_test::expect;

use crate::support::check::{execute, run_of, task};
use crate::support::fixture::{failure, history, text_of};
use crate::support::live::request;
use crate::support::script::ScriptedWorkflow;
use crate::support::script_more::{update_failed, updated, updating};
use crate::support::text::completion_text;
use crate::support::{Live, Script, check, check_failure, check_messages, complete, workflow};

const FIRST: &str = "WorkflowExecutionStarted | WorkflowTaskScheduled | WorkflowTaskStarted";
const NEXT: &str = "WorkflowExecutionStarted | WorkflowTask | TimerStarted 1 | WorkflowTaskScheduled | WorkflowTaskStarted";

/// Updates `set` (at once), `slow` (with a timer), `bad` (fails), `late` (registered by a signal or
/// by the main function); the log says who ran.
fn updatable(main: impl AsyncFn(Script) -> TaskEnd + 'static) -> ScriptedWorkflow {
    workflow(main)
        .on_update("set", |run, update| {
            run.note(format!("set {}", text_of(&update.arguments)));
            updated("done")
        })
        .on_update("slow", |run, update| {
            let run = run.clone();
            let argument = text_of(&update.arguments);
            updating(async move {
                run.note(format!("slow {argument}"));
                let _ = run.timer(9).await;
                run.note(format!("slept {argument}"));
                argument
            })
        })
        .on_update("bad", |_, _| update_failed("no good"))
        .on_update("register", |run, _| {
            run.note("registered late");
            updated("registered")
        })
        .on_update("late", |run, update| {
            run.note(format!("late {}", text_of(&update.arguments)));
            updated("late")
        })
        .validating(|_, update| match text_of(&update.arguments).as_str() {
            "refuse" => Err("not that".to_owned()),
            "panic" => panic!("the validator broke"),
            _ => Ok(()),
        })
}

fn waiter() -> ScriptedWorkflow {
    updatable(async |run| {
        let _ = run.timer(60).await;
        run.complete_with_log()
    })
}

#[test]
fn an_update_is_accepted_and_answered_in_the_task_that_brings_it() {
    check_messages(
        FIRST,
        &["u1 set 5"],
        waiter(),
        expect![[r#"
        ProtocolMessage u1/request/accept
        ProtocolMessage u1/request/complete
        StartTimer 1 60s
        message u1/request/accept of 2
        message u1/request/complete = done"#]],
    );
    check_messages(
        NEXT,
        &["u1 set 5"],
        waiter(),
        expect![[r#"
        ProtocolMessage u1/request/accept
        ProtocolMessage u1/request/complete
        message u1/request/accept of 6
        message u1/request/complete = done"#]],
    );
    check_messages(
        NEXT,
        &["u1 bad"],
        waiter(),
        expect![[r#"
        ProtocolMessage u1/request/accept
        ProtocolMessage u1/request/complete
        message u1/request/accept of 6
        message u1/request/complete failed: no good"#]],
    );
}

#[test]
fn a_handler_that_waits_is_answered_later() {
    check_messages(
        NEXT,
        &["u1 slow 7"],
        waiter(),
        expect![[r#"
        ProtocolMessage u1/request/accept
        StartTimer 2 9s
        message u1/request/accept of 6"#]],
    );
    let accepted = "WorkflowExecutionStarted | WorkflowTask | TimerStarted 1 | WorkflowTask
        WorkflowExecutionUpdateAccepted u1 slow 7 | TimerStarted 2 | TimerFired 2";
    check(
        &format!("{accepted} | WorkflowTaskScheduled | WorkflowTaskStarted"),
        waiter(),
        expect![[r#"
            ProtocolMessage u1/request/complete
            message u1/request/complete = 7"#]],
    );
    check(
        &format!(
            "{accepted} | WorkflowTask | WorkflowExecutionUpdateCompleted u1 | TimerFired 1
             WorkflowTaskScheduled | WorkflowTaskStarted"
        ),
        waiter(),
        expect!["CompleteWorkflowExecution slow 7,slept 7"],
    );
}

#[test]
fn a_refused_update_runs_no_code_and_leaves_nothing() {
    for (update, why) in [
        ("u1 set refuse", "not that"),
        ("u1 nobody 1", "unknown update"),
        (
            "u1 set panic",
            "workflow code panicked: the validator broke",
        ),
    ] {
        let mut run = run_of(&waiter().rc());
        let events = history(NEXT);
        let mut first = task(3);
        first.messages = vec![request(2, update)];
        let answer = execute(&mut run, first, &events[..3], 9);
        assert_eq!(
            completion_text(&answer),
            format!("StartTimer 1 60s\nmessage u1/request/reject of 2: {why}")
        );
        let mut next = task(7);
        next.messages = vec![request(6, update)];
        let answer = execute(&mut run, next, &events[3..], 9);
        assert_eq!(
            completion_text(&answer),
            format!("message u1/request/reject of 6: {why}")
        );
        assert_eq!(run.task_count(), 1);
        // The server discards the task; the next one goes on as if it had not been.
        run.discard_speculative_task(3);
        let mut again = task(7);
        again.messages = vec![request(6, "u2 set 1")];
        let answer = execute(&mut run, again, &events[3..], 9);
        assert!(completion_text(&answer).starts_with("ProtocolMessage u2/request/accept"));
    }
}

#[test]
fn a_validator_may_read_and_not_write() {
    type Write = fn(&Script);
    let writes: [(Write, bool); 3] = [
        (|run| drop(run.timer(1)), false),
        (
            |run| run.ctx.fail_task(failure("from a validator"), None),
            false,
        ),
        (|run| _ = run.ctx.random().u64(), false),
    ];
    for (write, spoils) in writes {
        let writing = waiter().validating(move |run, _| {
            write(run);
            Ok(())
        });
        let mut run = run_of(&writing.rc());
        let mut first = task(3);
        first.messages = vec![request(2, "u1 set 1")];
        let answer = completion_text(&execute(&mut run, first, &history(FIRST), 9));
        assert!(answer.starts_with("StartTimer 1 60s\nmessage u1/request/reject of 2: the validator of update \"set\" tried to change the workflow"), "{answer}");
        assert_eq!(run.must_be_evicted(), spoils);
    }
}

#[test]
fn a_replay_does_not_validate() {
    let refusing = || waiter().validating(|_, _| Err("changed my mind".to_owned()));
    let text = "WorkflowExecutionStarted | WorkflowTask | TimerStarted 1 | WorkflowTask
        WorkflowExecutionUpdateAccepted u1 set 1 | WorkflowExecutionUpdateCompleted u1 | TimerFired 1
        WorkflowTaskScheduled | WorkflowTaskStarted";
    let mut run = run_of(&refusing().rc());
    let events = history(text);
    let answer = completion_text(&execute(&mut run, task(13), &events, 3));
    assert_eq!(answer, "CompleteWorkflowExecution set 1");
    check(text, waiter(), expect![["CompleteWorkflowExecution set 1"]]);
}

#[test]
fn signals_come_before_the_updates_of_their_task() {
    check_messages(
        "WorkflowExecutionStarted | WorkflowTask | TimerStarted 1 | WorkflowExecutionSignaled a
         TimerFired 1 | WorkflowTaskScheduled | WorkflowTaskStarted",
        &[
            "u1 set 1",
            "u2 slow 2",
            "u3 set refuse",
            "u4 bad",
            "u5 set 5",
        ],
        waiter(),
        expect![[r#"
            ProtocolMessage u1/request/accept
            ProtocolMessage u1/request/complete
            ProtocolMessage u2/request/accept
            StartTimer 2 9s
            ProtocolMessage u4/request/accept
            ProtocolMessage u4/request/complete
            ProtocolMessage u5/request/accept
            ProtocolMessage u5/request/complete
            CompleteWorkflowExecution a,set 1,slow 2,set 5
            message u3/request/reject of 8: not that
            message u1/request/accept of 8
            message u1/request/complete = done
            message u2/request/accept of 8
            message u4/request/accept of 8
            message u4/request/complete failed: no good
            message u5/request/accept of 8
            message u5/request/complete = done
            unfinished slow (u2)"#]],
    );
    check(
        "WorkflowExecutionStarted | WorkflowTask | TimerStarted 1 | WorkflowExecutionSignaled a
         TimerFired 1 | WorkflowTask
         WorkflowExecutionUpdateAccepted u1 set 1 | WorkflowExecutionUpdateCompleted u1
         WorkflowExecutionUpdateAccepted u2 slow 2 | TimerStarted 2
         WorkflowExecutionUpdateAccepted u4 bad | WorkflowExecutionUpdateCompleted u4
         WorkflowExecutionUpdateAccepted u5 set 5 | WorkflowExecutionUpdateCompleted u5
         WorkflowExecutionCompleted",
        waiter(),
        expect!["replayed"],
    );
}

/// Registers `late` in its first activation, after a look at the log, and starts a timer.
fn registers() -> ScriptedWorkflow {
    updatable(async |run| {
        run.note("registered late");
        let _ = run.timer(60).await;
        run.complete_with_log()
    })
}

#[test]
fn a_handler_may_be_registered_in_the_same_activation() {
    check_messages(
        FIRST,
        &["u1 late 1", "u2 set 2"],
        registers(),
        expect![[r#"
        ProtocolMessage u2/request/accept
        ProtocolMessage u2/request/complete
        StartTimer 1 60s
        ProtocolMessage u1/request/accept
        ProtocolMessage u1/request/complete
        message u2/request/accept of 2
        message u2/request/complete = done
        message u1/request/accept of 2
        message u1/request/complete = late"#]],
    );
    check(
        "WorkflowExecutionStarted | WorkflowTask
         WorkflowExecutionUpdateAccepted u2 set 2 | WorkflowExecutionUpdateCompleted u2 | TimerStarted 1
         WorkflowExecutionUpdateAccepted u1 late 1 | WorkflowExecutionUpdateCompleted u1 | TimerFired 1
         WorkflowTaskScheduled | WorkflowTaskStarted",
        registers(),
        expect!["CompleteWorkflowExecution set 2,registered late,late 1"],
    );
    // Nobody registers it.
    check_messages(
        FIRST,
        &["u1 late 1"],
        waiter(),
        expect![[r#"
        StartTimer 1 60s
        message u1/request/reject of 2: unknown update"#]],
    );
}

#[test]
fn a_handler_may_be_registered_by_another_update_of_the_task() {
    // Whatever the order in which they came, a replay sees them in the order of acceptance.
    let live = |updates: &[&str]| {
        let mut first = task(3);
        first.messages = updates.iter().map(|text| request(2, text)).collect();
        let mut run = run_of(&waiter().rc());
        completion_text(&execute(&mut run, first, &history(FIRST), 9))
    };
    let answer = live(&["u1 late 1", "u2 register"]);
    assert_eq!(answer, live(&["u2 register", "u1 late 1"]));
    expect![[r#"
        ProtocolMessage u2/request/accept
        ProtocolMessage u2/request/complete
        ProtocolMessage u1/request/accept
        ProtocolMessage u1/request/complete
        StartTimer 1 60s
        message u2/request/accept of 2
        message u2/request/complete = registered
        message u1/request/accept of 2
        message u1/request/complete = late"#]]
    .assert_eq(&answer);
    check(
        "WorkflowExecutionStarted | WorkflowTask
         WorkflowExecutionUpdateAccepted u2 register | WorkflowExecutionUpdateCompleted u2
         WorkflowExecutionUpdateAccepted u1 late 1 | WorkflowExecutionUpdateCompleted u1
         TimerStarted 1 | TimerFired 1 | WorkflowTask | WorkflowExecutionCompleted",
        waiter(),
        expect!["replayed"],
    );
}

const RESET: &str = "WorkflowExecutionStarted | WorkflowTaskScheduled | WorkflowTaskStarted
    WorkflowTaskFailed reset other | WorkflowExecutionUpdateAdmitted u1 set 1 | WorkflowExecutionSignaled a";

#[test]
fn an_update_that_a_reset_brings_again_is_an_event() {
    check(
        &format!("{RESET} | WorkflowTaskScheduled | WorkflowTaskStarted"),
        waiter(),
        expect![[r#"
            ProtocolMessage u1/request/accept
            ProtocolMessage u1/request/complete
            StartTimer 1 60s
            message u1/request/accept of 5 without request
            message u1/request/complete = done"#]],
    );
    check(
        &format!(
            "{RESET} | WorkflowTask | WorkflowExecutionUpdateAccepted u1
             WorkflowExecutionUpdateCompleted u1 | TimerStarted 1 | TimerFired 1
             WorkflowTaskScheduled | WorkflowTaskStarted"
        ),
        waiter(),
        expect!["CompleteWorkflowExecution set 1,a"],
    );
    // It was refused then.
    let refusing = || waiter().validating(|_, _| Err("no".to_owned()));
    check(
        &format!("{RESET} | WorkflowTaskScheduled | WorkflowTaskStarted"),
        refusing(),
        expect![[r#"
            StartTimer 1 60s
            message u1/request/reject of 5: no"#]],
    );
    check(
        &format!(
            "{RESET} | WorkflowTask | TimerStarted 1 | TimerFired 1
             WorkflowTaskScheduled | WorkflowTaskStarted"
        ),
        refusing(),
        expect!["CompleteWorkflowExecution a"],
    );
}

#[test]
fn handlers_that_the_end_cuts_off_are_reported() {
    let ends = updatable(async |run| {
        let _ = run.timer(60).await;
        complete("done")
    })
    .on_update("quiet", |_, _| UpdateDelivery::Running {
        future: Box::pin(pending()),
        abandon_unfinished: true,
    });
    check_messages(
        "WorkflowExecutionStarted | WorkflowTask | TimerStarted 1 | TimerFired 1
         WorkflowTaskScheduled | WorkflowTaskStarted",
        &["u1 slow 1", "u2 set 2", "u3 quiet"],
        ends,
        expect![[r#"
            ProtocolMessage u1/request/accept
            StartTimer 2 9s
            ProtocolMessage u2/request/accept
            ProtocolMessage u2/request/complete
            ProtocolMessage u3/request/accept
            CompleteWorkflowExecution done
            message u1/request/accept of 7
            message u2/request/accept of 7
            message u2/request/complete = done
            message u3/request/accept of 7
            unfinished slow (u1)"#]],
    );
}

#[test]
fn the_end_comes_after_the_answers_of_its_task() {
    let ends = || {
        updatable(async |run| {
            let done = run.clone();
            let _ = run
                .ctx
                .wait_until(move || done.log.borrow().contains(&"slow 1".to_owned()))
                .await;
            complete("done")
        })
        .on_update("slow", |run, _| {
            let run = run.clone();
            updating(async move {
                run.note("slow 1");
                run.ctx.spawn(async {}).await;
                "after the end".to_owned()
            })
        })
    };
    check_messages(
        FIRST,
        &["u1 slow 1"],
        ends(),
        expect![[r#"
        ProtocolMessage u1/request/accept
        ProtocolMessage u1/request/complete
        CompleteWorkflowExecution done
        message u1/request/accept of 2
        message u1/request/complete = after the end"#]],
    );
    check(
        "WorkflowExecutionStarted | WorkflowTask | WorkflowExecutionUpdateAccepted u1 slow 1
         WorkflowExecutionUpdateCompleted u1 | WorkflowExecutionCompleted",
        ends(),
        expect!["replayed"],
    );
}

#[test]
fn code_knows_the_update_that_it_handles() {
    fn current(ctx: &Context) -> String {
        let update = ctx.current_update();
        update.map_or_else(
            || "none".to_owned(),
            |update| format!("{} of {}", update.id, update.identity),
        )
    }
    let knowing = waiter()
        .validating(|run, _| {
            assert_eq!(current(&run.ctx), "u1 of client");
            Ok(())
        })
        .on_update("who", |run, _| {
            let run = run.clone();
            updating(async move {
                let before = current(&run.ctx);
                let _ = run.timer(1).await;
                format!("{before}, {}", current(&run.ctx))
            })
        });
    let mut live = Live::new(&knowing.rc());
    let events = history(
        "WorkflowExecutionStarted | WorkflowTask | WorkflowExecutionUpdateAccepted u1 who 1 | TimerStarted 1
         TimerStarted 2 | TimerFired 1 | WorkflowTaskScheduled | WorkflowTaskStarted",
    );
    expect![[r#"
        ProtocolMessage u1/request/complete
        message u1/request/complete = u1 of client, u1 of client"#]]
    .assert_eq(&live.task(&events));
}

#[test]
fn a_request_that_cannot_be_read_is_refused() {
    let mut run = run_of(&waiter().rc());
    let mut first = task(3);
    let mut broken = request(2, "u1 set 1");
    broken.body.as_mut().expect("a body").value = vec![0xff].into();
    let mut other = request(2, "u2 set 1");
    other.body.as_mut().expect("a body").type_url = "type.googleapis.com/theirs".to_owned();
    first.messages = vec![broken, other];
    let answer = completion_text(&execute(&mut run, first, &history(FIRST), 9));
    expect![[r#"
        StartTimer 1 60s
        message u1/request/reject of 2: the update's request cannot be read: failed to decode Protobuf message: invalid varint"#]].assert_eq(&answer);
}

#[test]
fn a_handler_that_cannot_go_on_fails_the_task() {
    let failing = waiter()
        .on_update("stuck", |_, _| {
            UpdateDelivery::Done(UpdateEnd::TaskFailed(Box::new(failure("cannot go on"))))
        })
        .on_update("panics", |_, _| panic!("not this"));
    let answer = |update| {
        let mut first = task(3);
        first.messages = vec![request(2, update)];
        let mut run = run_of(&failing.clone().rc());
        completion_text(&execute(&mut run, first, &history(FIRST), 9))
    };
    expect!["WORKFLOW_TASK_FAILED_CAUSE_WORKFLOW_WORKER_UNHANDLED_FAILURE: cannot go on"]
        .assert_eq(&answer("u1 stuck"));
    expect!["WORKFLOW_TASK_FAILED_CAUSE_WORKFLOW_WORKER_UNHANDLED_FAILURE: workflow code panicked: not this"].assert_eq(&answer("u1 panics"));
}

#[test]
fn code_that_takes_updates_otherwise_is_told_apart() {
    // Accepted in history, without a handler today.
    check_failure(
        "WorkflowExecutionStarted | WorkflowTask | WorkflowExecutionUpdateAccepted u1 gone 1 | TimerStarted 1
         WorkflowTaskScheduled | WorkflowTaskStarted",
        waiter(),
        expect!["WORKFLOW_TASK_FAILED_CAUSE_WORKFLOW_WORKER_UNHANDLED_FAILURE: an update of the history has no handler"],
    );
    // The handler was done at once, and now it is not.
    check_failure(
        "WorkflowExecutionStarted | WorkflowTask | WorkflowExecutionUpdateAccepted u1 slow 1
         WorkflowExecutionUpdateCompleted u1 | TimerStarted 1 | WorkflowTaskScheduled | WorkflowTaskStarted",
        waiter(),
        expect!["WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR: [TMPRL1100] nondeterminism: sdk-engine/tests/engine/updates.rs: code issues StartTimer (id 1, 9s), history (event 6) has WorkflowExecutionUpdateCompleted; the workflow's code changed in a way that running workflows cannot follow: undo the change or guard it with a patch"],
    );
}
