//! The page: whole, alone, bounded, and the same structure for every finding.

use std::time::Duration;

use durably_protos::temporal::api::history::v1::History;
use durably_replay::report::{Examination, Finding, HistoryPage, Outcome, Report};

use crate::orders::*;
use crate::support::{nobody, record, replay};

/// A report with most of what a page can show.
async fn report() -> Report {
    let mut report = Report::new();
    let history = record!(original);
    let mut add = |history: &History, source: &str, traced| {
        let outcome = Examination::new(source, history, &traced).outcome();
        report.add(outcome, Duration::from_millis(3));
    };
    add(
        &history,
        "histories/order-1.json",
        replay!(history, shipped_first),
    );
    add(
        &history,
        "histories/order-2.json",
        replay!(history, with_mail_beside),
    );
    add(
        &history,
        "histories/order-3.json",
        replay!(history, waiting),
    );
    add(
        &history,
        "histories/order-4.json",
        replay!(history, with_a_number),
    );
    add(
        &history,
        "histories/order-5.json",
        replay!(history, original),
    );
    add(
        &history,
        "histories/order-6.json",
        nobody().replay_traced(history.clone()),
    );
    add(
        &history,
        "histories/order-9.json",
        replay!(history, shipped_first),
    );
    let patched_history = record!(patched);
    let traced = replay!(patched_history, unpatched);
    add(&patched_history, "histories/order-8.json", traced);
    let file = Finding::unreadable(
        "histories/notes.txt",
        "Not a history: expected value at line 1.",
    );
    report.add(Outcome::Failed(Box::new(file)), Duration::ZERO);
    report
}

/// Every tag that is opened is closed, in order; attributes are quoted.
fn check_structure(page: &str) {
    let voids = ["meta", "link", "br", "!doctype"];
    let mut open: Vec<&str> = Vec::new();
    // Style holds no markup; between tags stands text, in which every < is escaped.
    let (before, rest) = page.split_once("<style>").unwrap();
    let (_, after) = rest.split_once("</style>").unwrap();
    for part in format!("{before}{after}").leak().split('<').skip(1) {
        let (tag, text) = part.split_once('>').unwrap();
        assert!(!text.contains('>'), "a stray > after <{tag}>");
        assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
        let name = tag.split([' ', '\n']).next().unwrap();
        match name.strip_prefix('/') {
            Some(name) => assert_eq!(open.pop(), Some(name), "</{name}>"),
            None if voids.contains(&name) => {}
            None => open.push(name),
        }
    }
    assert!(open.is_empty(), "{open:?}");
}

fn check_ids(page: &str) {
    let ids: Vec<_> = page
        .split(" id=\"")
        .skip(1)
        .map(|it| it.split('"').next())
        .collect();
    let unique: std::collections::BTreeSet<_> = ids.iter().collect();
    assert_eq!(ids.len(), unique.len());
}

#[tokio::test]
async fn the_page_is_whole_and_alone() {
    let page = report().await.to_html();
    check_structure(&page);
    assert!(page.contains("The same in 1 more history"));
    for foreign in ["<script", "http://", "https://", "@import", "url(", "src="] {
        assert!(!page.contains(foreign), "{foreign}");
    }
    assert!(page.contains("<h1>8 of 9 histories do not replay</h1>"));
    // Every divergence is marked in its table and in its timeline.
    assert_eq!(
        page.matches("<tr class=\"diverges\"><td class=\"mark\">")
            .count(),
        4
    );
    assert_eq!(page.matches("here they part</strong></td>").count(), 4);
    assert_eq!(page.matches("here the code fails</strong></td>").count(), 1);
    assert!(page.contains("here they part"));
    assert!(page.contains("ctx.patched(&quot;ship-before-charge&quot;)"));
    check_ids(&page);
    if let Ok(path) = std::env::var("DURABLY_REPORT_PAGE") {
        std::fs::write(path, page).unwrap();
    }
}

#[tokio::test]
async fn the_page_of_a_history_has_all_of_it() {
    let history = record!(original);
    let page = HistoryPage::new("order <1>", &history)
        .facts("orders/1.json")
        .to_html();
    check_structure(&page);
    check_ids(&page);
    assert!(page.contains("<h1>order &lt;1&gt;</h1>"));
    assert!(page.contains("<p class=\"meta\">orders/1.json</p>"));
    assert_eq!(
        page.matches("<details class=\"json\">").count(),
        history.events.len()
    );
    assert!(page.contains("&quot;activityTaskScheduledEventAttributes&quot;"));
    assert!(page.contains("activity &quot;charge&quot;"), "{page}");

    let shown = durably_history::Timeline::of(&history).without_workflow_tasks();
    let page = HistoryPage::new("order", &history).showing(shown).to_html();
    check_structure(&page);
    assert!(!page.contains("<td class=\"type\">WorkflowTask"));
    let shown = durably_history::Timeline::of(&history).between(5, 5);
    let page = HistoryPage::new("order", &history).showing(shown).to_html();
    assert!(page.contains("History: 1 event</summary>"));
    assert_eq!(
        page.matches("<li>").count(),
        1,
        "one operation begins there"
    );

    let empty = HistoryPage::new("nothing", &History::default()).to_html();
    check_structure(&empty);
    if let Ok(path) = std::env::var("DURABLY_HISTORY_PAGE") {
        let page = HistoryPage::new("ship_order \"order-7\"", &history);
        std::fs::write(path, page.facts("orders/7.json").to_html()).unwrap();
    }
}

#[tokio::test]
async fn reports_of_nothing_and_of_passes_say_so() {
    let empty = Report::new();
    assert!(!empty.is_passed());
    check_structure(&empty.to_html());
    assert!(empty.to_html().contains("No history was replayed"));
    let history = record!(original);
    let traced = replay!(history, original);
    let mut passed = Report::new();
    passed.add(
        Examination::new("a", &history, &traced).outcome(),
        Duration::ZERO,
    );
    assert!(passed.is_passed());
    check_structure(&passed.to_html());
    assert!(passed.to_html().contains("The history replays"));
}

#[tokio::test]
async fn pages_of_many_and_of_long_histories_stay_small() {
    let mut history = record!(original);
    let traced = replay!(history, shipped_first);
    // As long as a history gets: the rest is that of a run which goes on and on.
    let last = history.events.last().unwrap().clone();
    for event_id in last.event_id + 1..=30_000 {
        let mut event = history.events[4].clone();
        event.event_id = event_id;
        history.events.push(event);
    }
    let outcome = Examination::new("long.json", &history, &traced).outcome();
    let mut report = Report::new();
    report.add(outcome.clone(), Duration::ZERO);
    let one = report.to_html();
    check_structure(&one);
    assert!(one.len() < 150_000, "{} bytes", one.len());
    assert!(one.contains("are left out"));
    for _ in 0..1_000 {
        report.add(outcome.clone(), Duration::ZERO);
    }
    let same = report.to_html();
    assert!(same.len() < 200_000, "{} bytes", same.len());
    assert!(same.contains("The same in 1000 more histories"));
    let Outcome::Failed(finding) = outcome else {
        panic!("the replay passed")
    };
    for number in 0..1_000 {
        let mut finding = finding.clone();
        finding.workflow_type = Some(format!("order{number}"));
        report.add(Outcome::Failed(finding), Duration::ZERO);
    }
    let many = report.to_html();
    assert!(many.len() < 4_000_000, "{} bytes", many.len());
    assert!(many.contains("more are in the JSON report"));
}
