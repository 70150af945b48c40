//! `#[activity]` on a free function.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

use super::execute::{activity_definition, activity_implementation};
use super::options::{self, Options};
use crate::definition::{Definition, Returns, checks, function_value, plain_call};
use crate::errors::Errors;
use crate::item::{Attributes, Function, Item, parse_item};
use crate::options::registered_name;
use crate::private::Private;
use crate::signature::{Role, Signature};

/// The expansion of `#[activity(attribute)] item`.
pub(crate) fn activity(attribute: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let options = options::parse(attribute, false, &mut errors);
    let expansion = match parse_item(item.clone()) {
        Ok(Item::Function(function)) => expand(&function, &options, &mut errors),
        Ok(Item::Impl(block)) => {
            errors.at(
                &block.impl_token,
                "`#[activity]` goes on a function; on the impl write `#[activities]`, and `#[activity]` on its methods",
            );
            item
        }
        Ok(Item::Other { keyword }) => {
            errors.at(
                &keyword,
                format_args!("`#[activity]` goes on a function, not on a `{keyword}`"),
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

fn expand(function: &Function, options: &Options, errors: &mut Errors) -> TokenStream {
    let private = &Private::new(options.krate.clone());
    let attributes = &Attributes::new(function.attributes.clone());
    let signature = &Signature::check(&function.signature, Role::ActivityFunction, None, errors);
    if function.signature.receiver().is_some() {
        // A method of an impl, where no definition could stand.
        return function.to_token_stream();
    }
    let ident = &signature.ident;
    let definition = Definition {
        private,
        attributes,
        signature,
        name: registered_name(options.name.as_ref(), ident, errors),
        ty: ident.to_token_stream(),
        value: quote!(#ident {}),
        function: ident.to_token_stream(),
        self_type: None,
        returns: Returns::Activity,
    };
    let value = function_value(private, attributes, &function.visibility, ident);
    let pieces = attributes.for_pieces();
    let on_body = attributes.for_body();
    let (user_signature, body) = (&function.signature, &function.body);
    let plain_call = plain_call(&definition);
    let activity_definition = activity_definition(&definition, options);
    let activity_implementation = activity_implementation(&definition);
    let checks = checks(&definition);
    quote! {
        #value

        #pieces
        const _: () = {
            #on_body
            #user_signature #body

            #plain_call
            #activity_definition
            #activity_implementation
            #checks
        };
    }
}
