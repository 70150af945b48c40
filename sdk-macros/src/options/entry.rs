//! One option, before its value is looked at.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};

use crate::errors::Errors;

/// `key = value` or `key(list)`.
pub(crate) struct Entry {
    pub(crate) key: Ident,
    pub(crate) value: Value,
}

/// What follows the key.
pub(crate) enum Value {
    /// Nothing, or an `=` with nothing behind it.
    Missing,
    /// The tokens after `=`.
    Assigned(TokenStream),
    /// The parentheses.
    List(Group),
}

/// The options that a place knows, and what people write instead of them.
pub(crate) struct Known {
    /// The attribute, as it is written: `#[activity]`.
    pub(crate) attribute: &'static str,
    /// The keys, in the order of the documentation.
    pub(crate) keys: &'static [&'static str],
    /// Plausible wrong keys, each with what to write instead.
    pub(crate) instead: &'static [(&'static str, &'static str)],
}

impl Known {
    /// Whether the key is an option here; a mistake otherwise.
    fn accepts(&self, key: &Ident, errors: &mut Errors) -> bool {
        let written = key.unraw().to_string();
        if self.keys.contains(&written.as_str()) {
            return true;
        }
        let attribute = self.attribute;
        if let Some((_, instead)) = self.instead.iter().find(|(wrong, _)| *wrong == written) {
            errors.at(key, format_args!("unknown option `{written}`; {instead}"));
        } else if self.keys.is_empty() {
            errors.at(key, format_args!("`{attribute}` takes no options"));
        } else {
            let keys = self
                .keys
                .iter()
                .map(|key| format!("`{key}`"))
                .collect::<Vec<_>>()
                .join(", ");
            errors.at(
                key,
                format_args!("unknown option `{written}`; `{attribute}` takes {keys}"),
            );
        }
        false
    }
}

/// Reads the options of one attribute. Unknown ones, repeated ones and tokens that are no option at
/// all are noted and left out.
pub(crate) fn entries(tokens: TokenStream, known: &Known, errors: &mut Errors) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    for tokens in split_at_commas(tokens) {
        let Some(entry) = errors.ok(parse_entry.parse2(tokens)) else {
            continue;
        };
        if !known.accepts(&entry.key, errors) {
            continue;
        }
        if entries.iter().any(|earlier| earlier.key == entry.key) {
            errors.at(
                &entry.key,
                format_args!("`{}` is given twice; keep one", entry.key),
            );
            continue;
        }
        entries.push(entry);
    }
    entries
}

fn parse_entry(input: ParseStream<'_>) -> syn::Result<Entry> {
    if !input.peek(syn::Ident::peek_any) {
        return Err(input.error("expected an option: `name = \"..\"`"));
    }
    let key = input.call(syn::Ident::parse_any)?;
    let value = if input.is_empty() {
        Value::Missing
    } else if input.peek(syn::Token![=]) {
        input.parse::<syn::Token![=]>()?;
        let value: TokenStream = input.parse()?;
        if value.is_empty() {
            Value::Missing
        } else {
            Value::Assigned(value)
        }
    } else if input.peek(syn::token::Paren) {
        Value::List(input.parse()?)
    } else {
        return Err(input.error(format_args!("expected `=` or `(` after `{key}`")));
    };
    if !input.is_empty() {
        return Err(input.error("expected `,`"));
    }
    Ok(Entry { key, value })
}

/// The tokens between the commas; empty stretches are left out.
fn split_at_commas(tokens: TokenStream) -> Vec<TokenStream> {
    let mut stretches = Vec::new();
    let mut stretch = TokenStream::new();
    for token in tokens {
        match &token {
            TokenTree::Punct(punct) if punct.as_char() == ',' => {
                stretches.push(std::mem::take(&mut stretch));
            }
            _ => stretch.extend([token]),
        }
    }
    stretches.push(stretch);
    stretches.retain(|stretch| !stretch.is_empty());
    stretches
}

impl Entry {
    /// The tokens after `=`; a mistake where there are none.
    pub(super) fn assigned(&self, example: &str) -> syn::Result<&TokenStream> {
        match &self.value {
            Value::Assigned(tokens) => Ok(tokens),
            Value::Missing | Value::List(_) => Err(syn::Error::new(
                self.key.span(),
                format_args!("`{}` needs a value: `{} = {example}`", self.key, self.key),
            )),
        }
    }

    /// The tokens between the parentheses; a mistake where there are none.
    pub(super) fn parenthesized(&self, example: &str) -> syn::Result<TokenStream> {
        match &self.value {
            Value::List(group) if group.delimiter() == Delimiter::Parenthesis => Ok(group.stream()),
            Value::List(_) | Value::Missing | Value::Assigned(_) => Err(syn::Error::new(
                self.key.span(),
                format_args!(
                    "`{}` takes a list of its own: `{}({example})`",
                    self.key, self.key
                ),
            )),
        }
    }

    /// Where the value stands; the key where there is none.
    pub(crate) fn value_span(&self) -> Span {
        match &self.value {
            Value::Missing => self.key.span(),
            Value::Assigned(tokens) => tokens
                .to_token_stream()
                .into_iter()
                .next()
                .map_or(self.key.span(), |token| token.span()),
            Value::List(group) => group.span(),
        }
    }
}
