//! `#[workflow]` on a free function.

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote};
use syn::ext::IdentExt;
use syn::{FnArg, Pat};

use super::definitions::workflow_definition;
use super::implementation::{State, workflow_implementation};
use super::options::WorkflowOptions;
use crate::definition::{Definition, Returns, checks, function_value, plain_call};
use crate::determinism::check_body;
use crate::errors::Errors;
use crate::item::{Attributes, Function};
use crate::options::registered_name;
use crate::private::Private;
use crate::signature::{Role, Signature};

pub(super) fn expand(
    function: &Function,
    options: &WorkflowOptions,
    errors: &mut Errors,
) -> TokenStream {
    let private = &Private::new(options.krate.clone());
    let attributes = &Attributes::new(function.attributes.clone());
    let signature = &Signature::check(&function.signature, Role::WorkflowFunction, None, errors);
    if function.signature.receiver().is_some() {
        // A method of an impl, where no definition could stand.
        return function.to_token_stream();
    }
    let takes_own_name = check_parameter_names(function, errors);
    if let Some(body) = &function.body {
        check_body(body, errors);
    }
    let ident = &signature.ident;
    // Under another name, so that the name itself is the definition in the body too: a workflow may
    // start itself as a child.
    let inner = if takes_own_name {
        ident.clone()
    } else {
        format_ident!("__{}", ident.unraw(), span = ident.span())
    };
    let definition = Definition {
        private,
        attributes,
        signature,
        name: registered_name(options.name.as_ref(), ident, errors),
        ty: ident.to_token_stream(),
        value: quote!(#ident),
        function: inner.to_token_stream(),
        self_type: None,
        returns: Returns::Workflow,
    };
    let value = function_value(private, attributes, &function.visibility, ident);
    let pieces = attributes.for_pieces();
    let on_body = attributes.for_body();
    let inner_signature = syn::Signature {
        ident: inner,
        ..function.signature.clone()
    };
    let body = &function.body;
    let plain_call = plain_call(&definition);
    let workflow_definition = workflow_definition(&definition, &definition.ty, &definition.ty);
    let workflow_implementation =
        workflow_implementation(&definition, &State::None, &TokenStream::new());
    let checks = checks(&definition);
    quote! {
        #value

        #pieces
        #[allow(clippy::future_not_send)]
        const _: () = {
            #on_body
            #inner_signature #body

            #plain_call
            #workflow_definition
            #workflow_implementation
            #checks
        };
    }
}

/// Whether a parameter has the workflow's own name, which is a mistake: it would be taken for the
/// definition value.
fn check_parameter_names(function: &Function, errors: &mut Errors) -> bool {
    let ident = &function.signature.ident;
    let mut taken = false;
    for input in &function.signature.inputs {
        if let FnArg::Typed(input) = input
            && let Pat::Ident(name) = &*input.pat
            && name.ident == *ident
        {
            taken = true;
            errors.at(
                &name.ident,
                format_args!(
                    "a parameter cannot be named like its workflow: `{ident}` stands for the definition here; choose another name"
                ),
            );
        }
    }
    taken
}
