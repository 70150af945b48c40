//! Why the server refused to change a deployment.
//!
//! It says so by a gRPC code and a text; there are no details for it in the API.

use tonic::Code;

use super::super::rpc::RpcError;

/// What a refusal is about, as far as its text tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// There is no such deployment.
    NoDeployment,
    /// The deployment has no such version.
    NoVersion,
    /// The deployment was changed since the conflict token was given out.
    StaleConflictToken,
    /// The version lacks task queues which the current one serves.
    MissingTaskQueues,
    /// The deployment is managed under another identity.
    OtherManager,
    /// The version gets new runs.
    CurrentOrRamping,
    /// Pinned runs are open on the version.
    Draining,
    /// Workers of the version poll.
    HasPollers,
    /// The deployment has versions.
    HasVersions,
}

impl Refusal {
    /// `None` for an error that is no refusal, or one that this version of the SDK does not know.
    pub(super) fn of(error: &RpcError) -> Option<Self> {
        if error.is_not_found() {
            return Some(Self::of_not_found(error.message()));
        }
        if error.code() == Code::FailedPrecondition {
            return Self::of_precondition(error.message());
        }
        None
    }

    fn of_not_found(message: &str) -> Self {
        let of_a_version = ["build ID", "Version not found", "Deployment Version"];
        if of_a_version.iter().any(|part| message.contains(part)) {
            Self::NoVersion
        } else {
            Self::NoDeployment
        }
    }

    fn of_precondition(message: &str) -> Option<Self> {
        let known = [
            ("conflict token", Self::StaleConflictToken),
            ("ManagerIdentity", Self::OtherManager),
            ("not found in deployment", Self::NoVersion),
            ("missing active task queues", Self::MissingTaskQueues),
            ("current or ramping", Self::CurrentOrRamping),
            ("draining", Self::Draining),
            ("active pollers", Self::HasPollers),
            ("has versions", Self::HasVersions),
        ];
        let known = known.into_iter().find(|(text, _)| message.contains(text));
        known.map(|(_, refusal)| refusal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_servers_say_it() {
        let not_found = [
            (
                "no Worker Deployment found with name 'a'; does your Worker Deployment have pollers?",
                Refusal::NoDeployment,
            ),
            (
                "build ID '1' not found in Worker Deployment 'a'",
                Refusal::NoVersion,
            ),
            ("Version not found in deployment", Refusal::NoVersion),
            ("Worker Deployment Version not found", Refusal::NoVersion),
            ("Worker Deployment not found", Refusal::NoDeployment),
        ];
        for (message, refusal) in not_found {
            assert_eq!(Refusal::of_not_found(message), refusal, "{message}");
        }
        let precondition = [
            (
                "ManagerIdentity 'a' is set and does not match user identity 'b'; to proceed, ..",
                Some(Refusal::OtherManager),
            ),
            (
                "proposed current version 'a' is missing active task queues from the current version; ..",
                Some(Refusal::MissingTaskQueues),
            ),
            (
                "version 'a' cannot be deleted since it is current or ramping",
                Some(Refusal::CurrentOrRamping),
            ),
            (
                "version 'a' cannot be deleted since it is draining",
                Some(Refusal::Draining),
            ),
            (
                "version 'a' cannot be deleted since it has active pollers",
                Some(Refusal::HasPollers),
            ),
            ("something else", None),
        ];
        for (message, refusal) in precondition {
            assert_eq!(Refusal::of_precondition(message), refusal, "{message}");
        }
    }
}
