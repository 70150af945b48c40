//! What an update has come to.

use durably_protos::temporal::api::failure::v1::Failure as ProtoFailure;
use durably_protos::temporal::api::failure::v1::failure::FailureInfo;
use durably_protos::temporal::api::update::v1::outcome::Value;

use super::UpdateError;
use crate::failure::Failure;
use crate::payload::{FromPayload, value_from_result};

/// The type of the failure that the server makes up for an update whose workflow closed after it had
/// accepted the update.
const WORKFLOW_CLOSED: &str = "AcceptedUpdateCompletedWorkflow";

/// The result that an outcome stands for.
pub(super) fn result<T: FromPayload>(
    outcome: &Value,
    workflow_id: &str,
    update_id: &str,
) -> Result<T, UpdateError> {
    match outcome {
        Value::Success(payloads) => Ok(value_from_result(payloads.payloads.first())?),
        Value::Failure(failure) if is_workflow_closed(failure) => {
            Err(UpdateError::WorkflowClosed {
                workflow_id: workflow_id.to_owned(),
                update_id: update_id.to_owned(),
                accepted: true,
            })
        }
        Value::Failure(failure) => Err(UpdateError::Failed(Failure::from(failure.clone()))),
    }
}

fn is_workflow_closed(failure: &ProtoFailure) -> bool {
    let Some(FailureInfo::ApplicationFailureInfo(info)) = &failure.failure_info else {
        return false;
    };
    // A handler may fail with a type of that name too, but not in the server's name.
    failure.source == "Server" && info.r#type == WORKFLOW_CLOSED
}
