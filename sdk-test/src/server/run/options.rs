//! The options of a run that can be changed from outside: versioning override, priority, time skipping.

use durably_protos::google::protobuf::FieldMask;
use durably_protos::temporal::api::common::v1::{Priority, TimeSkippingConfig};
use durably_protos::temporal::api::history::v1::WorkflowExecutionOptionsUpdatedEventAttributes;
use durably_protos::temporal::api::workflow::v1::versioning_override::Override;
use durably_protos::temporal::api::workflow::v1::{VersioningOverride, WorkflowExecutionOptions};

use tonic::Status;

use super::Run;
use crate::server::refusal::{Answer, invalid};
use crate::server::world::Tx;

/// The options that a run is to have.
#[derive(Debug)]
pub(crate) struct OptionsChange {
    pub(crate) options: RunOptions,
    /// A fast-forward is to begin now, even if it looks like the last.
    pub(crate) begins_fast_forward: bool,
}

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

    /// The options with the fields of a mask taken over.
    ///
    /// # Errors
    /// A path that is none, or an option that this server does not have.
    pub(crate) fn merged(
        &self,
        mask: &FieldMask,
        wanted: &WorkflowExecutionOptions,
        task_queue: &str,
    ) -> Answer<OptionsChange> {
        let mut options = self.clone();
        let mut begins_fast_forward = false;
        for path in &mask.paths {
            let mut priority = options.priority.clone().unwrap_or_default();
            let given = wanted.priority.clone().unwrap_or_default();
            match path.as_str() {
                "versioning_override" => {
                    options
                        .versioning_override
                        .clone_from(&wanted.versioning_override);
                }
                "priority" => options.priority.clone_from(&wanted.priority),
                "priority.priority_key" => {
                    priority.priority_key = given.priority_key;
                    options.priority = Some(priority);
                }
                "priority.fairness_key" => {
                    priority.fairness_key = given.fairness_key;
                    options.priority = Some(priority);
                }
                "priority.fairness_weight" => {
                    priority.fairness_weight = given.fairness_weight;
                    options.priority = Some(priority);
                }
                "time_skipping_config" => {
                    let config = wanted.time_skipping_config.as_ref();
                    begins_fast_forward =
                        config.is_some_and(|config| config.fast_forward_config.is_some());
                    options
                        .time_skipping_config
                        .clone_from(&wanted.time_skipping_config);
                }
                part if part.starts_with("time_skipping_config.") => {
                    return Err(invalid(
                        "error applying update_options: time_skipping_config doesn't support partial update",
                    ));
                }
                other => {
                    return Err(invalid(format!(
                        "error parsing UpdateMask: proto: invalid path {other:?} for message \
                         \"temporal.api.workflow.v1.WorkflowExecutionOptions\""
                    )));
                }
            }
        }
        let override_ = options.versioning_override.as_ref();
        if let Some(Override::Pinned(pinned)) =
            override_.and_then(|given| given.r#override.as_ref())
        {
            let version = pinned.version.clone().unwrap_or_default();
            return Err(Status::failed_precondition(format!(
                "Pinned version '{}:{}' is not present in task queue '{task_queue}' of type 'Workflow'",
                version.deployment_name, version.build_id
            )));
        }
        Ok(OptionsChange {
            options,
            begins_fast_forward,
        })
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
        change: OptionsChange,
        identity: String,
    ) {
        let OptionsChange {
            options,
            begins_fast_forward,
        } = change;
        if options == self.options && !begins_fast_forward {
            return;
        }
        let config_changes = begins_fast_forward
            || options.time_skipping_config != self.options.time_skipping_config;
        let updated = WorkflowExecutionOptionsUpdatedEventAttributes {
            versioning_override: options.versioning_override.clone(),
            unset_versioning_override: options.versioning_override.is_none(),
            priority: options.priority.clone(),
            identity,
            time_skipping_config: options.time_skipping_config.clone(),
            time_skipping_config_updated: config_changes,
            ..WorkflowExecutionOptionsUpdatedEventAttributes::default()
        };
        self.options = options;
        let mut event = super::write::event(tx.now, updated);
        event.worker_may_ignore = true;
        self.record_event(tx, event);
        if config_changes {
            self.reconfigure_time_skipping(tx);
        }
    }
}
