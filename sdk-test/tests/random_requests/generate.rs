//! Random messages.

use super::names::{Seen, some_key};
use super::random::Random;
use super::schema::{Field, Kind, Message, Schema};
use super::wire::{Part, Value, decode, encode, odd_number};

const DURATION: &str = "google::protobuf::Duration";
const TIMESTAMP: &str = "google::protobuf::Timestamp";
const ANY: &str = "google::protobuf::Any";
const MULTI_OPERATION: &str = "temporal::api::workflowservice::v1::ExecuteMultiOperationRequest";
const HISTORY_EVENT: &str = "temporal::api::history::v1::HistoryEvent";
const COMMAND: &str = "temporal::api::command::v1::Command";
const COMMAND_TYPE: &str = "temporal::api::enums::v1::CommandType";

/// The fields that most requests are refused without.
const NEEDED: [&str; 43] = [
    "action",
    "activity_id",
    "activity_type",
    "body",
    "commands",
    "endpoint",
    "execution",
    "input",
    "message_id",
    "meta",
    "name",
    "namespace",
    "operation",
    "patch",
    "paths",
    "protocol_instance_id",
    "query",
    "query_type",
    "request",
    "request_id",
    "schedule",
    "schedule_id",
    "scheduled_event_id",
    "service",
    "signal_name",
    "spec",
    "start_to_close_timeout",
    "start_to_fire_timeout",
    "start_workflow",
    "target",
    "task_queue",
    "task_token",
    "timer_id",
    "update_mask",
    "update_ref",
    "workflow_execution",
    "workflow_id",
    "update_id",
    "upserted_memo",
    "workflow_task_finish_event_id",
    "workflow_type",
    "accepted_request",
    "outcome",
];
/// Fields that stop what they are in, or hold it up: they would keep all else from happening.
const SELDOM: [&str; 16] = [
    "completion_callbacks",
    "cron_schedule",
    "external_payloads",
    "first_execution_run_id",
    "intermediate_page",
    "links",
    "page_number",
    "paused",
    "run_id",
    "target_executions",
    "versioning_override",
    "visibility_query",
    "workflow_execution_timeout",
    "workflow_run_timeout",
    "workflow_start_delay",
    "workflow_task_timeout",
];

/// Fields that requests of one kind are refused without.
const NEEDED_IN: [(&str, &str); 15] = [
    ("FastForwardConfig", "id"),
    ("TimeSkippingRequest", "fast_forward_id"),
    ("DescribeWorkerRequest", "worker_instance_key"),
    ("RecordWorkerHeartbeatRequest", "worker_heartbeat"),
    ("worker::v1::WorkerHeartbeat", "worker_instance_key"),
    ("AddSearchAttributesRequest", "search_attributes"),
    ("ListScheduleMatchingTimesRequest", "end_time"),
    ("ListScheduleMatchingTimesRequest", "start_time"),
    ("NexusEndpointRequest", "id"),
    ("NexusEndpointRequest", "version"),
    (
        "RegisterNamespaceRequest",
        "workflow_execution_retention_period",
    ),
    ("RespondNexusTaskFailedRequest", "error"),
    ("StartBatchOperationRequest", "executions"),
    ("BatchOperationRequest", "job_id"),
    ("BatchOperationRequest", "reason"),
];

/// What makes messages.
pub(crate) struct Generator<'s> {
    pub(crate) schema: &'s Schema,
    pub(crate) random: Random,
    pub(crate) seen: Seen,
    /// The time that timestamps are near to, in seconds.
    pub(crate) now: i64,
    /// Whether the message at work has values that nobody should send.
    pub(crate) odd: bool,
}

