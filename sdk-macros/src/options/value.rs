//! Values of options, each with a message of its own for what is not one.

use std::fmt::Display;
use std::str::FromStr;

use proc_macro2::TokenStream;
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::{Ident, Lit, LitStr, Path, Token};

use super::Entry;
use super::entry::Value;
use crate::errors::Errors;

/// `key = "text"`.
pub(crate) fn text(entry: &Entry, example: &str) -> syn::Result<LitStr> {
    let tokens = entry.assigned(example)?;
    syn::parse2::<LitStr>(tokens.clone()).map_err(|_| {
        let key = &entry.key;
        syn::Error::new_spanned(tokens, format_args!("`{key}` is text: `{key} = {example}`"))
    })
}

/// `key = ["text", "text"]`.
pub(crate) fn texts(entry: &Entry, example: &str) -> syn::Result<Vec<LitStr>> {
    let tokens = entry.assigned(example)?;
    let list = |input: syn::parse::ParseStream<'_>| {
        let content;
        syn::bracketed!(content in input);
        Punctuated::<LitStr, Token![,]>::parse_terminated(&content)
    };
    match list.parse2(tokens.clone()) {
        Ok(texts) => Ok(texts.into_iter().collect()),
        Err(_) => Err(syn::Error::new_spanned(
            tokens,
            format_args!("`{0}` is a list of texts: `{0} = {example}`", entry.key),
        )),
    }
}

/// `key = 5`.
pub(crate) fn integer<T: FromStr<Err: Display>>(entry: &Entry, example: &str) -> syn::Result<T> {
    let tokens = entry.assigned(example)?;
    match syn::parse2::<Lit>(tokens.clone()) {
        Ok(Lit::Int(literal)) if !literal.base10_digits().starts_with('-') => {
            literal.base10_parse()
        }
        _ => Err(syn::Error::new_spanned(
            tokens,
            format_args!(
                "`{0}` is a whole number, not negative: `{0} = {example}`",
                entry.key
            ),
        )),
    }
}

/// `key = 2.0` or `key = 2`.
pub(crate) fn float(entry: &Entry, example: &str) -> syn::Result<f64> {
    let tokens = entry.assigned(example)?;
    match syn::parse2::<Lit>(tokens.clone()) {
        Ok(Lit::Float(literal)) => literal.base10_parse(),
        Ok(Lit::Int(literal)) => literal.base10_parse(),
        _ => Err(syn::Error::new_spanned(
            tokens,
            format_args!("`{0}` is a number: `{0} = {example}`", entry.key),
        )),
    }
}

/// `key` alone. It counts in spite of a value, which is a mistake.
pub(crate) fn flag(entry: &Entry, errors: &mut Errors) -> Ident {
    match entry.value {
        Value::Missing => {}
        Value::Assigned(_) | Value::List(_) => errors.at_span(
            entry.value_span(),
            format_args!("`{0}` takes no value: write `{0}` alone", entry.key),
        ),
    }
    entry.key.clone()
}

/// `key(..)`.
pub(crate) fn list(entry: &Entry, example: &str) -> syn::Result<TokenStream> {
    entry.parenthesized(example)
}

/// `crate = path`.
pub(crate) fn crate_path(entry: &Entry) -> syn::Result<Path> {
    let tokens = entry.assigned("my_crate::durably")?;
    Path::parse_mod_style.parse2(tokens.clone()).map_err(|_| {
        syn::Error::new_spanned(
            tokens,
            "`crate` is the path under which the crate `durably` is found: `crate = my_crate::durably`",
        )
    })
}

/// `key = word`.
pub(crate) fn word(entry: &Entry, example: &str, supported: &str) -> syn::Result<Ident> {
    let tokens = entry.assigned(example)?;
    syn::parse2::<Ident>(tokens.clone()).map_err(|_| {
        syn::Error::new_spanned(
            tokens,
            format_args!("`{0}` is one of {supported}: `{0} = {example}`", entry.key),
        )
    })
}
