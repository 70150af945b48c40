//! Assertions about the types of a definition, each at the type that the user wrote.

use proc_macro2::TokenStream;
use quote::quote_spanned;

use super::Definition;
use crate::signature::Parameter;

/// Asserts that the parameters can be read from payloads and that the result can be made into one.
pub(crate) fn checks(definition: &Definition<'_>) -> TokenStream {
    let Definition {
        private,
        signature,
        attributes,
        ..
    } = definition;
    if signature.broken {
        return TokenStream::new();
    }
    let pieces = attributes.for_pieces();
    let parameters = signature.parameters.iter().map(|Parameter { ty, span }| {
        quote_spanned!(*span=> #pieces const _: () = #private::check_parameter::<#ty>();)
    });
    let output = definition.output();
    quote_spanned! {signature.output.span=>
        #(#parameters)*
        #pieces
        const _: () = #private::check_result::<#output>();
    }
}
