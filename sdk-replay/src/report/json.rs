//! The report for programs.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::examination::Outcome;
use super::written::Report;

/// Raised when a field changes its meaning or goes.
const FORMAT: u32 = 1;

pub(super) fn write(report: &Report) -> String {
    let mut findings = Vec::new();
    let mut histories = Vec::new();
    let mut group_of = HashMap::new();
    for (number, group) in report.groups().into_iter().enumerate() {
        for finding in std::iter::once(group.finding).chain(group.others) {
            group_of.insert(std::ptr::from_ref(finding), number);
        }
    }
    for checked in report.checked() {
        let seconds = checked.duration.as_secs_f64();
        let (source, kind, workflow_id, run_id, events) = match &checked.outcome {
            Outcome::Passed(it) => (
                &it.source,
                &it.workflow_type,
                &it.workflow_id,
                &it.run_id,
                it.events,
            ),
            Outcome::Failed(it) => (
                &it.source,
                &it.workflow_type,
                &it.workflow_id,
                &it.run_id,
                it.events,
            ),
        };
        histories.push(json!({
            "source": source,
            "workflow_type": kind,
            "workflow_id": workflow_id,
            "run_id": run_id,
            "events": events,
            "seconds": seconds,
            "is_passed": matches!(checked.outcome, Outcome::Passed(_)),
        }));
        if let Outcome::Failed(finding_of) = &checked.outcome {
            let mut finding = serde_json::to_value(finding_of).unwrap_or(Value::Null);
            if let Some(fields) = finding.as_object_mut() {
                fields.insert("seconds".to_owned(), json!(seconds));
                let group = group_of.get(&std::ptr::from_ref(&**finding_of));
                fields.insert("group".to_owned(), json!(group));
            }
            findings.push(finding);
        }
    }
    let document = json!({
        "format": FORMAT,
        "is_passed": report.is_passed(),
        "passed": report.passed().count(),
        "failed": findings.len(),
        "seconds": report.duration().as_secs_f64(),
        "types": report.by_type(),
        "findings": findings,
        "histories": histories,
    });
    format!("{document:#}\n")
}
