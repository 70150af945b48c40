//! A path in a body: `tokio::time::sleep`, `tokio::select!`.

use proc_macro2::{Punct, Spacing, TokenStream, TokenTree};

/// A path as written, without its generic arguments.
#[derive(Debug, Clone, Default)]
pub struct Path {
    words: Vec<String>,
    tokens: TokenStream,
    pub(crate) is_macro: bool,
    pub(crate) is_called: bool,
}

impl Path {
    /// Adds a word, with the `::` before it where it is not the first.
    pub(crate) fn push(&mut self, word: TokenTree) {
        if !self.words.is_empty() {
            let colon = |spacing| TokenTree::Punct(Punct::new(':', spacing));
            self.tokens
                .extend([colon(Spacing::Joint), colon(Spacing::Alone)]);
        }
        self.words.push(word.to_string());
        self.tokens.extend([word]);
    }

    /// Adds tokens to point at.
    pub(crate) fn extend_tokens(&mut self, tokens: Option<TokenTree>) {
        self.tokens.extend(tokens);
    }

    /// The path with other words: what it stands for, say, after an import was followed.
    #[must_use]
    pub fn with_words(mut self, words: Vec<String>) -> Self {
        self.words = words;
        self
    }

    /// The words; `*` for a glob.
    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// The tokens to point at.
    pub fn tokens(&self) -> &TokenStream {
        &self.tokens
    }

    /// Whether `!` follows.
    pub fn is_macro(&self) -> bool {
        self.is_macro
    }

    /// Whether parentheses follow.
    pub fn is_called(&self) -> bool {
        self.is_called
    }

    /// The path as people write it.
    pub fn text(&self) -> String {
        let mark = if self.is_macro { "!" } else { "" };
        format!("{}{mark}", self.words.join("::"))
    }

    /// The last word.
    pub fn last(&self) -> &str {
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
    pub fn matches(&self, pattern: &str) -> bool {
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
