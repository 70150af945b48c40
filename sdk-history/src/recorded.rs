//! A history that was read, and what is known of it.

use durably_protos::temporal::api::history::v1::history_event::Attributes;
use durably_protos::temporal::api::history::v1::{
    History, WorkflowExecutionStartedEventAttributes,
};

use crate::Place;

/// A history, and where it is from.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct RecordedHistory {
    /// Where it was found.
    pub place: Place,
    /// The workflow's id, if the file says it outside of the events.
    workflow_id: Option<String>,
    /// The run's id, if the file says it outside of the events.
    run_id: Option<String>,
    /// The events.
    pub history: History,
}

impl RecordedHistory {
    /// A history, and where it is from.
    pub fn new(place: Place, history: History) -> Self {
        Self {
            place,
            workflow_id: None,
            run_id: None,
            history,
        }
    }

    /// The same history with the id of its workflow and of its run, as something else than its
    /// events says; empty if unknown.
    #[must_use]
    pub fn of_execution(
        mut self,
        workflow_id: impl Into<String>,
        run_id: impl Into<String>,
    ) -> Self {
        self.workflow_id = Some(workflow_id.into()).filter(|id| !id.is_empty());
        self.run_id = Some(run_id.into()).filter(|id| !id.is_empty());
        self
    }

    /// The workflow's id; empty if neither the file nor the first event says it.
    pub fn workflow_id(&self) -> &str {
        match &self.workflow_id {
            Some(id) => id,
            None => self.started().map_or("", |started| &started.workflow_id),
        }
    }

    /// The run's id; empty if neither the file nor the first event says it.
    pub fn run_id(&self) -> &str {
        match &self.run_id {
            Some(id) => id,
            None => self
                .started()
                .map_or("", |started| &started.original_execution_run_id),
        }
    }

    /// The workflow's type; empty if the first event does not say it.
    pub fn workflow_type(&self) -> &str {
        self.started()
            .and_then(|started| started.workflow_type.as_ref())
            .map_or("", |kind| &kind.name)
    }

    fn started(&self) -> Option<&WorkflowExecutionStartedEventAttributes> {
        match self.history.events.first()?.attributes.as_ref()? {
            Attributes::WorkflowExecutionStartedEventAttributes(started) => Some(started),
            _ => None,
        }
    }
}
