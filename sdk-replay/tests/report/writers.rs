//! What each form of the report looks like.

use std::time::Duration;

use durably_replay::report::{Examination, Report, TextStyle};
use expect_test::expect;

use crate::orders::*;
use crate::support::{record, replay};

async fn report() -> Report {
    let mut report = Report::new();
    let history = record!(original);
    let traced = replay!(history, shipped_first);
    let failed = Examination::new("histories/order-7.json", &history, &traced).outcome();
    report.add(failed, Duration::from_millis(20));
    let traced = replay!(history, original);
    let passed = Examination::new("histories/order-8.json", &history, &traced).outcome();
    report.add(passed, Duration::from_millis(10));
    report
}

#[tokio::test]
async fn text() {
    expect![[""]].assert_eq(&report().await.to_text());
}

#[tokio::test]
async fn text_of_a_command_without_event() {
    let history = record!(original);
    let traced = replay!(history, with_mail_beside);
    let mut report = Report::new();
    let outcome = Examination::new("order-7.json", &history, &traced).outcome();
    report.add(outcome, Duration::ZERO);
    expect![[""]].assert_eq(&report.to_text());
}

#[tokio::test]
async fn narrow_text() {
    let report = report().await;
    let narrow = report.to_text_with(TextStyle::default().width(60));
    expect![[""]].assert_eq(&narrow);
}

#[tokio::test]
async fn colour_changes_nothing_but_colour() {
    let report = report().await;
    let colored = report.to_text_with(TextStyle::default().color(true));
    assert!(colored.contains("\u{1b}[1;31mFAIL\u{1b}[0m"));
    let mut plain = String::new();
    for (number, part) in colored.split("\u{1b}[").enumerate() {
        plain.push_str(if number == 0 { part } else { part.split_once('m').unwrap().1 });
    }
    assert_eq!(plain, report.to_text());
}

#[tokio::test]
async fn json() {
    let mut json: serde_json::Value = serde_json::from_str(&report().await.to_json()).unwrap();
    let finding = json["findings"][0].as_object_mut().unwrap();
    let timeline = finding.remove("timeline").unwrap();
    assert_eq!(timeline["entries"][4]["event"]["event_type"], "ActivityTaskScheduled");
    assert_eq!(timeline["operations"][0]["outcome"], "completed");
    expect![[""]].assert_eq(&format!("{json:#}"));
}

#[tokio::test]
async fn findings_are_read_back() {
    let report = report().await;
    let finding = report.findings().next().unwrap();
    let json = serde_json::to_string(finding).unwrap();
    let read: durably_replay::report::Finding = serde_json::from_str(&json).unwrap();
    assert_eq!(&read, finding);
}

#[tokio::test]
async fn github() {
    expect![[""]].assert_eq(&report().await.to_github());
}

#[tokio::test]
async fn junit() {
    expect![[""]].assert_eq(&report().await.to_junit());
}
