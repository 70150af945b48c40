//! Queries against a few runs. Answers and texts of errors are those of server 1.32.0.

mod matching;
mod refused;

use std::collections::BTreeMap;

use durably_protos::temporal::api::enums::v1::{IndexedValueType, WorkflowExecutionStatus};
use jiff::{SignedDuration, Timestamp};

use super::{Query, VisibilityRecord};
use crate::server::search_attributes::{SearchAttributeRegistry, SearchAttributeValue as Value};

fn registry() -> SearchAttributeRegistry {
    let mut registry = SearchAttributeRegistry::default();
    let attributes = [
        ("OrderStatus", IndexedValueType::Keyword),
        ("OrderCents", IndexedValueType::Int),
        ("MyInt", IndexedValueType::Int),
        ("MyText", IndexedValueType::Text),
        ("MyBool", IndexedValueType::Bool),
        ("MyDouble", IndexedValueType::Double),
        ("MyTime", IndexedValueType::Datetime),
        ("MyList", IndexedValueType::KeywordList),
        ("Order", IndexedValueType::Keyword),
    ];
    let attributes = attributes
        .into_iter()
        .map(|(name, value_type)| (name.to_owned(), value_type.into()))
        .collect();
    registry.add(&attributes).expect("the names are free");
    registry
}

fn record(id: &str, attributes: &[(&str, Value)]) -> VisibilityRecord<'static> {
    let start: Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();
    VisibilityRecord {
        workflow_id: id.to_owned().into(),
        run_id: format!("run-{id}").into(),
        workflow_type: "wf".into(),
        task_queue: "vq".into(),
        status: WorkflowExecutionStatus::Running,
        start_time: start,
        execution_time: start,
        close_time: None,
        history_length: 3,
        history_size_bytes: 500,
        state_transition_count: 2,
        parent_workflow_id: None,
        parent_run_id: None,
        root_workflow_id: id.to_owned().into(),
        root_run_id: format!("run-{id}").into(),
        search_attributes: attributes
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect::<BTreeMap<_, _>>()
            .into(),
    }
}

/// `v-a` and `v-b` with attributes, `v-c` without, `v-t` terminated after 20 ms.
fn records() -> Vec<VisibilityRecord<'static>> {
    let text = |text: &str| text.to_owned();
    let mut terminated = record("v-t", &[]);
    terminated.status = WorkflowExecutionStatus::Terminated;
    terminated.close_time = Some(terminated.start_time + SignedDuration::from_millis(20));
    vec![
        record(
            "v-a",
            &[
                ("OrderStatus", Value::Keyword(text("new"))),
                ("OrderCents", Value::Int(5)),
                ("MyInt", Value::Int(-3)),
                ("MyText", Value::Text(text("hello big World"))),
                ("MyBool", Value::Bool(true)),
                ("MyDouble", Value::Double(1.5)),
                (
                    "MyTime",
                    Value::Datetime("2024-01-02T03:04:05.123456789Z".parse().unwrap()),
                ),
                ("MyList", Value::KeywordList(vec![text("x"), text("y")])),
            ],
        ),
        record(
            "v-b",
            &[
                ("OrderStatus", Value::Keyword(text("paid"))),
                ("OrderCents", Value::Int(50)),
                ("MyText", Value::Text(text("hello"))),
                ("MyBool", Value::Bool(false)),
                ("MyDouble", Value::Double(2.0)),
                (
                    "MyTime",
                    Value::Datetime("2025-01-02T03:04:05+02:00".parse().unwrap()),
                ),
                ("MyList", Value::KeywordList(vec![text("y")])),
            ],
        ),
        record("v-c", &[]),
        terminated,
    ]
}

fn query(text: &str) -> Query {
    match Query::parse(text, &registry()) {
        Ok(query) => query,
        Err(error) => panic!("{text:?}: {error}"),
    }
}

/// The last letters of the workflow ids of the runs that a query names.
fn matching(text: &str) -> String {
    let query = query(text);
    records()
        .iter()
        .filter(|record| query.matches(record))
        .map(|record| record.workflow_id.trim_start_matches("v-"))
        .collect()
}
