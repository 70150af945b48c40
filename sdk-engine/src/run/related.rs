//! Events of what a run has to do with other workflows: children, signals, cancel requests, Nexus
//! operations (protocol 4.4 to 4.6, 4.11).

use std::mem::take;

use durably_protos::temporal::api::enums::v1::{
    CancelExternalWorkflowExecutionFailedCause, SignalExternalWorkflowExecutionFailedCause,
};
use durably_protos::temporal::api::failure::v1::Failure;
use durably_protos::temporal::api::history::v1::HistoryEvent;
use durably_protos::temporal::api::history::v1::history_event::Attributes as A;

use super::apply::divergence;
use super::{Job, Run};
use crate::error::{RunError, application_failure};
use crate::machines::{
    ChildIdentity, ChildInput, ChildNews, ChildResolution, ExternalInput, ExternalResolution,
    NexusInput, NexusNews, NexusResolution, child_canceled, child_failed, child_not_started,
    child_terminated, child_timed_out,
};
use crate::nondeterminism::Divergence;
use crate::shared::Route;

impl Run {
    pub(super) fn apply_related(
        &mut self,
        event: &mut HistoryEvent,
        ignorable: bool,
    ) -> Result<(), RunError> {
        use ChildInput as I;
        let event_id = event.event_id;
        match &mut event.attributes {
            Some(A::StartChildWorkflowExecutionFailedEventAttributes(a)) => {
                let (id, cause) = (a.initiated_event_id, a.cause);
                let end = ended(move |child| child_not_started(child, cause));
                self.child(event, id, I::StartFailed, end)
            }
            Some(A::ChildWorkflowExecutionStartedEventAttributes(a)) => {
                let run_id = a.workflow_execution.take().unwrap_or_default().run_id;
                let (id, news) = (
                    a.initiated_event_id,
                    ChildNews::Started { run_id, event_id },
                );
                self.child(event, id, I::ChildStarted, news)
            }
            Some(A::ChildWorkflowExecutionCompletedEventAttributes(a)) => {
                let (id, result) = (a.initiated_event_id, a.result.take());
                let end = ChildNews::End(Box::new(move |_| ChildResolution::Completed(result)));
                self.child(event, id, I::Ended, end)
            }
            Some(A::ChildWorkflowExecutionFailedEventAttributes(a)) => {
                let (id, state, failure) = (a.initiated_event_id, a.retry_state, a.failure.take());
                let end = ended(move |child| child_failed(child, state, failure));
                self.child(event, id, I::Ended, end)
            }
            Some(A::ChildWorkflowExecutionCanceledEventAttributes(a)) => {
                let (id, details) = (a.initiated_event_id, a.details.take());
                let end = ended(move |child| child_canceled(child, details));
                self.child(event, id, I::Ended, end)
            }
            Some(A::ChildWorkflowExecutionTimedOutEventAttributes(a)) => {
                let (id, state) = (a.initiated_event_id, a.retry_state);
                let end = ended(move |child| child_timed_out(child, state));
                self.child(event, id, I::Ended, end)
            }
            Some(A::ChildWorkflowExecutionTerminatedEventAttributes(a)) => {
                let id = a.initiated_event_id;
                self.child(event, id, I::Ended, ended(child_terminated))
            }
            Some(A::ExternalWorkflowExecutionSignaledEventAttributes(a)) => {
                let id = a.initiated_event_id;
                self.external(event, id, ExternalResolution::Delivered)
            }
            Some(A::SignalExternalWorkflowExecutionFailedEventAttributes(a)) => {
                let target = a.workflow_execution.take().unwrap_or_default().workflow_id;
                let failure = signal_failed(&target, &a.namespace, a.cause);
                let (id, failure) = (a.initiated_event_id, Box::new(failure));
                self.external(event, id, ExternalResolution::Failed(failure))
            }
            Some(A::ExternalWorkflowExecutionCancelRequestedEventAttributes(a)) => {
                let id = a.initiated_event_id;
                self.external(event, id, ExternalResolution::Delivered)
            }
            Some(A::RequestCancelExternalWorkflowExecutionFailedEventAttributes(a)) => {
                let target = a.workflow_execution.take().unwrap_or_default().workflow_id;
                let failure = cancel_failed(&target, &a.namespace, a.cause);
                let (id, failure) = (a.initiated_event_id, Box::new(failure));
                self.external(event, id, ExternalResolution::Failed(failure))
            }
            _ => self.apply_nexus(event, ignorable),
        }
    }

