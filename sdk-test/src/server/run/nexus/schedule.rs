//! Scheduling operations.

use durably_protos::temporal::api::command::v1::ScheduleNexusOperationCommandAttributes;
use durably_protos::temporal::api::history::v1::NexusOperationScheduledEventAttributes;
use durably_protos::temporal::api::history::v1::history_event::Attributes;

use super::PendingOperation;
use crate::server::run::Notes;
use crate::server::run::Run;
use crate::server::time::Span;
use crate::server::world::Tx;

impl Run {
    /// The command `SCHEDULE_NEXUS_OPERATION`. The handler gets it after the whole workflow task.
    pub(crate) fn schedule_operation(
        &mut self,
        tx: &mut Tx<'_>,
        command: ScheduleNexusOperationCommandAttributes,
        notes: Notes,
        completed_id: i64,
    ) {
        let endpoint = tx.endpoints.named(&command.endpoint);
        let endpoint_id = endpoint.map_or_else(String::new, |endpoint| endpoint.id.clone());
        let close = Span::of(command.schedule_to_close_timeout.as_ref());
        let close = close.clipped(self.run_timeout());
        // What is left open stays open.
        let within = |timeout: Span| match timeout {
            Span::ZERO => Span::ZERO,
            given => given.clipped(close),
        };
        let start = within(Span::of(command.schedule_to_start_timeout.as_ref()));
        let run = within(Span::of(command.start_to_close_timeout.as_ref()));
        let header = command.nexus_header.into_iter();
        let scheduled = NexusOperationScheduledEventAttributes {
            endpoint: command.endpoint,
            service: command.service,
            operation: command.operation,
            input: command.input,
            schedule_to_close_timeout: close.unless_zero(),
            nexus_header: header
                .map(|(key, value)| (key.to_lowercase(), value))
                .collect(),
            workflow_task_completed_event_id: completed_id,
            request_id: tx.ids.uuid(),
            endpoint_id,
            schedule_to_start_timeout: start.unless_zero(),
            start_to_close_timeout: run.unless_zero(),
        };
        let operation = PendingOperation::scheduled(&scheduled, tx.now);
        let scheduled_id = self.write_command(tx, notes, scheduled);
        self.operations.insert(scheduled_id, operation);
        self.arm_operation(tx, scheduled_id);
        self.dispatch_operation(tx, scheduled_id);
    }

    /// What was scheduled, from its event.
    pub(crate) fn scheduled_operation(
        &self,
        scheduled_id: i64,
    ) -> Option<&NexusOperationScheduledEventAttributes> {
        match self.history.attributes(scheduled_id)? {
            Attributes::NexusOperationScheduledEventAttributes(scheduled) => Some(scheduled),
            _ => None,
        }
    }
}
