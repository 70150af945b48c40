//! protobuf-JSON: serde implementations for what recorded histories hold.

use std::io;

use prost_types::FileDescriptorSet;

use super::ProtosError;
use super::json_reach;
use super::messages::Packages;

/// What has a JSON form; all that these hold has one too.
const ROOTS: [&str; 3] = [
    ".temporal.api.history.v1.History",
    ".temporal.api.sdk.v1.EnhancedStackTrace",
    ".temporal.api.sdk.v1.WorkflowMetadata",
];

/// The well-known types have JSON forms of their own (`"1.5s"`, RFC 3339), written by hand in `protos/src/json`.
const BY_HAND: &str = ".google.protobuf";

/// Generates the serde implementations of every package that has some.
pub(crate) fn generate(definitions: &FileDescriptorSet) -> Result<Packages, ProtosError> {
    let mut builder = pbjson_build::Builder::new();
    for file in json_reach::select(definitions, &ROOTS).file {
        builder.register_file_descriptor(file);
    }
    builder
        .btree_map(["."])
        .ignore_unknown_fields()
        .exclude([BY_HAND])
        .generate(&["."], |_| Ok(Vec::new()))
        .map_err(ProtosError::Json)?
        .into_iter()
        .map(|(package, code)| {
            let code = String::from_utf8(code)
                .map_err(|error| ProtosError::Json(io::Error::other(error)))?;
            Ok((package.to_string(), code))
        })
        .collect()
}
