//! Scripts' calls for children, messages to other workflows, local activities, changes and Nexus.

use std::future::poll_fn;
use std::panic::Location;

use durably_engine::{
    ChildCancellationType, ChildOperation, ChildResolution, ExternalOperation, ExternalResolution,
    LocalActivityOperation, LocalActivityOptions, LocalActivityResolution, NexusCancellationType,
    NexusOperationFuture, NexusResolution, SideEffect, UpdateDelivery, UpdateEnd,
};
use durably_protos::temporal::api::command::v1::{
    RequestCancelExternalWorkflowExecutionCommandAttributes,
    ScheduleNexusOperationCommandAttributes, SignalExternalWorkflowExecutionCommandAttributes,
    StartChildWorkflowExecutionCommandAttributes,
};
use durably_protos::temporal::api::common::v1::{WorkflowExecution, WorkflowType};
use durably_protos::temporal::api::failure::v1::Failure;

use super::fixture::{failure, json, text_of};
use super::script::Script;

/// Options of a local activity that is canceled without waiting.
pub(crate) fn local_activity_options(name: &str) -> LocalActivityOptions {
    LocalActivityOptions {
        activity_type: name.to_owned(),
        attempt: 1,
        ..Default::default()
    }
}

impl Script {
    #[track_caller]
    pub(crate) fn child(&self, id: &str, kind: ChildCancellationType) -> ChildOperation {
        let attributes = StartChildWorkflowExecutionCommandAttributes {
            workflow_id: id.to_owned(),
            workflow_type: Some(WorkflowType {
                name: "kind".to_owned(),
            }),
            ..Default::default()
        };
        self.ctx
            .start_child(attributes, None, kind, Location::caller())
    }

    #[track_caller]
    pub(crate) fn signal(&self, target: &str, name: &str) -> ExternalOperation {
        let attributes = SignalExternalWorkflowExecutionCommandAttributes {
            execution: Some(WorkflowExecution {
                workflow_id: target.to_owned(),
                ..Default::default()
            }),
            signal_name: name.to_owned(),
            ..Default::default()
        };
        self.ctx.signal_external(attributes, Location::caller())
    }

    #[track_caller]
    pub(crate) fn cancel(&self, target: &str) -> ExternalOperation {
        let attributes = RequestCancelExternalWorkflowExecutionCommandAttributes {
            workflow_id: target.to_owned(),
            ..Default::default()
        };
        self.ctx.cancel_external(attributes, Location::caller())
    }

    #[track_caller]
    pub(crate) fn local(&self, name: &str) -> LocalActivityOperation {
        let options = local_activity_options(name);
        self.ctx
            .schedule_local_activity(options, Location::caller())
    }

    #[track_caller]
    pub(crate) fn nexus(&self, name: &str, kind: NexusCancellationType) -> NexusOperationFuture {
        let attributes = ScheduleNexusOperationCommandAttributes {
            endpoint: "endpoint".to_owned(),
            service: "service".to_owned(),
            operation: name.to_owned(),
            ..Default::default()
        };
        self.ctx
            .schedule_nexus_operation(attributes, None, kind, Location::caller())
    }

    #[track_caller]
    pub(crate) fn patched(&self, id: &str) -> bool {
        self.ctx.patched(id, false, Location::caller())
    }

    #[track_caller]
    pub(crate) fn deprecate(&self, id: &str) {
        let _ = self.ctx.patched(id, true, Location::caller());
    }

    /// A side effect that gives `value` when it is made now.
    #[track_caller]
    pub(crate) fn side_effect(&self, value: &str) -> String {
        let place = Location::caller();
        match self.ctx.begin_side_effect(place) {
            SideEffect::Recorded(value) => text_of(value.as_slice()),
            SideEffect::New(number) => {
                self.ctx.record_side_effect(number, json(value), place);
                value.to_owned()
            }
        }
    }

    /// A mutable side effect whose value is `value` now.
    #[track_caller]
    pub(crate) fn mutable_side_effect(&self, id: &str, value: &str) -> String {
        let place = Location::caller();
        let known = self.ctx.begin_mutable_side_effect(id, place);
        let last = known.last.map(|last| text_of(&[last]));
        match last {
            Some(last) if known.settled || last == value => last,
            _ => {
                let call = known.call;
                self.ctx
                    .record_mutable_side_effect(id, call, json(value), place);
                value.to_owned()
            }
        }
    }
}

fn failed(failure: &Failure) -> String {
    let cause = failure.cause.as_ref().map_or("", |cause| &cause.message);
    format!("{}: {cause}", failure.message)
}

pub(crate) async fn started(child: &mut ChildOperation) -> String {
    match poll_fn(|cx| child.poll_started(cx)).await {
        Ok(run_id) => run_id.to_string(),
        Err(failure) => failed(&failure),
    }
}

pub(crate) async fn nexus_started(operation: &mut NexusOperationFuture) -> String {
    match poll_fn(|cx| operation.poll_started(cx)).await {
        Ok(token) => token.as_deref().unwrap_or("no token").to_owned(),
        Err(failure) => failed(&failure),
    }
}

pub(crate) fn child_said(resolution: ChildResolution) -> String {
    match resolution {
        ChildResolution::Completed(result) => {
            result.map_or_else(|| "nothing".to_owned(), |result| text_of(&result.payloads))
        }
        ChildResolution::Failed(failure) => failed(&failure),
    }
}

pub(crate) fn external_said(resolution: ExternalResolution) -> String {
    match resolution {
        ExternalResolution::Delivered => "delivered".to_owned(),
        ExternalResolution::Failed(failure) => failure.message,
        ExternalResolution::Canceled => "canceled".to_owned(),
    }
}

pub(crate) fn local_said(resolution: LocalActivityResolution) -> String {
    match resolution {
        LocalActivityResolution::Completed(result) => {
            result.map_or_else(|| "nothing".to_owned(), |result| text_of(&result.payloads))
        }
        LocalActivityResolution::Failed(failure) => failed(&failure),
        LocalActivityResolution::Backoff {
            attempt, backoff, ..
        } => format!("attempt {attempt} after {backoff:?}"),
    }
}

pub(crate) fn nexus_said(resolution: NexusResolution) -> String {
    match resolution {
        NexusResolution::Completed(result) => text_of(result.as_slice()),
        NexusResolution::Failed(failure) => failed(&failure),
    }
}

/// An update that is done at once.
pub(crate) fn updated(result: &str) -> UpdateDelivery {
    UpdateDelivery::Done(UpdateEnd::Completed(Some(json(result))))
}

/// An update that fails at once.
pub(crate) fn update_failed(why: &str) -> UpdateDelivery {
    UpdateDelivery::Done(UpdateEnd::Failed(Box::new(failure(why))))
}

/// An update whose handler is a future.
pub(crate) fn updating(future: impl Future<Output = String> + 'static) -> UpdateDelivery {
    UpdateDelivery::Running {
        future: Box::pin(async move { UpdateEnd::Completed(Some(json(&future.await))) }),
        abandon_unfinished: false,
    }
}
