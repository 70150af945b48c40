//! The type whose impl block is expanded.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::Visibility;
use syn::ext::IdentExt;

use super::{Definition, Returns, associated_value, plain_call};
use crate::errors::Errors;
use crate::item::{Attributes, ImplBlock};
use crate::private::Private;
use crate::signature::Signature;

/// What every part of the expansion needs to know of the type.
pub(crate) struct Owner {
    pub(crate) private: Private,
    pub(crate) self_type: TokenStream,
    pub(crate) self_name: Ident,
    /// The hidden trait with the marked methods.
    pub(crate) trait_name: Ident,
}

/// What one method becomes.
#[derive(Default)]
pub(crate) struct Parts {
    /// Items beside the impl.
    pub(crate) items: TokenStream,
    /// The associated constant.
    pub(crate) constants: TokenStream,
}

impl Owner {
    /// The type of the block, for an attribute that is written so. Nothing where definitions cannot
    /// stand, after the mistake was noted.
    pub(crate) fn of(
        block: &ImplBlock,
        private: Private,
        attribute: &str,
        errors: &mut Errors,
    ) -> Option<Self> {
        let self_name = block.check(attribute, errors)?;
        let kind = attribute.trim_matches(['#', '[', ']']);
        Some(Self {
            private,
            self_type: block.self_type.to_token_stream(),
            trait_name: format_ident!("{self_name}_{kind}"),
            self_name,
        })
    }

    /// The definition that one of the methods becomes.
    pub(crate) fn definition<'a>(
        &'a self,
        attributes: &'a Attributes,
        signature: &'a Signature,
        returns: Returns,
        name: String,
    ) -> Definition<'a> {
        let Self {
            private,
            self_type,
            trait_name,
            ..
        } = self;
        let ident = &signature.ident;
        let struct_ident = self.struct_ident(ident);
        Definition {
            private,
            attributes,
            signature,
            name,
            ty: quote!(#struct_ident<#self_type>),
            value: quote!(<#self_type>::#ident),
            function: quote!(<#self_type as #trait_name>::#ident),
            self_type: Some(self_type),
            returns,
        }
    }

    /// The definition's value, and the plain call through it.
    pub(crate) fn value(&self, definition: &Definition<'_>, visibility: &Visibility) -> Parts {
        let ident = &definition.signature.ident;
        let mut parts = associated_value(
            &self.private,
            definition.attributes,
            visibility,
            (&self.self_type, &self.self_name),
            (ident, &self.struct_ident(ident)),
        );
        parts.items.extend(plain_call(definition));
        parts
    }

    /// The definition's type, without its parameter.
    pub(crate) fn struct_ident(&self, ident: &Ident) -> Ident {
        format_ident!("{}_{}", self.self_name, ident.unraw())
    }

    /// The block with the constants in it, the methods in the hidden trait, and the items beside it.
    pub(crate) fn block(
        &self,
        attributes: Attributes,
        others: &TokenStream,
        hidden_trait: &TokenStream,
        parts: &Parts,
        allowed_lints: &TokenStream,
    ) -> TokenStream {
        let self_type = &self.self_type;
        let Parts { items, constants } = parts;
        let on_items = attributes.for_pieces();
        quote! {
            #on_items
            #[allow(#allowed_lints)]
            const _: () = {
                #attributes
                impl #self_type {
                    #constants
                    #others
                }

                #hidden_trait
                #items
            };
        }
    }
}

impl Parts {
    pub(crate) fn extend(&mut self, other: Self) {
        self.items.extend(other.items);
        self.constants.extend(other.constants);
    }
}
