//! Finds the first command that cannot be carried out.
//!
//! The check walks through the commands as they would be carried out, with a note of what the earlier
//! ones add and take away.

mod nexus;
mod text;
mod values;

use std::collections::{BTreeMap, BTreeSet};

use durably_protos::google::protobuf::Duration;
use durably_protos::temporal::api::command::v1::Command;
use durably_protos::temporal::api::command::v1::command::Attributes;
use durably_protos::temporal::api::enums::v1::{
    UpdateWorkflowExecutionLifecycleStage as Stage, WorkflowTaskFailedCause as Cause,
};
use tonic::Status;

use text::{On, cause_of};
use values::{fails, policy, policy_on, positive, positive_on};

use super::messages::{UpdateMessage, UpdateMessages};
use super::order::{closes, name};
use crate::server::cron::Cron;
use crate::server::limits::Limits;
use crate::server::namespaces::Namespaces;
use crate::server::nexus::NexusEndpoints;
use crate::server::run::Run;
use crate::server::validate;

/// Why an answer is not carried out.
#[derive(Debug)]
pub(crate) enum BadCommand {
    /// The workflow task fails, with this cause and text.
    FailsTask(Cause, String),
    /// The call is refused and the task stays with its worker.
    Refused(Status),
    /// The run is terminated, for this reason.
    Terminates(String),
}

/// What commands may refer to outside their run.
pub(crate) struct Surroundings<'a> {
    pub(crate) namespaces: &'a Namespaces,
    pub(crate) endpoints: &'a NexusEndpoints,
    pub(crate) limits: &'a Limits,
}

type Checked = Result<(), BadCommand>;

/// The run as the commands so far leave it.
struct Walk<'a> {
    run: &'a Run,
    around: &'a Surroundings<'a>,
    messages: &'a UpdateMessages,
    /// The id the next event gets.
    next_id: i64,
    /// Activities by their scheduled event, with their ids: scheduled here, or ended here.
    scheduled: BTreeMap<i64, String>,
    ended: BTreeSet<i64>,
    new_activity_ids: BTreeSet<String>,
    free_activity_ids: BTreeSet<String>,
    new_timers: BTreeSet<String>,
    canceled_timers: BTreeSet<String>,
    new_children: BTreeSet<String>,
    new_operations: BTreeSet<i64>,
    canceled_operations: BTreeSet<i64>,
    updates: BTreeMap<String, Stage>,
    seen_messages: BTreeSet<String>,
    fires_left: usize,
}

/// Checks all commands and messages of an answer to the workflow task of `run`.
///
/// `first_id` is the id of the first event that the commands write.
pub(crate) fn check(
    run: &Run,
    around: &Surroundings<'_>,
    commands: &[Command],
    messages: &UpdateMessages,
    first_id: i64,
) -> Checked {
    let mut walk = Walk {
        run,
        around,
        messages,
        next_id: first_id,
        scheduled: BTreeMap::new(),
        ended: BTreeSet::new(),
        new_activity_ids: BTreeSet::new(),
        free_activity_ids: BTreeSet::new(),
        new_timers: BTreeSet::new(),
        canceled_timers: BTreeSet::new(),
        new_children: BTreeSet::new(),
        new_operations: BTreeSet::new(),
        canceled_operations: BTreeSet::new(),
        updates: BTreeMap::new(),
        seen_messages: BTreeSet::new(),
        fires_left: run.buffer.len(),
    };
    for command in commands {
        walk.command(command)?;
    }
    for id in messages.order() {
        if !walk.seen_messages.contains(id) {
            walk.message(id)?;
        }
    }
    Ok(())
}

