//! Finds the paths in a body.

use std::iter::Peekable;

use proc_macro2::token_stream::IntoIter;
use proc_macro2::{Delimiter, Group, Ident, Spacing, TokenStream, TokenTree};

use crate::Path;

/// The macro whose arguments are not looked at.
const EXEMPT: &str = "allow_nondeterminism";

/// The methods whose arguments are not looked at: what they give is recorded, not made again.
const RECORDED: [&str; 2] = ["side_effect", "mutable_side_effect"];

/// Something that a body names.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Mention {
    /// A path: `tokio::time::sleep`, also with one word alone, as `total` in `total(x)`.
    Path(Path),
    /// A method that is called: `order.total()`.
    Method(Method),
}

/// A method that is called.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Method {
    /// The method's name.
    pub name: Ident,
    /// What it is called on, if that is a word alone: `self`, `order`.
    pub receiver: Option<String>,
}

/// Hands each path and each method of the body to `visit`, in the order in which they are written,
/// without those that are exempt.
pub fn scan(body: &TokenStream, visit: &mut dyn FnMut(Mention)) {
    Scanner { visit }.scan(body.clone());
}

type Tokens = Peekable<IntoIter>;

struct Scanner<'a> {
    visit: &'a mut dyn FnMut(Mention),
}

/// What came just before a token.
#[derive(Default)]
struct Before {
    /// The dot of a field or method, not that of a range.
    dot: bool,
    /// A dot of any kind.
    any_dot: bool,
    /// A word alone, or a word alone with a dot after it.
    word: Option<String>,
}

impl Scanner<'_> {
    fn scan(&mut self, tokens: TokenStream) {
        let mut tokens = tokens.into_iter().peekable();
        let mut before = Before::default();
        while let Some(token) = tokens.next() {
            before = match token {
                TokenTree::Ident(name) if before.dot => {
                    self.after_dot(name, before.word, &mut tokens);
                    Before::default()
                }
                TokenTree::Ident(word) => {
                    let text = word.to_string();
                    let mut path = Path::default();
                    path.push(TokenTree::Ident(word));
                    let alone = !next_is(&mut tokens, ':') && !next_is(&mut tokens, '!');
                    self.path(path, &mut tokens);
                    Before {
                        word: alone.then_some(text),
                        ..Before::default()
                    }
                }
                TokenTree::Group(group) => {
                    self.scan(group.stream());
                    Before::default()
                }
                TokenTree::Punct(punct) if punct.as_char() == '.' => Before {
                    dot: !before.any_dot && !next_is(&mut tokens, '.'),
                    any_dot: true,
                    word: before.word,
                },
                TokenTree::Punct(_) | TokenTree::Literal(_) => Before::default(),
            };
        }
    }

    /// A field, or a method that is called.
    fn after_dot(&mut self, name: Ident, receiver: Option<String>, tokens: &mut Tokens) {
        let has_arguments = |token: &TokenTree| matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis);
        let is_called = tokens.peek().is_some_and(has_arguments);
        if !is_called && !next_is(tokens, ':') {
            return;
        }
        if RECORDED.iter().any(|recorded| name == recorded) {
            while tokens.next_if(|token| !has_arguments(token)).is_some() {}
            tokens.next();
        }
        (self.visit)(Mention::Method(Method { name, receiver }));
    }

    /// Reads on after the first words of a path.
    fn path(&mut self, mut path: Path, tokens: &mut Tokens) {
        while next_is_path_separator(tokens) {
            match tokens.peek() {
                Some(TokenTree::Ident(_)) => {}
                Some(TokenTree::Punct(punct)) if punct.as_char() == '*' => {}
                // `use a::{b, c}`
                Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                    let group = group.clone();
                    tokens.next();
                    return self.tree(&path, &group);
                }
                // `::<T>`: what is between the brackets is scanned as it comes.
                _ => break,
            }
            if let Some(word) = tokens.next() {
                path.push(word);
            }
        }
        self.end(path, tokens);
    }

    /// The branches of a `use` tree.
    fn tree(&mut self, beginning: &Path, group: &Group) {
        let mut tokens = group.stream().into_iter().peekable();
        while let Some(token) = tokens.next() {
            let is_branch = match &token {
                TokenTree::Ident(ident) => ident != "self",
                TokenTree::Punct(punct) => punct.as_char() == '*',
                TokenTree::Group(_) | TokenTree::Literal(_) => false,
            };
            if is_branch {
                let mut path = beginning.clone();
                path.push(token);
                self.path(path, &mut tokens);
            }
        }
    }

    fn end(&mut self, mut path: Path, tokens: &mut Tokens) {
        match tokens.peek() {
            // Not `!=`.
            Some(TokenTree::Punct(punct))
                if punct.as_char() == '!' && punct.spacing() == Spacing::Alone =>
            {
                path.is_macro = true;
                path.extend_tokens(tokens.next());
                if path.last() == EXEMPT && matches!(tokens.peek(), Some(TokenTree::Group(_))) {
                    tokens.next();
                    return;
                }
            }
            Some(TokenTree::Group(group)) => {
                path.is_called = group.delimiter() == Delimiter::Parenthesis;
            }
            _ => {}
        }
        (self.visit)(Mention::Path(path));
    }
}

