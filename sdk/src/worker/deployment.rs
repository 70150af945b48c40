//! Worker deployments: which version of the code a worker is, and which runs follow a new version
//! (protocol 8).

use std::collections::BTreeMap;

use durably_protos::temporal::api::deployment::v1::WorkerDeploymentOptions;
use durably_protos::temporal::api::enums::v1;

use super::BuildError;

/// Which version of a deployment a worker is.
///
/// With versioning a worker gets tasks only when its version was made the current one
/// ([`set_current_version`](crate::client::WorkerDeploymentHandle::set_current_version)), or is
/// ramping up, or for runs that are pinned to it.
///
/// ```no_run
/// # use durably::prelude::*;
/// use durably::worker::{VersioningBehavior, WorkerDeployment};
///
/// # fn example(client: &Client) {
/// let deployment = WorkerDeployment::new("orders", env!("CARGO_PKG_VERSION"))
///     .versioned(VersioningBehavior::AutoUpgrade)
///     .workflow("OrderSaga", VersioningBehavior::Pinned);
/// let worker = Worker::builder(client, "orders").deployment(deployment);
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkerDeployment {
    name: String,
    build_id: String,
    /// None as long as the version is only told, not acted on.
    default: Option<VersioningBehavior>,
    workflows: BTreeMap<String, VersioningBehavior>,
}

/// What a run does when its deployment has a new version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum VersioningBehavior {
    /// It stays with the version on which it began.
    Pinned,
    /// It goes on with the new version; its code must be patched where it changed.
    AutoUpgrade,
}

impl WorkerDeployment {
    /// A version of a deployment that is told to the server, which sends tasks as without it.
    pub fn new(name: impl Into<String>, build_id: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            build_id: build_id.into(),
            default: None,
            workflows: BTreeMap::new(),
        }
    }

    /// Turns versioning on: tasks come by version. The behavior is that of all workflows that have
    /// none of their own.
    #[must_use]
    pub fn versioned(mut self, default: VersioningBehavior) -> Self {
        self.default = Some(default);
        self
    }

    /// The behavior of one workflow type.
    #[must_use]
    pub fn workflow(
        mut self,
        workflow_type: impl Into<String>,
        behavior: VersioningBehavior,
    ) -> Self {
        self.workflows.insert(workflow_type.into(), behavior);
        self
    }

    /// What is wrong with it, if anything.
    pub(super) fn check(
        &self,
        mut known: impl Iterator<Item = &'static str>,
    ) -> Result<(), BuildError> {
        let refuse = |value: String, reason| BuildError::Option {
            option: "deployment",
            value,
            reason,
        };
        for part in [&self.name, &self.build_id] {
            if part.is_empty() {
                return Err(refuse(
                    part.clone(),
                    "a deployment has a name and a build id, neither of which is empty",
                ));
            }
        }
        if self.name.contains(['.', ':']) {
            return Err(refuse(
                self.name.clone(),
                "the name of a deployment has neither a dot nor a colon",
            ));
        }
        let known: Vec<_> = known.by_ref().collect();
        let stranger = self
            .workflows
            .keys()
            .find(|name| !known.contains(&name.as_str()));
        match stranger {
            Some(name) => Err(refuse(
                name.clone(),
                "a versioning behavior is given for a workflow type that is not registered",
            )),
            None => Ok(()),
        }
    }

    /// `deployment_options` of polls and answers.
    pub(crate) fn to_proto(&self) -> WorkerDeploymentOptions {
        let mode = match self.default {
            Some(_) => v1::WorkerVersioningMode::Versioned,
            None => v1::WorkerVersioningMode::Unversioned,
        };
        WorkerDeploymentOptions {
            deployment_name: self.name.clone(),
            build_id: self.build_id.clone(),
            worker_versioning_mode: mode.into(),
        }
    }

    /// `versioning_behavior` of the completion of a workflow's task.
    pub(crate) fn behavior(&self, workflow_type: &str) -> v1::VersioningBehavior {
        let Some(default) = self.default else {
            return v1::VersioningBehavior::Unspecified;
        };
        match self
            .workflows
            .get(workflow_type)
            .copied()
            .unwrap_or(default)
        {
            VersioningBehavior::Pinned => v1::VersioningBehavior::Pinned,
            VersioningBehavior::AutoUpgrade => v1::VersioningBehavior::AutoUpgrade,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_workflow_has_its_behavior() {
        let told = WorkerDeployment::new("orders", "1");
        assert_eq!(told.behavior("a"), v1::VersioningBehavior::Unspecified);
        let versioned = told
            .versioned(VersioningBehavior::AutoUpgrade)
            .workflow("a", VersioningBehavior::Pinned);
        assert_eq!(versioned.behavior("a"), v1::VersioningBehavior::Pinned);
        assert_eq!(versioned.behavior("b"), v1::VersioningBehavior::AutoUpgrade);
        assert!(versioned.check(["a", "b"].into_iter()).is_ok());
        assert!(versioned.check(["b"].into_iter()).is_err());
    }

    #[test]
    fn names_that_the_server_refuses_are_refused_here() {
        for (name, build_id) in [("", "1"), ("a", ""), ("a.b", "1"), ("a:b", "1")] {
            let deployment = WorkerDeployment::new(name, build_id);
            assert!(
                deployment.check([].into_iter()).is_err(),
                "{name} {build_id}"
            );
        }
    }
}
