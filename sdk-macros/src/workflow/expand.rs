//! `#[workflow]` on an impl block.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

use super::messages::messages;
use super::methods::Methods;
use super::options::WorkflowOptions;
use super::owner::Owner;
use super::run::run;
use crate::definition::{hidden_trait, trait_name};
use crate::determinism::check_body;
use crate::errors::Errors;
use crate::item::{Attributes, ImplBlock};
use crate::private::Private;

pub(super) fn expand(
    mut block: ImplBlock,
    options: &WorkflowOptions,
    errors: &mut Errors,
) -> TokenStream {
    let self_name = block.check("#[workflow]", errors);
    let mut methods = Methods::sort(std::mem::take(&mut block.items), errors);
    methods.require_run(&block.impl_token, errors);
    methods.check_validators(errors);
    for body in methods
        .bodies()
        .filter_map(|function| function.body.as_ref())
    {
        check_body(body, errors);
    }
    let Some(self_name) = &self_name else {
        let functions = methods.moved().map(|(function, _)| function);
        let (
            others,
            ImplBlock {
                attributes, header, ..
            },
        ) = (&methods.others, &block);
        return quote!(#(#attributes)* #header { #others #(#functions)* });
    };
    let self_type = &block.self_type.to_token_stream();
    let owner = Owner {
        private: &Private::new(options.krate.clone()),
        self_type,
        self_name,
        trait_name: &trait_name(self_name, "workflow"),
    };
    let hidden_trait = hidden_trait(owner.trait_name, self_type, methods.moved());
    let messages = messages(&methods, &owner, errors);
    let run = run(&methods, options, &messages.tables, &owner, errors);
    let (others, messages) = (&methods.others, &messages.definitions);
    let on_impl = Attributes::new(block.attributes);
    let pieces = on_impl.for_pieces();
    let on_inherent = on_impl.for_body();
    quote! {
        #pieces
        const _: () = {
            #on_inherent
            impl #self_type {
                #others
            }

            #hidden_trait
            #run
            #messages
        };
    }
}
