//! Names in camel case.

/// `retry_policy.maximum_attempts` as `retryPolicy.maximumAttempts`; what is in camel case stays so.
pub(crate) fn camel_case(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    let mut rises = false;
    for letter in name.chars() {
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
        for name in [
            "retry_policy.maximum_attempts",
            "retryPolicy.maximumAttempts",
        ] {
            assert_eq!(camel_case(name), "retryPolicy.maximumAttempts");
        }
        assert_eq!(camel_case("_bad_binary"), "BadBinary");
    }
}
