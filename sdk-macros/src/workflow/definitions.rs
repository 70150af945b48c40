//! The impls that make a definition a workflow, a signal, a query or an update.

use proc_macro2::TokenStream;
use quote::quote;

use crate::definition::Definition;
use crate::signature::Role;

/// `WorkflowDefinition`. `owner` is the type that the workflow's messages name as theirs.
pub(super) fn workflow_definition(definition: &Definition<'_>, owner: &TokenStream) -> TokenStream {
    let Definition {
        private,
        ty,
        name,
        attributes,
        ..
    } = definition;
    let pieces = attributes.for_pieces();
    let parameters = definition.parameters();
    let output = definition.output();
    quote! {
        #pieces
        #[automatically_derived]
        impl #private::WorkflowDefinition for #ty {
            type Owner = #owner;
            type Parameters = #parameters;
            type Output = #output;
            const NAME: &'static str = #name;
        }
    }
}

/// `SignalDefinition`, `QueryDefinition` or `UpdateDefinition`.
pub(super) fn message_definition(definition: &Definition<'_>, role: Role) -> TokenStream {
    let Definition {
        private,
        ty,
        name,
        attributes,
        self_type,
        ..
    } = definition;
    let pieces = attributes.for_pieces();
    let parameters = definition.parameters();
    let (definition_trait, has_output) = match role {
        Role::Query => (quote!(QueryDefinition), true),
        Role::Update => (quote!(UpdateDefinition), true),
        _ => (quote!(SignalDefinition), false),
    };
    let output = has_output.then(|| {
        let output = definition.output();
        quote!(type Output = #output;)
    });
    quote! {
        #pieces
        #[automatically_derived]
        impl #private::#definition_trait for #ty {
            type Workflow = #self_type;
            type Parameters = #parameters;
            #output
            const NAME: &'static str = #name;
        }
    }
}
