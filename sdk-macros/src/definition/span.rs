//! Where the compiler points for generated tokens.

use proc_macro2::{Group, Span, TokenStream, TokenTree};

/// The same tokens, all at one place.
pub(crate) fn respan(tokens: TokenStream, span: Span) -> TokenStream {
    tokens
        .into_iter()
        .map(|token| match token {
            TokenTree::Group(group) => {
                let mut copy = Group::new(group.delimiter(), respan(group.stream(), span));
                copy.set_span(span);
                TokenTree::Group(copy)
            }
            mut token => {
                token.set_span(span);
                token
            }
        })
        .collect()
}
