//! The type whose impl is expanded.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::Visibility;
use syn::ext::IdentExt;

use crate::definition::{Definition, Returns, associated_value, plain_call};
use crate::item::Attributes;
use crate::private::Private;
use crate::signature::Signature;

/// What every part of the expansion needs to know of the type.
#[derive(Clone, Copy)]
pub(super) struct Owner<'a> {
    pub(super) private: &'a Private,
    pub(super) self_type: &'a TokenStream,
    pub(super) self_name: &'a Ident,
    /// The hidden trait with the marked methods.
    pub(super) trait_name: &'a Ident,
}

impl<'a> Owner<'a> {
    /// The definition that one of the methods becomes.
    pub(super) fn definition(
        self,
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
    pub(super) fn value(self, definition: &Definition<'_>, visibility: &Visibility) -> TokenStream {
        let ident = &definition.signature.ident;
        let value = associated_value(
            self.private,
            definition.attributes,
            visibility,
            (self.self_type, self.self_name),
            (ident, &self.struct_ident(ident)),
        );
        let plain_call = plain_call(definition, true);
        quote!(#value #plain_call)
    }

    fn struct_ident(self, ident: &Ident) -> Ident {
        format_ident!("{}_{}", self.self_name, ident.unraw())
    }
}
