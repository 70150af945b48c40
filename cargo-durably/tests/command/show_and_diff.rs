//! `cargo durably history show` and `diff`, on files and on a server.

use std::fs;

use serde_json::Value;

use crate::common::{Session, names};

#[tokio::test(flavor = "multi_thread")]
async fn show() {
    let session = Session::start().await;
    session.buy("order-1", "<lamp>\u{1b}[2J").await;
    session.run("history download -o h --workflow-id order-1", &[]);
    let file = format!("h/{}", names(&session.path("h"))[0]);

    let from_server = session.run("history show order-1", &[]);
    assert_eq!(from_server.code, 0, "{from_server:?}");
    let title = from_server.output.lines().next().unwrap();
    assert!(title.starts_with("buy \"order-1\" (run "), "{title}");
    let from_file = session.run("history show", &[&file]);
    assert_eq!(from_file.output, from_server.output);
    assert!(!from_file.output.contains('\u{1b}'));
    let events = from_file.output.lines().count() - 1;
    assert!(title.ends_with(&format!(", {events} events")), "{title}");

    let ran = session.run("history show --events 5..7", &[&file]);
    let ids: Vec<_> = ran
        .output
        .lines()
        .skip(1)
        .map(|line| line[..4].trim())
        .collect();
    assert_eq!(ids, ["5", "6", "7"], "{ran:?}");
    let ran = session.run("history show --no-workflow-tasks", &[&file]);
    assert!(!ran.output.contains("WorkflowTask"), "{ran:?}");
    let ran = session.run("history show --events 900..", &[&file]);
    assert_eq!(ran.code, 2);
    assert!(ran.errors.contains("has no events from 900 on"), "{ran:?}");

    let ran = session.run("history show --json --events ..2", &[&file]);
    let json: Value = serde_json::from_str(&ran.output).unwrap();
    assert_eq!(json["events"].as_array().unwrap().len(), 2);
    assert_eq!(
        json["events"][1]["eventType"],
        "EVENT_TYPE_WORKFLOW_TASK_SCHEDULED"
    );

    let ran = session.run("history show --html page.html", &[&file]);
    assert_eq!((ran.code, ran.output.as_str()), (0, ""));
    let page = fs::read_to_string(session.path("page.html")).unwrap();
    assert!(page.contains("&lt;lamp&gt;") && !page.contains("<lamp>"));

    let ran = session.run("history show gone", &[]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.errors
            .contains("\"gone\" is no file, and cannot be fetched as a workflow"),
        "{ran:?}"
    );
    let ran = session.run("history show gone.json", &[]);
    assert!(
        ran.errors.contains("gone.json: there is no such file"),
        "{ran:?}"
    );
    session.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn diff() {
    let session = Session::start().await;
    session.buy("order-1", "lamp").await;
    session.buy("order-2", "lamp").await;
    session.buy("order-3", "nothing").await;

    let ran = session.run("history diff order-1 order-2", &[]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.output.ends_with("no difference\n"), "{ran:?}");

    let ran = session.run("history diff order-1 order-3", &[]);
    assert_eq!(ran.code, 1, "{ran:?}");
    for line in [
        "input.payloads[0].data: {\"article\":\"lamp\"",
        "ActivityTaskCompleted",
        "ActivityTaskFailed",
    ] {
        assert!(ran.output.contains(line), "{ran:?}");
    }
    let ran = session.run("history diff order-1 order-3 --ignore-payloads --json", &[]);
    assert_eq!(ran.code, 1);
    let json: Value = serde_json::from_str(&ran.output).unwrap();
    let kinds: Vec<_> = json
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["kind"].as_str().unwrap())
        .collect();
    assert_eq!(
        kinds,
        ["removed", "added", "removed", "added"].map(String::from),
        "{json:#}"
    );

    let ran = session.run("history diff order-1 gone", &[]);
    assert_eq!(ran.code, 2);
    session.end().await;
}
