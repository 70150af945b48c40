//! Queries that are accepted, and the runs that they name.

use super::{Value, matching, query, record, records};
use crate::server::visibility::Query;

/// `query => last letters of the workflow ids` lines.
fn check(table: &str) {
    for line in table.trim().lines() {
        let (text, expected) = line.split_once(" =>").expect("a line has two parts");
        assert_eq!(matching(text), expected.trim(), "{text}");
    }
}

#[test]
fn keywords() {
    check(
        r#"
OrderStatus = 'new' => a
OrderStatus="new" => a
`OrderStatus` = 'new' => a
OrderStatus != 'new' => b
OrderStatus <> 'new' => b
not OrderStatus = 'new' => b
OrderStatus > 'new' => b
OrderStatus >= 'new' => ab
OrderStatus < 'z' => ab
OrderStatus in ('new','paid') => ab
OrderStatus not in ('new') => b
OrderStatus between 'a' and 'o' => a
OrderStatus not between 'a' and 'o' => b
OrderStatus is null => ct
OrderStatus IS NOT NULL => ab
OrderStatus starts_with 'n' => a
OrderStatus not starts_with 'n' => b
OrderStatus starts_with '' => ab
`Order` is null => abct
WorkflowId = 'V-A' =>
WorkflowId = 'it''s' =>
WorkflowId = 'it\'s' =>
WorkflowId = "it's" =>
"#,
    );
}

#[test]
fn numbers() {
    check(
        r#"
OrderCents = 5 => a
OrderCents = 5.0 => a
OrderCents = 5.5 =>
OrderCents < 5.5 => a
OrderCents > 4.5 => ab
OrderCents = -5 =>
OrderCents = +5 => a
OrderCents = - -5 => a
OrderCents = 5. => a
MyInt = -3 => a
MyInt < 0 => a
OrderCents > 4 and OrderCents < 60 => ab
OrderCents between 5 and 50 => ab
OrderCents between 50 and 5 =>
OrderCents in (5, 6) => a
OrderCents = 99999999999999999999 =>
OrderCents < 99999999999999999999 => ab
OrderCents = 1e1 =>
MyDouble = 1.5 => a
MyDouble > 1 => ab
MyDouble = 2 => b
MyDouble > .5 => ab
MyDouble > -5.5 => ab
MyDouble > +1.5 => b
MyDouble = -.5 =>
MyDouble > -1e0 => ab
"#,
    );
}

#[test]
fn booleans_times_texts_and_lists() {
    check(
        r#"
MyBool = true => a
MyBool = TRUE => a
MyBool != true => b
not MyBool = true => b
MyBool > true =>
MyBool in (true,false) => ab
MyTime = '2024-01-02T03:04:05.123456789Z' => a
MyTime < '2024-06-01T00:00:00Z' => a
MyTime > 1704164645123456789 => b
MyTime >= 1704164645123456789 => ab
MyTime between '2024-01-01T00:00:00Z' and '2025-12-31T00:00:00+02:00' => ab
MyText = 'hello' => ab
MyText = 'world' => a
MyText = 'hello nothing' => ab
MyText = 'big-world' => a
MyText = 'world-big' =>
MyText != 'big' => bct
MyText is null => ct
MyList = 'x' => a
MyList = 'y' => ab
MyList != 'x' => bct
MyList in ('x','z') => a
MyList not in ('x') => bct
MyList is not null => ab
"#,
    );
}

#[test]
fn facts_of_runs() {
    check(
        r#"
WorkflowId = 'v-a' => a
WorkflowId starts_with 'v-' => abct
ScheduleId = 'v-a' => a
TemporalScheduleId = 'v-a' => a
TemporalWorkflowId = 'v-a' => a
RunId = 'run-v-a' => a
WorkflowType = 'wf' => abct
TaskQueue = 'vq' => abct
SchedulePaused = true =>
ExecutionStatus = 'Running' => abc
ExecutionStatus = 'WORKFLOW_EXECUTION_STATUS_RUNNING' => abc
ExecutionStatus = 'Terminated' => t
ExecutionStatus = 1 => abc
ExecutionStatus = 5 => t
ExecutionStatus = 0 =>
ExecutionStatus = 'Unspecified' =>
ExecutionStatus = 'ContinuedAsNew' =>
ExecutionStatus != 'Running' => t
ExecutionStatus in ('Running', 5) => abct
ExecutionStatus > 'Running' => t
ExecutionStatus between 'Running' and 'Terminated' => abct
ExecutionStatus is null =>
ExecutionDuration > 0 => t
ExecutionDuration >= '20ms' => t
ExecutionDuration < '1d' => t
ExecutionDuration < '01:30:00' => t
ExecutionDuration = '20000000' => t
ExecutionDuration is null => abc
ExecutionDuration between '0s' and '1h' => t
StartTime > '2020-01-01T00:00:00+00:00' => abct
StartTime > 0 => abct
StartTime > 9223372036854775807 =>
ExecutionTime = '2026-11-22T12:00:00Z' => abct
CloseTime is null => abc
CloseTime > '2020-01-01T00:00:00Z' => t
HistoryLength = 3 => t
HistorySizeBytes > 100 => t
StateTransitionCount > 0 => t
ParentWorkflowId is null => abct
ParentRunId = 'x' =>
RootWorkflowId = 'v-a' => a
RootRunId is not null => abct
BuildIds is null => abct
"#,
    );
}

