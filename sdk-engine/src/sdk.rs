//! What this SDK is called in histories, and which marks of it histories carry.

use durably_protos::temporal::api::sdk::v1::WorkflowTaskCompletedMetadata;

/// The SDK's name, in request headers and in `WorkflowTaskCompleted.sdk_metadata`.
pub const SDK_NAME: &str = "temporal-rust-durably";

/// The SDK's version.
pub const SDK_VERSION: &str = env!("CARGO_PKG_VERSION");

/// `sdk_name` of the Python SDK.
pub(crate) const PYTHON: &str = "temporal-python";

/// `sdk_name` of the SDKs whose histories are cut by
/// [`ChunkingRule::CoreCollapsing`](crate::ChunkingRule::CoreCollapsing).
const CORE_FAMILY: [&str; 5] = [
    "temporal-rust",
    PYTHON,
    "temporal-typescript",
    "temporal-dotnet",
    "temporal-ruby",
];

/// Whether an SDK is built on Temporal's core.
pub(crate) fn is_core_family(sdk_name: &str) -> bool {
    CORE_FAMILY.contains(&sdk_name)
}

/// Whether a task was completed by this very version.
pub(crate) fn is_own(metadata: &WorkflowTaskCompletedMetadata) -> bool {
    metadata.sdk_name == SDK_NAME && metadata.sdk_version == SDK_VERSION
}

/// What a completion says when history does not have it yet.
pub(crate) fn own_metadata() -> WorkflowTaskCompletedMetadata {
    WorkflowTaskCompletedMetadata {
        sdk_name: SDK_NAME.to_owned(),
        sdk_version: SDK_VERSION.to_owned(),
        ..WorkflowTaskCompletedMetadata::default()
    }
}
