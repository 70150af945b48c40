//! The line of what is at no call of the code: that of the workflow's function.

use std::time::Duration;

use durably::replay::TracedReplay;
use durably_protos::temporal::api::history::v1::History;
use durably_replay::report::{Examination, Report, SourcePlace};

use crate::orders::*;
use crate::support::{finding_of, record, replay};

const FILE: &str = "sdk-replay/tests/report/orders.rs";

/// The line of the sources that begins with this text.
fn line_of(text: &str) -> u32 {
    let mut lines = include_str!("orders.rs").lines();
    let line = lines.position(|line| line.trim_start().starts_with(text));
    u32::try_from(line.expect("it is there") + 1).unwrap()
}

fn place(history: &History, traced: &TracedReplay) -> SourcePlace {
    let finding = finding_of(history, traced);
    // The fix is to be made there too.
    assert_eq!(finding.causes[0].fix.place, finding.place);
    finding.place.unwrap()
}

#[tokio::test]
async fn an_input_that_cannot_be_read_is_at_the_function() {
    let history = record!(original);
    let of_function = place(&history, &replay!(history, with_a_number));
    let line = line_of("pub async fn with_a_number(");
    assert_eq!((&*of_function.file, of_function.line), (FILE, line));
    let of_type = place(&history, &replay!(history, Numbered::run));
    let line = line_of("pub(crate) async fn run(&self, ctx: &WorkflowContext, _order: u64)");
    assert_eq!((&*of_type.file, of_type.line), (FILE, line));
}

#[tokio::test]
async fn every_form_has_the_line() {
    let history = record!(original);
    let traced = replay!(history, with_a_number);
    let line = line_of("pub async fn with_a_number(");
    let mut report = Report::new();
    report.add(
        Examination::new("order-7.json", &history, &traced).outcome(),
        Duration::ZERO,
    );
    let [text, github] = [report.to_text(), report.to_github()];
    assert!(text.contains(&format!("{FILE}:{line}")), "{text}");
    let annotation = format!("::error file={FILE},line={line},");
    assert!(github.starts_with(&annotation), "{github}");
    let junit = report.to_junit();
    let attributes = format!("file=\"{FILE}\" line=\"{line}\"");
    assert!(junit.contains(&attributes), "{junit}");
    assert!(report.to_html().contains(&format!("{FILE}:{line}")));
    let json: serde_json::Value = serde_json::from_str(&report.to_json()).unwrap();
    assert!(json.to_string().contains(&format!("\"line\":{line}")));
}
