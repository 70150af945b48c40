//! `self`.

use quote::ToTokens;
use syn::{FnArg, GenericArgument, PathArguments, Signature, Type, TypeReference};

use super::Role;
use super::parameters::text;
use crate::errors::Errors;

/// How a method takes the value it belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Receiver {
    /// `&self`
    Borrowed,
    /// `self: Rc<Self>` in a workflow, `self: Arc<Self>` in activities.
    Shared,
}

/// Takes the receiver off the inputs. The second value says whether it fits the role.
pub(super) fn check(
    signature: &Signature,
    inputs: &mut Vec<&FnArg>,
    role: Role,
    errors: &mut Errors,
) -> (Option<Receiver>, bool) {
    let Some(FnArg::Receiver(receiver)) = inputs.first() else {
        return (None, check_absent(signature, role, errors));
    };
    inputs.remove(0);
    if let Some(message) = unwanted(role) {
        errors.at(&receiver.self_token, message);
        return (None, false);
    }
    let shared = if role.is_workflow() { "Rc" } else { "Arc" };
    let kind = match &*receiver.ty {
        Type::Reference(reference) if reference.mutability.is_some() => {
            match receiver.colon_token {
                None => errors.at(&receiver_head(receiver), mutable(role)),
                Some(_) => errors.at(&receiver.ty, mutable(role)),
            }
            return (None, false);
        }
        Type::Reference(TypeReference {
            lifetime: Some(lifetime),
            ..
        }) => {
            // One that the function declares was reported as such.
            if signature.generics.params.is_empty() {
                errors.at(
                    lifetime,
                    format_args!(
                        "{role} borrows `self` for one call: write `&self` without a lifetime"
                    ),
                );
            }
            return (None, false);
        }
        Type::Reference(reference) if is_self(&reference.elem) => Some(Receiver::Borrowed),
        ty if pointee(ty, shared) => Some(Receiver::Shared),
        ty if pointee(ty, "Rc") => {
            errors.at(
                ty,
                format_args!("{role} cannot take `self: Rc<Self>`: attempts run on several threads; write `self: Arc<Self>`"),
            );
            return (None, false);
        }
        ty if pointee(ty, "Arc") => {
            errors.at(
                ty,
                format_args!("{role} cannot take `self: Arc<Self>`: a workflow stays on one thread; write `self: Rc<Self>`"),
            );
            return (None, false);
        }
        _ => None,
    };
    if kind.is_none() {
        errors.at(
            receiver,
            format_args!(
                "{role} cannot take `{}`: the value is shared with {}; write `&self` or `self: {shared}<Self>`",
                written(receiver),
                if role.is_workflow() { "the other handlers" } else { "other attempts" },
            ),
        );
    }
    (kind, kind.is_some())
}

/// Why the role has no receiver, where that is so.
fn unwanted(role: Role) -> Option<&'static str> {
    match role {
        Role::ActivityFunction => Some(
            "`#[activity]` on a method needs `#[activities]` on its impl block: the methods are registered together \
             with the value they share",
        ),
        Role::WorkflowFunction => Some(
            "`#[workflow]` goes on a function or on an impl block; inside the impl, mark this method with `#[run]`",
        ),
        Role::Init => Some(
            "`#[init]` cannot take `self`: it makes the state, so there is none yet; remove it",
        ),
        _ => None,
    }
}

fn check_absent(signature: &Signature, role: Role, errors: &mut Errors) -> bool {
    let needed = matches!(
        role,
        Role::Run | Role::Signal | Role::Query | Role::Update | Role::Validator
    );
    if needed {
        errors.at(
            &signature.ident,
            format_args!("{role} takes `&self`: it works on the state of the run; write `&self` as the first parameter"),
        );
    }
    !needed
}

fn mutable(role: Role) -> &'static str {
    if role.is_workflow() {
        "workflow methods cannot take `&mut self`: `run` and the handlers interleave, so they share the value; \
         write `&self` and keep what changes in a `State<T>`"
    } else {
        "an activity cannot take `&mut self`: attempts run at the same time and share the value; \
         write `&self` and keep what changes in a `Mutex` or an atomic"
    }
}

/// `&mut self` without what may stand before it.
fn receiver_head(receiver: &syn::Receiver) -> impl ToTokens {
    let mut head = receiver.clone();
    head.attrs.clear();
    head
}

/// The receiver as people write it.
fn written(receiver: &syn::Receiver) -> String {
    match receiver.colon_token {
        Some(_) => format!("self: {}", text(&receiver.ty)),
        None => "self".to_owned(),
    }
}

fn is_self(ty: &Type) -> bool {
    matches!(ty, Type::Path(path) if path.qself.is_none() && path.path.is_ident("Self"))
}

/// Whether the type is `name<Self>`, under any path.
fn pointee(ty: &Type, name: &str) -> bool {
    let Type::Path(path) = ty else { return false };
    let Some(last) = path.path.segments.last() else {
        return false;
    };
    let PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return false;
    };
    last.ident == name
        && matches!(arguments.args.first(), Some(GenericArgument::Type(ty)) if is_self(ty))
        && arguments.args.len() == 1
}
