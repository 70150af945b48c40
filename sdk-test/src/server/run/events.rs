//! The kinds of history events: type, place in a flush, and whether they wait while a workflow task runs.

use durably_protos::temporal::api::enums::v1::EventType;
use durably_protos::temporal::api::history::v1::history_event::Attributes;
use durably_protos::temporal::api::history::v1::*;

/// The attributes of one kind of event.
pub(crate) trait EventAttributes {
    const TYPE: EventType;
    fn wrap(self) -> Attributes;
}

macro_rules! events {
    ($($kind:ident $variant:ident)*) => {
        $(
            impl EventAttributes for $variant {
                const TYPE: EventType = EventType::$kind;
                fn wrap(self) -> Attributes {
                    Attributes::$variant(Box::new(self))
                }
            }
        )*
    };
}

events! {
    WorkflowExecutionStarted WorkflowExecutionStartedEventAttributes
    WorkflowExecutionCompleted WorkflowExecutionCompletedEventAttributes
    WorkflowExecutionFailed WorkflowExecutionFailedEventAttributes
    WorkflowExecutionTimedOut WorkflowExecutionTimedOutEventAttributes
    WorkflowExecutionCanceled WorkflowExecutionCanceledEventAttributes
    WorkflowExecutionTerminated WorkflowExecutionTerminatedEventAttributes
    WorkflowExecutionContinuedAsNew WorkflowExecutionContinuedAsNewEventAttributes
    WorkflowExecutionSignaled WorkflowExecutionSignaledEventAttributes
    WorkflowExecutionCancelRequested WorkflowExecutionCancelRequestedEventAttributes
    WorkflowExecutionOptionsUpdated WorkflowExecutionOptionsUpdatedEventAttributes
    WorkflowExecutionTimeSkippingTransitioned WorkflowExecutionTimeSkippingTransitionedEventAttributes
    WorkflowExecutionUpdateAccepted WorkflowExecutionUpdateAcceptedEventAttributes
    WorkflowExecutionUpdateCompleted WorkflowExecutionUpdateCompletedEventAttributes
    WorkflowExecutionUpdateAdmitted WorkflowExecutionUpdateAdmittedEventAttributes
    WorkflowTaskScheduled WorkflowTaskScheduledEventAttributes
    WorkflowTaskStarted WorkflowTaskStartedEventAttributes
    WorkflowTaskCompleted WorkflowTaskCompletedEventAttributes
    WorkflowTaskTimedOut WorkflowTaskTimedOutEventAttributes
    WorkflowTaskFailed WorkflowTaskFailedEventAttributes
    ActivityTaskScheduled ActivityTaskScheduledEventAttributes
    ActivityTaskStarted ActivityTaskStartedEventAttributes
    ActivityTaskCompleted ActivityTaskCompletedEventAttributes
    ActivityTaskFailed ActivityTaskFailedEventAttributes
    ActivityTaskTimedOut ActivityTaskTimedOutEventAttributes
    ActivityTaskCancelRequested ActivityTaskCancelRequestedEventAttributes
    ActivityTaskCanceled ActivityTaskCanceledEventAttributes
    TimerStarted TimerStartedEventAttributes
    TimerFired TimerFiredEventAttributes
    TimerCanceled TimerCanceledEventAttributes
    MarkerRecorded MarkerRecordedEventAttributes
    UpsertWorkflowSearchAttributes UpsertWorkflowSearchAttributesEventAttributes
    WorkflowPropertiesModified WorkflowPropertiesModifiedEventAttributes
    StartChildWorkflowExecutionInitiated StartChildWorkflowExecutionInitiatedEventAttributes
    StartChildWorkflowExecutionFailed StartChildWorkflowExecutionFailedEventAttributes
    ChildWorkflowExecutionStarted ChildWorkflowExecutionStartedEventAttributes
    ChildWorkflowExecutionCompleted ChildWorkflowExecutionCompletedEventAttributes
    ChildWorkflowExecutionFailed ChildWorkflowExecutionFailedEventAttributes
    ChildWorkflowExecutionCanceled ChildWorkflowExecutionCanceledEventAttributes
    ChildWorkflowExecutionTimedOut ChildWorkflowExecutionTimedOutEventAttributes
    ChildWorkflowExecutionTerminated ChildWorkflowExecutionTerminatedEventAttributes
    SignalExternalWorkflowExecutionInitiated SignalExternalWorkflowExecutionInitiatedEventAttributes
    SignalExternalWorkflowExecutionFailed SignalExternalWorkflowExecutionFailedEventAttributes
    ExternalWorkflowExecutionSignaled ExternalWorkflowExecutionSignaledEventAttributes
    RequestCancelExternalWorkflowExecutionInitiated RequestCancelExternalWorkflowExecutionInitiatedEventAttributes
    RequestCancelExternalWorkflowExecutionFailed RequestCancelExternalWorkflowExecutionFailedEventAttributes
    ExternalWorkflowExecutionCancelRequested ExternalWorkflowExecutionCancelRequestedEventAttributes
    NexusOperationScheduled NexusOperationScheduledEventAttributes
    NexusOperationStarted NexusOperationStartedEventAttributes
    NexusOperationCompleted NexusOperationCompletedEventAttributes
    NexusOperationFailed NexusOperationFailedEventAttributes
    NexusOperationCanceled NexusOperationCanceledEventAttributes
    NexusOperationTimedOut NexusOperationTimedOutEventAttributes
    NexusOperationCancelRequested NexusOperationCancelRequestedEventAttributes
    NexusOperationCancelRequestCompleted NexusOperationCancelRequestCompletedEventAttributes
    NexusOperationCancelRequestFailed NexusOperationCancelRequestFailedEventAttributes
}

