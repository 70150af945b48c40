//! `#[workflow]` on whatever it stands on.

use proc_macro2::TokenStream;
use quote::quote;

use super::{expand, function, options};
use crate::errors::Errors;
use crate::item::{Item, parse_item};

/// The expansion of `#[workflow(attribute)] item`.
pub(crate) fn workflow(attribute: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let options = options::workflow(attribute, &mut errors);
    let expansion = match parse_item(item.clone()) {
        Ok(Item::Function(function)) => function::expand(&function, &options, &mut errors),
        Ok(Item::Impl(block)) => expand::expand(*block, &options, &mut errors),
        Ok(Item::Other { keyword }) => {
            errors.at(
                &keyword,
                format_args!(
                    "`#[workflow]` goes on an async function or on the impl block with `#[run]`, not on a `{keyword}`"
                ),
            );
            item
        }
        Err(error) => {
            errors.push(error);
            item
        }
    };
    let errors = errors.into_tokens();
    quote!(#expansion #errors)
}
