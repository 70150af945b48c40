//! Finds the paths in a body.

use std::iter::Peekable;

use proc_macro2::token_stream::IntoIter;
use proc_macro2::{Delimiter, Group, Spacing, TokenStream, TokenTree};

use super::path::Path;
use super::rules::rule_for;
use crate::errors::Errors;

/// The macro whose arguments are not looked at.
const EXEMPT: &str = "allow_nondeterminism";

/// Reports each path in the body that does not replay.
pub(crate) fn check_body(body: &TokenStream, errors: &mut Errors) {
    let mut scanner = Scanner { errors };
    scanner.scan(body.clone());
}

type Tokens = Peekable<IntoIter>;

struct Scanner<'a> {
    errors: &'a mut Errors,
}

impl Scanner<'_> {
    fn scan(&mut self, tokens: TokenStream) {
        let mut tokens = tokens.into_iter().peekable();
        let mut after_dot = false;
        while let Some(token) = tokens.next() {
            let is_dot = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == '.');
            match token {
                // A method's name is no path.
                TokenTree::Ident(_) if after_dot => {}
                TokenTree::Ident(_) => {
                    let mut path = Path::default();
                    path.push(token);
                    self.path(path, &mut tokens);
                }
                TokenTree::Group(group) => self.scan(group.stream()),
                TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
            after_dot = is_dot;
        }
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
                path.tokens.extend(tokens.next());
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
        if let Some(rule) = rule_for(&path) {
            let text = path.text();
            let (why, instead) = (rule.why, rule.instead);
            self.errors.at(
                &path.tokens,
                format_args!("`{text}` cannot be used in a workflow: it {why}; use {instead}"),
            );
        }
    }
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

    /// The paths that are reported.
    fn reported(body: TokenStream) -> Vec<String> {
        let mut errors = Errors::default();
        check_body(&body, &mut errors);
        errors
            .messages()
            .iter()
            .map(|message| message.split('`').nth(1).unwrap_or("").to_owned())
            .collect()
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
    }
}
