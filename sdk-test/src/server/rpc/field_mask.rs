//! Field masks.

use std::collections::BTreeSet;

use durably_protos::google::protobuf::FieldMask;

/// The paths of a mask in lower camel case, whichever way they were given.
pub(super) fn camel_case_paths(mask: &FieldMask) -> BTreeSet<String> {
    mask.paths.iter().map(|path| camel_case(path)).collect()
}

fn camel_case(path: &str) -> String {
    let mut text = String::with_capacity(path.len());
    let mut rises = false;
    for letter in path.chars() {
        match letter {
            '_' => rises = true,
            letter if rises => {
                text.extend(letter.to_uppercase());
                rises = false;
            }
            letter => text.push(letter),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_of_writing_are_one() {
        for path in [
            "retry_policy.maximum_attempts",
            "retryPolicy.maximumAttempts",
        ] {
            assert_eq!(camel_case(path), "retryPolicy.maximumAttempts");
        }
    }
}
