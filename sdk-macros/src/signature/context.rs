//! The context: the first parameter after `self`, by reference.

use syn::{FnArg, Signature, Type, TypeReference};

use super::Role;
use crate::errors::Errors;

/// Takes the context off the inputs. The first value says whether there is one, the second whether it
/// fits the role.
pub(super) fn check(
    signature: &Signature,
    inputs: &mut Vec<&FnArg>,
    role: Role,
    errors: &mut Errors,
) -> (bool, bool) {
    let wanted = role.context_type();
    let mut context = false;
    let mut fits = true;
    let mut index = 0;
    inputs.retain(|input| {
        let position = index;
        index += 1;
        let FnArg::Typed(input) = input else {
            return true;
        };
        let Some(found) = context_name(&input.ty) else {
            return true;
        };
        if found != wanted {
            fits = false;
            errors.at(&input.ty, wrong_kind(role));
        } else if position > 0 {
            fits = false;
            errors.at(
                &input.ty,
                if context {
                    format!("{role} gets one `&{wanted}`; remove this one")
                } else {
                    format!(
                        "the context comes first: make `&{wanted}` the first parameter{}",
                        after_self(role)
                    )
                },
            );
        } else if !is_plain_reference(&input.ty) {
            fits = false;
            errors.at(
                &input.ty,
                format_args!("the context is lent for the whole call: write `&{wanted}`"),
            );
        }
        context = true;
        false
    });
    if !context && role.needs_context() {
        fits = false;
        errors.at(
            &signature.ident,
            format_args!(
                "{role} takes the context: write `ctx: &WorkflowContext` as the first parameter{}",
                after_self(role)
            ),
        );
    }
    (context, fits)
}

fn after_self(role: Role) -> &'static str {
    match role {
        Role::ActivityFunction | Role::WorkflowFunction | Role::Init => "",
        _ => " after `self`",
    }
}

fn wrong_kind(role: Role) -> String {
    if role.is_workflow() {
        format!("{role} has no `ActivityContext`: that is for activities; take `&WorkflowContext`")
    } else {
        format!(
            "{role} has no `WorkflowContext`: that is for workflow code; take `&ActivityContext`"
        )
    }
}

/// The name of the context's type, with or without references around it.
fn context_name(ty: &Type) -> Option<&'static str> {
    match ty {
        Type::Reference(reference) => context_name(&reference.elem),
        Type::Paren(inner) => context_name(&inner.elem),
        Type::Group(inner) => context_name(&inner.elem),
        Type::Path(path) if path.qself.is_none() => {
            let last = &path.path.segments.last()?.ident;
            ["WorkflowContext", "ActivityContext"]
                .into_iter()
                .find(|name| last == name)
        }
        _ => None,
    }
}

fn is_plain_reference(ty: &Type) -> bool {
    match ty {
        Type::Group(inner) => is_plain_reference(&inner.elem),
        Type::Reference(TypeReference {
            lifetime: None,
            mutability: None,
            elem,
            ..
        }) => !matches!(**elem, Type::Reference(_)),
        _ => false,
    }
}