#[test]
fn logic_and_punctuation() {
    check(
        r#"
WorkflowId = 'v-a' or WorkflowId = 'v-b' and ExecutionStatus = 'Terminated' => a
(WorkflowId = 'v-a' or WorkflowId = 'v-b') and ExecutionStatus = 'Terminated' =>
not WorkflowId = 'v-a' => bct
not (WorkflowId = 'v-a') => bct
NOT NOT WorkflowId = 'v-a' => a
not WorkflowId = 'v-a' and WorkflowId = 'v-b' => b
WorkflowId = 'v-a' && WorkflowId = 'v-b' =>
WorkflowId = 'v-a' || WorkflowId = 'v-b' => ab
((WorkflowId = 'v-a')) => a
WorkflowId in ('v-a') => a
WorkflowId = 'v-a'; => a
WorkflowId = 'v-a' -- comment => a
WorkflowId /* c */ = 'v-a' => a
WorkflowId is not  null => abct
MyInt = -3 or OrderStatus = 'paid' or WorkflowId = 'v-c' => abc
not (MyInt = -3 or WorkflowId = 'v-b') =>
not (MyInt = -3 and WorkflowId = 'v-a') => bct
group by ExecutionStatus => abct
WorkflowId = 'v-a' group by ExecutionStatus => a
"#,
    );
    assert_eq!(matching(""), "abct");
    assert_eq!(matching("   "), "abct");
    let long = vec!["MyInt = -3"; 3000].join(" or ");
    assert_eq!(matching(&long), "a");
}

#[test]
fn runs_of_the_server_are_seen_only_when_asked_for() {
    let division = Value::Keyword("TemporalScheduler".to_owned());
    let hidden = record("v-s", &[("TemporalNamespaceDivision", division)]);
    for (text, seen) in [
        ("", false),
        ("WorkflowId = 'v-s'", false),
        ("TemporalNamespaceDivision = 'TemporalScheduler'", true),
        ("NamespaceDivision = 'TemporalScheduler'", true),
        ("TemporalNamespaceDivision is not null", true),
        ("TemporalNamespaceDivision is null", false),
        ("group by TemporalNamespaceDivision", true),
    ] {
        assert_eq!(query(text).matches(&hidden), seen, "{text}");
    }
}

#[test]
fn counts_are_grouped_by_status() {
    let counted = |text: &str| query(text).count(records());
    let tally = counted("WorkflowId starts_with 'v-' GROUP BY ExecutionStatus");
    let shown: Vec<(&[u8], i64)> = tally
        .groups
        .iter()
        .map(|(value, count)| (&value.data[..], *count))
        .collect();
    assert_eq!(
        shown,
        [
            (b"\"Running\"".as_slice(), 3),
            (b"\"Terminated\"".as_slice(), 1)
        ]
    );
    assert_eq!(tally.count, 4);
    assert_eq!(tally.groups[0].0.metadata["type"], "Keyword");
    assert_eq!(counted("WorkflowId = 'v-a'").groups, []);
    assert_eq!(counted("WorkflowId = 'v-a'").count, 1);
    let by_division = counted("group by TemporalNamespaceDivision").groups;
    assert_eq!(
        (&by_division[0].0.data[..], by_division[0].1),
        (b"\"\"".as_slice(), 4)
    );
}

#[test]
fn queries_of_schedules_name_what_schedules_have() {
    let registry = super::registry();
    let schedule = record(
        "v-s",
        &[
            ("TemporalSchedulePaused", Value::Bool(true)),
            ("OrderStatus", Value::Keyword("new".to_owned())),
        ],
    );
    for (text, named) in [
        ("ScheduleId = 'v-s'", true),
        ("TemporalScheduleId starts_with 'v'", true),
        (
            "TemporalSchedulePaused = true AND OrderStatus = 'new'",
            true,
        ),
        ("SchedulePaused = false", false),
        ("OrderCents IS NULL", true),
    ] {
        let query = Query::parse_for_schedules(text, &registry);
        let query = query.unwrap_or_else(|error| panic!("{text:?}: {error}"));
        assert_eq!(query.matches(&schedule), named, "{text}");
    }
    for name in [
        "WorkflowId",
        "ExecutionStatus",
        "BuildIds",
        "TemporalNamespaceDivision",
    ] {
        let error = Query::parse_for_schedules(&format!("{name} = 'x'"), &registry).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("invalid query filter for schedules: cannot filter on \"{name}\"")
        );
    }
}
