//! The impls that make a definition a workflow, a signal, a query or an update.

use proc_macro2::TokenStream;
use quote::quote;

use crate::definition::Definition;
use crate::signature::Role;

/// `WorkflowDefinition` for a type. `owner` is the type that the workflow's messages name as theirs.
pub(super) fn workflow_definition(
    definition: &Definition<'_>,
    ty: &TokenStream,
    owner: &TokenStream,
) -> TokenStream {
    let Definition {
        private,
        name,
        attributes,
        ..
    } = definition;
    let pieces = attributes.for_pieces();
    let parameters = definition.parameters_type();
    let output = definition.output_type();
    quote! {
        #pieces
        #[automatically_derived]
        impl #private::WorkflowDefinition for #ty {
            type Owner = #owner;
            #parameters
            #output
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
    let parameters = definition.parameters_type();
    let (definition_trait, has_output) = match role {
        Role::Query => (quote!(QueryDefinition), true),
        Role::Update => (quote!(UpdateDefinition), true),
        _ => (quote!(SignalDefinition), false),
    };
    let output = has_output.then(|| definition.output_type());
    quote! {
        #pieces
        #[automatically_derived]
        impl #private::#definition_trait for #ty {
            type Workflow = #self_type;
            #parameters
            #output
            const NAME: &'static str = #name;
        }
    }
}
