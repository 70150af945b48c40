//! Stickiness: the queue of the worker that has the run in memory.

use std::sync::Arc;

use durably_protos::temporal::api::enums::v1::TaskQueueKind;
use durably_protos::temporal::api::taskqueue::v1::{StickyExecutionAttributes, TaskQueue};

use super::Run;
use crate::server::time::Span;

/// Where the next workflow tasks go, and how long they wait there.
#[derive(Debug, Clone)]
pub(crate) struct Sticky {
    pub(crate) queue: Arc<str>,
    pub(crate) schedule_to_start_timeout: Span,
}

impl Run {
    /// Takes over what the completion of a workflow task says; without attributes stickiness ends.
    pub(crate) fn set_sticky(&mut self, attributes: Option<&StickyExecutionAttributes>) {
        self.sticky = attributes.and_then(|attributes| {
            let queue = attributes.worker_task_queue.as_ref()?;
            let timeout = Span::of(attributes.schedule_to_start_timeout.as_ref());
            (!queue.name.is_empty()).then(|| Sticky {
                queue: queue.name.as_str().into(),
                schedule_to_start_timeout: timeout,
            })
        });
    }

    /// The queue of the next workflow task, as events show it.
    pub(crate) fn next_queue(&self) -> TaskQueue {
        match &self.sticky {
            Some(sticky) => TaskQueue {
                name: sticky.queue.to_string(),
                kind: TaskQueueKind::Sticky.into(),
                normal_name: self.task_queue.to_string(),
            },
            None => self.normal_queue(),
        }
    }

    pub(crate) fn normal_queue(&self) -> TaskQueue {
        TaskQueue {
            name: self.task_queue.to_string(),
            kind: TaskQueueKind::Normal.into(),
            normal_name: String::new(),
        }
    }
}