    fn child(
        &mut self,
        event: &HistoryEvent,
        initiated_event_id: i64,
        input: ChildInput,
        news: ChildNews,
    ) -> Result<(), RunError> {
        let mut tables = self.shared.tables.borrow_mut();
        let route = match input {
            ChildInput::ChildStarted => tables.routes.get(&initiated_event_id).copied(),
            _ => tables.routes.remove(&initiated_event_id),
        };
        let Some(Route::Child(seq)) = route else {
            return Err(unknown(event, initiated_event_id));
        };
        let (more, commands) = tables.more_and_commands();
        match more.children.apply(commands, seq, input, news) {
            Ok(applied) => {
                if let Some(target) = applied.cancel {
                    more.request_cancel_of_child(commands, seq, target);
                }
                let wakers = applied.wakers.into_iter().flatten();
                self.jobs.extend(wakers.map(Job::Wake));
                self.stirred = true;
                Ok(())
            }
            Err(state) => Err(divergence(event, Divergence::UnexpectedEvent { state })),
        }
    }

    fn external(
        &mut self,
        event: &HistoryEvent,
        initiated_event_id: i64,
        end: ExternalResolution,
    ) -> Result<(), RunError> {
        let mut tables = self.shared.tables.borrow_mut();
        let route = tables.routes.remove(&initiated_event_id);
        let (more, commands) = tables.more_and_commands();
        let (table, seq) = match route {
            Some(Route::Signal(seq)) => (&mut more.signals, seq),
            Some(Route::Cancel(seq)) => (&mut more.cancels, seq),
            _ => return Err(unknown(event, initiated_event_id)),
        };
        let delivered = end == ExternalResolution::Delivered;
        let applied = table.apply(commands, seq, ExternalInput::Ended, Some(end));
        let applied =
            applied.map_err(|state| divergence(event, Divergence::UnexpectedEvent { state }))?;
        self.jobs.extend(applied.waker.map(Job::WakeDirect));
        self.stirred = true;
        let Some(child) = applied.child else {
            return Ok(());
        };
        if !delivered {
            if let Some(target) = more.children.request_not_delivered(child) {
                more.request_cancel_of_child(commands, child, target);
            }
        } else if more.children.waits_for_request(child) {
            let (input, news) = (ChildInput::CancelRequested, ChildNews::Nothing);
            // The child may have ended, and been forgotten, before.
            let told = more.children.apply(commands, child, input, news);
            let wakers = told.unwrap_or_default().wakers.into_iter().flatten();
            self.jobs.extend(wakers.map(Job::Wake));
        }
        Ok(())
    }

    #[expect(deprecated, reason = "servers before the token have the id instead")]
    fn apply_nexus(&mut self, event: &mut HistoryEvent, ignorable: bool) -> Result<(), RunError> {
        use NexusInput as I;
        let end = |failure: Option<Failure>, message: &str| {
            let failure = failure.unwrap_or_else(|| Failure {
                message: message.to_owned(),
                ..Failure::default()
            });
            NexusNews::End(NexusResolution::Failed(Box::new(failure)))
        };
        match &mut event.attributes {
            Some(A::NexusOperationStartedEventAttributes(a)) => {
                let token = match a.operation_token.is_empty() {
                    // What servers before the token called it.
                    true => take(&mut a.operation_id),
                    false => take(&mut a.operation_token),
                };
                let (id, news) = (a.scheduled_event_id, NexusNews::Started(token));
                self.nexus(event, id, I::Started, news)
            }
            Some(A::NexusOperationCompletedEventAttributes(a)) => {
                let result = NexusResolution::Completed(a.result.take());
                let id = a.scheduled_event_id;
                self.nexus(event, id, I::Ended, NexusNews::End(result))
            }
            Some(A::NexusOperationFailedEventAttributes(a)) => {
                let (id, news) = (a.scheduled_event_id, end(a.failure.take(), "failed"));
                self.nexus(event, id, I::Ended, news)
            }
            Some(A::NexusOperationTimedOutEventAttributes(a)) => {
                let (id, news) = (a.scheduled_event_id, end(a.failure.take(), "timed out"));
                self.nexus(event, id, I::Ended, news)
            }
            Some(A::NexusOperationCanceledEventAttributes(a)) => {
                let (id, news) = (a.scheduled_event_id, end(a.failure.take(), "canceled"));
                self.nexus(event, id, I::Ended, news)
            }
            Some(A::NexusOperationCancelRequestCompletedEventAttributes(a)) => {
                let id = a.scheduled_event_id;
                self.nexus(event, id, I::CancelDelivered, NexusNews::Nothing)
            }
            Some(A::NexusOperationCancelRequestFailedEventAttributes(a)) => {
                let cause = Box::new(a.failure.take().unwrap_or_default());
                let id = a.scheduled_event_id;
                self.nexus(event, id, I::CancelFailed, NexusNews::NotCanceled(cause))
            }
            _ if ignorable => Ok(()),
            // An outcome of something that this version's code cannot have started.
            _ => Err(divergence(event, Divergence::MissingCommand)),
        }
    }

