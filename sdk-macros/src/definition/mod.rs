//! What every definition has, whatever its kind: a value, a plain call, and a way for the runtime to
//! call the function behind it.

mod checks;
mod hidden_trait;
mod owner;
mod plain_call;
mod returns;
mod shared_receiver;
mod span;
mod value;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};

pub(crate) use checks::checks;
pub(crate) use hidden_trait::hidden_trait;
pub(crate) use owner::{Owner, Parts};
pub(crate) use plain_call::plain_call;
pub(crate) use returns::Returns;
pub(crate) use shared_receiver::shared_receiver;
pub(crate) use span::respan;
use value::associated_value;
pub(crate) use value::function_value;

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
    /// What becomes of its errors.
    pub(crate) returns: Returns,
}

impl Definition<'_> {
    /// `type Parameters`: a tuple. A type that is less visible than the definition is reported at the
    /// parameters.
    pub(crate) fn parameters_type(&self) -> TokenStream {
        let Self {
            private, signature, ..
        } = self;
        if signature.broken {
            return quote!(type Parameters = #private::InvalidParameters;);
        }
        let span = self.parameters_span();
        let types = signature.parameters.iter().map(|parameter| &parameter.ty);
        quote_spanned!(span=> type Parameters = (#(#types,)*);)
    }

    /// Where the parameters begin; the function's name where there are none.
    fn parameters_span(&self) -> Span {
        let first = self.signature.parameters.first();
        first.map_or(self.signature.ident.span(), |parameter| parameter.span)
    }

    /// `type Output`, for which the same holds.
    pub(crate) fn output_type(&self) -> TokenStream {
        let output = self.output();
        quote_spanned!(self.signature.output.span=> type Output = #output;)
    }

    /// What the function returns when it succeeds.
    ///
    /// All tokens have the one span, everywhere: the compiler then reports a type that does not fit
    /// once, and not for each place that names it.
    pub(crate) fn output(&self) -> TokenStream {
        let private = self.private;
        let output = &self.signature.output;
        let ty = &output.ty;
        if !output.nameable {
            quote!(#private::Invalid)
        } else if output.fallible {
            respan(quote!(<#ty as #private::NamedResult>::Output), output.span)
        } else {
            ty.clone()
        }
    }

    /// What a call gave, as a `Result` with the error that every function of its kind has.
    pub(crate) fn outcome(&self, call: &TokenStream) -> TokenStream {
        let private = self.private;
        let output = &self.signature.output;
        let outcome = match (output.fallible, self.returns) {
            (false, _) => quote!(#private::Ok(#call)),
            (true, Returns::Activity) => quote!(#private::activity_result(#call)),
            (true, Returns::Workflow) => quote!(#private::workflow_result(#call)),
        };
        respan(outcome, output.span.resolved_at(Span::call_site()))
    }

    /// The local names of the parameters.
    pub(crate) fn bindings(&self) -> Vec<Ident> {
        (0..self.signature.parameters.len())
            .map(|index| binding(index, Span::call_site()))
            .collect()
    }

    /// Calls a function of the user's signature. A mistake in the call shows at the span.
    pub(crate) fn call(
        &self,
        span: Span,
        function: &impl ToTokens,
        receiver: impl FnOnce(Receiver) -> TokenStream,
        context: &impl ToTokens,
    ) -> TokenStream {
        let receiver = self.signature.receiver.map(receiver).into_iter();
        let context = self.signature.context.then_some(context).into_iter();
        let bindings = self.bindings();
        let call = quote!(#function(#(#receiver,)* #(#context,)* #(#bindings),*));
        respan(call, span.resolved_at(Span::call_site()))
    }
}

/// The local name of one parameter. Unlike `p0`, it is no name that a constant or a unit struct in the
/// user's module could have.
pub(crate) fn binding(index: usize, span: Span) -> Ident {
    format_ident!("__parameter_{index}", span = span)
}
