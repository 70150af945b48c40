//! `#[activities]` on an impl block, with `#[activity]` on some of its methods.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::ext::IdentExt;

use super::execute::{activity_definition, activity_implementation, activity_method};
use super::options::{self, Options};
use crate::definition::{
    Definition, Returns, associated_value, hidden_trait, plain_call, respan, shared_receiver,
    trait_name,
};
use crate::errors::Errors;
use crate::item::{Attributes, Function, ImplBlock, ImplItem, Item, parse_item};
use crate::markers::{MarkerKind, take_marker};
use crate::options::{Known, crate_path, entries, registered_name};
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
        Ok(Item::Impl(block)) => expand(block, &Private::new(krate), &mut errors),
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

fn expand(mut block: ImplBlock, private: &Private, errors: &mut Errors) -> TokenStream {
    let self_name = block.check("#[activities]", errors);
    let items = std::mem::take(&mut block.items);
    let (methods, others) = split(items, errors);
    let Some(self_name) = self_name else {
        let functions = methods.iter().map(|method| &method.function);
        let ImplBlock {
            attributes, header, ..
        } = &block;
        return quote!(#(#attributes)* #header { #others #(#functions)* });
    };
    if methods.is_empty() {
        errors.at(
            &block.impl_token,
            "`#[activities]` finds no activity in this impl: mark each method that is one with `#[activity]`",
        );
    }
    let self_type = &block.self_type.to_token_stream();
    let on_impl = Attributes::new(block.attributes);
    let pieces = on_impl.for_pieces();
    let on_inherent = on_impl.for_body();
    let trait_name = trait_name(&self_name, "activities");
    let hidden_trait = hidden_trait(
        &trait_name,
        self_type,
        methods
            .iter()
            .map(|method| (&method.function, &method.attributes)),
    );
    let mut definitions = TokenStream::new();
    let mut registrations = TokenStream::new();
    for method in &methods {
        let (definition, registration) = expand_method(
            method,
            private,
            (self_type, &self_name),
            &trait_name,
            errors,
        );
        definitions.extend(definition);
        registrations.extend(registration);
    }
    let shared = shared_receiver(private, self_type);
    quote! {
        #pieces
        #[allow(trivial_bounds)]
        const _: () = {
            #on_inherent
            impl #self_type {
                #others
            }

            #hidden_trait
            #definitions

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
        };
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
    private: &Private,
    (self_type, self_name): (&TokenStream, &Ident),
    trait_name: &Ident,
    errors: &mut Errors,
) -> (TokenStream, TokenStream) {
    let Method {
        function,
        attributes,
        options,
    } = method;
    let signature = &Signature::check(
        &function.signature,
        Role::ActivityMethod,
        Some(self_type),
        errors,
    );
    let ident = &signature.ident;
    let struct_ident = &format_ident!("{}_{}", self_name, ident.unraw());
    let definition = Definition {
        private,
        attributes,
        signature,
        name: registered_name(options.name.as_ref(), ident, errors),
        ty: quote!(#struct_ident<#self_type>),
        value: quote!(<#self_type>::#ident),
        function: quote!(<#self_type as #trait_name>::#ident),
        self_type: Some(self_type),
        returns: Returns::Activity,
    };
    let value = associated_value(
        private,
        attributes,
        &function.visibility,
        (self_type, self_name),
        (ident, struct_ident),
    );
    let plain_call = plain_call(&definition, false);
    let activity_definition = activity_definition(&definition, options);
    let activity_method = activity_method(&definition);
    let activity_implementation = signature
        .receiver
        .is_none()
        .then(|| activity_implementation(&definition));
    let conditions = attributes.conditions();
    let definition_type = &definition.ty;
    // A parameter that cannot be decoded, or a result that cannot be encoded, is reported at the
    // method's name.
    let span = ident.span().resolved_at(Span::call_site());
    let register = quote!(__registry.method::<#definition_type>(#private::Arc::clone(&self)));
    let register = respan(register, span);
    let registration = quote!(#conditions #register;);
    let tokens = quote! {
        #value
        #plain_call
        #activity_definition
        #activity_method
        #activity_implementation
    };
    (tokens, registration)
}
