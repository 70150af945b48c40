//! Reading histories.

use std::fmt;

use durably::client::{HistoryError, WorkflowHandle};
use durably::definition::WorkflowDefinition;
use durably_protos::temporal::api::enums::v1::{EventType, WorkflowTaskFailedCause};
use durably_protos::temporal::api::failure::v1::Failure;
use durably_protos::temporal::api::history::v1::history_event::Attributes;
use durably_protos::temporal::api::history::v1::{
    ActivityTaskScheduledEventAttributes, History, HistoryEvent,
    WorkflowExecutionStartedEventAttributes, WorkflowTaskFailedEventAttributes,
};

/// The events of one run. Its debug form is a line for each event.
#[derive(Clone, PartialEq)]
pub struct Events {
    history: History,
}

/// Fetches the history of the handle's run.
///
/// # Errors
/// As for the handle's own method.
pub async fn fetch<W: WorkflowDefinition>(
    handle: &WorkflowHandle<W>,
) -> Result<Events, HistoryError> {
    let history = handle.fetch_history().into_history().await?;
    Ok(Events { history })
}

impl Events {
    /// The history as it came.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// The events in order.
    pub fn iter(&self) -> impl Iterator<Item = &HistoryEvent> {
        self.history.events.iter()
    }

    /// The types in order.
    pub fn types(&self) -> Vec<EventType> {
        self.iter().map(HistoryEvent::event_type).collect()
    }

    /// How many events have a type.
    pub fn count(&self, event_type: EventType) -> usize {
        self.iter()
            .filter(|event| event.event_type() == event_type)
            .count()
    }

    /// Whether there is an event of a type.
    pub fn has(&self, event_type: EventType) -> bool {
        self.count(event_type) > 0
    }

    /// Whether there is an event of the one type before any of the other.
    pub fn begins_with(&self, first: EventType, then: EventType) -> bool {
        let types = self.types();
        let mut found = types.iter().filter(|seen| [first, then].contains(seen));
        found.next() == Some(&first)
    }

    /// The type of the last event.
    ///
    /// # Panics
    /// There are no events.
    pub fn last(&self) -> EventType {
        self.history
            .events
            .last()
            .expect("a history has events")
            .event_type()
    }

    /// What the run was started with.
    ///
    /// # Panics
    /// The first event is not the start.
    pub fn started(&self) -> &WorkflowExecutionStartedEventAttributes {
        let first = self
            .iter()
            .next()
            .and_then(|event| event.attributes.as_ref());
        match first {
            Some(Attributes::WorkflowExecutionStartedEventAttributes(started)) => started,
            _ => panic!("a history begins with its start: {self:?}"),
        }
    }

    /// How each activity was scheduled.
    pub fn scheduled_activities(
        &self,
    ) -> impl Iterator<Item = &ActivityTaskScheduledEventAttributes> {
        self.attributes().filter_map(|attributes| match attributes {
            Attributes::ActivityTaskScheduledEventAttributes(scheduled) => Some(&**scheduled),
            _ => None,
        })
    }

    /// The workflow tasks that failed.
    pub fn failed_tasks(&self) -> impl Iterator<Item = &WorkflowTaskFailedEventAttributes> {
        self.attributes().filter_map(|attributes| match attributes {
            Attributes::WorkflowTaskFailedEventAttributes(failed) => Some(&**failed),
            _ => None,
        })
    }

    /// The failure of the last workflow task that failed.
    pub fn task_failure(&self) -> Option<&Failure> {
        self.failed_tasks()
            .last()
            .and_then(|failed| failed.failure.as_ref())
    }

    /// The attributes of all events that have some.
    pub fn attributes(&self) -> impl Iterator<Item = &Attributes> {
        self.iter().filter_map(|event| event.attributes.as_ref())
    }

    /// The workflow tasks that failed for a fault. Two causes are a matter of course: news arrived
    /// while the task ended its run, which is executed again; the run was terminated meanwhile.
    pub fn broken_tasks(&self) -> impl Iterator<Item = &WorkflowTaskFailedEventAttributes> {
        use WorkflowTaskFailedCause::{ForceCloseCommand, UnhandledCommand};
        self.failed_tasks()
            .filter(|failed| !matches!(failed.cause(), ForceCloseCommand | UnhandledCommand))
    }

    /// The other runs that this one tells of, as workflow id and run id: children that have ended,
    /// and the run in which it goes on.
    pub(crate) fn relatives(&self) -> Vec<(String, String)> {
        use Attributes as A;
        let started = self.started();
        let mut relatives = Vec::new();
        for attributes in self.attributes() {
            let child = match attributes {
                A::ChildWorkflowExecutionCompletedEventAttributes(ended) => {
                    &ended.workflow_execution
                }
                A::ChildWorkflowExecutionFailedEventAttributes(ended) => &ended.workflow_execution,
                A::ChildWorkflowExecutionCanceledEventAttributes(ended) => {
                    &ended.workflow_execution
                }
                A::ChildWorkflowExecutionTerminatedEventAttributes(ended) => {
                    &ended.workflow_execution
                }
                A::ChildWorkflowExecutionTimedOutEventAttributes(ended) => {
                    &ended.workflow_execution
                }
                A::WorkflowExecutionContinuedAsNewEventAttributes(ended) => {
                    let next = ended.new_execution_run_id.clone();
                    relatives.push((started.workflow_id.clone(), next));
                    &None
                }
                _ => &None,
            };
            relatives.extend(
                child
                    .iter()
                    .map(|child| (child.workflow_id.clone(), child.run_id.clone())),
            );
        }
        relatives
    }

    /// Checks that no workflow task failed for a fault, or timed out.
    ///
    /// # Panics
    /// One did.
    #[track_caller]
    pub fn assert_healthy(&self) {
        let broken = self.broken_tasks().count();
        assert_eq!(broken, 0, "workflow tasks failed:\n{self:?}");
        let timed_out = self.has(EventType::WorkflowTaskTimedOut);
        assert!(!timed_out, "a workflow task timed out:\n{self:?}");
    }
}

impl fmt::Debug for Events {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for event in &self.history.events {
            write!(formatter, "{:5} {:?}", event.event_id, event.event_type())?;
            if let Some(Attributes::WorkflowTaskFailedEventAttributes(failed)) = &event.attributes {
                let message = failed
                    .failure
                    .as_ref()
                    .map_or("", |failure| &failure.message);
                write!(formatter, " ({:?}: {message})", failed.cause())?;
            }
            writeln!(formatter)?;
        }
        Ok(())
    }
}
