//! An update before it is known how it is sent: alone, or with a start.

use durably_protos::temporal::api::common::v1::{Header, Payload, WorkflowExecution};
use durably_protos::temporal::api::update::v1::{Input, Meta, Request};
use durably_protos::temporal::api::workflowservice::v1::UpdateWorkflowExecutionRequest;
use uuid::Uuid;

use super::super::super::Client;
use super::{UpdateError, UpdateStage};
use crate::payload::{PayloadError, payloads};

/// An update about to be sent.
#[derive(Debug)]
pub(in crate::client) struct UpdateMessage {
    update_id: String,
    name: String,
    /// The error is reported when the update would be sent.
    arguments: Result<Vec<Payload>, PayloadError>,
    header: Option<Header>,
}

impl UpdateMessage {
    pub(in crate::client) fn new(
        name: String,
        arguments: Result<Vec<Payload>, PayloadError>,
    ) -> Self {
        Self {
            update_id: Uuid::new_v4().to_string(),
            name,
            arguments,
            header: None,
        }
    }

    pub(in crate::client) fn set_id(&mut self, id: String) {
        self.update_id = id;
    }

    pub(in crate::client) fn add_header(&mut self, name: String, value: Payload) {
        let header = self.header.get_or_insert_default();
        header.fields.insert(name, value);
    }

    /// The call that sends the update alone.
    pub(in crate::client) fn into_request(
        self,
        client: &Client,
        execution: WorkflowExecution,
        first_execution_run_id: String,
        stage: UpdateStage,
    ) -> Result<UpdateWorkflowExecutionRequest, UpdateError> {
        if self.update_id.is_empty() {
            return Err(UpdateError::EmptyUpdateId {
                workflow_id: execution.workflow_id,
            });
        }
        let request = Request {
            meta: Some(Meta {
                update_id: self.update_id,
                identity: client.identity().to_owned(),
            }),
            input: Some(Input {
                header: self.header,
                name: self.name,
                args: payloads(self.arguments?),
            }),
            ..Request::default()
        };
        Ok(UpdateWorkflowExecutionRequest {
            namespace: client.namespace().to_owned(),
            workflow_execution: Some(execution),
            first_execution_run_id,
            wait_policy: Some(stage.wait_policy()),
            request: Some(request),
        })
    }
}
