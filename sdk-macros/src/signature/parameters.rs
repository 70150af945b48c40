//! The parameters: one payload each.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{FnArg, Type, TypeReference};

use super::{Role, replace_self};
use crate::errors::Errors;

/// How many parameters a definition can have.
const MAXIMUM: usize = 8;

/// One parameter.
pub(crate) struct Parameter {
    /// Its type; for a role that borrows its parameters, what the reference points to.
    pub(crate) ty: TokenStream,
    pub(crate) span: Span,
}

/// The second value says whether all fit the role.
pub(super) fn check(
    inputs: &[&FnArg],
    role: Role,
    self_type: Option<&TokenStream>,
    errors: &mut Errors,
) -> (Vec<Parameter>, bool) {
    let mut fits = true;
    let mut parameters = Vec::new();
    for input in inputs {
        let FnArg::Typed(input) = input else { continue };
        if let Some(condition) = input
            .attrs
            .iter()
            .find(|attribute| attribute.path().is_ident("cfg"))
        {
            fits = false;
            errors.at(
                condition,
                format_args!("a parameter cannot have a `#[cfg]`: every build must read the same payloads; write two functions"),
            );
        }
        let ty = if role.borrows_parameters() {
            borrowed(&input.ty, role, errors)
        } else {
            owned(&input.ty, role, errors)
        };
        fits &= ty.is_some();
        if let Some(ty) = ty {
            parameters.push(Parameter {
                ty: replace_self(ty.to_token_stream(), self_type),
                span: ty.span(),
            });
        }
    }
    if let Some(FnArg::Typed(ninth)) = inputs.get(MAXIMUM) {
        fits = false;
        errors.at(
            &ninth.ty,
            format_args!(
                "{role} takes at most {MAXIMUM} parameters, this one has {}; \
                 put them into a struct, which can also grow later",
                inputs.len()
            ),
        );
    }
    (parameters, fits)
}

/// The type of a parameter that is given to the function.
fn owned<'a>(ty: &'a Type, role: Role, errors: &mut Errors) -> Option<&'a Type> {
    if let Type::Reference(reference) = ty {
        errors.at(
            ty,
            format_args!(
                "{role} cannot borrow its parameters: they are decoded from payloads and belong to it; take `{}`",
                owned_form(reference)
            ),
        );
        return None;
    }
    check_inside(ty, role, errors).then_some(ty)
}

/// What the reference of a lent parameter points to.
fn borrowed<'a>(ty: &'a Type, role: Role, errors: &mut Errors) -> Option<&'a Type> {
    match ty {
        Type::Reference(TypeReference {
            mutability: None,
            lifetime: None,
            elem,
            ..
        }) => check_inside(elem, role, errors).then_some(&**elem),
        Type::Reference(TypeReference { elem, .. }) => {
            errors.at(
                ty,
                format_args!("{role} looks at the parameters: take `&{}`", text(elem)),
            );
            None
        }
        _ => {
            let owner = if role == Role::Init {
                "`#[run]`"
            } else {
                "the `#[update]` handler"
            };
            errors.at(
                ty,
                format_args!(
                    "{role} only looks at the parameters, {owner} gets them: take `&{}`",
                    text(ty)
                ),
            );
            None
        }
    }
}

/// Whether a type can be written out in a definition; a mistake at the token that forbids it.
fn check_inside(ty: &Type, role: Role, errors: &mut Errors) -> bool {
    match unnameable(ty.to_token_stream()) {
        None => true,
        Some((token, what)) => {
            errors.at(
                &token,
                format_args!("{role} cannot have {what} in a parameter: {}", why(what)),
            );
            false
        }
    }
}

const IMPL: &str = "`impl Trait`";
const LIFETIME: &str = "a lifetime";
const REFERENCE: &str = "a reference";
const INFERRED: &str = "`_`";

fn why(what: &str) -> &'static str {
    match what {
        IMPL => "a payload is decoded into one type; name it",
        INFERRED => "a payload is decoded into one type; write it out",
        _ => "it is decoded from a payload and borrows from nothing; use owned types",
    }
}

/// The first token that keeps a type from being written out in a definition.
pub(crate) fn unnameable(tokens: TokenStream) -> Option<(TokenStream, &'static str)> {
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match &token {
            TokenTree::Ident(ident) if ident == "impl" => return Some((token.into(), IMPL)),
            TokenTree::Ident(ident) if ident == "_" => return Some((token.into(), INFERRED)),
            TokenTree::Punct(punct) if punct.as_char() == '\'' => {
                let is_static =
                    matches!(tokens.peek(), Some(TokenTree::Ident(name)) if name == "static");
                if !is_static {
                    let name = tokens.next();
                    return Some((
                        TokenStream::from_iter([Some(token), name].into_iter().flatten()),
                        LIFETIME,
                    ));
                }
            }
            TokenTree::Punct(punct) if punct.as_char() == '&' => {
                return Some((token.into(), REFERENCE));
            }
            TokenTree::Group(group) => {
                if let found @ Some(_) = unnameable(group.stream()) {
                    return found;
                }
            }
            _ => {}
        }
    }
    None
}

fn owned_form(reference: &TypeReference) -> String {
    match &*reference.elem {
        Type::Path(path) if path.path.is_ident("str") => "String".to_owned(),
        Type::Slice(slice) => format!("Vec<{}>", text(&slice.elem)),
        elem => text(elem),
    }
}

/// A type as people write it.
pub(super) fn text(ty: &Type) -> String {
    let mut text = String::new();
    for part in ty.to_token_stream().to_string().split(' ') {
        let tight = text.is_empty()
            || text.ends_with(['<', '&', '(', '[', ':', '!'])
            || part.starts_with(['<', '>', ',', ')', ']', ':', ';']);
        if !tight {
            text.push(' ');
        }
        text.push_str(part);
    }
    text
}
