//! `Self`, which means another type once a signature is repeated in the impl of a definition.

use proc_macro2::{Group, TokenStream, TokenTree};
use quote::quote;

/// The tokens with the type itself in place of `Self`.
pub(crate) fn replace_self(tokens: TokenStream, self_type: Option<&TokenStream>) -> TokenStream {
    let Some(self_type) = self_type else {
        return tokens;
    };
    let mut replaced = TokenStream::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Ident(ident) if ident == "Self" => {
                let begins_path = matches!(tokens.peek(), Some(TokenTree::Punct(punct)) if punct.as_char() == ':');
                replaced.extend(if begins_path {
                    quote!(<#self_type>)
                } else {
                    self_type.clone()
                });
            }
            TokenTree::Group(group) => {
                let inside = replace_self(group.stream(), Some(self_type));
                let mut copy = Group::new(group.delimiter(), inside);
                copy.set_span(group.span());
                replaced.extend([TokenTree::Group(copy)]);
            }
            other => replaced.extend([other]),
        }
    }
    replaced
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(tokens: TokenStream, expected: &str) {
        let replaced = replace_self(tokens, Some(&quote!(Inventory<Postgres>)));
        assert_eq!(replaced.to_string().replace(' ', ""), expected);
    }

    #[test]
    fn everywhere_it_may_stand() {
        check(quote!(Self), "Inventory<Postgres>");
        check(quote!(Vec<Self>), "Vec<Inventory<Postgres>>");
        check(
            quote!((u32, [u8; Self::SIZE])),
            "(u32,[u8;<Inventory<Postgres>>::SIZE])",
        );
        check(quote!(Selfish), "Selfish");
    }
}
