//! Patches, versions and side effects (protocol 4.7, 4.8, 12.35 to 12.38).

use std::panic::Location;

use expect_test::expect;

use crate::support::check::{execute, failure_of, run_of, task};
use crate::support::fixture::history;
use crate::support::script::ScriptedWorkflow;
use crate::support::text::completion_text;
use crate::support::{Script, check, check_failure, complete, workflow};

const FIRST: &str = "WorkflowExecutionStarted | WorkflowTaskScheduled | WorkflowTaskStarted";
const LAST: &str = "WorkflowTaskScheduled | WorkflowTaskStarted";
const UPSERT: &str = "UpsertWorkflowSearchAttributes TemporalChangeVersion";

/// Asks for the patch twice, with a timer between.
fn patched() -> ScriptedWorkflow {
    workflow(async |run| {
        run.note(format!("{}", run.patched("one")));
        let _ = run.timer(1).await;
        run.note(format!("{}", run.patched("one")));
        run.complete_with_log()
    })
}

#[test]
fn a_new_run_is_on_the_new_side_and_says_so_once() {
    check(
        FIRST,
        patched(),
        expect![[r#"
        RecordMarker patch one
        UpsertWorkflowSearchAttributes TemporalChangeVersion ["one"]
        StartTimer 1 1s"#]],
    );
    check(
        &format!(
            "WorkflowExecutionStarted | WorkflowTask | MarkerRecorded one | {UPSERT} | TimerStarted 1 | TimerFired 1 | {LAST}"
        ),
        patched(),
        expect!["CompleteWorkflowExecution true,true"],
    );
    // What stands between Started and Completed hides nothing.
    check(
        &format!(
            "WorkflowExecutionStarted | WorkflowTaskScheduled | WorkflowTaskStarted | WorkflowExecutionPaused
             WorkflowTaskCompleted | MarkerRecorded one | {UPSERT} | TimerStarted 1 | TimerFired 1 | {LAST}"
        ),
        patched(),
        expect!["CompleteWorkflowExecution true,true"],
    );
}

#[test]
fn a_run_from_before_stays_on_the_old_side() {
    let text =
        format!("WorkflowExecutionStarted | WorkflowTask | TimerStarted 1 | TimerFired 1 | {LAST}");
    let mut run = run_of(&patched().rc());
    let answer = execute(&mut run, task(8), &history(&text), 9);
    assert_eq!(
        completion_text(&answer),
        "CompleteWorkflowExecution false,false"
    );
}

#[test]
fn a_patch_is_found_where_it_was_recorded() {
    // Asked first by a task that came later.
    let later = || {
        workflow(async |run| {
            let _ = run.timer(1).await;
            run.note(format!("{}", run.patched("one")));
            let _ = run.timer(1).await;
            run.note(format!("{}", run.patched("two")));
            run.complete_with_log()
        })
    };
    check(
        &format!(
            "WorkflowExecutionStarted | WorkflowTask | TimerStarted 1 | TimerFired 1 | WorkflowTask
             MarkerRecorded one | {UPSERT} | TimerStarted 2 | TimerFired 2 | {LAST}"
        ),
        later(),
        expect![[r#"
            RecordMarker patch two
            UpsertWorkflowSearchAttributes TemporalChangeVersion ["one","two"]
            CompleteWorkflowExecution true,true"#]],
    );
}

#[test]
fn a_deprecated_patch_matches_its_marker_of_before() {
    let deprecating = || {
        workflow(async |run| {
            run.deprecate("one");
            let _ = run.timer(1).await;
            complete("done")
        })
    };
    check(
        FIRST,
        deprecating(),
        expect![[r#"
        RecordMarker patch one deprecated
        UpsertWorkflowSearchAttributes TemporalChangeVersion ["one"]
        StartTimer 1 1s"#]],
    );
    for marker in ["MarkerRecorded one", "MarkerRecorded one deprecated"] {
        check(
            &format!(
                "WorkflowExecutionStarted | WorkflowTask | {marker} | {UPSERT} | TimerStarted 1 | TimerFired 1 | {LAST}"
            ),
            deprecating(),
            expect!["CompleteWorkflowExecution done"],
        );
    }
}

fn without() -> ScriptedWorkflow {
    workflow(async |run| {
        let _ = run.timer(1).await;
        run.note(format!("{}", run.patched("other")));
        let _ = run.timer(1).await;
        run.complete_with_log()
    })
}

#[test]
fn a_deprecated_patch_that_the_code_has_no_more_is_passed_over() {
    let mut run = run_of(&without().rc());
    let text = format!(
        "WorkflowExecutionStarted | WorkflowTask | MarkerRecorded one deprecated | {UPSERT} | TimerStarted 1
         TimerFired 1 | {LAST}"
    );
    let answer = execute(&mut run, task(10), &history(&text), 3);
    expect![[r#"
        RecordMarker patch other
        UpsertWorkflowSearchAttributes TemporalChangeVersion ["one","other"]
        StartTimer 2 1s"#]]
    .assert_eq(&completion_text(&answer));
    // Its update of the search attribute may be missing: the next one is another patch's.
    for upsert in ["", UPSERT] {
        let text = format!(
            "WorkflowExecutionStarted | WorkflowTask | TimerStarted 1 | TimerFired 1 | WorkflowTask
             MarkerRecorded one deprecated | {upsert} | MarkerRecorded other | {UPSERT} | TimerStarted 2
             TimerFired 2 | {LAST}"
        );
        assert_eq!(
            failure_of(&text, without()),
            "CompleteWorkflowExecution true"
        );
    }
}

#[test]
fn a_patch_that_counts_must_stay_in_the_code() {
    check_failure(
        &format!(
            "WorkflowExecutionStarted | WorkflowTask | MarkerRecorded one | {UPSERT} | TimerStarted 1
             TimerFired 1 | {LAST}"
        ),
        without(),
        expect![[r#"WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR: [TMPRL1100] nondeterminism: sdk-engine/tests/engine/markers.rs: code issues StartTimer (id 1, 1s), history (event 5) has MarkerRecorded (patch "one"); the workflow's code changed in a way that running workflows cannot follow: undo the change or guard it with a patch"#]],
    );
    check_failure(
        &format!(
            "WorkflowExecutionStarted | WorkflowTask | TimerStarted 1 | TimerFired 1 | WorkflowTask
             MarkerRecorded one | {UPSERT} | TimerStarted 2 | {LAST}"
        ),
        without(),
        expect![[
            r#"WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR: [TMPRL1100] nondeterminism: sdk-engine/tests/engine/markers.rs: code issues StartTimer (id 2, 1s), history (event 10) has MarkerRecorded (patch "one"); the workflow's code changed in a way that running workflows cannot follow: undo the change or guard it with a patch"#
        ]],
    );
    check_failure(
        &format!(
            "WorkflowExecutionStarted | WorkflowTask | MarkerRecorded one | {UPSERT} | {LAST}"
        ),
        workflow(async |_| std::future::pending().await),
        expect![[
            r#"WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR: [TMPRL1100] nondeterminism: history (event 5) has MarkerRecorded (patch "one"), the code issued no command for it; the workflow's code changed in a way that running workflows cannot follow: undo the change or guard it with a patch"#
        ]],
    );
}

#[test]
fn the_search_attribute_lists_every_change_of_the_run() {
    let many = || {
        workflow(async |run| {
            run.deprecate("z");
            let _ = run.patched("a");
            let _ = run.ctx.version("v", 3, Location::caller());
            let _ = run.timer(1).await;
            let _ = run.patched("m");
            complete("done")
        })
    };
    check(
        FIRST,
        many(),
        expect![[r#"
        RecordMarker patch z deprecated
        UpsertWorkflowSearchAttributes TemporalChangeVersion ["z"]
        RecordMarker patch a
        UpsertWorkflowSearchAttributes TemporalChangeVersion ["a","z"]
        RecordMarker version v 3
        UpsertWorkflowSearchAttributes TemporalChangeVersion ["a","v-3","z"]
        StartTimer 1 1s"#]],
    );
    let text = format!(
        "WorkflowExecutionStarted | WorkflowTask | MarkerRecorded z deprecated | {UPSERT} | MarkerRecorded a | {UPSERT}
         Version v 3 | {UPSERT} | TimerStarted 1 | TimerFired 1 | {LAST}"
    );
    check(
        &text,
        many(),
        expect![[r#"
        RecordMarker patch m
        UpsertWorkflowSearchAttributes TemporalChangeVersion ["a","m","v-3","z"]
        CompleteWorkflowExecution done"#]],
    );
    // A change that the code has no more was there all the same.
    let fewer = workflow(async |run| {
        let _ = run.patched("a");
        let _ = run.timer(1).await;
        let _ = run.patched("m");
        complete("done")
    });
    let mut run = run_of(&fewer.rc());
    let answer = execute(&mut run, task(14), &history(&text), 9);
    expect![[r#"
        RecordMarker patch m
        UpsertWorkflowSearchAttributes TemporalChangeVersion ["a","m","v-3","z"]
        CompleteWorkflowExecution done"#]]
    .assert_eq(&completion_text(&answer));
}

#[test]
fn a_list_that_is_too_long_is_not_written() {
    let many = || {
        workflow(async |run| {
            for number in 0..3 {
                let _ = run.patched(&format!("{number}{}", "x".repeat(900)));
            }
            let _ = run.timer(1).await;
            complete("done")
        })
    };
    let mut run = run_of(&many().rc());
    let answer = completion_text(&execute(&mut run, task(3), &history(FIRST), 9));
    let kinds: Vec<_> = answer
        .lines()
        .map(|line| line.split(' ').next().unwrap_or_default())
        .collect();
    assert_eq!(
        kinds,
        [
            "RecordMarker",
            "UpsertWorkflowSearchAttributes",
            "RecordMarker",
            "UpsertWorkflowSearchAttributes",
            "RecordMarker",
            "StartTimer"
        ]
    );
    let marker = |number: u8| format!("MarkerRecorded {number}{}", "x".repeat(900));
    check(
        &format!(
            "WorkflowExecutionStarted | WorkflowTask | {} | {UPSERT} | {} | {UPSERT} | {} | TimerStarted 1 | TimerFired 1 | {LAST}",
            marker(0),
            marker(1),
            marker(2)
        ),
        many(),
        expect!["CompleteWorkflowExecution done"],
    );
}

fn versioned(newest: i32) -> ScriptedWorkflow {
    workflow(async move |run| {
        let version = |run: &Script| run.ctx.version("v", newest, Location::caller());
        run.note(format!("{}", version(&run)));
        let _ = run.timer(1).await;
        run.note(format!("{}", version(&run)));
        run.complete_with_log()
    })
}

#[test]
fn a_version_is_decided_once() {
    check(
        FIRST,
        versioned(2),
        expect![[r#"
        RecordMarker version v 2
        UpsertWorkflowSearchAttributes TemporalChangeVersion ["v-2"]
        StartTimer 1 1s"#]],
    );
    let text = format!(
        "WorkflowExecutionStarted | WorkflowTask | Version v 2 | {UPSERT} | TimerStarted 1 | TimerFired 1 | {LAST}"
    );
    check(
        &text,
        versioned(2),
        expect!["CompleteWorkflowExecution 2,2"],
    );
    // Newer code follows the run's version.
    let mut run = run_of(&versioned(5).rc());
    let answer = execute(&mut run, task(10), &history(&text), 9);
    assert_eq!(completion_text(&answer), "CompleteWorkflowExecution 2,2");
    // A run from before there were versions.
    let before =
        format!("WorkflowExecutionStarted | WorkflowTask | TimerStarted 1 | TimerFired 1 | {LAST}");
    let mut run = run_of(&versioned(5).rc());
    let answer = execute(&mut run, task(8), &history(&before), 9);
    assert_eq!(completion_text(&answer), "CompleteWorkflowExecution -1,-1");
    // Code without versions passes their markers over.
    let timer = workflow(async |run| {
        let _ = run.timer(1).await;
        complete("done")
    });
    assert_eq!(failure_of(&text, timer), "CompleteWorkflowExecution done");
}

/// A side effect that would give something else each time.
fn effects() -> ScriptedWorkflow {
    workflow(async |run| {
        for _ in 0..2 {
            let made = format!("\"made at {}\"", run.seconds());
            run.note(run.side_effect(&made));
        }
        let _ = run.timer(1).await;
        let made = format!("\"made at {}\"", run.seconds());
        run.note(run.side_effect(&made));
        run.complete_with_log()
    })
}

#[test]
fn a_side_effect_is_made_once() {
    check(
        FIRST,
        effects(),
        expect![[r#"
        RecordMarker side effect 1 "made at 3"
        RecordMarker side effect 2 "made at 3"
        StartTimer 1 1s"#]],
    );
    check(
        &format!(
            "WorkflowExecutionStarted | WorkflowTask | SideEffect 1 \"then\" | SideEffect 2 \"and then\" | TimerStarted 1
             TimerFired 1 | {LAST}"
        ),
        effects(),
        expect![[r#"
            RecordMarker side effect 3 "made at 10"
            CompleteWorkflowExecution "then","and then","made at 10""#]],
    );
}

#[test]
fn side_effects_are_told_apart() {
    check_failure(
        &format!(
            "WorkflowExecutionStarted | WorkflowTask | SideEffect 2 \"then\" | TimerStarted 1 | {LAST}"
        ),
        effects(),
        expect![[
            r#"WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR: [TMPRL1100] nondeterminism: sdk-engine/tests/engine/markers.rs: code issues RecordMarker (side effect 1), history (event 5) has MarkerRecorded (side effect 2): marker is "side effect 2" in history and "side effect 1" in the code; the workflow's code changed in a way that running workflows cannot follow: undo the change or guard it with a patch"#
        ]],
    );
    check_failure(
        &format!(
            "WorkflowExecutionStarted | WorkflowTask | SideEffect 1 \"then\" | TimerStarted 1 | {LAST}"
        ),
        effects(),
        expect![
            "WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR: [TMPRL1100] nondeterminism: sdk-engine/tests/engine/markers.rs: code issues RecordMarker (side effect 2), history (event 6) has TimerStarted (id 1); the workflow's code changed in a way that running workflows cannot follow: undo the change or guard it with a patch"
        ],
    );
    check_failure(
        &format!(
            "WorkflowExecutionStarted | WorkflowTask | Marker theirs | TimerStarted 1 | {LAST}"
        ),
        effects(),
        expect![[
            r#"WORKFLOW_TASK_FAILED_CAUSE_WORKFLOW_WORKER_UNHANDLED_FAILURE: unusable history: event 5 is a marker "theirs", which durably does not know: another SDK recorded the history"#
        ]],
    );
}

/// A value that changes after the second signal.
fn changing() -> ScriptedWorkflow {
    workflow(async |run| {
        for count in 1..4 {
            let value = if count < 3 { "1" } else { "2" };
            run.note(run.mutable_side_effect("limit", value));
            let _ = run.timer(1).await;
        }
        run.complete_with_log()
    })
}

#[test]
fn a_mutable_side_effect_is_recorded_when_it_changes() {
    let first = "WorkflowExecutionStarted | WorkflowTask | MutableSideEffect limit 1 1 | TimerStarted 1 | TimerFired 1";
    let second = format!("{first} | WorkflowTask | TimerStarted 2 | TimerFired 2");
    let third = format!(
        "{second} | WorkflowTask | MutableSideEffect limit 3 2 | TimerStarted 3 | TimerFired 3"
    );
    check(
        FIRST,
        changing(),
        expect![[r#"
        RecordMarker mutable side effect limit 1 1
        StartTimer 1 1s"#]],
    );
    check(
        &format!("{first} | {LAST}"),
        changing(),
        expect!["StartTimer 2 1s"],
    );
    check(
        &format!("{second} | {LAST}"),
        changing(),
        expect![[r#"
        RecordMarker mutable side effect limit 3 2
        StartTimer 3 1s"#]],
    );
    check(
        &format!("{third} | {LAST}"),
        changing(),
        expect!["CompleteWorkflowExecution 1,1,2"],
    );
}
