//! What can be seen to be non-deterministic in the body of a workflow, as mistakes.
//!
//! What is forbidden, and how bodies are read, is in `durably-determinism`; the worker detects foreign
//! wakes and the replay detects the rest.

use durably_determinism::{Mention, rule_for, scan};
use proc_macro2::TokenStream;

use crate::errors::Errors;

/// Reports each path in the body that does not replay.
pub(crate) fn check_body(body: &TokenStream, errors: &mut Errors) {
    scan(body, &mut |mention| {
        let Mention::Path(path) = mention else {
            return;
        };
        if let Some(rule) = rule_for(&path) {
            let (text, why, instead) = (path.text(), rule.why, rule.instead);
            errors.at(
                path.tokens(),
                format_args!("`{text}` cannot be used in a workflow: it {why}; use {instead}"),
            );
        }
    });
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;

    #[test]
    fn each_path_is_a_mistake_that_names_the_remedy() {
        let mut errors = Errors::default();
        let body = quote!({ f(std::time::SystemTime::now(), ctx.now(), rand::random()) });
        check_body(&body, &mut errors);
        let messages = errors.messages();
        assert_eq!(messages.len(), 2, "{messages:?}");
        assert!(messages[0].starts_with("`std::time::SystemTime::now` cannot be used"));
        assert!(messages[0].ends_with("use `ctx.now()`"), "{}", messages[0]);
    }
}
