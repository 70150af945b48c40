//! Field masks.

use std::collections::BTreeSet;

use durably_protos::google::protobuf::FieldMask;

use crate::server::text::camel_case;

/// The paths of a mask in lower camel case, whichever way they were given.
pub(super) fn camel_case_paths(mask: &FieldMask) -> BTreeSet<String> {
    mask.paths.iter().map(|path| camel_case(path)).collect()
}
