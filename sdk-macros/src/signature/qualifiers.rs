//! What stands around the parameters: `async`, `const`, `unsafe`, `extern`, generics.

use syn::{GenericParam, Signature};

use super::Role;
use crate::errors::Errors;

/// Whether an expansion can call a function with these qualifiers; a mistake for each that does not fit.
pub(super) fn check(signature: &Signature, role: Role, errors: &mut Errors) -> bool {
    let mut fits = true;
    if let Some(token) = &signature.constness {
        errors.at(
            token,
            format_args!(
                "{role} cannot be `const`: a worker calls it when its turn comes; remove `const`"
            ),
        );
    }
    if let Some(token) = &signature.unsafety {
        fits = false;
        errors.at(
            token,
            format_args!(
                "{role} cannot be `unsafe`: the worker that calls it can keep no promise; use an `unsafe` block in the body"
            ),
        );
    }
    if let Some(abi) = &signature.abi {
        fits = false;
        errors.at(
            abi,
            format_args!(
                "{role} cannot be `extern`: it is called by Rust code only; remove `extern`"
            ),
        );
    }
    if let Some(variadic) = &signature.variadic {
        fits = false;
        errors.at(
            variadic,
            format_args!("{role} cannot be variadic: each parameter is one payload; take a `Vec`"),
        );
    }
    fits & check_generics(signature, role, errors) & check_async(signature, role, errors)
}

fn check_generics(signature: &Signature, role: Role, errors: &mut Errors) -> bool {
    for parameter in &signature.generics.params {
        match parameter {
            GenericParam::Lifetime(lifetime) => errors.at(
                lifetime,
                format_args!(
                    "{role} cannot have lifetime parameters: what it takes is decoded from payloads and owned; \
                     take owned values"
                ),
            ),
            GenericParam::Type(_) | GenericParam::Const(_) => errors.at(
                parameter,
                format_args!(
                    "{role} cannot be generic: its name stands for one set of types on the wire; \
                     write one function for each type that calls a generic one"
                ),
            ),
        }
    }
    let generic = !signature.generics.params.is_empty();
    if let (Some(clause), false) = (&signature.generics.where_clause, generic) {
        errors.at(
            clause,
            format_args!(
                "{role} has no generics, so a `where` clause has nothing to say; remove it"
            ),
        );
    }
    !generic
}

fn check_async(signature: &Signature, role: Role, errors: &mut Errors) -> bool {
    match (&signature.asyncness, role.why_not_async()) {
        (Some(token), Some(why)) => {
            errors.at(token, format_args!("{role} cannot be `async`: {why}"));
            false
        }
        (None, _) if role.must_be_async() => {
            errors.at(
                &signature.fn_token,
                format_args!(
                    "{role} must be `async`: it waits for activities and timers; write `async fn`"
                ),
            );
            false
        }
        _ => true,
    }
}
