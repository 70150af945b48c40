//! `#[activities]` on an impl block, with `#[activity]` on some of its methods.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};

use super::execute::{activity_definition, activity_implementation, activity_method};
use super::options::{self, Options};
use crate::definition::{Owner, Parts, Returns, hidden_trait, respan, shared_receiver};
use crate::errors::Errors;
use crate::item::{Attributes, Function, ImplBlock, ImplItem, Item, parse_item};
use crate::markers::{MarkerKind, take_marker};
use crate::options::{Known, TakenNames, crate_path, entries};
use crate::private::Private;
use crate::signature::{Role, Signature};

const KNOWN: Known = Known {
    attribute: "#[activities]",
    keys: &["crate"],
    instead: &[(
        "name",
        "each activity has its own: write it in `#[activity(name = \"..\")]`",
    )],
};

/// The expansion of `#[activities(attribute)] item`.
pub(crate) fn activities(attribute: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let entries = entries(attribute, &KNOWN, &mut errors);
    let krate = entries
        .first()
        .and_then(|entry| errors.ok(crate_path(entry)));
    let expansion = match parse_item(item.clone()) {
        Ok(Item::Impl(block)) => expand(*block, Private::new(krate), &mut errors),
        Ok(Item::Function(function)) => {
            errors.at(
                &function.signature.ident,
                "`#[activities]` goes on an impl block; a free function is an activity by `#[activity]` alone",
            );
            item
        }
        Ok(Item::Other { keyword }) => {
            errors.at(
                &keyword,
                format_args!("`#[activities]` goes on the impl block whose methods are activities, not on a `{keyword}`"),
            );
            item
        }
        Err(error) => {
            errors.push(error);
            item
        }
    };
    let errors = errors.into_tokens();
    quote!(#expansion #errors)
}

/// A method with `#[activity]`.
struct Method {
    function: Function,
    attributes: Attributes,
    options: Options,
}

fn expand(mut block: ImplBlock, private: Private, errors: &mut Errors) -> TokenStream {
    let owner = Owner::of(&block, private, "#[activities]", errors);
    let (methods, others) = split(std::mem::take(&mut block.items), errors);
    let moved = methods
        .iter()
        .map(|method| (&method.function, &method.attributes));
    let Some(owner) = owner else {
        return block.unexpanded(&others, moved);
    };
    if methods.is_empty() {
        errors.at(
            &block.impl_token,
            "`#[activities]` finds no activity in this impl: mark each method that is one with `#[activity]`",
        );
    }
    let hidden_trait = hidden_trait(&owner, moved);
    let mut names = TakenNames::default();
    let mut parts = Parts::default();
    let mut registrations = TokenStream::new();
    for method in &methods {
        let (definition, registration) = expand_method(method, &owner, &mut names, errors);
        parts.extend(definition);
        registrations.extend(registration);
    }
    parts.items.extend(activity_set(&owner, &registrations));
    owner.block(
        Attributes::new(block.attributes),
        &others,
        &hidden_trait,
        &parts,
        // See `shared_receiver`.
        &quote!(trivial_bounds),
    )
}

/// `ActivitySet`, which registers them all.
fn activity_set(owner: &Owner, registrations: &TokenStream) -> TokenStream {
    let Owner {
        private, self_type, ..
    } = owner;
    let shared = shared_receiver(private, self_type);
    quote! {
        #[automatically_derived]
        impl #private::ActivitySet for #self_type
        #shared
        {
            fn register(
                self: #private::Arc<Self>,
                __registry: &mut #private::ActivityRegistry,
            ) {
                #registrations
            }
        }
    }
}

/// The methods with `#[activity]`, and everything else as tokens.
fn split(items: Vec<ImplItem>, errors: &mut Errors) -> (Vec<Method>, TokenStream) {
    let mut methods = Vec::new();
    let mut others = TokenStream::new();
    for item in items {
        let mut function = match item {
            ImplItem::Function(function) => *function,
            ImplItem::Other(tokens) => {
                others.extend(tokens);
                continue;
            }
        };
        match take_marker(&mut function, errors) {
            Some(marker) if marker.kind == MarkerKind::Activity => {
                let options = options::parse(marker.options(errors), true, errors);
                let attributes = Attributes::new(function.attributes.clone());
                methods.push(Method {
                    function,
                    attributes,
                    options,
                });
            }
            Some(marker) => {
                errors.at(
                    &marker.attribute,
                    format_args!(
                        "{} belongs in a `#[workflow]` impl; here methods are marked `#[activity]`",
                        marker.kind
                    ),
                );
                function.to_tokens(&mut others);
            }
            None => function.to_tokens(&mut others),
        }
    }
    (methods, others)
}

/// The definition of one method, and its registration.
fn expand_method(
    method: &Method,
    owner: &Owner,
    names: &mut TakenNames,
    errors: &mut Errors,
) -> (Parts, TokenStream) {
    let Method {
        function,
        attributes,
        options,
    } = method;
    let Owner {
        private, self_type, ..
    } = owner;
    let signature = Signature::check(
        &function.signature,
        Role::ActivityMethod,
        Some(self_type),
        errors,
    );
    let (ident, name) = (&signature.ident, options.name.as_ref());
    let name = names.take(Role::ActivityMethod, name, ident, attributes, errors);
    let definition = owner.definition(attributes, &signature, Returns::Activity, name);
    let mut parts = owner.value(&definition, &function.visibility);
    parts
        .items
        .extend(activity_definition(&definition, options));
    parts.items.extend(activity_method(&definition));
    if signature.receiver.is_none() {
        parts.items.extend(activity_implementation(&definition));
    }
    let conditions = attributes.conditions();
    let ty = &definition.ty;
    // A parameter that cannot be decoded, or a result that cannot be encoded, is reported at the
    // method's name.
    let span = signature.ident.span().resolved_at(Span::call_site());
    let register = quote!(__registry.method::<#ty>(#private::Arc::clone(&self)));
    let register = respan(register, span);
    (parts, quote!(#conditions #register;))
}
