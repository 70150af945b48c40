//! What a run gives back for a workflow task.

use durably_protos::temporal::api::command::v1::Command;
use durably_protos::temporal::api::common::v1::Payload;
use durably_protos::temporal::api::enums::v1::WorkflowTaskFailedCause;
use durably_protos::temporal::api::failure::v1::Failure;
use durably_protos::temporal::api::protocol::v1::Message;
use durably_protos::temporal::api::sdk::v1::WorkflowTaskCompletedMetadata;

use crate::workflow::HandlerIdentity;

/// The answer to a workflow task.
#[derive(Debug)]
pub enum Completion {
    /// For `RespondWorkflowTaskCompleted`.
    Completed(WorkflowTaskCompletion),
    /// For `RespondQueryTaskCompleted`: the legacy query's answer. Nothing else is to be sent.
    Answered(QueryResult),
    /// Nothing is to be sent yet: local activities run
    /// ([`Run::take_local_activity_requests`](crate::Run::take_local_activity_requests)). The task
    /// goes on with [`Run::local_activities_ended`](crate::Run::local_activities_ended), or is cut
    /// short by [`Run::heartbeat`](crate::Run::heartbeat).
    Waiting,
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
    /// Local activities go on: the server must make another task at once
    /// (`force_create_new_workflow_task`).
    pub force_new_task: bool,
    /// Which SDK completes the task, when history does not say so by now.
    pub sdk_metadata: Option<WorkflowTaskCompletedMetadata>,
    /// The handlers that the run's end cuts off, to warn of.
    pub unfinished_handlers: Vec<HandlerIdentity>,
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
