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
            Ok((package.to_string(), adapt(&code)?))
        })
        .collect()
}

/// What pbjson-build writes, made to use `protos/src/json` in place of the run-time crate `pbjson`.
const REPLACEMENTS: [(&str, &str); 4] = [
    (
        "::pbjson::private::NumberDeserialize<",
        "crate::json::Number<",
    ),
    (
        "::pbjson::private::BytesDeserialize<_>",
        "crate::json::Base64",
    ),
    (
        "pbjson::private::base64::encode(",
        "crate::json::encode_base64(",
    ),
    // A map is written in the order of its keys, so that the same history is always the same text.
    ("std::collections::HashMap<", "std::collections::BTreeMap<"),
];

/// A field without presence: pbjson-build has it read a value of the field's own type, which `null` is not.
const READS_FIELD: &str = "map_.next_value";
const READS_FIELD_OR_NULL: &str = "map_.next_value_or_default";
const IMPORT: &str = "use crate::json::NextValueOrDefault as _;\n";

/// Fits the code to our run-time support: `null` is any field's default, as protobuf-JSON has it,
/// and what is no number or no base64 gets an error that says so.
fn adapt(code: &str) -> Result<String, ProtosError> {
    let code = REPLACEMENTS
        .iter()
        .fold(code.to_owned(), |code, (from, to)| code.replace(from, to));
    if code.contains("pbjson") {
        return Err(ProtosError::Json(io::Error::other(
            "its code names the crate pbjson where xtask/src/protos/json.rs knows no replacement",
        )));
    }

    let mut pieces = code.split(READS_FIELD);
    let mut adapted = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let without_presence = adapted.trim_end().ends_with("Some(");
        adapted.push_str(if without_presence {
            READS_FIELD_OR_NULL
        } else {
            READS_FIELD
        });
        adapted.push_str(piece);
    }
    // A package of enums alone reads no fields.
    if adapted.contains(READS_FIELD_OR_NULL) {
        adapted.insert_str(0, IMPORT);
    }
    Ok(adapted)
}
