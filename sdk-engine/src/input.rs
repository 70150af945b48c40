//! What a driver tells a run about a workflow task; the events follow page by page.

use durably_protos::temporal::api::common::v1::{Header, Payload};
use durably_protos::temporal::api::protocol::v1::Message;

/// A task without its history, from `PollWorkflowTaskQueueResponse` (protocol 2.1).
#[derive(Debug, Default)]
pub struct WorkflowTask {
    /// `started_event_id`; 0 when the task only carries a legacy query.
    pub started_event_id: i64,
    /// The queries to answer in the completion, by id, or the one legacy query.
    pub queries: Vec<Query>,
    /// Protocol messages (updates).
    pub messages: Vec<Message>,
}

/// A question to a workflow.
#[derive(Debug)]
pub struct Query {
    /// The key in `queries`; empty for a legacy query.
    pub id: String,
    /// The query's name.
    pub name: String,
    /// Its arguments.
    pub arguments: Vec<Payload>,
    /// Its header.
    pub header: Option<Header>,
}
