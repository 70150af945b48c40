//! Names on the wire.

use proc_macro2::{Ident, Span};
use syn::LitStr;
use syn::ext::IdentExt;

use super::{Entry, text};
use crate::errors::Errors;

/// Names that Temporal keeps for itself.
const RESERVED_PREFIX: &str = "__temporal_";
const RESERVED: [&str; 2] = ["__stack_trace", "__enhanced_stack_trace"];

/// `name = "text"`.
pub(crate) fn name(entry: &Entry, errors: &mut Errors) -> Option<LitStr> {
    let name = errors.ok(text(entry, "\"ChargeCard\""))?;
    if name.value().trim().is_empty() {
        errors.at(
            &name,
            "the name is empty; leave `name` out to use the name in the code",
        );
        return None;
    }
    check_name(&name.value(), name.span(), errors).then_some(name)
}

/// Whether a name may be registered; a mistake otherwise.
fn check_name(name: &str, span: Span, errors: &mut Errors) -> bool {
    if name.starts_with(RESERVED_PREFIX) {
        errors.at_span(
            span,
            format_args!(
                "the name `{name}` is reserved: Temporal keeps names that begin with `{RESERVED_PREFIX}` for itself; \
                 choose another with `name = \"..\"`"
            ),
        );
        return false;
    }
    if RESERVED.contains(&name) {
        errors.at_span(
            span,
            format_args!(
                "the name `{name}` is reserved: every workflow answers it on its own; choose another with `name = \"..\"`"
            ),
        );
        return false;
    }
    true
}

/// The name that an option gives, or else that of the item.
pub(crate) fn registered_name(
    option: Option<&LitStr>,
    ident: &Ident,
    errors: &mut Errors,
) -> String {
    match option {
        Some(name) => name.value(),
        None => {
            let name = ident.unraw().to_string();
            check_name(&name, ident.span(), errors);
            name
        }
    }
}
