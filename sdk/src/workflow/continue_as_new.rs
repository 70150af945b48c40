//! Ending a run by starting the next of its chain, with a fresh history.

use durably_protos::temporal::api::command::v1::ContinueAsNewWorkflowExecutionCommandAttributes as Command;
use durably_protos::temporal::api::common::v1::{
    Memo as ProtoMemo, SearchAttributes as ProtoSearchAttributes, WorkflowType,
};
use durably_protos::temporal::api::enums::v1::{self, ContinueAsNewInitiator};
use durably_protos::temporal::api::taskqueue::v1::TaskQueue;

use super::WorkflowContext;
use crate::definition::WorkflowDefinition;
use crate::failure::{ApplicationFailure, ContinueAsNew, Failure, WorkflowError, WorkflowResult};
use crate::payload::{Arguments, payloads};
use crate::proto_time::proto_duration;

impl WorkflowContext {
    /// Ends this run and starts the next, of any workflow type, under the same workflow id and
    /// with a fresh history.
    ///
    /// ```
    /// # use durably::prelude::*;
    /// #[workflow]
    /// async fn count(ctx: &WorkflowContext, from: u64) -> WorkflowResult<u64> {
    ///     if ctx.info().continue_as_new_suggested() {
    ///         return ctx.continue_as_new(count, from + 1);
    ///     }
    ///     Ok(from)
    /// }
    /// ```
    ///
    /// Task queue, timeouts, memo, search attributes, retry policy and headers stay as they are; see
    /// [`continue_as_new_with`](Self::continue_as_new_with) to change them.
    ///
    /// # Errors
    /// Always: the error is how a run ends without a result.
    ///
    /// # Determinism
    /// Records `WorkflowExecutionContinuedAsNew` as the run's last event.
    pub fn continue_as_new<W: WorkflowDefinition, T>(
        &self,
        workflow: W,
        arguments: impl Arguments<W::Parameters>,
    ) -> WorkflowResult<T> {
        self.continue_as_new_with(workflow, arguments, |_| {})
    }

    /// Like [`continue_as_new`](Self::continue_as_new), with changes to the next run's options.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use durably::prelude::*;
    /// # #[workflow]
    /// # async fn count(ctx: &WorkflowContext, from: u64) -> WorkflowResult<u64> {
    /// return ctx.continue_as_new_with(count, from + 1, |next| {
    ///     next.workflow_run_timeout = Some(Duration::from_secs(3600));
    /// });
    /// # }
    /// ```
    ///
    /// # Errors
    /// Always: the error is how a run ends without a result.
    pub fn continue_as_new_with<W: WorkflowDefinition, T>(
        &self,
        _workflow: W,
        arguments: impl Arguments<W::Parameters>,
        change: impl FnOnce(&mut ContinueAsNew),
    ) -> WorkflowResult<T> {
        let mut next = ContinueAsNew {
            workflow_type: Some(W::NAME.to_owned()),
            arguments: arguments.to_payloads().map_err(WorkflowError::Payload)?,
            headers: self.changed_headers(),
            ..ContinueAsNew::default()
        };
        change(&mut next);
        Err(WorkflowError::ContinueAsNew(Box::new(next)))
    }
}

/// The command. The server takes type, queue and timeouts from this run where they are left out,
/// but drops memo, search attributes and retry policy: those are carried over here (protocol 4.10).
pub(super) fn command(
    context: &WorkflowContext,
    mut next: ContinueAsNew,
) -> Result<Command, Failure> {
    intercept(context, &mut next);
    let info = context.engine.info();
    let retry_policy = match &next.retry_policy {
        Some(policy) => Some(policy.to_proto().map_err(|error| {
            let message = format!("continue as new: {error}");
            Failure::from(ApplicationFailure::new(message).with_type("InvalidRetryPolicy"))
        })?),
        None => info.retry_policy().cloned(),
    };
    let versioning = next
        .versioning_behavior
        .map(v1::ContinueAsNewVersioningBehavior::from);
    let versioning = versioning.unwrap_or_default();
    let memo = match next.memo {
        Some(memo) => Some(memo.into()),
        None => Some(ProtoMemo {
            fields: context.engine.memo(),
        }),
    };
    let search_attributes = match next.search_attributes {
        Some(attributes) => Some(attributes.into()),
        None => Some(ProtoSearchAttributes {
            indexed_fields: context.engine.search_attributes(),
        }),
    };
    Ok(Command {
        workflow_type: next.workflow_type.map(|name| WorkflowType { name }),
        task_queue: next.task_queue.map(|name| TaskQueue {
            name,
            ..TaskQueue::default()
        }),
        input: payloads(next.arguments),
        workflow_run_timeout: next.workflow_run_timeout.map(proto_duration),
        workflow_task_timeout: next.workflow_task_timeout.map(proto_duration),
        backoff_start_interval: next.backoff_start_interval.map(proto_duration),
        initiator: ContinueAsNewInitiator::Workflow.into(),
        retry_policy,
        initial_versioning_behavior: versioning.into(),
        header: match next.headers {
            Some(headers) => headers.to_proto(),
            None => context.run_headers().to_proto(),
        },
        memo: memo.filter(|memo: &ProtoMemo| !memo.fields.is_empty()),
        search_attributes: search_attributes
            .filter(|attributes: &ProtoSearchAttributes| !attributes.indexed_fields.is_empty()),
        ..Command::default()
    })
}

/// Asks the run's interceptors, if it has any.
fn intercept(context: &WorkflowContext, next: &mut ContinueAsNew) {
    let Some(interceptors) = context.interceptors() else {
        return;
    };
    let info = context.engine.info();
    next.workflow_type
        .get_or_insert_with(|| info.workflow_type().to_owned());
    next.headers.get_or_insert_with(|| context.run_headers());
    for interceptor in interceptors.each() {
        interceptor.continue_as_new(context, next);
    }
}
