//! What lists and counts see of a run.

use std::cmp::Reverse;

use durably_protos::temporal::api::workflow::v1::WorkflowExecutionInfo;

use super::Run;
use crate::server::search_attributes::SearchAttributeRegistry;
use crate::server::visibility::{StoredAttributes, VisibilityRecord};
use crate::server::world::Place;

impl Run {
    /// Where lists have it.
    pub(crate) fn place(&self) -> Place {
        Place {
            closed: self.close_time.map(Reverse),
            started: Reverse(self.start_time),
            run: Reverse(self.index),
        }
    }

    /// The run as queries see it.
    pub(crate) fn visibility_record<'a>(
        &'a self,
        registry: &'a SearchAttributeRegistry,
    ) -> VisibilityRecord<'a> {
        let started = self.started();
        let parent = started.parent_workflow_execution.as_ref();
        let parent = parent.filter(|parent| !parent.workflow_id.is_empty());
        let root = started.root_workflow_execution.as_ref();
        VisibilityRecord {
            workflow_id: (&*self.workflow_id).into(),
            run_id: (&*self.run_id).into(),
            workflow_type: self.workflow_type().into(),
            task_queue: (&*self.task_queue).into(),
            status: self.status,
            start_time: self.start_time.jiff(),
            execution_time: self.execution_time.jiff(),
            close_time: self.close_time.map(super::super::time::Time::jiff),
            history_length: self.history.last_id(),
            history_size_bytes: self.history.size_bytes(),
            state_transition_count: self.transitions,
            parent_workflow_id: parent.map(|parent| parent.workflow_id.as_str().into()),
            parent_run_id: parent.map(|parent| parent.run_id.as_str().into()),
            root_workflow_id: root
                .map_or(&*self.workflow_id, |root| &root.workflow_id)
                .into(),
            root_run_id: root.map_or(&*self.run_id, |root| &root.run_id).into(),
            search_attributes: StoredAttributes::new(
                registry,
                [&self.search_attributes, &self.versions.search_attributes],
            ),
        }
    }

    /// The run as lists show it: without what changes while it is open, and what only descriptions tell.
    pub(crate) fn listed(&self) -> WorkflowExecutionInfo {
        let mut info = WorkflowExecutionInfo {
            parent_namespace_id: String::new(),
            first_run_id: String::new(),
            priority: None,
            auto_reset_points: None,
            ..self.info()
        };
        if self.is_open() {
            info.history_length = 0;
            info.history_size_bytes = 0;
            info.state_transition_count = 0;
        }
        info
    }
}
