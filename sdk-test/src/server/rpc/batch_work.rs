//! What the jobs of batch operations do to each workflow: the calls that a client would make one by one.

use durably_protos::google::protobuf::{Empty, FieldMask};
use durably_protos::temporal::api::batch::v1::{
    BatchOperationReset, BatchOperationResetActivities, BatchOperationSignal,
    BatchOperationUnpauseActivities, BatchOperationUpdateActivityOptions,
    BatchOperationUpdateWorkflowExecutionOptions, batch_operation_reset_activities,
    batch_operation_unpause_activities, batch_operation_update_activity_options,
};
use durably_protos::temporal::api::common::v1::reset_options::Target;
use durably_protos::temporal::api::common::v1::{ResetOptions, WorkflowExecution};
use durably_protos::temporal::api::enums::v1::{BatchOperationType, EventType, ResetType};
use durably_protos::temporal::api::workflowservice::v1::start_batch_operation_request::Operation;
use durably_protos::temporal::api::workflowservice::v1::{
    DeleteWorkflowExecutionRequest, RequestCancelWorkflowExecutionRequest, ResetActivityRequest,
    ResetWorkflowExecutionRequest, SignalWorkflowExecutionRequest, StartBatchOperationRequest,
    TerminateWorkflowExecutionRequest, UnpauseActivityRequest, UpdateActivityOptionsRequest,
    UpdateWorkflowExecutionOptionsRequest, reset_activity_request, unpause_activity_request,
    update_activity_options_request,
};
use tonic::Status;

use super::{activity_control, reset, signal, stop, workflow_options};
use crate::server::refusal::{Answer, invalid};
use crate::server::run::Run;
use crate::server::world::World;

/// Who cancels and terminates: not who started the job, but the server's worker.
const BATCHER: &str = "batcher";

/// The operation of a job, checked.
pub(super) struct Work<'a>(&'a Operation);

/// Whether the query of a job finds closed runs too.
pub(super) fn covers_closed(request: &StartBatchOperationRequest) -> bool {
    matches!(
        request.operation,
        Some(Operation::DeletionOperation(_) | Operation::ResetOperation(_))
    )
}

/// There are none on this server.
pub(super) fn no_activities() -> Status {
    Status::unimplemented(
        "this server has no standalone activities: batch operations are for workflows",
    )
}

impl<'a> Work<'a> {
    pub(super) fn of(request: &'a StartBatchOperationRequest) -> Answer<Self> {
        let operation = request.operation.as_ref();
        let operation = operation.ok_or_else(|| invalid("The operation type is not set."))?;
        match operation {
            Operation::SignalOperation(signal) if signal.signal.is_empty() => {
                return Err(invalid("must provide signal name"));
            }
            Operation::ResetOperation(reset) => check_reset(reset)?,
            Operation::UpdateWorkflowOptionsOperation(update)
                if update.workflow_execution_options.is_none() || update.update_mask.is_none() =>
            {
                return Err(invalid("must provide UpdateOptions"));
            }
            Operation::UnpauseActivitiesOperation(unpause) if unpause.activity.is_none() => {
                return Err(invalid("activity filter must be set"));
            }
            Operation::ResetActivitiesOperation(reset) if reset.activity.is_none() => {
                return Err(invalid("must provide ActivityType or MatchAll"));
            }
            Operation::UpdateActivityOptionsOperation(update)
                if !update.restore_original
                    && (update.activity.is_none() || update.activity_options.is_none()) =>
            {
                return Err(invalid(
                    "Either activity type must be set, or restore original should be set to true",
                ));
            }
            Operation::CancelActivitiesOperation(_)
            | Operation::TerminateActivitiesOperation(_)
            | Operation::DeleteActivitiesOperation(_) => return Err(no_activities()),
            _ => {}
        }
        Ok(Self(operation))
    }

    pub(super) fn kind(&self) -> BatchOperationType {
        use BatchOperationType as Kind;
        match self.0 {
            Operation::TerminationOperation(_) => Kind::TerminateWorkflow,
            Operation::SignalOperation(_) => Kind::SignalWorkflow,
            Operation::CancellationOperation(_) => Kind::CancelWorkflow,
            Operation::DeletionOperation(_) => Kind::DeleteWorkflow,
            Operation::ResetOperation(_) => Kind::ResetWorkflow,
            Operation::UpdateWorkflowOptionsOperation(_) => Kind::UpdateWorkflowExecutionOptions,
            Operation::UnpauseActivitiesOperation(_) => Kind::UnpauseActivity,
            Operation::ResetActivitiesOperation(_) => Kind::ResetActivity,
            Operation::UpdateActivityOptionsOperation(_) => Kind::UpdateActivityOptions,
            Operation::CancelActivitiesOperation(_) => Kind::CancelActivity,
            Operation::TerminateActivitiesOperation(_) => Kind::TerminateActivity,
            Operation::DeleteActivitiesOperation(_) => Kind::DeleteActivity,
        }
    }

