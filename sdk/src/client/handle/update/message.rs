//! An update before it is known how it is sent: alone, or with a start.

use durably_protos::temporal::api::common::v1::{Header, Payload, WorkflowExecution};
use durably_protos::temporal::api::update::v1::{Input, Meta, Request};
use durably_protos::temporal::api::workflowservice::v1::UpdateWorkflowExecutionRequest;
use uuid::Uuid;

use super::super::super::Client;
use super::{UpdateError, UpdateStage};
use crate::payload::{Argument, HeaderKey, Headers, PayloadError, payloads};

/// An update about to be sent.
#[derive(Debug)]
pub(in crate::client) struct UpdateMessage {
    update_id: String,
    name: String,
    /// The error is reported when the update would be sent.
    arguments: Result<Vec<Payload>, PayloadError>,
    headers: Headers,
}

impl UpdateMessage {
    pub(in crate::client) fn new(
        name: String,
        arguments: Result<Vec<Payload>, PayloadError>,
        headers: Headers,
    ) -> Self {
        Self {
            update_id: Uuid::new_v4().to_string(),
            name,
            arguments,
            headers,
        }
    }

    pub(in crate::client) fn set_id(&mut self, id: String) {
        self.update_id = id;
    }

    pub(in crate::client) fn add_header<T>(&mut self, key: &HeaderKey<T>, value: impl Argument<T>) {
        // The first error is the one to report.
        if let Err(error) = self.headers.insert(key, value)
            && self.arguments.is_ok()
        {
            self.arguments = Err(error);
        }
    }

    /// Adds the headers of the start that it goes with, as far as it has none of the name.
    pub(in crate::client) fn add_headers_of(&mut self, start: Option<Header>) {
        self.headers = Headers::from(start).overlaid(&self.headers);
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
                header: self.headers.to_proto(),
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
