//! Queries that every workflow answers (protocol 5.4): for what it waits, and what it is.

use std::collections::BTreeMap;

use bytes::Bytes;
use durably_engine::{Context, SDK_NAME, SDK_VERSION};
use serde_json::{Value, json};

use super::dynamic_handlers::DynamicHandlers;
use crate::payload::{Payload, ToPayload};

const STACK_TRACE: &str = "__stack_trace";
const ENHANCED_STACK_TRACE: &str = "__enhanced_stack_trace";
const METADATA: &str = "__temporal_workflow_metadata";

/// The queries that every workflow answers, with what they tell.
const BUILT_IN: [(&str, &str); 3] = [
    (ENHANCED_STACK_TRACE, "for what the workflow waits, as data"),
    (STACK_TRACE, "for what the workflow waits, and where"),
    (METADATA, "the workflow's handlers, and what it is doing"),
];

/// What a workflow's handlers are called, and what people read about them.
pub(super) struct Described {
    pub(super) workflow_type: String,
    pub(super) signals: BTreeMap<String, String>,
    pub(super) queries: BTreeMap<String, String>,
    pub(super) updates: BTreeMap<String, String>,
    /// The handlers of every other name.
    pub(super) any_signal: Option<&'static str>,
    pub(super) any_query: Option<&'static str>,
    pub(super) any_update: Option<&'static str>,
}

impl Described {
    /// With the handlers that the run has registered. Those of the workflow's own tables win, as
    /// they do when a message comes.
    pub(super) fn with_registered(mut self, handlers: &DynamicHandlers) -> Self {
        for (known, registered) in [
            (&mut self.signals, handlers.described_signals()),
            (&mut self.queries, handlers.described_queries()),
            (&mut self.updates, handlers.described_updates()),
        ] {
            for (name, description) in registered {
                known.entry(name).or_insert(description);
            }
        }
        self
    }
}

/// The answer, if the query is one of these.
pub(super) fn answer(
    context: &Context,
    name: &str,
    describe: impl FnOnce() -> Described,
) -> Option<Payload> {
    match name {
        // Text always encodes.
        STACK_TRACE => stack_trace(context).to_payload().ok(),
        ENHANCED_STACK_TRACE => Some(protobuf_json(
            "temporal.api.sdk.v1.EnhancedStackTrace",
            &enhanced(context),
        )),
        METADATA => Some(protobuf_json(
            "temporal.api.sdk.v1.WorkflowMetadata",
            &metadata(context, describe()),
        )),
        _ => None,
    }
}

fn stack_trace(context: &Context) -> String {
    let waits = context.waits();
    if waits.is_empty() {
        return "the workflow waits for nothing".to_owned();
    }
    let lines: Vec<_> = waits
        .iter()
        .map(|wait| format!("waits for {wait}"))
        .collect();
    lines.join("\n")
}

fn enhanced(context: &Context) -> Value {
    let stacks: Vec<_> = context
        .waits()
        .into_iter()
        .map(|wait| {
            let mut location = json!({ "functionName": wait.what.to_string() });
            if let Some(place) = wait.place {
                location["filePath"] = place.file().into();
                location["line"] = place.line().into();
                location["column"] = place.column().into();
            }
            json!({ "locations": [location] })
        })
        .collect();
    json!({
        "sdk": { "name": SDK_NAME, "version": SDK_VERSION },
        "sources": {},
        "stacks": stacks,
    })
}

fn metadata(context: &Context, described: Described) -> Value {
    let built_in = BUILT_IN.map(|(name, description)| (name.to_owned(), description.to_owned()));
    let mut queries = described.queries;
    queries.extend(built_in);
    json!({
        "definition": {
            "type": described.workflow_type,
            "queryDefinitions": definitions(queries, described.any_query),
            "signalDefinitions": definitions(described.signals, described.any_signal),
            "updateDefinitions": definitions(described.updates, described.any_update),
        },
        "currentDetails": &*context.current_details(),
    })
}

/// The handler of every other name is one without a name (`WorkflowInteractionDefinition.name`).
fn definitions(handlers: BTreeMap<String, String>, any: Option<&str>) -> Vec<Value> {
    let any = any.map(|description| json!({ "description": description }));
    let named = handlers
        .into_iter()
        .map(|(name, description)| json!({ "name": name, "description": description }));
    any.into_iter().chain(named).collect()
}

/// A protobuf message in its JSON form.
fn protobuf_json(message_type: &'static str, message: &Value) -> Payload {
    let metadata = [("encoding", "json/protobuf"), ("messageType", message_type)];
    Payload {
        metadata: metadata
            .map(|(key, value)| (key, Bytes::from_static(value.as_bytes())))
            .into(),
        data: message.to_string().into(),
        ..Payload::default()
    }
}
