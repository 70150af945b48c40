//! The value that stands for the definition, under the function's own name.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::Visibility;

use super::Parts;
use crate::item::Attributes;
use crate::private::Private;

/// For a free function: a unit struct of its name.
pub(crate) fn function_value(
    private: &Private,
    attributes: &Attributes,
    visibility: &Visibility,
    ident: &Ident,
) -> TokenStream {
    let attributes = attributes.for_definition();
    quote! {
        #attributes
        #[allow(non_camel_case_types)]
        #[derive(#private::Clone, #private::Copy, #private::Debug)]
        #visibility struct #ident;
    }
}

/// For a method: an associated constant of its name, and the constant's type.
///
/// The type is generic over the user's type only so that it is never more visible than that type: a
/// trait impl for it may then name whatever the user's type may.
pub(super) fn associated_value(
    private: &Private,
    attributes: &Attributes,
    visibility: &Visibility,
    (self_type, self_name): (&TokenStream, &Ident),
    (ident, struct_ident): (&Ident, &Ident),
) -> Parts {
    let on_definition = attributes.for_definition();
    let on_piece = attributes.for_pieces();
    let label = format!("{self_name}::{ident}");
    let items = quote! {
        #on_piece
        #[doc(hidden)]
        #[allow(non_camel_case_types, unnameable_types, unreachable_pub)]
        #visibility struct #struct_ident<T = #self_type>(#private::PhantomData<fn() -> T>);

        #on_piece
        #[automatically_derived]
        impl #private::Clone for #struct_ident<#self_type> {
            fn clone(&self) -> Self {
                *self
            }
        }

        #on_piece
        #[automatically_derived]
        impl #private::Copy for #struct_ident<#self_type> {}

        #on_piece
        #[automatically_derived]
        impl #private::Debug for #struct_ident<#self_type> {
            fn fmt(&self, __formatter: &mut #private::Formatter<'_>) -> #private::FmtResult {
                __formatter.write_str(#label)
            }
        }
    };
    // The registered method is in use even where nothing in this program names it.
    let constants = quote! {
        #on_definition
        #[allow(non_upper_case_globals, dead_code)]
        #visibility const #ident: #struct_ident<#self_type> = #struct_ident(#private::PhantomData);
    };
    Parts { items, constants }
}
