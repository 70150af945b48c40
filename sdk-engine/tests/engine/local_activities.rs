//! Local activities: run in the task, recorded by markers, replayed from them (protocol 4.3).

use durably_engine::{LocalActivityOptions, LocalActivityResolution, Query};
use expect_test::expect;
use futures_util::future::join;

use crate::support::check::{check, execute, failure_of, run_of, task};
use crate::support::fixture::{history, json};
use crate::support::script::ScriptedWorkflow;
use crate::support::text::completion_text;
use crate::support::{Live, check_failure, complete, local_activity_options, local_said, workflow};

const FIRST: &str = "WorkflowExecutionStarted | WorkflowTaskScheduled | WorkflowTaskStarted";
const LAST: &str = "WorkflowTaskScheduled | WorkflowTaskStarted";

fn live(workflow: ScriptedWorkflow) -> Live {
    Live::new(&workflow.rc())
}

/// Two after each other, with a timer between.
fn sequence() -> ScriptedWorkflow {
    workflow(async |run| {
        run.note(local_said(run.local("a").await));
        let _ = run.timer(1).await;
        run.note(format!(
            "{} at {}",
            local_said(run.local("b").await),
            run.seconds()
        ));
        run.complete_with_log()
    })
}

#[test]
fn a_task_waits_for_its_local_activities_and_records_them() {
    let mut live = live(sequence());
    expect![[r#"
        run 1 a 1
        waits for local activities"#]]
    .assert_eq(&live.task(&history(FIRST)));
    expect![[r#"
        RecordMarker local activity 1 a index=1 attempt=1 at=4 result=one
        StartTimer 1 1s"#]]
    .assert_eq(&live.end(&["1 one"]));
    let recorded = "WorkflowExecutionStarted | WorkflowTask | LocalActivity 1 a index=1 at=4 result=one | TimerStarted 1 | TimerFired 1";
    let events = history(&format!("{recorded} | {LAST}"));
    expect![[r#"
        run 2 b 1
        waits for local activities"#]]
    .assert_eq(&live.task(&events[3..]));
    expect![[r#"
        RecordMarker local activity 2 b index=1 attempt=1 at=10 failed=broke
        CompleteWorkflowExecution one,local activity failed: broke at 10"#]]
    .assert_eq(&live.end(&["2 failed broke"]));
    check(
        &format!(
            "{recorded} | WorkflowTask | LocalActivity 2 b index=1 at=10 failed=broke | WorkflowExecutionCompleted"
        ),
        sequence(),
        expect!["replayed"],
    );
}

/// Three at once; each notes its end and what it was, and then starts a timer.
fn parallel() -> ScriptedWorkflow {
    parallel_until(3)
}

/// The same, until the log has so many entries.
fn parallel_until(entries: usize) -> ScriptedWorkflow {
    workflow(async move |run| {
        let handles = ["a", "b", "c"].map(|name| {
            let task = run.clone();
            run.ctx.spawn(async move {
                let said = local_said(task.local(name).await);
                task.note(format!("{name} {said} at {}", task.seconds()));
                let _ = task.timer(10 + u64::from(name.as_bytes()[0])).await;
            })
        });
        run.logged(entries).await;
        drop(handles);
        run.complete_with_log()
    })
}

#[test]
fn those_that_end_together_are_one_activation() {
    let mut one = live(parallel());
    expect![[r#"
        run 1 a 1
        run 2 b 1
        run 3 c 1
        waits for local activities"#]]
    .assert_eq(&one.task(&history(FIRST)));
    expect!["waits for local activities"].assert_eq(&one.end(&["3 third"]));
    expect![[r#"
        RecordMarker local activity 3 c index=1 attempt=1 at=4 result=third
        StartTimer 1 109s
        RecordMarker local activity 2 b index=2 attempt=1 at=4 result=second
        RecordMarker local activity 1 a index=2 attempt=1 at=4 result=first
        StartTimer 2 108s
        StartTimer 3 107s
        CompleteWorkflowExecution c third at 4,b second at 4,a first at 4"#]]
    .assert_eq(&one.end(&["2 second", "1 first"]));
    check(
        "WorkflowExecutionStarted | WorkflowTask | LocalActivity 3 c index=1 at=4 result=third
         TimerStarted 1 | LocalActivity 2 b index=2 at=4 result=second | LocalActivity 1 a index=2 at=4 result=first
         TimerStarted 2 | TimerStarted 3 | WorkflowExecutionCompleted",
        parallel(),
        expect!["replayed"],
    );
    // All together.
    let mut all = live(parallel());
    let _ = all.task(&history(FIRST));
    expect![[r#"
        RecordMarker local activity 3 c index=1 attempt=1 at=4 result=third
        RecordMarker local activity 2 b index=1 attempt=1 at=4 result=second
        RecordMarker local activity 1 a index=1 attempt=1 at=4 result=first
        StartTimer 1 109s
        StartTimer 2 108s
        StartTimer 3 107s
        CompleteWorkflowExecution c third at 4,b second at 4,a first at 4"#]]
    .assert_eq(&all.end(&["3 third", "2 second", "1 first"]));
    check(
        "WorkflowExecutionStarted | WorkflowTask | LocalActivity 3 c index=1 at=4 result=third
         LocalActivity 2 b index=1 at=4 result=second | LocalActivity 1 a index=1 at=4 result=first
         TimerStarted 1 | TimerStarted 2 | TimerStarted 3 | WorkflowExecutionCompleted",
        parallel(),
        expect!["replayed"],
    );
}

#[test]
fn a_replay_goes_by_the_index_and_not_by_the_place() {
    // The order of markers of one activation is theirs; that of activations is the index's.
    let text = |first: u8, second: u8| {
        format!(
            "WorkflowExecutionStarted | WorkflowTask | LocalActivity 1 a index={first} at=4 result=first
             LocalActivity 2 b index={second} at=5 result=second | LocalActivity 3 c index=3 at=6 result=third
             TimerStarted 1 | TimerStarted 2 | TimerStarted 3 | WorkflowExecutionSignaled go | WorkflowTaskScheduled | WorkflowTaskStarted"
        )
    };
    assert_eq!(
        failure_of(&text(1, 2), parallel_until(4)),
        "CompleteWorkflowExecution a first at 4,b second at 5,c third at 6,go"
    );
    assert_eq!(
        failure_of(&text(2, 1), parallel_until(4)),
        "CompleteWorkflowExecution b second at 5,a first at 5,c third at 6,go"
    );
}

#[test]
fn markers_without_index_come_together() {
    // Histories of SDKs from before there was an index.
    check_failure(
        "WorkflowExecutionStarted | WorkflowTaskScheduled | WorkflowTaskStarted | WorkflowTaskCompleted temporal-python
         LocalActivity 2 b at=4 result=second | LocalActivity 1 a at=5 result=first | LocalActivity 3 c result=third
         TimerStarted 1 | TimerStarted 2 | TimerStarted 3 | WorkflowExecutionSignaled go | WorkflowTaskScheduled
         WorkflowTaskStarted",
        parallel_until(4),
        expect!["CompleteWorkflowExecution b second at 5,a first at 5,c third at 5,go"],
    );
    let after = workflow(async |run| {
        run.note(local_said(run.local("a").await));
        run.note(local_said(run.local("b").await));
        run.complete_with_log()
    });
    check_failure(
        "WorkflowExecutionStarted | WorkflowTaskScheduled | WorkflowTaskStarted | WorkflowTaskCompleted temporal-python
         LocalActivity 1 a at=5 result=first | LocalActivity 2 b at=4 result=second | WorkflowExecutionCompleted",
        after,
        expect!["replayed"],
    );
}

/// Waits for a local activity and for a timer, whichever is first.
fn long() -> ScriptedWorkflow {
    workflow(async |run| {
        let (local, timer) = join(
            async { (local_said(run.local("long").await), run.seconds()) },
            async {
                let _ = run.timer(1).await;
                run.note(format!("timer at {}", run.seconds()));
            },
        )
        .await;
        let () = timer;
        run.note(format!("{} at {}", local.0, local.1));
        run.complete_with_log()
    })
}

const BEATEN: &str = "WorkflowExecutionStarted | WorkflowTask | TimerStarted 1 | WorkflowTask | TimerFired 1 | WorkflowTask";

#[test]
fn a_long_one_goes_on_in_the_next_tasks() {
    let events = history(&format!("{BEATEN} | {LAST}"));
    let mut cached = live(long());
    expect![[r#"
        run 1 long 1
        waits for local activities"#]]
    .assert_eq(&cached.task(&events[..3]));
    let beat = |live: &mut Live| {
        let completion = live.run.heartbeat();
        live.text(&completion)
    };
    expect![[r#"
        StartTimer 1 1s
        wants another task"#]]
    .assert_eq(&beat(&mut cached));
    assert_eq!(cached.task(&events[3..7]), "waits for local activities");
    assert_eq!(beat(&mut cached), "wants another task");
    assert_eq!(cached.task(&events[7..11]), "waits for local activities");
    expect![[r#"
        RecordMarker local activity 1 long index=1 attempt=1 at=4 result=done
        CompleteWorkflowExecution timer at 11,done at 11"#]]
    .assert_eq(&cached.end(&["1 done"]));
    // A run that is built anew runs it again.
    let mut fresh = live(long());
    expect![[r#"
        run 1 long 1
        waits for local activities"#]]
    .assert_eq(&fresh.task(&events[..11]));
    expect![[r#"
        RecordMarker local activity 1 long index=1 attempt=1 at=12 result=again
        CompleteWorkflowExecution timer at 11,again at 12"#]]
    .assert_eq(&fresh.end(&["1 again"]));
    check(
        &format!(
            "{BEATEN} | LocalActivity 1 long index=1 at=9 result=done | WorkflowExecutionCompleted"
        ),
        long(),
        expect!["replayed"],
    );
}

#[test]
fn who_asks_does_not_wait_for_them() {
    let query = |started_event_id, id: &str| {
        let mut task = task(started_event_id);
        task.queries = vec![Query {
            id: id.to_owned(),
            name: "log".to_owned(),
            arguments: Vec::new(),
            header: None,
        }];
        task
    };
    let mut live = live(long());
    let events = history(&format!("{BEATEN} | {LAST}"));
    let answer = live.execute(query(3, "q "), &events[..3]);
    expect![[r#"
        run 1 long 1
        StartTimer 1 1s
        query q = 
        wants another task"#]]
    .assert_eq(&live.text(&answer));
    let answer = live.execute(task(7), &events[3..7]);
    assert_eq!(live.text(&answer), "waits for local activities");
    // A legacy query replays, and leaves what is pending alone.
    let mut asked = run_of(&long().rc());
    let answer = execute(&mut asked, query(0, ""), &events[..5], 9);
    assert_eq!(completion_text(&answer), "query = ");
    assert!(asked.take_local_activity_requests().is_empty());
    // The run that answered goes on with the next task, and runs it then.
    let answer = execute(&mut asked, task(7), &events[5..7], 9);
    assert_eq!(completion_text(&answer), "waits for local activities");
    assert_eq!(asked.take_local_activity_requests().len(), 1);
}

#[test]
fn a_long_wait_between_attempts_is_a_timer_of_the_codes() {
    let retrying = || {
        workflow(async |run| {
            let mut options = local_activity_options("a");
            loop {
                let here = std::panic::Location::caller();
                let local = run.ctx.schedule_local_activity(options.clone(), here);
                match local.await {
                    LocalActivityResolution::Backoff {
                        attempt,
                        backoff,
                        original_schedule_time,
                        ..
                    } => {
                        let _ = run.timer(backoff.as_secs()).await;
                        options.attempt = attempt;
                        options.original_schedule_time = Some(original_schedule_time);
                    }
                    end => return complete(local_said(end)),
                }
            }
        })
    };
    let mut one = live(retrying());
    let _ = one.task(&history(FIRST));
    expect![[r#"
        RecordMarker local activity 1 a index=1 attempt=1 at=4 failed=again backoff=60
        StartTimer 1 60s"#]]
    .assert_eq(&one.end(&["1 backoff 60"]));
    let recorded = "WorkflowExecutionStarted | WorkflowTask | LocalActivity 1 a index=1 at=4 backoff=60 failed=again scheduled=3 | TimerStarted 1 | TimerFired 1";
    let events = history(&format!("{recorded} | {LAST}"));
    expect![[r#"
        run 2 a 2
        waits for local activities"#]]
    .assert_eq(&one.task(&events[3..]));
    expect![[r#"
        RecordMarker local activity 2 a index=1 attempt=1 at=10 result=done
        CompleteWorkflowExecution done"#]]
    .assert_eq(&one.end(&["2 done"]));
    check(
        &format!(
            "{recorded} | WorkflowTask | LocalActivity 2 a attempt=2 index=1 at=10 result=done scheduled=3 | WorkflowExecutionCompleted"
        ),
        retrying(),
        expect!["replayed"],
    );
}

#[test]
fn the_end_of_the_run_gives_up_what_still_runs() {
    let racing = || {
        workflow(async |run| {
            let (fast, slow) = (run.local("fast"), run.local("slow"));
            let end = complete(local_said(fast.await));
            slow.detach();
            end
        })
    };
    let mut one = live(racing());
    expect![[r#"
        run 1 fast 1
        run 2 slow 1
        waits for local activities"#]]
    .assert_eq(&one.task(&history(FIRST)));
    expect![[r#"
        cancel 2
        RecordMarker local activity 1 fast index=1 attempt=1 at=4 result=first
        CompleteWorkflowExecution first"#]]
    .assert_eq(&one.end(&["1 first"]));
    check(
        "WorkflowExecutionStarted | WorkflowTask | LocalActivity 1 fast index=1 at=4 result=first | WorkflowExecutionCompleted",
        racing(),
        expect!["replayed"],
    );
}

#[test]
fn updates_and_local_activities_share_a_task() {
    use crate::support::live::request;
    use crate::support::script_more::updating;
    let updated = || {
        workflow(async |run| {
            run.logged(1).await;
            run.complete_with_log()
        })
        .on_update("look", |run, _| {
            let run = run.clone();
            updating(async move {
                let said = local_said(run.local("a").await);
                run.note(format!("looked {said}"));
                said
            })
        })
    };
    let mut one = live(updated());
    let mut first = task(3);
    first.messages = vec![request(2, "u1 look 1")];
    let answer = one.execute(first, &history(FIRST));
    expect![[r#"
        run 1 a 1
        waits for local activities"#]]
    .assert_eq(&one.text(&answer));
    expect![[r#"
        ProtocolMessage u1/request/accept
        RecordMarker local activity 1 a index=1 attempt=1 at=4 result=found
        ProtocolMessage u1/request/complete
        CompleteWorkflowExecution looked found
        message u1/request/accept of 2
        message u1/request/complete = found"#]]
    .assert_eq(&one.end(&["1 found"]));
    check(
        "WorkflowExecutionStarted | WorkflowTask | WorkflowExecutionUpdateAccepted u1 look 1
         LocalActivity 1 a index=1 at=4 result=found | WorkflowExecutionUpdateCompleted u1 | WorkflowExecutionCompleted",
        updated(),
        expect!["replayed"],
    );
}

#[test]
fn the_marker_may_keep_the_arguments() {
    let keeping = workflow(async |run| {
        let options = LocalActivityOptions {
            arguments: vec![json("42")],
            include_arguments_in_marker: true,
            activity_id: "mine".to_owned(),
            ..local_activity_options("a")
        };
        let here = std::panic::Location::caller();
        complete(local_said(
            run.ctx.schedule_local_activity(options, here).await,
        ))
    });
    let mut one = live(keeping);
    let _ = one.task(&history(FIRST));
    expect![[r#"
        RecordMarker local activity 1 a index=1 attempt=1 at=4 result=done input=42
        CompleteWorkflowExecution done"#]]
    .assert_eq(&one.end(&["1 done"]));
}

#[test]
fn another_local_activity_is_told_apart() {
    for marker in [
        "LocalActivity 1 other index=1 at=4 result=one",
        "LocalActivity 1 a id=mine index=1 at=4 result=one",
        "LocalActivity 2 a index=1 at=4 result=one",
        "LocalActivity 1 a index=1 at=4 result=one | LocalActivity 1 a index=1 at=4 result=one",
        "Lost 0",
    ] {
        let text =
            format!("WorkflowExecutionStarted | WorkflowTask | {marker} | TimerStarted 1 | {LAST}");
        let failure = failure_of(&text, sequence());
        assert!(failure.contains("NON_DETERMINISTIC"), "{marker}: {failure}");
    }
    check_failure(
        &format!(
            "WorkflowExecutionStarted | WorkflowTask | LocalActivity 1 other index=1 result=one | TimerStarted 1 | {LAST}"
        ),
        sequence(),
        expect![[
            r#"WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR: [TMPRL1100] nondeterminism: history (event 5) has MarkerRecorded (local activity "other" (number 1)), which does not fit local activity "a" (number 1); the workflow's code changed in a way that running workflows cannot follow: undo the change or guard it with a patch"#
        ]],
    );
}
