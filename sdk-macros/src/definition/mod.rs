//! What every definition has, whatever its kind: a value, a plain call, and a way for the runtime to
//! call the function behind it.

mod checks;
mod hidden_trait;
mod plain_call;
mod value;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};

pub(crate) use checks::checks;
pub(crate) use hidden_trait::{hidden_trait, trait_name};
pub(crate) use plain_call::plain_call;
pub(crate) use value::{associated_value, function_value};

use crate::item::Attributes;
use crate::private::Private;
use crate::signature::{Receiver, Signature};

/// A definition on its way into the expansion.
pub(crate) struct Definition<'a> {
    pub(crate) private: &'a Private,
    pub(crate) attributes: &'a Attributes,
    pub(crate) signature: &'a Signature,
    /// The name on the wire.
    pub(crate) name: String,
    /// The definition's type: `charge`, `Inventory_reserve<Inventory>`.
    pub(crate) ty: TokenStream,
    /// The definition's value: `charge {}`, `<Inventory>::reserve`.
    pub(crate) value: TokenStream,
    /// The user's function: `charge`, `<Inventory as Inventory_activities>::reserve`.
    pub(crate) function: TokenStream,
    /// The type whose method this is.
    pub(crate) self_type: Option<&'a TokenStream>,
}

impl Definition<'_> {
    /// The parameters as a tuple of types.
    pub(crate) fn parameters(&self) -> TokenStream {
        let private = self.private;
        if self.signature.broken {
            return quote!(#private::InvalidParameters);
        }
        let types = self
            .signature
            .parameters
            .iter()
            .map(|parameter| &parameter.ty);
        quote!((#(#types,)*))
    }

    /// What the function returns when it succeeds, where `returns` is the trait that takes a `Result`
    /// apart.
    pub(crate) fn output(&self, returns: &str) -> TokenStream {
        let private = self.private;
        let output = &self.signature.output;
        let returns = format_ident!("{returns}", span = Span::call_site());
        let ty = &output.ty;
        if self.signature.broken && !(output.nameable && output.fallible) {
            quote!(#private::Invalid)
        } else {
            let span = output.span.resolved_at(Span::call_site());
            quote_spanned!(span=> <#ty as #private::#returns>::Output)
        }
    }

    /// What a handler returns when it succeeds: its return type, unless that is named like a `Result`.
    pub(crate) fn handler_output(&self) -> TokenStream {
        let output = &self.signature.output;
        if output.fallible || !output.nameable {
            self.output("HandlerReturn")
        } else {
            output.ty.clone()
        }
    }

    /// The local names of the parameters.
    pub(crate) fn bindings(&self) -> Vec<Ident> {
        (0..self.signature.parameters.len()).map(binding).collect()
    }

    /// Calls a function of the user's signature.
    pub(crate) fn call(
        &self,
        function: &impl ToTokens,
        receiver: impl FnOnce(Receiver) -> TokenStream,
        context: &impl ToTokens,
    ) -> TokenStream {
        let receiver = self.signature.receiver.map(receiver).into_iter();
        let context = self.signature.context.then_some(context).into_iter();
        let bindings = self.bindings();
        quote!(#function(#(#receiver,)* #(#context,)* #(#bindings),*))
    }
}

/// The local name of one parameter. Unlike `p0`, it is no name that a constant or a unit struct in the
/// user's module could have.
pub(crate) fn binding(index: usize) -> Ident {
    format_ident!("__parameter_{index}")
}