    fn nexus(
        &mut self,
        event: &HistoryEvent,
        scheduled_event_id: i64,
        input: NexusInput,
        news: NexusNews,
    ) -> Result<(), RunError> {
        let mut tables = self.shared.tables.borrow_mut();
        let route = match input {
            NexusInput::Ended => tables.routes.remove(&scheduled_event_id),
            _ => tables.routes.get(&scheduled_event_id).copied(),
        };
        let answers_request = matches!(
            input,
            NexusInput::CancelDelivered | NexusInput::CancelFailed
        );
        let seq = match route {
            Some(Route::Nexus(seq)) => seq,
            // The operation ended before its cancel request was answered.
            None if answers_request => return Ok(()),
            _ => return Err(unknown(event, scheduled_event_id)),
        };
        let (more, commands) = tables.more_and_commands();
        let table = &mut more.nexus_operations;
        if answers_request && !table.waits_for_request(seq) {
            return Ok(());
        }
        match table.apply(commands, seq, input, news) {
            Ok(wakers) => {
                self.jobs
                    .extend(wakers.into_iter().flatten().map(Job::Wake));
                self.stirred = true;
                Ok(())
            }
            Err(state) => Err(divergence(event, Divergence::UnexpectedEvent { state })),
        }
    }
}

fn ended(failure: impl FnOnce(&ChildIdentity) -> Failure + 'static) -> ChildNews {
    ChildNews::End(Box::new(|child| {
        ChildResolution::Failed(Box::new(failure(child)))
    }))
}

fn unknown(event: &HistoryEvent, initiating_event_id: i64) -> RunError {
    let found = Divergence::UnknownInitiator {
        initiating_event_id,
    };
    divergence(event, found)
}

const NOT_FOUND: &str = "ExternalWorkflowExecutionNotFound";

fn signal_failed(target: &str, namespace: &str, cause: i32) -> Failure {
    use SignalExternalWorkflowExecutionFailedCause as Cause;
    let what = format!("workflow \"{target}\" cannot be signaled");
    match Cause::try_from(cause) {
        Ok(Cause::ExternalWorkflowExecutionNotFound) => {
            application_failure(NOT_FOUND, format!("{what}: it does not exist or has ended"))
        }
        Ok(Cause::NamespaceNotFound) => namespace_not_found(&what, namespace),
        Ok(Cause::SignalCountLimitExceeded) => application_failure(
            "SignalCountLimitExceeded",
            format!("{what}: it has received as many signals as the server allows"),
        ),
        _ => application_failure("SignalExternalFailed", format!("{what}: cause {cause}")),
    }
}

fn cancel_failed(target: &str, namespace: &str, cause: i32) -> Failure {
    use CancelExternalWorkflowExecutionFailedCause as Cause;
    let what = format!("workflow \"{target}\" cannot be asked to cancel");
    match Cause::try_from(cause) {
        Ok(Cause::ExternalWorkflowExecutionNotFound) => {
            application_failure(NOT_FOUND, format!("{what}: it does not exist or has ended"))
        }
        Ok(Cause::NamespaceNotFound) => namespace_not_found(&what, namespace),
        _ => application_failure("CancelExternalFailed", format!("{what}: cause {cause}")),
    }
}

fn namespace_not_found(what: &str, namespace: &str) -> Failure {
    let message = format!("{what}: namespace \"{namespace}\" does not exist");
    application_failure("NamespaceNotFound", message)
}
