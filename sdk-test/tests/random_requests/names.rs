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
    /// The events that scheduled activities.
    scheduled: Vec<u64>,
    /// What is asked for is an answer to what was seen last, and is to be about that.
    pub(crate) answers: bool,
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
    pub(crate) fn text(&mut self, message: &str, name: &str, text: &str) {
        let is_id = name.ends_with("_id") || name == "id" || name == "operation_token";
        // Requests about endpoints tell of none that is new.
        let is_told = !message.ends_with("NexusEndpointRequest");
        if is_id && is_told && !text.is_empty() {
            let name = id_of(message, name);
            remember(
                self.texts.entry(name.to_owned()).or_default(),
                text.to_owned(),
            );
        }
    }

    /// An activity was scheduled by this event.
    pub(crate) fn scheduled(&mut self, event_id: u64) {
        remember(&mut self.scheduled, event_id);
    }

    /// Whether there may be an activity to be canceled.
    pub(crate) fn has_scheduled(&self) -> bool {
        !self.scheduled.is_empty()
    }

    /// The event of an activity.
    pub(crate) fn some_scheduled(&self, random: &mut Random) -> u64 {
        match self.scheduled.last() {
            None => random.below(25) as u64,
            Some(last) if random.percent(60) => *last,
            Some(_) => *random.pick_late(&self.scheduled),
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
        if self.answers && matches!(name, "workflow_id" | "activity_id") {
            let seen = self.texts.get(name).and_then(|seen| seen.last());
            return seen.cloned().unwrap_or_default();
        }
        if self.answers && name == "id" && message.contains("Activity") {
            let seen = self.texts.get("activity_id").and_then(|seen| seen.last());
            return seen.cloned().unwrap_or_default();
        }
        match name {
            "namespace" => match message.contains("Namespace") {
                true if message.contains("Describe") || message.contains("Update") => {
                    (*random.pick(&["default", "namespace0", "namespace1"])).to_owned()
                }
                true => numbered(random, "namespace", 3),
                false => "default".to_owned(),
            },
            "id" if message.ends_with("NexusEndpointRequest") => {
                let name = id_of(message, name);
                self.seen_or(random, name, |random| numbered(random, "m", 3))
            }
            "id" if message.contains("Activity") => numbered(random, "id", 4),
            "worker_instance_key" => numbered(random, "worker", 2),
            "fast_forward_id" => numbered(random, "forward", 2),
            "id" if message.ends_with("FastForwardConfig") => numbered(random, "forward", 2),
            "job_id" => numbered(random, "job", 2),
            "name" if message.ends_with("TaskQueue") => numbered(random, "q", 2),
            "task_queue" => numbered(random, "q", 2),
            "name" if message.ends_with("EndpointSpec") => numbered(random, "endpoint", 2),
            "sticky_task_queue" => numbered(random, "sticky", 2),
            "workflow_id" => numbered(random, "w", 6),
            "schedule_id" => numbered(random, "schedule", 3),
            "activity_id" | "timer_id" | "update_id" | "protocol_instance_id" => {
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

/// Ids of endpoints are kept apart from others.
fn id_of<'n>(message: &str, name: &'n str) -> &'n str {
    let has_endpoint =
        message.ends_with("nexus::v1::Endpoint") || message.ends_with("NexusEndpointRequest");
    match name == "id" && has_endpoint {
        true => "endpoint id",
        false => name,
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
pub(crate) fn some_key(random: &mut Random, message: &str, name: &str) -> String {
    match name {
        "search_attributes" if message.ends_with("AddSearchAttributesRequest") => {
            format!("Added{}", random.below(30))
        }
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
