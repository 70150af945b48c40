//! What the code did, task by task, for reports.

use durably_engine::{CommandIdentity, WorkflowTask};
use expect_test::expect;

use crate::support::check::run_of;
use crate::support::fixture::history;
use crate::support::{complete, workflow};

/// The trace of a replay, without places.
fn trace(text: &str, code: crate::support::script::ScriptedWorkflow) -> String {
    let workflow: std::rc::Rc<dyn durably_engine::Workflow> = std::rc::Rc::new(code);
    let mut run = run_of(&workflow);
    run.keep_trace();
    run.begin(WorkflowTask::default());
    run.push_last_events(history(text));
    let end = match run.finish_replay() {
        Ok(()) => "ok".to_owned(),
        Err(error) => error.to_string(),
    };
    let mut lines = Vec::new();
    for task in run.trace() {
        let resumed: Vec<_> = task
            .resumed
            .iter()
            .map(|wait| wait.what.to_string())
            .collect();
        lines.push(format!(
            "task {} after [{}]",
            task.started_event_id,
            resumed.join(", ")
        ));
        for command in task.commands {
            assert_eq!(
                command.place.is_none(),
                command.command == CommandIdentity::Completion
            );
            let fate = match (command.retracted, command.event_id) {
                (true, _) => "taken back".to_owned(),
                (false, Some(event)) => format!("event {event}"),
                (false, None) => "no event".to_owned(),
            };
            lines.push(format!("  {}: {fate}", command.command));
        }
    }
    let waits: Vec<_> = run
        .waits()
        .into_iter()
        .map(|wait| wait.what.to_string())
        .collect();
    lines.push(format!("waits for [{}]", waits.join(", ")));
    let end = end
        .split("; the workflow's code")
        .next()
        .unwrap_or_default();
    let end = end
        .split_once(": code")
        .map_or(end.to_owned(), |(_, end)| format!("code{end}"));
    lines.push(end);
    lines.join("\n")
}

#[test]
fn commands_stand_with_the_events_that_confirm_them() {
    let code = workflow(async |run| {
        let _ = run.activity("charge").await;
        drop(run.timer(5));
        let _ = run.timer(60).await;
        let _ = run.activity("ship").await;
        complete("done")
    });
    let text = "WorkflowExecutionStarted | WorkflowTask | ActivityTaskScheduled 1 charge \
        | ActivityTaskStarted 1 | ActivityTaskCompleted 1 | WorkflowTask | TimerStarted 2 \
        | TimerFired 2 | WorkflowTask | TimerStarted 3";
    expect![[r#"
        task 3 after []
          ScheduleActivityTask "charge" (id 1): event 5
        task 9 after [activity "charge" (id 1)]
          StartTimer (id 1, 5s): taken back
          StartTimer (id 2, 60s): event 11
        task 14 after [timer (id 2)]
          ScheduleActivityTask "ship" (id 2): no event
        waits for [activity "ship"]
        code issues ScheduleActivityTask "ship" (id 2), history (event 16) has TimerStarted (id 3)"#]].assert_eq(&trace(text, code));
}

#[test]
fn without_a_trace_there_is_none() {
    let code: std::rc::Rc<dyn durably_engine::Workflow> =
        std::rc::Rc::new(workflow(async |_| complete("done")));
    let mut run = run_of(&code);
    run.begin(WorkflowTask::default());
    run.push_last_events(history(
        "WorkflowExecutionStarted | WorkflowTask | WorkflowExecutionCompleted",
    ));
    assert_eq!(run.finish_replay(), Ok(()));
    assert!(run.trace().is_empty() && run.waits().is_empty());
}
