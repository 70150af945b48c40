//! The options of a run that can be changed from outside: versioning override, priority, time skipping.

use durably_protos::temporal::api::common::v1::{Priority, TimeSkippingConfig};
use durably_protos::temporal::api::history::v1::WorkflowExecutionOptionsUpdatedEventAttributes;
use durably_protos::temporal::api::workflow::v1::{VersioningOverride, WorkflowExecutionOptions};

use super::Run;
use crate::server::world::Tx;

/// The options as they are now.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct RunOptions {
    pub(crate) versioning_override: Option<VersioningOverride>,
    pub(crate) priority: Option<Priority>,
    pub(crate) time_skipping_config: Option<TimeSkippingConfig>,
}

impl RunOptions {
    /// As requests and answers have them.
    pub(crate) fn message(&self) -> WorkflowExecutionOptions {
        WorkflowExecutionOptions {
            versioning_override: self.versioning_override.clone(),
            priority: self.priority.clone(),
            time_skipping_config: self.time_skipping_config.clone(),
        }
    }

    /// Takes over what an event says, which has the whole of override and priority each time.
    pub(crate) fn replay(&mut self, updated: &WorkflowExecutionOptionsUpdatedEventAttributes) {
        if updated.unset_versioning_override {
            self.versioning_override = None;
        } else if updated.versioning_override.is_some() {
            self.versioning_override
                .clone_from(&updated.versioning_override);
        }
        // An event that attaches a request leaves the options alone.
        if updated.unset_versioning_override || updated.versioning_override.is_some() {
            self.priority.clone_from(&updated.priority);
        }
        if updated.time_skipping_config_updated {
            self.time_skipping_config
                .clone_from(&updated.time_skipping_config);
        }
    }
}

impl Run {
    /// Takes options over and writes them down, unless nothing changes. The workflow is not told.
    pub(crate) fn update_options(
        &mut self,
        tx: &mut Tx<'_>,
        options: RunOptions,
        identity: String,
    ) {
        if options == self.options {
            return;
        }
        let config_changes = options.time_skipping_config != self.options.time_skipping_config;
        let updated = WorkflowExecutionOptionsUpdatedEventAttributes {
            versioning_override: options.versioning_override.clone(),
            unset_versioning_override: options.versioning_override.is_none(),
            priority: options.priority.clone(),
            identity,
            time_skipping_config: config_changes
                .then(|| options.time_skipping_config.clone())
                .flatten(),
            time_skipping_config_updated: config_changes,
            ..WorkflowExecutionOptionsUpdatedEventAttributes::default()
        };
        self.options = options;
        let mut event = super::write::event(tx.now, updated);
        event.worker_may_ignore = true;
        self.record_event(tx, event);
    }
}
