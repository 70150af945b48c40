//! The handlers of signals, queries and updates that have no handler of their own name.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};

use super::handlers::{Row, answer, context, refused, started};
use crate::definition::{Definition, Owner, binding};
use crate::errors::Errors;
use crate::signature::{Role, Signature};

/// Checks the signature of a dynamic handler: that of its kind, with a name and payloads.
pub(super) fn dynamic_signature(
    signature: &syn::Signature,
    role: Role,
    owner: &Owner,
    errors: &mut Errors,
) -> Signature {
    let mut signature = Signature::check(signature, role, Some(&owner.self_type), errors);
    if signature.parameters.len() != 2 && !signature.broken {
        signature.broken = true;
        errors.at(
            &signature.ident,
            "a dynamic handler takes what came as it came: `name: String, arguments: Vec<Payload>`",
        );
    }
    signature
}

/// The constant in `WorkflowImplementation`. A handler with a broken signature has none.
pub(super) fn dynamic_handler(mut row: Row<'_>) -> TokenStream {
    let self_type = row.definition.self_type;
    let ident = &row.definition.signature.ident;
    // It has no definition value, and so keeps its name and its place.
    row.definition.function = quote!(<#self_type>::#ident);
    let Definition {
        private,
        attributes,
        signature,
        ..
    } = &row.definition;
    if signature.broken {
        return TokenStream::new();
    }
    let (constant, handler, body) = match row.role {
        Role::Query => (
            quote!(DYNAMIC_QUERY),
            quote!(DynamicQueryHandler),
            answer(&row.definition),
        ),
        Role::Update => (
            quote!(DYNAMIC_UPDATE),
            quote!(DynamicUpdateHandler),
            started(&row.definition, "UpdateExecution", Some("update_outcome")),
        ),
        _ => (
            quote!(DYNAMIC_SIGNAL),
            quote!(DynamicSignalHandler),
            started(&row.definition, "SignalExecution", None),
        ),
    };
    let conditions = attributes.conditions();
    let description = &row.description;
    let abandon_unfinished = row.abandon_unfinished_field();
    let validate = (row.role == Role::Update).then(|| {
        let validate = validate(&row);
        quote!(validate: #validate,)
    });
    let context = context(signature);
    let bindings = row.definition.bindings();
    let typed = typed(&row.definition);
    quote! {
        #conditions
        const #constant: #private::Option<#private::#handler<Self::State>> =
            #private::Some(#private::#handler {
                description: #description,
                #abandon_unfinished
                #validate
                call: |__state, #context, #(#bindings),*| {
                    #typed
                    #body
                },
            });
    }
}

/// The types that the user wrote. One that is not that of the name or of the payloads is reported where
/// it stands.
fn typed(definition: &Definition<'_>) -> TokenStream {
    let parameters = definition.signature.parameters.iter().enumerate();
    let parameters = parameters.map(|(index, parameter)| {
        let ty = &parameter.ty;
        let span = parameter.span.resolved_at(Span::call_site());
        let binding = binding(index, span);
        quote_spanned!(span=> let #binding: #ty = #binding;)
    });
    quote!(#(#parameters)*)
}

/// The validator as an optional closure.
fn validate(row: &Row<'_>) -> TokenStream {
    let definition = &row.definition;
    let private = definition.private;
    let Some(validator) = row.validator.as_ref().filter(|validator| !validator.broken) else {
        return quote!(#private::None);
    };
    // The name and the payloads are lent already.
    let refused = refused(definition, validator, &TokenStream::new());
    let context = context(validator);
    let bindings = definition.bindings();
    quote!(#private::Some(|__state, #context, #(#bindings),*| #refused))
}