impl Walk<'_> {
    fn command(&mut self, command: &Command) -> Checked {
        if closes(command.command_type()) && self.fires_left > 0 {
            return fails(Cause::UnhandledCommand, "");
        }
        let Some(attributes) = &command.attributes else {
            let cause = cause_of(command);
            let name = name(command.command_type());
            let text = format!("{name}CommandAttributes is not set on {name}Command.");
            return fails(cause, &text);
        };
        self.sizes(command)?;
        use Attributes as A;
        match attributes {
            A::ScheduleActivityTaskCommandAttributes(command) => {
                let id = &command.activity_id;
                self.queue(
                    Cause::BadScheduleActivityAttributes,
                    command.task_queue.as_ref(),
                )?;
                self.named_in_activity(id, "activityId")?;
                let kind = command
                    .activity_type
                    .as_ref()
                    .map_or("", |named| &named.name);
                self.named_in_activity(kind, "activityType")?;
                let timeouts = [
                    (&command.schedule_to_close_timeout, "ScheduleToCloseTimeout"),
                    (&command.schedule_to_start_timeout, "ScheduleToStartTimeout"),
                    (&command.start_to_close_timeout, "StartToCloseTimeout"),
                    (&command.heartbeat_timeout, "HeartbeatTimeout"),
                ];
                let cause = Cause::BadScheduleActivityAttributes;
                for (timeout, name) in timeouts {
                    positive(cause, timeout.as_ref(), name)?;
                }
                let is_set = |timeout: &Option<Duration>| {
                    timeout.is_some_and(|timeout| timeout.seconds > 0 || timeout.nanos > 0)
                };
                if !is_set(&command.schedule_to_close_timeout)
                    && !is_set(&command.start_to_close_timeout)
                {
                    let text = format!(
                        "a valid StartToCloseTimeout or ScheduleToCloseTimeout must be set on the activity. \
                         ActivityId={id} ActivityType={kind}"
                    );
                    return fails(cause, &text);
                }
                policy(cause, command.retry_policy.as_ref())?;
                let pending =
                    self.run.activity_ids.contains_key(id) && !self.free_activity_ids.contains(id);
                if pending || !self.new_activity_ids.insert(id.clone()) {
                    let text = format!(
                        "invalid history builder state for action: add-activitytask-scheduled-event, ActivityID: {id}"
                    );
                    return fails(Cause::ScheduleActivityDuplicateId, &text);
                }
                let count = self.run.activities.len() + self.new_activity_ids.len();
                if count > self.around.limits.pending_activities {
                    let text = format!(
                        "the number of pending activities, {count}, has reached the per-workflow limit of {}",
                        self.around.limits.pending_activities
                    );
                    return fails(Cause::PendingActivitiesLimitExceeded, &text);
                }
                self.scheduled.insert(self.next_id, id.clone());
                self.next_id += 1;
            }
            A::RequestCancelActivityTaskCommandAttributes(command) => {
                self.cancel_activity(command.scheduled_event_id)?;
            }
            A::StartTimerCommandAttributes(command) => {
                let id = &command.timer_id;
                let cause = Cause::BadStartTimerAttributes;
                self.named(cause, id, "TimerId", &On::command("StartTimerCommand"))?;
                let timeout = command.start_to_fire_timeout.as_ref();
                if let Err(reason) = validate::timeout(timeout) {
                    let text = format!(
                        "An invalid StartToFireTimeout is set on StartTimerCommand: {reason}. TimerId={id}"
                    );
                    return fails(cause, &text);
                }
                let pending =
                    self.run.timers.contains_key(id) && !self.canceled_timers.contains(id);
                if pending || !self.new_timers.insert(id.clone()) {
                    let text = format!(
                        "invalid history builder state for action: add-timer-started-event, TimerID: {id}"
                    );
                    return fails(Cause::StartTimerDuplicateId, &text);
                }
                self.next_id += 1;
            }
            A::CancelTimerCommandAttributes(command) => self.cancel_timer(&command.timer_id)?,
            A::RecordMarkerCommandAttributes(command) => {
                let cause = Cause::BadRecordMarkerAttributes;
                let on = On::command("RecordMarkerCommand");
                self.named(cause, &command.marker_name, "MarkerName", &on)?;
                self.next_id += 1;
            }
            A::FailWorkflowExecutionCommandAttributes(command) => {
                if command.failure.is_none() {
                    let cause = Cause::BadFailWorkflowExecutionAttributes;
                    return fails(cause, "Failure is not set on FailWorkflowExecutionCommand.");
                }
                self.next_id += 1;
            }
            A::ContinueAsNewWorkflowExecutionCommandAttributes(command) => {
                let cause = Cause::BadContinueAsNewAttributes;
                let named = command.workflow_type.as_ref().map(|named| &*named.name);
                let kind = named.filter(|name| !name.is_empty());
                let kind = kind.unwrap_or_else(|| self.run.workflow_type());
                let queue = command.task_queue.as_ref().map(|queue| &*queue.name);
                let queue = queue.filter(|name| !name.is_empty());
                let queue = queue.unwrap_or(&self.run.task_queue);
                let on = On::with(
                    "ContinueAsNewWorkflowExecutionCommand",
                    format!(
                        " WorkflowType={kind} TaskQueue=name:{queue:?} kind:TASK_QUEUE_KIND_NORMAL"
                    ),
                );
                let timeouts = [
                    (&command.workflow_run_timeout, "WorkflowRunTimeout"),
                    (&command.workflow_task_timeout, "WorkflowTaskTimeout"),
                    (&command.backoff_start_interval, "BackoffStartInterval"),
                ];
                for (timeout, name) in timeouts {
                    positive_on(cause, timeout.as_ref(), name, &on)?;
                }
                self.queue_if_named(cause, command.task_queue.as_ref())?;
                policy_on(cause, command.retry_policy.as_ref(), &on)?;
                self.search_attributes(command.search_attributes.as_ref())?;
                self.next_id += 1;
            }
            A::StartChildWorkflowExecutionCommandAttributes(command) => {
                let cause = Cause::BadStartChildExecutionAttributes;
                self.namespace(&command.namespace)?;
                let id = &command.workflow_id;
                let kind = command.workflow_type.as_ref();
                let kind = kind.map_or("", |named| &*named.name);
                let namespace = match &*command.namespace {
                    "" => &self.run.namespace.name,
                    given => given,
                };
                let with = |rest| On::with("StartChildWorkflowExecutionCommand", rest);
                let on = with(format!(" WorkflowType={kind} Namespace={namespace}"));
                if id.is_empty() {
                    return fails(cause, &on.missing("Required field WorkflowId"));
                }
                self.named(cause, id, "WorkflowId", &on)?;
                let on = with(format!(" WorkflowId={id} Namespace={namespace}"));
                if kind.is_empty() {
                    return fails(cause, &on.missing("Required field WorkflowType"));
                }
                self.named(cause, kind, "WorkflowType", &on)?;
                let on = with(format!(
                    " WorkflowId={id} WorkflowType={kind} Namespace={namespace}"
                ));
                self.queue_if_named(cause, command.task_queue.as_ref())?;
                let timeouts = [
                    (
                        &command.workflow_execution_timeout,
                        "WorkflowExecutionTimeout",
                    ),
                    (&command.workflow_run_timeout, "WorkflowRunTimeout"),
                    (&command.workflow_task_timeout, "WorkflowTaskTimeout"),
                ];
                for (timeout, name) in timeouts {
                    positive_on(cause, timeout.as_ref(), name, &on)?;
                }
                policy_on(cause, command.retry_policy.as_ref(), &on)?;
                let cron = &command.cron_schedule;
                if !cron.is_empty() && Cron::parse(cron).is_err() {
                    let text = on.wrong("invalid CronSchedule", "invalid CronSchedule.");
                    return fails(cause, &text);
                }
                self.search_attributes(command.search_attributes.as_ref())?;
                self.new_children.insert(command.workflow_id.clone());
                let count = self.run.children.len() + self.new_children.len();
                if count > self.around.limits.pending_children {
                    let text = format!(
                        "the number of pending child workflow executions, {count}, has reached the per-workflow limit of {}",
                        self.around.limits.pending_children
                    );
                    return fails(Cause::PendingChildWorkflowsLimitExceeded, &text);
                }
                self.next_id += 1;
            }
            A::SignalExternalWorkflowExecutionCommandAttributes(command) => {
                let cause = Cause::BadSignalWorkflowExecutionAttributes;
                self.namespace(&command.namespace)?;
                let with = |rest| On::with("SignalExternalWorkflowExecutionCommand", rest);
                let Some(execution) = &command.execution else {
                    return fails(cause, &with(String::new()).missing("Execution"));
                };
                #[allow(deprecated)]
                let (namespace, signal) = (&command.namespace, &command.signal_name);
                let (id, run_id) = (&execution.workflow_id, &execution.run_id);
                let rest = format!(" Namespace={namespace} RunId={run_id} SignalName={signal}");
                self.named(cause, id, "WorkflowId", &with(rest))?;
                if !validate::is_run_id(run_id) {
                    let rest = format!(
                        " WorkflowId={id} Namespace={namespace} RunId={run_id} SignalName={signal}"
                    );
                    return fails(cause, &with(rest).wrong_run_id());
                }
                let rest = format!(" WorkflowId={id} Namespace={namespace} RunId={run_id}");
                self.named(cause, signal, "SignalName", &with(rest))?;
                self.next_id += 1;
            }
            A::RequestCancelExternalWorkflowExecutionCommandAttributes(command) => {
                let cause = Cause::BadRequestCancelExternalWorkflowExecutionAttributes;
                self.namespace(&command.namespace)?;
                #[allow(deprecated)]
                let namespace = &command.namespace;
                let (id, run_id) = (&command.workflow_id, &command.run_id);
                let with = |rest| On::with("RequestCancelExternalWorkflowExecutionCommand", rest);
                let on = with(format!(" Namespace={namespace} RunId={run_id}"));
                self.named(cause, id, "WorkflowId", &on)?;
                let rest = format!(" WorkflowId={id} RunId={run_id} Namespace={namespace}");
                if !validate::is_run_id(run_id) {
                    return fails(cause, &with(rest).wrong_run_id());
                }
                if self.new_children.contains(id) {
                    let text = format!(
                        "Start and RequestCancel for child workflow is not allowed in same workflow task.{rest}"
                    );
                    return fails(cause, &text);
                }
                self.next_id += 1;
            }
            A::UpsertWorkflowSearchAttributesCommandAttributes(command) => {
                let attributes = command.search_attributes.as_ref();
                let namespace = &self.run.namespace.name;
                let accepted = self.around.namespaces.accept_upsert(namespace, attributes);
                if let Err(text) = accepted {
                    return fails(Cause::BadSearchAttributes, &text);
                }
                self.next_id += 1;
            }
            A::ModifyWorkflowPropertiesCommandAttributes(command) => {
                let memo = command.upserted_memo.as_ref();
                if memo.is_none_or(|memo| memo.fields.is_empty()) {
                    let cause = Cause::BadModifyWorkflowPropertiesAttributes;
                    return fails(
                        cause,
                        "UpsertedMemo is not set on ModifyWorkflowPropertiesCommand.",
                    );
                }
                self.next_id += 1;
            }
            A::ProtocolMessageCommandAttributes(command) => {
                let id = command.message_id.clone();
                self.seen_messages.insert(id.clone());
                self.message(&id)?;
            }
            A::CompleteWorkflowExecutionCommandAttributes(_)
            | A::CancelWorkflowExecutionCommandAttributes(_) => self.next_id += 1,
            A::ScheduleNexusOperationCommandAttributes(command) => {
                self.schedule_operation(command)?;
            }
            A::RequestCancelNexusOperationCommandAttributes(command) => {
                self.cancel_operation(command.scheduled_event_id)?;
            }
        }
        Ok(())
    }

    fn cancel_activity(&mut self, scheduled_id: i64) -> Checked {
        let cause = Cause::BadRequestCancelActivityAttributes;
        if scheduled_id <= 0 {
            let on = On::command("RequestCancelActivityTaskCommand");
            return fails(cause, &on.missing("ScheduledEventId"));
        }
        let pending = self.run.activities.get(&scheduled_id);
        let is_known = pending.is_some() || self.scheduled.contains_key(&scheduled_id);
        let is_buffered = || {
            let mut ended = self.run.buffer.iter();
            ended.any(|event| ends_activity(event, scheduled_id))
        };
        if self.ended.contains(&scheduled_id) || (!is_known && !is_buffered()) {
            let text = format!(
                "invalid history builder state for action: add-activitytask-cancel-requested-event, ScheduledEventID: {scheduled_id}"
            );
            return fails(cause, &text);
        }
        let waits = pending.is_none_or(|activity| activity.started.is_none());
        if is_known && waits {
            let id = pending.map(|activity| activity.activity_id.clone());
            let id = id.or_else(|| self.scheduled.get(&scheduled_id).cloned());
            if let Some(id) = id {
                self.new_activity_ids.remove(&id);
                self.free_activity_ids.insert(id);
            }
            self.ended.insert(scheduled_id);
            self.next_id += 1;
        }
        self.next_id += 1;
        Ok(())
    }

    fn cancel_timer(&mut self, id: &str) -> Checked {
        let cause = Cause::BadCancelTimerAttributes;
        self.named(cause, id, "TimerId", &On::command("CancelTimerCommand"))?;
        let is_new = self.new_timers.remove(id);
        let is_pending = self.run.timers.contains_key(id) && !self.canceled_timers.contains(id);
        if is_pending {
            self.canceled_timers.insert(id.to_owned());
        } else if !is_new {
            if self.run.buffered_fire(id).is_none() || !self.canceled_timers.insert(id.to_owned()) {
                let text = format!(
                    "invalid history builder state for action: add-timer-canceled-event, TimerID: {id}"
                );
                return fails(cause, &text);
            }
            self.fires_left -= 1;
        }
        self.next_id += 1;
        Ok(())
    }

    fn message(&mut self, id: &str) -> Checked {
        let cause = Cause::BadUpdateWorkflowExecutionMessage;
        let Some((update_id, content)) = self.messages.get(id) else {
            let text = format!("ProtocolMessageCommand referenced absent message ID {id}");
            return fails(cause, &text);
        };
        let known = self
            .run
            .updates
            .get(update_id)
            .map(|update| update.reached.stage);
        let known = self.updates.get(update_id).copied().or(known);
        let unknown = || {
            format!(
                "update {update_id} wasn't found on the server. This is most likely a transient error which will be \
                 resolved automatically by retries"
            )
        };
        match (content, known) {
            (UpdateMessage::Acceptance(_), Some(Stage::Admitted)) => {
                self.updates.insert(update_id.clone(), Stage::Accepted);
                self.next_id += 1;
            }
            // The request that came with the message stands in for one the server has forgotten.
            (UpdateMessage::Acceptance(acceptance), None) => {
                if acceptance.accepted_request.is_none() {
                    return fails(cause, &unknown());
                }
                self.updates.insert(update_id.clone(), Stage::Accepted);
                self.next_id += 1;
            }
            (UpdateMessage::Rejection(_), Some(Stage::Admitted)) => {
                self.updates.insert(update_id.clone(), Stage::Completed);
            }
            (UpdateMessage::Response(_), Some(Stage::Accepted)) => {
                self.updates.insert(update_id.clone(), Stage::Completed);
                self.next_id += 1;
            }
            (_, None) => return fails(cause, &unknown()),
            (_, Some(stage)) => {
                let state = match stage {
                    Stage::Admitted => "Sent",
                    Stage::Accepted => "Accepted",
                    Stage::Completed | Stage::Unspecified => "Completed",
                };
                let message = match content {
                    UpdateMessage::Acceptance(_) => "Acceptance",
                    UpdateMessage::Rejection(_) => "Rejection",
                    UpdateMessage::Response(_) => "Response",
                };
                let text = format!(
                    "invalid state transition attempted for Update {update_id}: received *update.{message} message \
                     while in state {state}"
                );
                return fails(cause, &text);
            }
        }
        Ok(())
    }
}

fn ends_activity(
    event: &durably_protos::temporal::api::history::v1::HistoryEvent,
    scheduled_id: i64,
) -> bool {
    use durably_protos::temporal::api::history::v1::history_event::Attributes as E;
    let ended = match &event.attributes {
        Some(E::ActivityTaskCompletedEventAttributes(event)) => event.scheduled_event_id,
        Some(E::ActivityTaskFailedEventAttributes(event)) => event.scheduled_event_id,
        Some(E::ActivityTaskTimedOutEventAttributes(event)) => event.scheduled_event_id,
        Some(E::ActivityTaskCanceledEventAttributes(event)) => event.scheduled_event_id,
        _ => return false,
    };
    ended == scheduled_id
}
