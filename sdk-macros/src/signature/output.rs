//! What the function returns.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::spanned::Spanned;
use syn::{ReturnType, Signature, Type};

use super::{Role, parameters, replace_self};
use crate::errors::Errors;

/// What a function returns.
pub(crate) struct Output {
    /// The type as written, `()` where none is.
    pub(crate) ty: TokenStream,
    /// Whether the type is named like a `Result`.
    pub(crate) fallible: bool,
    pub(crate) span: Span,
    /// Whether the type can be written out in a definition.
    pub(crate) nameable: bool,
}

impl Output {
    pub(super) fn absent(span: Span) -> Self {
        Self {
            ty: quote!(()),
            fallible: false,
            span,
            nameable: false,
        }
    }
}

/// The second value says whether it fits the role.
pub(super) fn check(
    signature: &Signature,
    role: Role,
    self_type: Option<&TokenStream>,
    errors: &mut Errors,
) -> (Output, bool) {
    let (ty, span) = match &signature.output {
        ReturnType::Default => (None, signature.ident.span()),
        ReturnType::Type(_, ty) => (Some(&**ty), ty.span()),
    };
    let fallible = ty.is_some_and(is_named_result);
    let nameable = ty.is_none_or(|ty| check_nameable(ty, role, errors));
    let fits = nameable && check_for_role(signature, ty, fallible, role, errors);
    let ty = match ty {
        None => quote!(()),
        Some(ty) => replace_self(ty.to_token_stream(), self_type),
    };
    (
        Output {
            ty,
            fallible,
            span,
            nameable,
        },
        fits,
    )
}

fn check_for_role(
    signature: &Signature,
    ty: Option<&Type>,
    fallible: bool,
    role: Role,
    errors: &mut Errors,
) -> bool {
    let unit = ty.is_none_or(is_unit);
    let alias = match ty {
        Some(Type::Path(_)) => " (an alias of a `Result` needs a name that ends in `Result`)",
        _ => "",
    };
    let value = ty.map_or_else(|| "()".to_owned(), parameters::text);
    let problem = match role {
        Role::ActivityFunction | Role::ActivityMethod if !fallible => &format!(
            "an activity returns a `Result`, because an attempt can fail; write `-> ActivityResult<{value}>`{alias}"
        ),
        Role::WorkflowFunction | Role::Run if !fallible => &format!(
            "a workflow returns a `Result`, because it can fail and be canceled; write `-> WorkflowResult<{value}>`{alias}"
        ),
        Role::Signal if !unit && !fallible => {
            "a signal handler returns nothing or a `Result`: nobody waits for an answer to a signal; \
             use `#[update]` for a message with an answer"
        }
        Role::Query if unit => {
            "a query handler returns its answer; use `#[signal]` for a message without one"
        }
        Role::Validator if !fallible => {
            "a validator says no by returning an error: write `-> Result<(), ApplicationFailure>`"
        }
        Role::Init if unit => "`#[init]` returns the state: write `-> Self`",
        _ => return true,
    };
    match ty {
        Some(ty) => errors.at(ty, problem),
        None => errors.at(&signature.ident, problem),
    }
    false
}

fn check_nameable(ty: &Type, role: Role, errors: &mut Errors) -> bool {
    match parameters::unnameable(ty.to_token_stream()) {
        None => true,
        Some((token, what)) => {
            errors.at(
                &token,
                format_args!("{role} cannot have {what} in its result: the result is one owned type; write that type"),
            );
            false
        }
    }
}

fn is_unit(ty: &Type) -> bool {
    matches!(ty, Type::Tuple(tuple) if tuple.elems.is_empty())
}

/// Whether the last word of the type's name ends in `Result`.
fn is_named_result(ty: &Type) -> bool {
    match ty {
        Type::Path(path) => path
            .path
            .segments
            .last()
            .is_some_and(|last| last.ident.to_string().ends_with("Result")),
        Type::Group(inner) => is_named_result(&inner.elem),
        Type::Paren(inner) => is_named_result(&inner.elem),
        _ => false,
    }
}
