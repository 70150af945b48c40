//! The `temporal` command against `durably-server`. Nothing is tested where the command is not on the PATH.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::Value;

/// A running `durably-server`, and how to talk to it.
struct Session {
    server: Child,
    /// Kept open: the server writes more than its first line.
    _output: BufReader<ChildStdout>,
    address: String,
}

impl Drop for Session {
    fn drop(&mut self) {
        self.server.kill().expect("the server is still there");
        self.server.wait().expect("the server was started here");
    }
}

impl Session {
    /// `None`, and a line that says so, without the command.
    fn start() -> Option<Self> {
        if Command::new("temporal").arg("--version").output().is_err() {
            println!("nothing is tested: there is no `temporal` command on the PATH");
            return None;
        }
        let mut server = Command::new(env!("CARGO_BIN_EXE_durably-server"))
            .args(["--port", "0", "--search-attribute", "OrderStatus=Keyword"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("the server is built beside the tests");
        let output = server.stdout.take().expect("it is piped");
        let mut output = BufReader::new(output);
        let mut first = String::new();
        output.read_line(&mut first).expect("a first line of text");
        let address = first.trim().strip_prefix("listening on ");
        Some(Self {
            address: address.expect("the address").to_owned(),
            server,
            _output: output,
        })
    }

    fn output(&self, line: &str, more: &[&str]) -> std::process::Output {
        let output = Command::new("temporal")
            .args(line.split(' '))
            .args(more)
            .args(["--address", &self.address, "--env-file", "/dev/null"])
            .args(["--disable-config-env", "--disable-config-file"])
            .output();
        output.expect("the command runs")
    }

    /// What the command prints.
    fn run(&self, line: &str, more: &[&str]) -> String {
        let output = self.output(line, more);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (printed, errors) = (text(&output.stdout), text(&output.stderr));
        let succeeded = output.status.success() && !errors.contains("panic");
        assert!(succeeded, "temporal {line} {more:?}: {printed}{errors}");
        printed
    }

    /// What the command prints as JSON.
    fn json(&self, line: &str, more: &[&str]) -> Value {
        let with_format = [more, &["--output", "json"]].concat();
        let printed = self.run(line, &with_format);
        serde_json::from_str(&printed).unwrap_or_else(|error| panic!("{line}: {error}: {printed}"))
    }

    /// What the command complains of.
    fn refused(&self, line: &str, more: &[&str]) -> String {
        let output = self.output(line, more);
        assert!(!output.status.success(), "temporal {line} succeeded");
        String::from_utf8_lossy(&output.stderr).into_owned()
    }
}

#[test]
fn batches() {
    let Some(session) = Session::start() else {
        return;
    };
    for id in ["one", "two", "three"] {
        let start = "workflow start --type wf --task-queue q --workflow-id";
        session.run(start, &[id]);
    }
    let chosen = "WorkflowId = 'one' OR WorkflowId = 'two'";
    let reason = "--reason enough --yes";
    for command in ["signal --name go", "cancel", "terminate"] {
        let line = format!("workflow {command} {reason} --query");
        let printed = session.run(&line, &[chosen]);
        assert!(printed.contains("Started batch"), "{printed}");
    }
    let left = session.json("workflow list --query", &["ExecutionStatus = 'Running'"]);
    assert_eq!(left.as_array().unwrap().len(), 1);
    let jobs = session.json("batch list", &[]);
    let jobs = jobs.as_array().unwrap();
    assert_eq!(jobs.len(), 3, "{jobs:?}");
    let job = jobs[0]["jobId"].as_str().unwrap();
    let job = session.json("batch describe --job-id", &[job]);
    let kind = "BATCH_OPERATION_TYPE_TERMINATE_WORKFLOW";
    assert_eq!(job["operationType"], kind, "{job}");
    assert_eq!(job["completeOperationCount"], "2");
}

#[test]
fn workflows() {
    let Some(session) = Session::start() else {
        return;
    };
    let start = "workflow start --type wf --task-queue q --search-attribute";
    for id in ["one", "two"] {
        let attribute = format!("OrderStatus=\"{id}\"");
        session.run(start, &[&attribute, "--workflow-id", id, "--input", "5"]);
    }
    session.run("workflow signal --workflow-id one --name go", &[]);
    session.run("workflow terminate --workflow-id two --reason enough", &[]);

    let listed = session.json("workflow list", &[]);
    let ids: Vec<&Value> = listed.as_array().unwrap().iter().collect();
    assert_eq!(ids[0]["execution"]["workflowId"], "one");
    assert_eq!(ids[1]["status"], "WORKFLOW_EXECUTION_STATUS_TERMINATED");
    let query = [
        "--query",
        "OrderStatus = 'two' AND ExecutionStatus = 'Terminated'",
    ];
    let listed = session.json("workflow list", &query);
    assert_eq!(listed.as_array().unwrap().len(), 1);
    let refused = session.refused("workflow list", &["--query", "Nope = 1"]);
    assert!(
        refused.contains("invalid search attribute: Nope"),
        "{refused}"
    );

    let counted = session.run("workflow count", &[]);
    assert!(counted.contains("Total: 2"), "{counted}");
    let grouped = session.run("workflow count", &["--query", "GROUP BY ExecutionStatus"]);
    assert!(
        grouped.contains("Group total: 1, values: Terminated"),
        "{grouped}"
    );

    let described = session.json("workflow describe --workflow-id one", &[]);
    let info = &described["workflowExecutionInfo"];
    assert_eq!(info["status"], "WORKFLOW_EXECUTION_STATUS_RUNNING");
    assert_eq!(info["historyLength"], "3");
    session.run("workflow describe --workflow-id two", &[]);
    let shown = session.json("workflow show --workflow-id one", &[]);
    let types = shown["events"].as_array().unwrap().iter();
    let types: Vec<&str> = types
        .map(|event| event["eventType"].as_str().unwrap())
        .collect();
    assert_eq!(
        types,
        [
            "EVENT_TYPE_WORKFLOW_EXECUTION_STARTED",
            "EVENT_TYPE_WORKFLOW_TASK_SCHEDULED",
            "EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED"
        ]
    );

    let described = session.run("task-queue describe --task-queue q", &[]);
    assert!(described.contains("UNVERSIONED"), "{described}");
    session.run("task-queue describe --task-queue q --legacy-mode", &[]);
    session.run("worker list", &[]);
}

#[test]
fn schedules() {
    let Some(session) = Session::start() else {
        return;
    };
    let with_id = |command: &str| format!("schedule {command} --schedule-id s");
    let action = [
        "--workflow-id",
        "report",
        "--type",
        "wf",
        "--task-queue",
        "q",
    ];
    let create = with_id("create --interval 1h --input 5 --overlap-policy AllowAll");
    session.run(&create, &action);
    let refused = session.refused(&create, &action);
    assert!(refused.contains("already"), "{refused}");
    let described = session.json(&with_id("describe"), &[]);
    assert_eq!(
        described["schedule"]["spec"]["interval"][0]["interval"],
        "3600s"
    );
    assert_eq!(
        described["info"]["futureActionTimes"]
            .as_array()
            .unwrap()
            .len(),
        10
    );
    session.run(&with_id("describe"), &[]);
    let listed = session.json("schedule list", &[]);
    assert_eq!(listed[0]["scheduleId"], "s");
    assert!(session.run("schedule list", &[]).contains("false"));

    session.run(&with_id("trigger"), &[]);
    session.run(&with_id("toggle --pause --reason lunch"), &[]);
    let range = [
        "--start-time",
        "2026-11-22T00:00:00Z",
        "--end-time",
        "2026-11-22T02:00:00Z",
    ];
    session.run(&with_id("backfill --overlap-policy AllowAll"), &range);
    let described = session.json(&with_id("describe"), &[]);
    assert_eq!(described["schedule"]["state"]["notes"], "lunch");
    assert_eq!(described["info"]["actionCount"], "4");
    let query = ["--query", "TemporalSchedulePaused = true"];
    let listed = session.json("schedule list", &query);
    assert_eq!(listed.as_array().unwrap().len(), 1);
    let counted = session.run(
        "workflow count",
        &["--query", "TemporalScheduledById = 's'"],
    );
    assert!(counted.contains("Total: 4"), "{counted}");
    session.run(&with_id("list-matching-times"), &range);

    session.run(&with_id("toggle --unpause --reason back"), &[]);
    let calendar = [&action[..], &["--cron", "0 12 * * *"]].concat();
    session.run(&with_id("update"), &calendar);
    let described = session.json(&with_id("describe"), &[]);
    let spec = &described["schedule"]["spec"];
    assert_eq!(spec["structuredCalendar"][0]["hour"][0]["start"], 12);
    session.run(&with_id("delete"), &[]);
    let refused = session.refused(&with_id("describe"), &[]);
    assert!(refused.contains("schedule not found"), "{refused}");
    let listed = session.json("schedule list", &[]);
    assert_eq!(listed.as_array().map_or(0, Vec::len), 0);
}

#[test]
fn namespaces_and_search_attributes() {
    let Some(session) = Session::start() else {
        return;
    };
    let namespace = |command: &str| format!("operator namespace {command} --namespace other");
    session.run(
        &namespace("create --retention 72h --description first"),
        &[],
    );
    session.run(&namespace("update --description second"), &[]);
    let described = session.json(&namespace("describe"), &[]);
    assert_eq!(described["namespaceInfo"]["description"], "second");
    assert_eq!(
        described["config"]["workflowExecutionRetentionTtl"],
        "259200s"
    );
    let listed = session.run("operator namespace list", &[]);
    assert!(
        listed.contains("other") && listed.contains("default"),
        "{listed}"
    );

    let attribute =
        |command: &str| format!("operator search-attribute {command} --namespace other");
    session.run(&attribute("create --name Color --type Keyword"), &[]);
    let listed = session.run(&attribute("list"), &[]);
    assert!(listed.contains("Color"), "{listed}");
    let query = ["--query", "Color = 'red'"];
    session.run("workflow list --namespace other", &query);
    session.run(&attribute("remove --name Color --yes"), &[]);
    session.refused("workflow list --namespace other", &query);
    session.run(&namespace("delete --yes"), &[]);
    session.refused(&namespace("describe"), &[]);
}