/// Whether a flush puts an event behind the others: it ends an activity, a child or a Nexus operation.
pub(crate) fn is_completion(attributes: &Attributes) -> bool {
    use Attributes as A;
    matches!(
        attributes,
        A::ActivityTaskCompletedEventAttributes(_)
            | A::ActivityTaskFailedEventAttributes(_)
            | A::ActivityTaskTimedOutEventAttributes(_)
            | A::ActivityTaskCanceledEventAttributes(_)
            | A::ChildWorkflowExecutionCompletedEventAttributes(_)
            | A::ChildWorkflowExecutionFailedEventAttributes(_)
            | A::ChildWorkflowExecutionCanceledEventAttributes(_)
            | A::ChildWorkflowExecutionTimedOutEventAttributes(_)
            | A::ChildWorkflowExecutionTerminatedEventAttributes(_)
            | A::NexusOperationCompletedEventAttributes(_)
            | A::NexusOperationFailedEventAttributes(_)
            | A::NexusOperationCanceledEventAttributes(_)
            | A::NexusOperationTimedOutEventAttributes(_)
    )
}

/// Of an event that starts an activity or a child: the event that scheduled or initiated it.
pub(crate) fn starts(attributes: &Attributes) -> Option<i64> {
    match attributes {
        Attributes::ActivityTaskStartedEventAttributes(started) => Some(started.scheduled_event_id),
        Attributes::ChildWorkflowExecutionStartedEventAttributes(started) => {
            Some(started.initiated_event_id)
        }
        _ => None,
    }
}

/// Of an event that ends an activity or a child: the event that scheduled or initiated it, and where
/// the id of its started event is to be written.
pub(crate) fn ends(attributes: &mut Attributes) -> Option<(i64, &mut i64)> {
    macro_rules! pair {
        ($event:expr, $from:ident) => {
            Some(($event.$from, &mut $event.started_event_id))
        };
    }
    use Attributes as A;
    match attributes {
        A::ActivityTaskCompletedEventAttributes(event) => pair!(event, scheduled_event_id),
        A::ActivityTaskFailedEventAttributes(event) => pair!(event, scheduled_event_id),
        A::ActivityTaskTimedOutEventAttributes(event) => pair!(event, scheduled_event_id),
        A::ActivityTaskCanceledEventAttributes(event) => pair!(event, scheduled_event_id),
        A::ChildWorkflowExecutionCompletedEventAttributes(event) => {
            pair!(event, initiated_event_id)
        }
        A::ChildWorkflowExecutionFailedEventAttributes(event) => pair!(event, initiated_event_id),
        A::ChildWorkflowExecutionCanceledEventAttributes(event) => {
            pair!(event, initiated_event_id)
        }
        A::ChildWorkflowExecutionTimedOutEventAttributes(event) => {
            pair!(event, initiated_event_id)
        }
        A::ChildWorkflowExecutionTerminatedEventAttributes(event) => {
            pair!(event, initiated_event_id)
        }
        _ => None,
    }
}
