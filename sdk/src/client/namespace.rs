//! What the server says of the client's namespace.

use durably_protos::temporal::api::namespace::v1::namespace_info::Capabilities;
use durably_protos::temporal::api::workflowservice::v1::DescribeNamespaceRequest;

use super::Client;
use super::rpc::{Call, RpcError};

/// The limits and capabilities of a namespace, as a worker needs them.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct NamespaceFacts {
    pub(crate) capabilities: Capabilities,
    /// The largest list of payloads in one field, in bytes; `None` if the server does not say.
    pub(crate) blob_size_limit: Option<usize>,
    /// The largest memo, in bytes.
    pub(crate) memo_size_limit: Option<usize>,
    /// The largest completion of a workflow task, in bytes, if it is sent in pages.
    pub(crate) workflow_task_completion_size_limit: Option<usize>,
}

impl Client {
    /// Asks for the facts about the client's namespace.
    pub(crate) async fn namespace_facts(&self) -> Result<NamespaceFacts, RpcError> {
        let request = DescribeNamespaceRequest {
            namespace: self.namespace().to_owned(),
            ..DescribeNamespaceRequest::default()
        };
        let response = self.rpc().call(request, Call::ORDINARY).await?;
        let info = response.namespace_info.unwrap_or_default();
        let limits = info.limits.unwrap_or_default();
        Ok(NamespaceFacts {
            capabilities: info.capabilities.unwrap_or_default(),
            blob_size_limit: limit(limits.blob_size_limit_error),
            memo_size_limit: limit(limits.memo_size_limit_error),
            workflow_task_completion_size_limit: limit(
                limits.workflow_task_completion_size_limit_error,
            ),
        })
    }
}

/// Zero is how servers that do not tell a limit say so.
fn limit(bytes: i64) -> Option<usize> {
    usize::try_from(bytes).ok().filter(|bytes| *bytes > 0)
}