    /// Who started the job.
    pub(super) fn identity(&self) -> &str {
        match self.0 {
            Operation::TerminationOperation(work) => &work.identity,
            Operation::SignalOperation(work) => &work.identity,
            Operation::CancellationOperation(work) => &work.identity,
            Operation::DeletionOperation(work) => &work.identity,
            Operation::ResetOperation(work) => &work.identity,
            Operation::UpdateWorkflowOptionsOperation(work) => &work.identity,
            Operation::UnpauseActivitiesOperation(work) => &work.identity,
            Operation::ResetActivitiesOperation(work) => &work.identity,
            Operation::UpdateActivityOptionsOperation(work) => &work.identity,
            Operation::CancelActivitiesOperation(work) => &work.identity,
            Operation::TerminateActivitiesOperation(work) => &work.identity,
            Operation::DeleteActivitiesOperation(_) => "",
        }
    }

    /// Does it to a workflow.
    pub(super) fn do_to(
        &self,
        world: &mut World,
        request: &StartBatchOperationRequest,
        target: &WorkflowExecution,
    ) -> Answer<()> {
        let to = To {
            namespace: request.namespace.clone(),
            execution: Some(target.clone()),
        };
        match self.0 {
            Operation::TerminationOperation(_) => {
                // The details stay behind, as on the real server.
                let terminate = TerminateWorkflowExecutionRequest {
                    namespace: to.namespace,
                    workflow_execution: to.execution,
                    reason: request.reason.clone(),
                    identity: BATCHER.to_owned(),
                    ..TerminateWorkflowExecutionRequest::default()
                };
                stop::terminate(world, terminate).map(drop)
            }
            Operation::CancellationOperation(_) => {
                let cancel = RequestCancelWorkflowExecutionRequest {
                    namespace: to.namespace,
                    workflow_execution: to.execution,
                    identity: BATCHER.to_owned(),
                    request_id: world.ids.uuid(),
                    ..RequestCancelWorkflowExecutionRequest::default()
                };
                stop::cancel(world, cancel).map(drop)
            }
            Operation::DeletionOperation(_) => {
                let delete = DeleteWorkflowExecutionRequest {
                    namespace: to.namespace,
                    workflow_execution: to.execution,
                };
                stop::delete(world, delete).map(drop)
            }
            Operation::SignalOperation(work) => to.signal(world, work),
            Operation::ResetOperation(work) => to.reset(world, work, &request.reason),
            Operation::UpdateWorkflowOptionsOperation(work) => to.update_options(world, work),
            Operation::UnpauseActivitiesOperation(work) => to.unpause(world, work),
            Operation::ResetActivitiesOperation(work) => to.reset_activities(world, work),
            Operation::UpdateActivityOptionsOperation(work) => to.update_activities(world, work),
            Operation::CancelActivitiesOperation(_)
            | Operation::TerminateActivitiesOperation(_)
            | Operation::DeleteActivitiesOperation(_) => Err(no_activities()),
        }
    }
}

fn check_reset(reset: &BatchOperationReset) -> Answer<()> {
    match &reset.options {
        Some(options) if options.target.is_none() => Err(invalid("batch reset missing target")),
        Some(_) => Ok(()),
        None if reset.reset_type() == ResetType::Unspecified => {
            Err(invalid("unknown batch reset type Unspecified"))
        }
        None => Ok(()),
    }
}

/// The workflow that something is done to.
struct To {
    namespace: String,
    execution: Option<WorkflowExecution>,
}

impl To {
    fn signal(self, world: &mut World, work: &BatchOperationSignal) -> Answer<()> {
        let signal = SignalWorkflowExecutionRequest {
            namespace: self.namespace,
            workflow_execution: self.execution,
            signal_name: work.signal.clone(),
            input: work.input.clone(),
            header: work.header.clone(),
            identity: work.identity.clone(),
            request_id: world.ids.uuid(),
            ..SignalWorkflowExecutionRequest::default()
        };
        signal::signal(world, signal).map(drop)
    }

