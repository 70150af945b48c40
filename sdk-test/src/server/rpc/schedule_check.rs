//! What requests about schedules must satisfy, in the real server's words.

use durably_protos::temporal::api::common::v1::SearchAttributes;
use durably_protos::temporal::api::enums::v1::{TaskQueueKind, WorkflowIdReusePolicy as Reuse};
use durably_protos::temporal::api::schedule::v1::schedule_action::Action;
use durably_protos::temporal::api::schedule::v1::{Schedule, SchedulePatch};
use durably_protos::temporal::api::workflow::v1::NewWorkflowExecutionInfo;
use prost::Message;

use crate::server::refusal::{Answer, invalid};
use crate::server::validate;
use crate::server::world::{WORKFLOW_ID_PREFIX, World};

/// What is added to the workflow id of an action: `-` and a time.
const TIME_SUFFIX_LENGTH: usize = "-2009-11-10T23:00:00Z".len();
/// The longest notes that a patch may set, in bytes.
const LONGEST_NOTES: usize = 1000;

/// Checks the names that a request must have.
pub(super) fn schedule_id(world: &World, namespace: &str, schedule_id: &str) -> Answer<()> {
    world.namespaces.get(namespace)?;
    if schedule_id.is_empty() {
        return Err(invalid(
            "Can't load workflow execution.  WorkflowId not set.",
        ));
    }
    workflow_id_length(world, WORKFLOW_ID_PREFIX.len() + schedule_id.len())
}

pub(super) fn request_id(world: &World, request_id: &str) -> Answer<()> {
    if request_id.len() > world.limits.id_length {
        return Err(invalid("RequestId length exceeds limit."));
    }
    Ok(())
}

fn workflow_id_length(world: &World, length: usize) -> Answer<()> {
    let longest = world.limits.id_length;
    if length > longest {
        return Err(invalid(format!(
            "WorkflowId exceeds maximum allowed length ({length}/{longest})"
        )));
    }
    Ok(())
}

/// Checks the action of a schedule, and fills in what descriptions show of it. A schedule without an action is
/// accepted, and does nothing.
pub(super) fn schedule(world: &mut World, namespace: &str, schedule: &mut Schedule) -> Answer<()> {
    let action = schedule
        .action
        .as_mut()
        .and_then(|action| action.action.as_mut());
    if let Some(Action::StartWorkflow(start)) = action {
        action_to_start(world, namespace, start)?;
    }
    if schedule.encoded_len() > world.limits.blob_bytes {
        return Err(invalid("Blob data size exceeds limit."));
    }
    Ok(())
}

fn action_to_start(
    world: &mut World,
    namespace: &str,
    start: &mut NewWorkflowExecutionInfo,
) -> Answer<()> {
    if !start.cron_schedule.is_empty() {
        return Err(invalid("Scheduled workflow must not contain CronSchedule"));
    }
    if !matches!(
        start.workflow_id_reuse_policy(),
        Reuse::Unspecified | Reuse::AllowDuplicate
    ) {
        return Err(invalid(
            "Scheduled workflow must not contain WorkflowIDReusePolicy",
        ));
    }
    workflow_id_length(world, start.workflow_id.len() + TIME_SUFFIX_LENGTH)?;
    let workflow_type = start.workflow_type.as_ref();
    let workflow_type = workflow_type.map_or("", |workflow_type| &workflow_type.name);
    if workflow_type.is_empty() {
        return Err(invalid("WorkflowType is not set on request."));
    }
    if workflow_type.len() > world.limits.id_length {
        return Err(invalid("WorkflowType length exceeds limit."));
    }
    validate::task_queue(&world.limits, start.task_queue.as_ref())?;
    if let Some(queue) = &mut start.task_queue {
        queue.set_kind(TaskQueueKind::Normal);
    }
    for (timeout, name) in [
        (
            &start.workflow_execution_timeout,
            "WorkflowExecutionTimeoutSeconds",
        ),
        (&start.workflow_run_timeout, "WorkflowRunTimeoutSeconds"),
        (&start.workflow_task_timeout, "WorkflowTaskTimeoutSeconds"),
    ] {
        validate::request_timeout(timeout.as_ref(), name)?;
    }
    let given = start.search_attributes.as_ref();
    start.search_attributes = search_attributes(world, namespace, given)?;
    Ok(())
}

/// Checks search attributes, of an action or of the schedule itself, and gives them with their types.
pub(super) fn search_attributes(
    world: &mut World,
    namespace: &str,
    given: Option<&SearchAttributes>,
) -> Answer<Option<SearchAttributes>> {
    let accepted = world.namespaces.accept_start(namespace, given);
    let accepted = accepted.map_err(invalid)?;
    world.namespaces.learn(namespace, accepted.as_ref());
    Ok(accepted)
}

pub(super) fn patch(patch: Option<SchedulePatch>) -> Answer<SchedulePatch> {
    let patch = patch.ok_or_else(|| invalid("Patch is not set on request."))?;
    if patch.pause.len() > LONGEST_NOTES || patch.unpause.len() > LONGEST_NOTES {
        return Err(invalid("Schedule notes exceeds limit."));
    }
    Ok(patch)
}
