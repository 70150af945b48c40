//! Names and values that try to be something else than text.

use std::time::Duration;

use durably_protos::temporal::api::common::v1::{ActivityType, Payloads};
use durably_protos::temporal::api::history::v1::History;
use durably_protos::temporal::api::history::v1::history_event::Attributes;
use durably_replay::report::{Examination, Report};

use crate::orders::*;
use crate::support::{record, replay};

const EVIL: &str = "</code></pre><script>alert(1)</script>\" onload='x' \u{1b}[2J\r\n::error::x]]>%0A,:\u{202e}`\u{0}";

/// A history in which all that a stranger can name is hostile.
async fn history() -> History {
    let mut history = record!(original);
    for event in &mut history.events {
        match &mut event.attributes {
            Some(Attributes::WorkflowExecutionStartedEventAttributes(started)) => {
                EVIL.clone_into(&mut started.workflow_id);
                EVIL.clone_into(&mut started.original_execution_run_id);
                spoil(started.input.as_mut());
            }
            Some(Attributes::ActivityTaskScheduledEventAttributes(scheduled)) => {
                if let Some(kind) = &mut scheduled.activity_type
                    && kind.name == "charge"
                {
                    *kind = ActivityType {
                        name: EVIL.to_owned(),
                    };
                }
                spoil(scheduled.input.as_mut());
            }
            _ => {}
        }
    }
    history
}

/// A JSON string with hostile text; it still decodes.
fn spoil(payloads: Option<&mut Payloads>) {
    for payload in payloads.into_iter().flat_map(|it| &mut it.payloads) {
        let text = EVIL.replace('\\', "\\\\").replace('"', "\\\"");
        let text = text
            .replace('\u{1b}', "\\u001b")
            .replace("\r\n", "\\r\\n")
            .replace('\u{0}', "");
        payload.data = format!("\"{text}\"").into_bytes().into();
    }
}

#[tokio::test]
async fn hostile_text_stays_text_in_every_form() {
    let history = history().await;
    let traced = replay!(history, original);
    let mut report = Report::new();
    let examination = Examination::new(EVIL, &history, &traced).show_payloads();
    report.add(examination.outcome(), Duration::ZERO);
    assert_eq!(report.findings().count(), 1);

    let page = report.to_html();
    assert!(!page.contains("<script"));
    assert!(!page.contains("onload='"));
    let text = report.to_text();
    for form in [&page, &text, &report.to_junit()] {
        assert!(!form.contains(['\u{1b}', '\u{0}', '\u{202e}', '\r']) || form.contains("&#13;"));
        assert!(!form.contains('\u{1b}') && !form.contains('\u{0}'));
    }
    assert!(text.lines().all(|line| !line.starts_with("::")));
    let annotations = report.to_github();
    assert_eq!(annotations.lines().count(), 1);
    assert!(!annotations.contains('\u{1b}'));
    let xml = report.to_junit();
    assert!(!xml.contains("<script") && !xml.contains("]]>"));
    assert_eq!(xml.matches("<testcase ").count(), 1);
    let json: serde_json::Value = serde_json::from_str(&report.to_json()).unwrap();
    assert_eq!(json["findings"][0]["workflow_id"], EVIL);
}
