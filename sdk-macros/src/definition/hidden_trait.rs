//! The trait that holds the methods whose names in the type are taken by definition values.
//!
//! A type cannot have a method and an associated constant of one name, but a trait can have the
//! method. The trait is visible to the impl's own bodies only, where `self.reserve(..)` finds it.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::{FnArg, Pat, ReturnType, Signature, Type};

use super::Owner;
use crate::item::{Attributes, Function};
use crate::signature::replace_self;

/// The trait and its implementation.
pub(crate) fn hidden_trait<'a>(
    owner: &Owner,
    methods: impl Iterator<Item = (&'a Function, &'a Attributes)> + Clone,
) -> TokenStream {
    let Owner {
        trait_name: name,
        self_type,
        ..
    } = owner;
    if methods.clone().next().is_none() {
        return TokenStream::new();
    }
    let declarations = methods.clone().map(|(function, attributes)| {
        let attributes = attributes.for_declaration();
        let declaration = declaration(&function.signature, self_type);
        quote!(#attributes #declaration;)
    });
    let implementations = methods.map(|(function, attributes)| {
        let attributes = attributes.for_body();
        let signature = without_const(&function.signature);
        let body = function.body.clone().unwrap_or_else(|| quote!(;));
        quote!(#attributes #signature #body)
    });
    quote! {
        #[allow(non_camel_case_types)]
        trait #name {
            #(#declarations)*
        }

        impl #name for #self_type {
            #(#implementations)*
        }
    }
}

/// The signature without patterns, which a declaration cannot have, and without `Self`, which is any
/// type in one.
fn declaration(signature: &Signature, self_type: &TokenStream) -> Signature {
    let mut signature = without_const(signature);
    for (index, input) in signature.inputs.iter_mut().enumerate() {
        match input {
            FnArg::Receiver(receiver) => {
                receiver.attrs.clear();
                if receiver.reference.is_none() {
                    receiver.mutability = None;
                }
            }
            FnArg::Typed(input) => {
                input.attrs.clear();
                let name = super::binding(index, Span::call_site());
                *input.pat = Pat::Verbatim(quote!(#name));
                *input.ty = without_self(&input.ty, self_type);
            }
        }
    }
    if let ReturnType::Type(_, output) = &mut signature.output {
        **output = without_self(output, self_type);
    }
    signature
}

fn without_self(ty: &Type, self_type: &TokenStream) -> Type {
    Type::Verbatim(replace_self(ty.to_token_stream(), Some(self_type)))
}

/// A trait's method cannot be `const`. That of the user was refused already.
fn without_const(signature: &Signature) -> Signature {
    Signature {
        constness: None,
        ..signature.clone()
    }
}
