//! Specs and their times.

mod against_scan;
mod canonical_form;
mod refused;
mod times;
mod zones;

use durably_protos::google::protobuf::Duration;
use durably_protos::temporal::api::schedule::v1::{
    IntervalSpec, Range, ScheduleSpec, StructuredCalendarSpec,
};
use jiff::Timestamp;

use super::CompiledSpec;

fn cron(texts: &[&str]) -> ScheduleSpec {
    ScheduleSpec {
        cron_string: texts.iter().map(ToString::to_string).collect(),
        ..ScheduleSpec::default()
    }
}

fn every(seconds: i64, phase: i64) -> ScheduleSpec {
    ScheduleSpec {
        interval: vec![IntervalSpec {
            interval: Some(Duration { seconds, nanos: 0 }),
            phase: Some(Duration {
                seconds: phase,
                nanos: 0,
            }),
        }],
        ..ScheduleSpec::default()
    }
}

fn range(start: i32, end: i32, step: i32) -> Range {
    Range { start, end, step }
}

/// Every second of every day.
fn always() -> StructuredCalendarSpec {
    StructuredCalendarSpec {
        second: vec![range(0, 59, 1)],
        minute: vec![range(0, 59, 1)],
        hour: vec![range(0, 23, 1)],
        day_of_month: vec![range(1, 31, 1)],
        month: vec![range(1, 12, 1)],
        day_of_week: vec![range(0, 6, 1)],
        ..StructuredCalendarSpec::default()
    }
}

fn compiled(spec: &ScheduleSpec) -> CompiledSpec {
    CompiledSpec::new(spec).expect("the spec of the test is valid")
}

/// The nominal times after `after`, at most `count`.
fn nominal(spec: &ScheduleSpec, after: &str, count: usize) -> Vec<String> {
    compiled(spec)
        .times("seed", after.parse().unwrap(), Timestamp::MAX)
        .take(count)
        .map(|time| time.unwrap().nominal.to_string())
        .collect()
}
