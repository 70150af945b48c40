//! A path in a body: `tokio::time::sleep`, `tokio::select!`.

use proc_macro2::{Punct, Spacing, TokenStream, TokenTree};

/// A path as written, without its generic arguments.
#[derive(Clone, Default)]
pub(super) struct Path {
    /// The words; `*` for a glob.
    words: Vec<String>,
    /// The tokens to point at.
    pub(super) tokens: TokenStream,
    /// Whether `!` follows.
    pub(super) is_macro: bool,
    /// Whether parentheses follow.
    pub(super) is_called: bool,
}

impl Path {
    /// Adds a word, with the `::` before it where it is not the first.
    pub(super) fn push(&mut self, word: TokenTree) {
        if !self.words.is_empty() {
            let colon = |spacing| TokenTree::Punct(Punct::new(':', spacing));
            self.tokens
                .extend([colon(Spacing::Joint), colon(Spacing::Alone)]);
        }
        self.words.push(word.to_string());
        self.tokens.extend([word]);
    }

    /// The path as people write it.
    pub(super) fn text(&self) -> String {
        let mark = if self.is_macro { "!" } else { "" };
        format!("{}{mark}", self.words.join("::"))
    }

    /// The last word.
    pub(super) fn last(&self) -> &str {
        self.words.last().map_or("", String::as_str)
    }

    /// Whether the path says that it begins in the user's own crate.
    fn is_local(&self) -> bool {
        let first = self.words.first().map_or("", String::as_str);
        matches!(first, "crate" | "self" | "super" | "Self")
    }

    /// Whether the path is one that a pattern describes.
    ///
    /// | pattern | paths |
    /// |---|---|
    /// | `Instant::now` | all that end so |
    /// | `tokio::select!` | macros that end so |
    /// | `thread_rng` | all that end so and are called: one word alone may be anything |
    /// | `reqwest::*` | all that begin so and go on |
    pub(super) fn matches(&self, pattern: &str) -> bool {
        if self.is_local() {
            return false;
        }
        if let Some(beginning) = pattern.strip_suffix("::*") {
            let mut words = self.words.iter();
            return beginning
                .split("::")
                .all(|part| words.next().is_some_and(|word| word == part))
                && words.next().is_some();
        }
        let (ending, is_macro) = match pattern.strip_suffix('!') {
            Some(ending) => (ending, true),
            None => (pattern, false),
        };
        let alone = !ending.contains("::");
        if is_macro != self.is_macro || (alone && !is_macro && !self.is_called) {
            return false;
        }
        let mut words = self.words.iter().rev();
        ending
            .rsplit("::")
            .all(|part| words.next().is_some_and(|word| word == part))
    }
}
