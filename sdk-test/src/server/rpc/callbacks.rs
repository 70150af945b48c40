//! The completion callbacks that a start brings along.

use durably_protos::temporal::api::common::v1::Callback;
use durably_protos::temporal::api::common::v1::callback::Variant;
use tonic::Status;

use crate::server::refusal::{Answer, invalid};

/// Refuses callbacks that cannot be made: this server calls nobody but itself.
pub(super) fn check(callbacks: &[Callback]) -> Answer<()> {
    for callback in callbacks {
        match &callback.variant {
            Some(Variant::Nexus(nexus)) => check_url(&nexus.url)?,
            Some(Variant::Internal(_)) => {
                return Err(invalid(
                    "unsupported callback variant: *common.Callback_Internal_",
                ));
            }
            Some(Variant::NexusHandler(_)) => {
                return Err(invalid(
                    "unsupported callback variant: *common.Callback_NexusHandler_",
                ));
            }
            None => return Err(Status::unimplemented("unknown callback variant: <nil>")),
        }
    }
    Ok(())
}

fn check_url(url: &str) -> Answer<()> {
    if url.starts_with("temporal://") {
        return Ok(());
    }
    if url.starts_with("http://") || url.starts_with("https://") {
        return Err(invalid(format!(
            "invalid url: url does not match any configured callback address: {url}"
        )));
    }
    Err(invalid(format!("invalid url: unknown scheme: {url}")))
}
