//! What fields are called says what they hold: ids that were seen before, rather than any text.

use std::collections::BTreeMap;

use super::random::Random;

/// How many values of one name are remembered.
const REMEMBERED: usize = 40;

/// What was seen in requests and answers, by the names of the fields.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    texts: BTreeMap<String, Vec<String>>,
    bytes: BTreeMap<String, Vec<Vec<u8>>>,
}

const QUERIES: [&str; 9] = [
    "WorkflowId = 'w1'",
    "ExecutionStatus = 'Running' AND WorkflowType != 'wf'",
    "StartTime > '2020-01-01T00:00:00Z' OR CloseTime IS NULL",
    "CustomKeyword IN ('a', 'b')",
    "WorkflowId STARTS_WITH 'w' AND NOT (RunId = 'x')",
    "GROUP BY ExecutionStatus",
    "CustomInt BETWEEN 1 AND 99999999999999999999",
    "ORDER BY StartTime DESC",
    "((((",
];
const CRONS: [&str; 7] = [
    "* * * * *",
    "@every 10s",
    "0 12 * * MON-FRI",
    "CRON_TZ=Europe/Berlin 30 2 * * *",
    "@every 0s",
    "60 * * * *",
    "*/0 * * * *",
];
const PATHS: [&str; 6] = [
    "versioning_override",
    "priority",
    "task_queue.name",
    "retry_policy.maximum_attempts",
    "start_to_close_timeout",
    "nothing.of.the.kind",
];
const ODD_TEXTS: [&str; 8] = ["", " ", "\u{0}", "é€😀", "'", "%s", "-1", "/_sys/q0/3"];
const REQUEST_IDS: [&str; 3] = ["request-1", "request-2", "request-3"];
const ATTRIBUTES: [&str; 6] = [
    "CustomKeyword",
    "CustomInt",
    "Unknown",
    "BuildIds",
    "WorkflowId",
    "TemporalChangeVersion",
];

impl Seen {
    pub(crate) fn text(&mut self, name: &str, text: &str) {
        let is_id = name.ends_with("_id") || name == "id" || name == "operation_token";
        if is_id && !text.is_empty() {
            remember(
                self.texts.entry(name.to_owned()).or_default(),
                text.to_owned(),
            );
        }
    }

    pub(crate) fn bytes(&mut self, message: &str, name: &str, bytes: &[u8]) {
        if name.ends_with("token") && !bytes.is_empty() {
            remember(
                self.bytes.entry(kept_as(message, name)).or_default(),
                bytes.to_vec(),
            );
        }
    }

    /// Bytes for a field of this name in such a message.
    pub(crate) fn some_bytes(&self, random: &mut Random, message: &str, name: &str) -> Vec<u8> {
        match self.bytes.get(&kept_as(message, name)) {
            Some(seen) if random.percent(98) => {
                let bytes = match random.percent(80) {
                    true => &seen[seen.len() - 1],
                    false => random.pick_late(seen),
                };
                match random.percent(5) {
                    true => super::wire::mutate(random, bytes),
                    false => bytes.clone(),
                }
            }
            _ if name == "data" => random
                .pick(&[&b"1"[..], b"\"a\"", b"null", b"[\"a\"]", b"{"])
                .to_vec(),
            _ if name.ends_with("token") && random.percent(80) => Vec::new(),
            _ => random.bytes(8),
        }
    }

    /// A text for a field of this name in such a message.
    pub(crate) fn some_text(
        &self,
        random: &mut Random,
        message: &str,
        name: &str,
        odd: bool,
    ) -> String {
        if odd && random.percent(30) {
            return match random.percent(10) {
                true => "x".repeat(random.below(1200)),
                false => (*random.pick(&ODD_TEXTS)).to_owned(),
            };
        }
        let numbered =
            |random: &mut Random, letter: &str, count| format!("{letter}{}", random.below(count));
        match name {
            "namespace" => match message.contains("Namespace") {
                true => numbered(random, "namespace", 3),
                false => "default".to_owned(),
            },
            "name" if message.ends_with("TaskQueue") => numbered(random, "q", 2),
            "task_queue" => numbered(random, "q", 2),
            "name" if message.ends_with("EndpointSpec") => numbered(random, "endpoint", 2),
            "sticky_task_queue" => numbered(random, "sticky", 2),
            "workflow_id" => numbered(random, "w", 6),
            "schedule_id" => numbered(random, "schedule", 3),
            "activity_id"
            | "timer_id"
            | "update_id"
            | "protocol_instance_id"
            | "worker_instance_key" => {
                self.seen_or(random, name, |random| numbered(random, "id", 4))
            }
            "message_id" => numbered(random, "m", 2),
            "id" if message.ends_with("protocol::v1::Message") => numbered(random, "m", 2),
            "id" => self.seen_or(random, "id", |random| numbered(random, "m", 3)),
            "paths" => (*random.pick(&PATHS)).to_owned(),
            "run_id" | "first_execution_run_id" | "workflow_run_id" => match random.percent(70) {
                true => String::new(),
                false => self.seen_or(random, "run_id", |_| "no-such-run".to_owned()),
            },
            "request_id" => (*random.pick(&REQUEST_IDS)).to_owned() + &random.below(20).to_string(),
            "cron_schedule" | "cron_string" => {
                match random.percent(92) && name == "cron_schedule" {
                    true => String::new(),
                    false => (*random.pick(&CRONS)).to_owned(),
                }
            }
            "query" => match random.percent(40) {
                true => String::new(),
                false => (*random.pick(&QUERIES)).to_owned(),
            },
            "endpoint" => match random.percent(85) {
                true => "endpoint0".to_owned(),
                false => "endpoint1".to_owned(),
            },
            "timezone_name" | "time_zone_name" => {
                (*random.pick(&["UTC", "Europe/Berlin", "Nowhere"])).to_owned()
            }
            "encoding" => "json/plain".to_owned(),
            "url" | "external" => {
                (*random.pick(&["temporal://system", "http://host/path"])).to_owned()
            }
            _ if name.ends_with("_id") => {
                self.seen_or(random, name, |random| numbered(random, "x", 4))
            }
            _ => numbered(random, "a", 4),
        }
    }

    fn seen_or(
        &self,
        random: &mut Random,
        name: &str,
        other: impl FnOnce(&mut Random) -> String,
    ) -> String {
        match self.texts.get(name) {
            Some(seen) if random.percent(70) => random.pick_late(seen).clone(),
            _ => other(random),
        }
    }
}

/// Tokens of tasks are kept apart by the kinds of the tasks. A task that is a query comes from a poll for
/// workflow tasks.
fn kept_as(message: &str, name: &str) -> String {
    let kinds = ["Activity", "Nexus", "Workflow", "Query"];
    let message = message.rsplit(':').next().unwrap_or_default();
    match kinds.iter().find(|kind| message.contains(**kind)) {
        Some(&"Query") => format!("{name} Workflow"),
        Some(kind) => format!("{name} {kind}"),
        None => name.to_owned(),
    }
}

/// A key for a map of this name.
pub(crate) fn some_key(random: &mut Random, name: &str) -> String {
    match name {
        "metadata" => (*random.pick(&["encoding", "type", "encoding"])).to_owned(),
        "indexed_fields" | "search_attributes" => (*random.pick(&ATTRIBUTES)).to_owned(),
        _ => format!("k{}", random.below(3)),
    }
}

/// Notes what came last.
fn remember<T: PartialEq>(seen: &mut Vec<T>, value: T) {
    seen.retain(|other| *other != value);
    seen.push(value);
    if seen.len() > REMEMBERED {
        seen.remove(0);
    }
}
