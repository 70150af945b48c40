//! Search attributes, memo, details, handlers in progress (protocol 4.9).

use std::collections::BTreeMap;
use std::panic::Location;

use durably_protos::temporal::api::common::v1::Payload;
use expect_test::expect;

use crate::support::check::{execute, run_of, task};
use crate::support::fixture::{history, json, text_of};
use crate::support::script::ScriptedWorkflow;
use crate::support::{Script, check, check_failure, workflow};

const FIRST: &str = "WorkflowExecutionStarted | WorkflowTaskScheduled | WorkflowTaskStarted";
const LAST: &str = "WorkflowTaskScheduled | WorkflowTaskStarted";

fn fields(fields: &[(&str, &str)]) -> BTreeMap<String, Payload> {
    let field = |(key, text): &(&str, &str)| ((*key).to_owned(), json(text));
    fields.iter().map(field).collect()
}

fn shown(fields: &BTreeMap<String, Payload>) -> String {
    let field = |(key, value): (&String, &Payload)| {
        format!("{key}={}", text_of(std::slice::from_ref(value)))
    };
    fields.iter().map(field).collect::<Vec<_>>().join(" ")
}

fn changer() -> ScriptedWorkflow {
    workflow(async |run| {
        let here = Location::caller();
        run.ctx
            .upsert_search_attributes(fields(&[("a", "1"), ("b", "2")]), here);
        run.ctx.upsert_memo(fields(&[("m", "1"), ("n", "2")]), here);
        run.note(shown(&run.ctx.search_attributes()));
        let _ = run.timer(1).await;
        run.ctx
            .upsert_search_attributes(fields(&[("a", "null"), ("c", "[]")]), here);
        run.ctx
            .upsert_memo(fields(&[("m", "null"), ("o", "3")]), here);
        run.ctx.upsert_memo(BTreeMap::new(), here);
        run.note(shown(&run.ctx.search_attributes()));
        run.note(shown(&run.ctx.memo()));
        run.complete_with_log()
    })
}

const CHANGED: &str = "WorkflowExecutionStarted | WorkflowTask | UpsertWorkflowSearchAttributes a,b
    WorkflowPropertiesModified m,n | TimerStarted 1 | TimerFired 1";

#[test]
fn the_run_sees_what_it_has_changed() {
    check(
        FIRST,
        changer(),
        expect![[r#"
        UpsertWorkflowSearchAttributes a,b 12
        ModifyWorkflowProperties m,n 12
        StartTimer 1 1s"#]],
    );
    check(
        &format!("{CHANGED} | {LAST}"),
        changer(),
        expect![[r#"
        UpsertWorkflowSearchAttributes a,c null[]
        ModifyWorkflowProperties m,o null3
        CompleteWorkflowExecution a=1 b=2,b=2,n=2 o=3"#]],
    );
    check(
        &format!(
            "{CHANGED} | WorkflowTask | UpsertWorkflowSearchAttributes a,c | WorkflowPropertiesModified m,o
             WorkflowExecutionCompleted"
        ),
        changer(),
        expect!["replayed"],
    );
}

#[test]
fn other_attributes_are_told_apart() {
    check_failure(
        &format!(
            "WorkflowExecutionStarted | WorkflowTask | UpsertWorkflowSearchAttributes a | WorkflowPropertiesModified m,n | TimerStarted 1 | {LAST}"
        ),
        changer(),
        expect![[
            r#"WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR: [TMPRL1100] nondeterminism: sdk-engine/tests/engine/metadata.rs: code issues UpsertWorkflowSearchAttributes (a, b), history (event 5) has UpsertWorkflowSearchAttributes: keys is "a" in history and "a, b" in the code; the workflow's code changed in a way that running workflows cannot follow: undo the change or guard it with a patch"#
        ]],
    );
}

#[test]
fn a_query_may_not_change_them() {
    let asked = changer().on_query(|run: &Script, _| {
        let here = Location::caller();
        run.ctx
            .upsert_search_attributes(fields(&[("a", "9")]), here);
        Ok(shown(&run.ctx.search_attributes()))
    });
    let mut run = run_of(&asked.rc());
    let mut first = task(3);
    first.queries = vec![durably_engine::Query {
        id: "q".to_owned(),
        name: "q".to_owned(),
        arguments: Vec::new(),
        header: None,
    }];
    let answer = execute(&mut run, first, &history(FIRST), 9);
    let text = crate::support::text::completion_text(&answer);
    assert!(
        text.contains("tried to change the workflow (changing search attributes"),
        "{text}"
    );
    let context = run.context().expect("it has begun");
    assert_eq!(shown(&context.search_attributes()), "a=1 b=2");
}

#[test]
fn code_knows_whether_handlers_are_in_progress() {
    let waits = || {
        workflow(async |run| {
            run.logged(1).await;
            run.note(format!("{}", run.ctx.all_handlers_finished()));
            run.ctx.set_current_details("waiting");
            let ctx = run.ctx.clone();
            let _ = run
                .ctx
                .wait_until(move || ctx.all_handlers_finished())
                .await;
            run.note(run.ctx.current_details().to_string());
            run.complete_with_log()
        })
        .on_signal(|run, _| {
            run.note("handler");
            let run = run.clone();
            durably_engine::SignalDelivery::Running {
                future: Box::pin(async move {
                    let _ = run.timer(1).await;
                    durably_engine::TaskEnd::Done
                }),
                name: "handler".into(),
                abandon_unfinished: false,
            }
        })
    };
    check(
        &format!(
            "WorkflowExecutionStarted | WorkflowExecutionSignaled go | WorkflowTask | TimerStarted 1 | TimerFired 1 | {LAST}"
        ),
        waits(),
        expect!["CompleteWorkflowExecution handler,false,waiting"],
    );
}
