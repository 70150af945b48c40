//! Which kind of item the attribute stands on.

use proc_macro2::TokenStream;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::{Attribute, Ident, Token, Visibility};

use super::{Function, ImplBlock};

/// An item that some attribute can stand on.
pub(crate) enum Item {
    Function(Box<Function>),
    Impl(Box<ImplBlock>),
    /// Something else, with the keyword that says what it is.
    Other {
        keyword: Ident,
    },
}

const OTHERS: [&str; 8] = [
    "struct", "enum", "union", "trait", "mod", "type", "static", "use",
];

/// Parses the item under an attribute. An error means that its tokens are no item at all.
pub(crate) fn parse_item(item: TokenStream) -> syn::Result<Item> {
    let parser = |input: ParseStream<'_>| {
        let ahead = input.fork();
        ahead.call(Attribute::parse_outer)?;
        ahead.parse::<Visibility>()?;
        let is_impl =
            ahead.peek(Token![impl]) || (ahead.peek(Token![unsafe]) && ahead.peek2(Token![impl]));
        if is_impl {
            return ImplBlock::parse(input).map(|block| Item::Impl(Box::new(block)));
        }
        let keyword = ahead.call(Ident::parse_any)?;
        if OTHERS.iter().any(|name| keyword == name) {
            input.parse::<TokenStream>()?;
            return Ok(Item::Other { keyword });
        }
        Function::parse(input).map(|function| Item::Function(Box::new(function)))
    };
    parser.parse2(item)
}
