//! What a run gives back for a workflow task.

use durably_protos::temporal::api::command::v1::Command;
use durably_protos::temporal::api::common::v1::Payload;
use durably_protos::temporal::api::enums::v1::WorkflowTaskFailedCause;
use durably_protos::temporal::api::failure::v1::Failure;
use durably_protos::temporal::api::protocol::v1::Message;

/// The answer to a workflow task.
#[derive(Debug)]
pub enum Completion {
    /// For `RespondWorkflowTaskCompleted`.
    Completed(WorkflowTaskCompletion),
    /// For `RespondQueryTaskCompleted`: the legacy query's answer. Nothing else is to be sent.
    Answered(QueryResult),
    /// For `RespondWorkflowTaskFailed` (or a failed legacy query). The run must be evicted.
    Failed(WorkflowTaskFailure),
}

/// The commands of a workflow task, and the answers to its queries.
#[derive(Debug, Default)]
pub struct WorkflowTaskCompletion {
    /// In the order in which the code issued them; a terminal one is last.
    pub commands: Vec<Command>,
    /// Update acceptances, rejections and responses.
    pub messages: Vec<Message>,
    /// One per query of the task.
    pub query_results: Vec<QueryResult>,
    /// A command ends the run.
    pub terminal: bool,
}

/// The answer to one query.
#[derive(Debug)]
pub struct QueryResult {
    /// The query's id; empty for a legacy query.
    pub id: String,
    /// What the caller gets.
    pub result: Result<Payload, Failure>,
}

/// Why a workflow task failed.
#[derive(Debug)]
pub struct WorkflowTaskFailure {
    /// The cause to report.
    pub cause: WorkflowTaskFailedCause,
    /// The failure to report.
    pub failure: Failure,
}
