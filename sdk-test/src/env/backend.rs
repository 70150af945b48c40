//! The server behind an environment.

use durably::client::Client;
use durably_protos::temporal::api::history::v1::history_event::Attributes;

use super::remote::{DevServer, Link};
use crate::server::{Presence, RecordedRun, TestServer};

/// The server behind an environment.
#[derive(Debug, Clone)]
pub(super) enum Backend {
    /// In this process.
    Embedded(TestServer),
    /// In another process.
    Remote(Link),
}

/// What must live as long as the environment.
#[derive(Debug)]
pub(super) struct Keep {
    pub(super) _dev_server: Option<DevServer>,
}

impl Backend {
    /// The embedded server, for what only that can do.
    #[track_caller]
    pub(super) fn embedded(&self, what: &str) -> &TestServer {
        match self {
            Self::Embedded(server) => server,
            Self::Remote(_) => panic!(
                "`TestEnv::{what}` needs the embedded server: on another one each workflow has a time of its own"
            ),
        }
    }

    /// Why the test should end, if it should.
    pub(super) fn failure(&self) -> Option<String> {
        match self {
            Self::Embedded(server) => server.failure(),
            Self::Remote(link) => link.failure(),
        }
    }

    /// Ends the wait of all who wait.
    pub(super) fn break_down(&self, reason: String) {
        match self {
            Self::Embedded(server) => server.break_down(reason),
            Self::Remote(link) => link.break_down(reason),
        }
    }

    /// Ready, with the reason, once the test should end.
    pub(super) async fn broken(&self) -> String {
        match self {
            Self::Embedded(server) => server.broken().await,
            Self::Remote(link) => link.broken().await,
        }
    }

    /// Counts somebody for whom time may be skipped, where there is such a count.
    pub(super) fn somebody_waits(&self) -> Option<Presence> {
        match self {
            Self::Embedded(server) => Some(server.somebody_waits()),
            Self::Remote(_) => None,
        }
    }

    /// What was recorded, as far as it can be had without asking.
    pub(super) fn recorded_here(&self) -> Vec<RecordedRun> {
        match self {
            Self::Embedded(server) => server.histories(),
            Self::Remote(_) => Vec::new(),
        }
    }

    /// What was recorded; of another server, the current runs of the workflows that the environment has
    /// started.
    pub(super) async fn recorded(&self, client: &Client) -> Result<Vec<RecordedRun>, String> {
        let Self::Remote(link) = self else {
            return Ok(self.recorded_here());
        };
        let mut runs = Vec::new();
        for (namespace, workflow_id) in link.started() {
            let client = client.with_namespace(namespace.clone());
            let client = client.map_err(|error| error.to_string())?;
            let handle = client.untyped_workflow_handle(workflow_id.clone());
            let history = handle.fetch_history().into_history().await;
            let history = history
                .map_err(|error| format!("the history of workflow \"{workflow_id}\": {error}"))?;
            let first = history.events.first();
            let Some(Attributes::WorkflowExecutionStartedEventAttributes(started)) =
                first.and_then(|event| event.attributes.as_ref())
            else {
                continue;
            };
            let workflow_type = started.workflow_type.clone().unwrap_or_default().name;
            let run_id = started.original_execution_run_id.clone();
            runs.push(RecordedRun {
                namespace,
                workflow_id,
                run_id,
                workflow_type,
                is_open: false,
                history,
            });
        }
        Ok(runs)
    }
}
