//! The signature of a function that becomes a definition or a handler, checked for its role.

mod context;
mod output;
mod parameters;
mod qualifiers;
mod receiver;
mod role;
mod self_type;

use proc_macro2::{Ident, TokenStream};
use syn::Token;

pub(crate) use output::Output;
pub(crate) use parameters::{Parameter, unnameable};
pub(crate) use receiver::Receiver;
pub(crate) use role::Role;
pub(crate) use self_type::replace_self;

use crate::errors::Errors;

/// A checked signature. Types no longer say `Self`.
pub(crate) struct Signature {
    pub(crate) ident: Ident,
    pub(crate) asyncness: Option<Token![async]>,
    pub(crate) receiver: Option<Receiver>,
    /// Whether the function takes the context.
    pub(crate) context: bool,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) output: Output,
    /// Whether a mistake keeps the expansion from calling the function. The definition is then a
    /// stand-in that accepts every call.
    pub(crate) broken: bool,
}

impl Signature {
    /// The signature of something that is not there.
    pub(crate) fn stand_in(ident: Ident) -> Self {
        let output = Output::absent(ident.span());
        Self {
            ident,
            asyncness: None,
            receiver: None,
            context: false,
            parameters: Vec::new(),
            output,
            broken: true,
        }
    }

    /// Checks a signature for its role. `self_type` is what `Self` stands for.
    pub(crate) fn check(
        signature: &syn::Signature,
        role: Role,
        self_type: Option<&TokenStream>,
        errors: &mut Errors,
    ) -> Self {
        let mut broken = false;
        let mut inputs = signature.inputs.iter().collect::<Vec<_>>();
        broken |= !qualifiers::check(signature, role, errors);
        let (receiver, fits) = receiver::check(signature, &mut inputs, role, errors);
        broken |= !fits;
        let (context, fits) = context::check(signature, &mut inputs, role, errors);
        broken |= !fits;
        let (parameters, fits) = parameters::check(&inputs, role, self_type, errors);
        broken |= !fits;
        let (output, fits) = output::check(signature, role, self_type, errors);
        broken |= !fits;
        Self {
            ident: signature.ident.clone(),
            asyncness: signature.asyncness,
            receiver,
            context,
            parameters,
            output,
            broken,
        }
    }
}
