//! Whether a command is the one that a command event confirms (the table of protocol 3.6).

use std::collections::BTreeMap;

use durably_protos::temporal::api::command::v1::{
    RequestCancelExternalWorkflowExecutionCommandAttributes, ScheduleActivityTaskCommandAttributes,
    ScheduleNexusOperationCommandAttributes, SignalExternalWorkflowExecutionCommandAttributes,
    StartChildWorkflowExecutionCommandAttributes,
};
use durably_protos::temporal::api::common::v1::{Payload, WorkflowExecution, WorkflowType};
use durably_protos::temporal::api::history::v1::{
    ActivityTaskScheduledEventAttributes, NexusOperationScheduledEventAttributes,
    RequestCancelExternalWorkflowExecutionInitiatedEventAttributes,
    SignalExternalWorkflowExecutionInitiatedEventAttributes,
    StartChildWorkflowExecutionInitiatedEventAttributes,
    UpsertWorkflowSearchAttributesEventAttributes,
};

use super::queue::Queued;
use crate::nondeterminism::Divergence;

/// A field in which a command and its event differ.
pub(crate) struct Mismatch {
    pub(crate) field: &'static str,
    pub(crate) history: String,
    pub(crate) code: String,
}

impl Mismatch {
    pub(crate) fn check(field: &'static str, history: &str, code: &str) -> Result<(), Self> {
        if history == code {
            return Ok(());
        }
        Err(Self {
            field,
            history: history.to_owned(),
            code: code.to_owned(),
        })
    }

    pub(crate) fn activity(
        event: &ActivityTaskScheduledEventAttributes,
        command: &ScheduleActivityTaskCommandAttributes,
    ) -> Result<(), Self> {
        let type_name = |kind: &Option<durably_protos::temporal::api::common::v1::ActivityType>| {
            kind.as_ref()
                .map(|kind| kind.name.clone())
                .unwrap_or_default()
        };
        if event.activity_type != command.activity_type {
            return Err(Self {
                field: "activity type",
                history: type_name(&event.activity_type),
                code: type_name(&command.activity_type),
            });
        }
        Self::check("activity id", &event.activity_id, &command.activity_id)
    }

    pub(crate) fn scheduled_event_id(history: i64, code: i64) -> Result<(), Self> {
        if history == code {
            return Ok(());
        }
        Self::check(
            "scheduled event id",
            &history.to_string(),
            &code.to_string(),
        )
    }

    pub(crate) fn timer(history: &str, seq: u32) -> Result<(), Self> {
        // No allocation on the path that every replayed timer takes.
        if history.parse() == Ok(seq) {
            return Ok(());
        }
        Self::check("timer id", history, &seq.to_string())
    }

    /// What names a child: its id, then its type.
    pub(crate) fn child(
        event: &StartChildWorkflowExecutionInitiatedEventAttributes,
        command: &StartChildWorkflowExecutionCommandAttributes,
        any_id: bool,
    ) -> Result<(), Self> {
        let name = |kind: &Option<WorkflowType>| {
            kind.as_ref()
                .map_or(String::new(), |kind| kind.name.clone())
        };
        let (history, code) = (name(&event.workflow_type), name(&command.workflow_type));
        Self::check("workflow type", &history, &code)?;
        if any_id {
            return Ok(());
        }
        Self::check("workflow id", &event.workflow_id, &command.workflow_id)
    }

    pub(crate) fn signal(
        event: &SignalExternalWorkflowExecutionInitiatedEventAttributes,
        command: &SignalExternalWorkflowExecutionCommandAttributes,
    ) -> Result<(), Self> {
        let id = |target: &Option<WorkflowExecution>| {
            target
                .as_ref()
                .map_or(String::new(), |target| target.workflow_id.clone())
        };
        let (history, code) = (id(&event.workflow_execution), id(&command.execution));
        Self::check("workflow id", &history, &code)?;
        Self::check("signal name", &event.signal_name, &command.signal_name)
    }

    pub(crate) fn cancel(
        event: &RequestCancelExternalWorkflowExecutionInitiatedEventAttributes,
        command: &RequestCancelExternalWorkflowExecutionCommandAttributes,
    ) -> Result<(), Self> {
        let target = event.workflow_execution.as_ref();
        let history = target.map_or("", |target| &target.workflow_id);
        Self::check("workflow id", history, &command.workflow_id)
    }

    pub(crate) fn nexus(
        event: &NexusOperationScheduledEventAttributes,
        command: &ScheduleNexusOperationCommandAttributes,
    ) -> Result<(), Self> {
        Self::check("endpoint", &event.endpoint, &command.endpoint)?;
        Self::check("service", &event.service, &command.service)?;
        Self::check("operation", &event.operation, &command.operation)
    }

    pub(crate) fn search_attributes(
        event: &UpsertWorkflowSearchAttributesEventAttributes,
        command: &BTreeMap<String, Payload>,
    ) -> Result<(), Self> {
        let fields = event.search_attributes.as_ref();
        let history = fields.map(|fields| &fields.indexed_fields);
        let keys = |fields: &BTreeMap<String, Payload>| {
            fields
                .keys()
                .map(String::as_str)
                .collect::<Vec<_>>()
                .join(", ")
        };
        Self::check(
            "keys",
            &history.map(keys).unwrap_or_default(),
            &keys(command),
        )
    }

    pub(crate) fn into_divergence(self, command: &Queued) -> Divergence {
        Divergence::OtherIdentity {
            command: command.command.describe(),
            location: command.location,
            field: self.field,
            history: self.history,
            code: self.code,
        }
    }
}
