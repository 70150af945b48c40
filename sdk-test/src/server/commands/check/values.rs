//! Checks of single values of a command: names, queues, timeouts, policies, sizes.

use durably_protos::google::protobuf::Duration;
use durably_protos::temporal::api::command::v1::Command;
use durably_protos::temporal::api::common::v1::{RetryPolicy, SearchAttributes};
use durably_protos::temporal::api::enums::v1::WorkflowTaskFailedCause as Cause;
use durably_protos::temporal::api::taskqueue::v1::TaskQueue;

use super::text::On;
use super::{BadCommand, Checked, Walk};
use crate::server::refusal::namespace_not_found;
use crate::server::validate;

impl Walk<'_> {
    pub(super) fn named(&self, cause: Cause, id: &str, field: &str, on: &On) -> Checked {
        let longest = self.around.limits.id_length;
        match id.len() {
            0 => fails(cause, &on.missing(field)),
            length if length > longest => fails(cause, &on.too_long(field, id, longest)),
            _ => Ok(()),
        }
    }

    pub(super) fn named_in_activity(&self, id: &str, field: &str) -> Checked {
        let cause = Cause::BadScheduleActivityAttributes;
        let longest = self.around.limits.id_length;
        match id.len() {
            0 => fails(cause, &format!("{field} is not set")),
            length if length > longest => {
                let text = format!("{field} exceeds length limit. Length={length} Limit={longest}");
                fails(cause, &text)
            }
            _ => Ok(()),
        }
    }

    /// A queue that is that of this run when it is left out.
    pub(super) fn queue_if_named(&self, cause: Cause, queue: Option<&TaskQueue>) -> Checked {
        match queue {
            Some(queue) if !queue.name.is_empty() => self.queue(cause, Some(queue)),
            _ => Ok(()),
        }
    }

    pub(super) fn queue(&self, cause: Cause, queue: Option<&TaskQueue>) -> Checked {
        if queue.is_none() {
            return fails(cause, "taskQueue is not set");
        }
        let checked = validate::task_queue(self.around.limits, queue);
        checked.map_or_else(|status| fails(cause, status.message()), |_| Ok(()))
    }

    pub(super) fn namespace(&self, name: &str) -> Checked {
        if name.is_empty() || self.around.namespaces.find(name).is_some() {
            return Ok(());
        }
        Err(BadCommand::Refused(namespace_not_found(name)))
    }

    pub(super) fn search_attributes(&self, attributes: Option<&SearchAttributes>) -> Checked {
        let namespace = &self.run.namespace.name;
        let accepted = self.around.namespaces.accept_start(namespace, attributes);
        let refuse = |text: String| fails(Cause::BadSearchAttributes, &text);
        accepted.map(drop).or_else(refuse)
    }

    /// A command with a payload that is too large ends the run.
    pub(super) fn sizes(&self, command: &Command) -> Checked {
        let longest = self.around.limits.blob_bytes;
        let length = prost::Message::encoded_len(command);
        if length <= longest {
            return Ok(());
        }
        let name = command
            .command_type()
            .as_str_name()
            .trim_start_matches("COMMAND_TYPE_");
        Err(BadCommand::Terminates(format!(
            "{name} attributes exceed the size limit: {length} bytes, at most {longest} are allowed"
        )))
    }
}

pub(super) fn fails(cause: Cause, text: &str) -> Checked {
    Err(BadCommand::FailsTask(cause, text.to_owned()))
}

pub(super) fn positive(cause: Cause, timeout: Option<&Duration>, name: &str) -> Checked {
    match validate::timeout(timeout) {
        Ok(()) => Ok(()),
        Err(reason) => fails(cause, &format!("invalid {name}: {reason}")),
    }
}

pub(super) fn policy(cause: Cause, policy: Option<&RetryPolicy>) -> Checked {
    match policy.map_or(Ok(()), validate::retry_policy) {
        Ok(()) => Ok(()),
        Err(reason) => fails(cause, &reason),
    }
}

pub(super) fn positive_on(
    cause: Cause,
    timeout: Option<&Duration>,
    name: &str,
    on: &On,
) -> Checked {
    let refuse = |reason| fails(cause, &on.wrong(&format!("Invalid {name}"), reason));
    validate::timeout(timeout).or_else(refuse)
}

pub(super) fn policy_on(cause: Cause, policy: Option<&RetryPolicy>, on: &On) -> Checked {
    let refuse = |reason: String| fails(cause, &on.wrong("invalid WorkflowRetryPolicy", &reason));
    policy
        .map_or(Ok(()), validate::retry_policy)
        .or_else(refuse)
}