impl Generator<'_> {
    /// A message of this type.
    pub(crate) fn message(&mut self, path: &str, depth: usize) -> Vec<u8> {
        match path {
            DURATION => return encode(&self.duration()),
            TIMESTAMP => return encode(&self.timestamp()),
            ANY => return self.any(depth),
            MULTI_OPERATION => return self.multi_operation(depth),
            _ => {}
        }
        let schema = self.schema;
        let message = schema.message(path);
        let mut parts = Vec::new();
        // Most messages have few fields, some have many.
        let share = *self.random.pick(&[5, 15, 30, 60]);
        for field in &message.fields {
            let percent = match field.name.as_str() {
                name if NEEDED.contains(&name) || is_needed_in(path, name) => {
                    if self.odd {
                        90
                    } else {
                        99
                    }
                }
                name if SELDOM.contains(&name) => 3,
                _ if self.odd => share,
                _ => share.min(15),
            };
            // Messages contain themselves: there must be an end.
            if self.random.percent(percent)
                && (depth < 6 || !matches!(field.kind, Kind::Message(_)))
            {
                self.field(&mut parts, path, field, depth);
            }
        }
        for choice in &message.choices {
            let percent = if self.odd { 90 } else { 99 };
            if self.random.percent(percent) && depth < 8 {
                let field = self.choose(path, choice);
                self.field(&mut parts, path, field, depth);
                if path == COMMAND && self.random.percent(98) {
                    self.name_command(&mut parts, message, field);
                }
            }
        }
        encode(&parts)
    }

    /// One of the fields of a choice. Of commands rather one that begins something than one that ends the run.
    fn choose<'f>(&mut self, message: &str, choice: &'f [Field]) -> &'f Field {
        let begins = |field: &&Field| {
            field.name.starts_with("schedule_") || field.name.starts_with("start_")
        };
        let cancels = |field: &&Field| field.name.starts_with("request_cancel_activity_task");
        let cancels = choice.iter().find(cancels);
        if let Some(cancels) = cancels.filter(|_| self.seen.has_scheduled())
            && self.random.percent(30)
        {
            return cancels;
        }
        let usual: Vec<_> = choice.iter().filter(begins).collect();
        if message == COMMAND && self.random.percent(50) {
            return self.random.pick::<&Field>(&usual);
        }
        self.random.pick(choice)
    }

    fn field(&mut self, parts: &mut Vec<Part>, message: &str, field: &Field, depth: usize) {
        let count = match (field.repeated, &field.kind) {
            (true, Kind::Message(path)) if path == COMMAND => 1 + self.random.below(2),
            (true, _) | (_, Kind::Map(..)) => self.random.below(4),
            _ => 1,
        };
        for _ in 0..count {
            let value = self.value(message, &field.name, &field.kind, depth);
            parts.push(Part {
                tag: field.tag,
                value,
            });
        }
    }

    fn value(&mut self, message: &str, name: &str, kind: &Kind, depth: usize) -> Value {
        match kind {
            Kind::Bool => Value::Varint(u64::from(self.random.percent(50))),
            Kind::Integer => Value::Varint(self.integer(name)),
            Kind::Float => Value::Fixed32(self.float().to_le_bytes()),
            Kind::Double => Value::Fixed64(f64::from(self.float()).to_le_bytes()),
            Kind::String => {
                let text = self
                    .seen
                    .some_text(&mut self.random, message, name, self.odd);
                self.seen.text(message, name, &text);
                Value::Bytes(text.into())
            }
            Kind::Bytes => Value::Bytes(self.seen.some_bytes(&mut self.random, message, name)),
            Kind::Enum(path) => Value::Varint(self.enumeration(path)),
            Kind::Message(path) => Value::Bytes(self.message(path, depth + 1)),
            Kind::Map(key, value) => Value::Bytes(self.entry(message, name, key, value, depth)),
        }
    }

    fn entry(
        &mut self,
        message: &str,
        name: &str,
        key: &Kind,
        value: &Kind,
        depth: usize,
    ) -> Vec<u8> {
        let key = match key {
            Kind::String => Value::Bytes(some_key(&mut self.random, message, name).into()),
            _ => Value::Varint(self.integer("key")),
        };
        let value = match (name, value) {
            ("metadata", Kind::Bytes) if !self.odd => Value::Bytes(b"json/plain".to_vec()),
            _ => self.value(message, name, value, depth),
        };
        encode(&[Part { tag: 1, value: key }, Part { tag: 2, value }])
    }

    fn integer(&mut self, name: &str) -> u64 {
        if self.odd && self.random.percent(30) {
            return odd_number(&mut self.random);
        }
        match name {
            "scheduled_event_id" if self.random.percent(80) => {
                self.seen.some_scheduled(&mut self.random)
            }
            "version" => 1 + self.random.below(2) as u64,
            _ if name.ends_with("event_id") => self.random.below(25) as u64,
            "page_size" | "maximum_page_size" => self.random.below(4) as u64,
            "maximum_attempts" => self.random.below(4) as u64,
            _ => self.random.below(20) as u64,
        }
    }

    fn float(&mut self) -> f32 {
        match self.odd && self.random.percent(50) {
            true => *self.random.pick(&[
                0.0,
                -1.0,
                f32::NAN,
                f32::INFINITY,
                f32::MIN,
                f32::MAX,
                1e-30,
            ]),
            false => *self.random.pick(&[1.0, 1.5, 2.0, 100.0]),
        }
    }

    fn enumeration(&mut self, path: &str) -> u64 {
        if self.odd && self.random.percent(20) {
            return odd_number(&mut self.random);
        }
        let values = self.schema.values(path);
        i64::from(self.random.pick(values).1).cast_unsigned()
    }

    fn duration(&mut self) -> Vec<Part> {
        let (seconds, nanos) = match self.odd && self.random.percent(50) {
            true => (odd_number(&mut self.random), odd_number(&mut self.random)),
            false => match self.random.below(4) {
                0 => (0, 1_000_000 * self.random.below(500) as u64),
                1 => (self.random.below(10) as u64, 0),
                2 => (60, 0),
                _ => (self.random.below(100_000) as u64, 0),
            },
        };
        seconds_and_nanos(seconds, nanos)
    }

    fn timestamp(&mut self) -> Vec<Part> {
        let near = self.now + self.random.below(200_000) as i64 - 100_000;
        match self.odd && self.random.percent(50) {
            true => seconds_and_nanos(odd_number(&mut self.random), odd_number(&mut self.random)),
            false => seconds_and_nanos(near.cast_unsigned(), 0),
        }
    }

    /// What workers send within messages: the answers to updates.
    fn any(&mut self, depth: usize) -> Vec<u8> {
        let name = *self
            .random
            .pick(&["Acceptance", "Response", "Rejection", "Request"]);
        let inner = self.message(&format!("temporal::api::update::v1::{name}"), depth + 1);
        let url = format!("type.googleapis.com/temporal.api.update.v1.{name}");
        let url = Part {
            tag: 1,
            value: Value::Bytes(url.into()),
        };
        encode(&[
            url,
            Part {
                tag: 2,
                value: Value::Bytes(inner),
            },
        ])
    }

    /// A start and an update of the same workflow, which is all that is taken.
    fn multi_operation(&mut self, depth: usize) -> Vec<u8> {
        let mut parts = vec![Part {
            tag: 1,
            value: Value::Bytes(b"default".to_vec()),
        }];
        for (tag, name) in [
            (1, "StartWorkflowExecution"),
            (2, "UpdateWorkflowExecution"),
        ] {
            let path = format!("temporal::api::workflowservice::v1::{name}Request");
            let inner = self.message(&path, depth + 1);
            let operation = encode(&[Part {
                tag,
                value: Value::Bytes(inner),
            }]);
            parts.push(Part {
                tag: 2,
                value: Value::Bytes(operation),
            });
        }
        encode(&parts)
    }

    /// Makes the type of a command that of its attributes.
    fn name_command(&mut self, parts: &mut Vec<Part>, message: &Message, attributes: &Field) {
        let is = |name: &str| snake(name) + "_command_attributes" == attributes.name;
        let values = self.schema.values(COMMAND_TYPE);
        let value = values
            .iter()
            .find(|(name, _)| is(name))
            .expect("commands have types");
        let tag = message
            .fields
            .iter()
            .find(|field| field.name == "command_type")
            .map_or(1, |field| field.tag);
        parts.retain(|part| part.tag != tag);
        parts.push(Part {
            tag,
            value: Value::Varint(i64::from(value.1).cast_unsigned()),
        });
    }

    /// Whether a message that was received has a field of this name.
    pub(crate) fn has(&self, path: &str, bytes: &[u8], name: &str) -> bool {
        let message = self.schema.message(path);
        let field = message.all().find(|field| field.name == name);
        let parts = decode(bytes).unwrap_or_default();
        field.is_some_and(|field| parts.iter().any(|part| part.tag == field.tag))
    }

    /// Remembers which activities there are to be canceled.
    fn learn_event(&mut self, event: &Message, parts: &[Part]) {
        let is_of = |name: &str, part: &&Part| {
            let field = event.all().find(|field| field.tag == part.tag);
            field.is_some_and(|field| field.name == name)
        };
        let scheduled = "activity_task_scheduled_event_attributes";
        let id = parts.iter().find(|part| is_of("event_id", part));
        if let Some(Value::Varint(id)) = id.map(|part| &part.value)
            && parts.iter().any(|part| is_of(scheduled, &part))
        {
            self.seen.scheduled(*id);
        }
    }

    /// Remembers the ids and tokens in a message.
    pub(crate) fn learn(&mut self, path: &str, bytes: &[u8], depth: usize) {
        let Some(parts) = decode(bytes).filter(|_| depth < 12) else {
            return;
        };
        let schema = self.schema;
        let message = schema.message(path);
        if path == HISTORY_EVENT {
            self.learn_event(message, &parts);
        }
        for part in parts {
            let field = message.all().find(|field| field.tag == part.tag);
            let (Some(field), Value::Bytes(inner)) = (field, part.value) else {
                continue;
            };
            match &field.kind {
                Kind::String => {
                    let text = std::str::from_utf8(&inner).unwrap_or_default();
                    self.seen.text(path, &field.name, text);
                }
                Kind::Bytes => self.seen.bytes(path, &field.name, &inner),
                Kind::Message(path) => self.learn(path, &inner, depth + 1),
                _ => {}
            }
        }
    }
}

/// Whether a request of this kind is refused without a field of this name.
fn is_needed_in(path: &str, name: &str) -> bool {
    let mut needed = NEEDED_IN.iter();
    needed.any(|(message, field)| path.ends_with(message) && name == *field)
}

fn seconds_and_nanos(seconds: u64, nanos: u64) -> Vec<Part> {
    let parts = [(1, seconds), (2, nanos)];
    parts
        .map(|(tag, number)| Part {
            tag,
            value: Value::Varint(number),
        })
        .to_vec()
}

/// `StartTimer` as `start_timer`.
fn snake(name: &str) -> String {
    super::schema::snake_case(name)
}
