//! Messages: prost types, one file for each package.

use std::collections::BTreeMap;

use prost_build::{Config, Module};
use prost_types::FileDescriptorSet;

use super::ProtosError;

/// Rust code by protobuf package.
pub(crate) type Packages = BTreeMap<String, String>;

/// Fields that are kept behind a `Box`, so that events and commands are small to move and to keep.
///
/// A history is a `Vec` of events, and a few variants of `attributes` are far larger than the usual ones:
/// one allocation for each event is cheaper than making room for the largest everywhere. The others are
/// large, and nearly always absent.
const BOXED_FIELDS: [&str; 11] = [
    ".temporal.api.command.v1.Command.attributes",
    ".temporal.api.command.v1.Command.user_metadata",
    ".temporal.api.failure.v1.Failure.encoded_attributes",
    ".temporal.api.history.v1.ActivityTaskCompletedEventAttributes.worker_version",
    ".temporal.api.history.v1.ActivityTaskStartedEventAttributes.last_failure",
    ".temporal.api.history.v1.HistoryEvent.attributes",
    ".temporal.api.history.v1.HistoryEvent.principal",
    ".temporal.api.history.v1.HistoryEvent.user_metadata",
    ".temporal.api.history.v1.WorkflowTaskCompletedEventAttributes.deployment",
    ".temporal.api.history.v1.WorkflowTaskCompletedEventAttributes.deployment_version",
    ".temporal.api.history.v1.WorkflowTaskCompletedEventAttributes.sdk_metadata",
];

/// What is written by hand, in `protos/src/payload`, and the package that it belongs to.
const BY_HAND: [&str; 2] = ["Payload", "Payloads"];
const BY_HAND_PACKAGE: &str = "temporal.api.common.v1";
const BY_HAND_MODULE: &str = "crate::temporal::api::common::v1";
const BY_HAND_IMPORTS: &str = "pub use crate::payload::Payload;
pub use crate::payload::Payloads;
pub use crate::payload::external as payload;
";

/// Derives that prost writes for every message that can have them. `Eq` and `Hash` of large messages cost every
/// user's build, and nothing uses them; messages small enough to be `Copy` (`Timestamp`, `Duration`) keep them.
const DERIVES_BY_PROST: &str = "#[derive(Clone, PartialEq, Eq, Hash, ::prost::Message)]";
const DERIVES_KEPT: &str = "#[derive(Clone, PartialEq, ::prost::Message)]";
const ONEOF_DERIVES_BY_PROST: &str = "#[derive(Clone, PartialEq, Eq, Hash, ::prost::Oneof)]";
const ONEOF_DERIVES_KEPT: &str = "#[derive(Clone, PartialEq, ::prost::Oneof)]";

/// Generates the messages of every package.
pub(crate) fn generate(definitions: &FileDescriptorSet) -> Result<Packages, ProtosError> {
    let packages = config()
        .generate(requests(definitions))
        .map_err(ProtosError::Messages)?;
    Ok(packages
        .into_iter()
        .map(|(module, code)| (package_name(&module), keep_derives_minimal(&code)))
        .map(|(package, code)| match package.as_str() {
            BY_HAND_PACKAGE => (package, format!("{BY_HAND_IMPORTS}{code}")),
            _ => (package, code),
        })
        .collect())
}

/// What prost needs to know, for messages as well as for the services that name them.
pub(crate) fn config() -> Config {
    let mut config = Config::new();
    config
        .bytes(["."])
        .btree_map(["."])
        .compile_well_known_types()
        .enable_type_names()
        .type_name_domain(["."], "type.googleapis.com")
        .disable_comments(["."]);
    for field in BOXED_FIELDS {
        config.boxed(field);
    }
    for message in BY_HAND {
        config.extern_path(
            format!(".{BY_HAND_PACKAGE}.{message}"),
            format!("{BY_HAND_MODULE}::{message}"),
        );
    }
    config
}

/// The descriptors as prost-build takes them: each with the module of its package.
pub(crate) fn requests(
    definitions: &FileDescriptorSet,
) -> Vec<(Module, prost_types::FileDescriptorProto)> {
    definitions
        .file
        .iter()
        .map(|file| {
            (
                Module::from_protobuf_package_name(file.package()),
                file.clone(),
            )
        })
        .collect()
}

/// The package of a module; no published package has a name that Rust would spell otherwise.
pub(crate) fn package_name(module: &Module) -> String {
    module.parts().collect::<Vec<_>>().join(".")
}

fn keep_derives_minimal(code: &str) -> String {
    code.replace(DERIVES_BY_PROST, DERIVES_KEPT)
        .replace(ONEOF_DERIVES_BY_PROST, ONEOF_DERIVES_KEPT)
}