/// Whether this sign comes next.
fn next_is(tokens: &mut Tokens, sign: char) -> bool {
    matches!(tokens.peek(), Some(TokenTree::Punct(punct)) if punct.as_char() == sign)
}

/// Takes a `::` off the tokens.
fn next_is_path_separator(tokens: &mut Tokens) -> bool {
    let colon = |token: &TokenTree, spacing| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ':' && punct.spacing() == spacing);
    if tokens
        .next_if(|token| colon(token, Spacing::Joint))
        .is_none()
    {
        return false;
    }
    tokens
        .next_if(|token| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ':'))
        .is_some()
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;
    use crate::rule_for;

    /// The paths that a rule forbids.
    fn reported(body: TokenStream) -> Vec<String> {
        let mut texts = Vec::new();
        scan(&body, &mut |mention| match mention {
            Mention::Path(path) if rule_for(&path).is_some() => {
                texts.push(path.text());
            }
            _ => {}
        });
        texts
    }

    /// The methods that are called, with what they are called on.
    fn methods(body: TokenStream) -> Vec<String> {
        let mut texts = Vec::new();
        scan(&body, &mut |mention| {
            if let Mention::Method(Method { name, receiver }) = mention {
                texts.push(format!("{}.{name}", receiver.unwrap_or_default()));
            }
        });
        texts
    }

    #[test]
    fn paths_however_they_are_written() {
        let body = quote!({
            let a = std::time::SystemTime::now();
            let b = ::std::time::Instant::now().elapsed();
            let c = rand::random::<u64>() + thread_rng().gen();
            let d = format!("{} {}", Uuid::new_v4(), vec![fastrand::u8(..)].len());
            tokio::select! { _ = tokio::time::sleep(d) => {} }
            move || async { fs::read("x") };
        });
        assert_eq!(
            reported(body),
            [
                "std::time::SystemTime::now",
                "std::time::Instant::now",
                "rand::random",
                "thread_rng",
                "Uuid::new_v4",
                "fastrand::u8",
                "tokio::select!",
                "tokio::time::sleep",
                "fs::read",
            ]
        );
    }

    #[test]
    fn imports_in_the_body() {
        let body = quote!({
            use std::{env::*, fs::File, net::SocketAddr};
            use tokio::{
                sync::{mpsc, oneshot},
                time::{self, Duration},
            };
        });
        assert_eq!(
            reported(body),
            [
                "std::env::*",
                "std::fs::File",
                "tokio::sync::mpsc",
                "tokio::sync::oneshot"
            ]
        );
    }

    #[test]
    fn what_is_fine() {
        let body = quote!({
            let now = ctx.now();
            let rng = ctx.thread_rng().random();
            let until = now + std::time::Duration::from_secs(1);
            let address: std::net::IpAddr = parse(text)?;
            if a != b || !tokio { return Err(SystemTime::UNIX_EPOCH) }
            crate::time::sleep(1);
            self::fs::read(2);
            durably::select! { a => b }
            let thread_rng = fastrand::Rng::with_seed(1);
            println!("{}", thread_rng);
            x as u32 < y && z::<u32>::new();
        });
        assert_eq!(reported(body), [""; 0]);
    }

    #[test]
    fn what_is_exempt() {
        let body = quote!({
            let a = allow_nondeterminism!(SystemTime::now());
            let b = durably::allow_nondeterminism! { f(|| Instant::now()) };
            Local::now()
        });
        assert_eq!(reported(body), ["Local::now"]);
        let body = quote!({
            let a = ctx.side_effect(|| std::process::id());
            let b = ctx.mutable_side_effect::<u64>("x", || rand::random());
            std::env::var("HOME")
        });
        assert_eq!(reported(body), ["std::env::var"]);
    }

    #[test]
    fn methods_and_what_they_are_called_on() {
        let body = quote!({
            self.total(order.price());
            self.field.tax::<u8>(1)?.round();
            let range = 0..limit(2);
            (a.b, a.1.c(), f(x).d().await)
        });
        assert_eq!(
            methods(body),
            ["self.total", "order.price", ".tax", ".round", ".c", ".d"]
        );
        assert_eq!(reported(quote!(0..thread_rng())), ["thread_rng"]);
    }
}