    fn reset(self, world: &mut World, work: &BatchOperationReset, reason: &str) -> Answer<()> {
        let options = work.options.clone().unwrap_or_else(|| ResetOptions {
            reset_reapply_type: work.reset_reapply_type,
            target: Some(match work.reset_type() {
                ResetType::LastWorkflowTask => Target::LastWorkflowTask(Empty {}),
                ResetType::FirstWorkflowTask | ResetType::Unspecified => {
                    Target::FirstWorkflowTask(Empty {})
                }
            }),
            ..ResetOptions::default()
        });
        let index = world.find(&self.namespace, self.execution.as_ref())?;
        let finished = world
            .run(index)
            .and_then(|run| cut_of(run, options.target.as_ref()));
        let Some(workflow_task_finish_event_id) = finished else {
            return Err(invalid("there is no workflow task to reset to"));
        };
        let reset = ResetWorkflowExecutionRequest {
            namespace: self.namespace,
            workflow_execution: self.execution,
            reason: reason.to_owned(),
            workflow_task_finish_event_id,
            request_id: world.ids.uuid(),
            reset_reapply_type: options.reset_reapply_type,
            reset_reapply_exclude_types: options.reset_reapply_exclude_types,
            post_reset_operations: work.post_reset_operations.clone(),
            identity: work.identity.clone(),
        };
        reset::reset(world, reset).map(drop)
    }

    fn update_options(
        self,
        world: &mut World,
        work: &BatchOperationUpdateWorkflowExecutionOptions,
    ) -> Answer<()> {
        let update = UpdateWorkflowExecutionOptionsRequest {
            namespace: self.namespace,
            workflow_execution: self.execution,
            workflow_execution_options: work.workflow_execution_options.clone(),
            update_mask: work.update_mask.clone(),
            identity: work.identity.clone(),
        };
        workflow_options::update(world, update).map(drop)
    }

    fn unpause(self, world: &mut World, work: &BatchOperationUnpauseActivities) -> Answer<()> {
        use batch_operation_unpause_activities::Activity as Given;
        use unpause_activity_request::Activity;
        let unpause = UnpauseActivityRequest {
            namespace: self.namespace,
            execution: self.execution,
            identity: work.identity.clone(),
            reset_attempts: work.reset_attempts,
            reset_heartbeat: work.reset_heartbeat,
            activity: work.activity.as_ref().map(|activity| match activity {
                Given::Type(name) => Activity::Type(name.clone()),
                Given::MatchAll(all) => Activity::UnpauseAll(*all),
            }),
            ..UnpauseActivityRequest::default()
        };
        activity_control::unpause(world, unpause).map(drop)
    }

    fn reset_activities(
        self,
        world: &mut World,
        work: &BatchOperationResetActivities,
    ) -> Answer<()> {
        use batch_operation_reset_activities::Activity as Given;
        use reset_activity_request::Activity;
        let reset = ResetActivityRequest {
            namespace: self.namespace,
            execution: self.execution,
            identity: work.identity.clone(),
            reset_heartbeat: work.reset_heartbeat,
            keep_paused: work.keep_paused,
            restore_original_options: work.restore_original_options,
            activity: work.activity.as_ref().map(|activity| match activity {
                Given::Type(name) => Activity::Type(name.clone()),
                Given::MatchAll(all) => Activity::MatchAll(*all),
            }),
            ..ResetActivityRequest::default()
        };
        activity_control::reset(world, reset).map(drop)
    }

    fn update_activities(
        self,
        world: &mut World,
        work: &BatchOperationUpdateActivityOptions,
    ) -> Answer<()> {
        use batch_operation_update_activity_options::Activity as Given;
        use update_activity_options_request::Activity;
        let mask: Option<FieldMask> = work.update_mask.clone();
        let update = UpdateActivityOptionsRequest {
            namespace: self.namespace,
            execution: self.execution,
            identity: work.identity.clone(),
            activity_options: work.activity_options.clone(),
            update_mask: mask.filter(|_| !work.restore_original),
            restore_original: work.restore_original,
            activity: Some(match &work.activity {
                Some(Given::Type(name)) => Activity::Type(name.clone()),
                Some(Given::MatchAll(_)) | None => Activity::MatchAll(true),
            }),
        };
        activity_control::update_options(world, update).map(drop)
    }
}

/// The completed workflow task that a run is reset to.
fn cut_of(run: &Run, target: Option<&Target>) -> Option<i64> {
    let events = run.history.events();
    let mut completed = events
        .iter()
        .filter(|event| event.event_type() == EventType::WorkflowTaskCompleted)
        .map(|event| event.event_id);
    match target? {
        Target::FirstWorkflowTask(_) => completed.next(),
        Target::LastWorkflowTask(_) => completed.next_back(),
        Target::WorkflowTaskId(id) => Some(*id),
        Target::BuildId(build_id) => {
            let point = run.versions.point_of_build(build_id)?;
            let is_here = point.resettable && *point.run_id == *run.run_id;
            is_here.then_some(point.first_workflow_task_completed_id)
        }
    }
}
