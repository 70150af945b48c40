//! What this SDK is called in histories, and which marks of it histories carry.

use durably_protos::temporal::api::sdk::v1::WorkflowTaskCompletedMetadata;

/// The SDK's name, in request headers and in `WorkflowTaskCompleted.sdk_metadata`.
pub const SDK_NAME: &str = "temporal-rust-durably";

/// The SDK's version.
pub const SDK_VERSION: &str = env!("CARGO_PKG_VERSION");

/// `sdk_name` of the Python SDK.
pub(crate) const PYTHON: &str = "temporal-python";

/// `sdk_name` of the Go SDK.
pub(crate) const GO: &str = "temporal-go";

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

/// The flag of the Python and TypeScript SDKs by which everything that a task brings is given to the
/// code before it runs; without it signals and updates are, and the rest after what they set going.
const SINGLE_BATCH: u32 = 2;

/// What a run keeps for life of the SDK that completed its first task (protocol 10.2).
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Recorder {
    /// Ends of activities, children and Nexus operations wake the code after those of timers and of
    /// messages to other workflows: in the Python SDK each of them is a task of its own, which is
    /// run first.
    pub(crate) tasks_between: bool,
    /// The code runs for signals and updates before it learns of the rest.
    pub(crate) messages_apart: bool,
}

impl Recorder {
    pub(crate) fn of(sdk_name: &str) -> Self {
        Self {
            tasks_between: sdk_name == PYTHON,
            messages_apart: matches!(sdk_name, PYTHON | "temporal-typescript"),
        }
    }

    /// What a completion says counts for its own task.
    pub(crate) fn note(&mut self, metadata: &WorkflowTaskCompletedMetadata) {
        if metadata.lang_used_flags.contains(&SINGLE_BATCH) {
            self.messages_apart = false;
        }
    }
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
