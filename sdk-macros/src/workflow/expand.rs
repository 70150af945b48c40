//! `#[workflow]` on an impl block.

use proc_macro2::TokenStream;
use quote::quote;

use super::messages::messages;
use super::methods::Methods;
use super::options::WorkflowOptions;
use super::run::run;
use crate::definition::{Owner, hidden_trait};
use crate::determinism::check_body;
use crate::errors::Errors;
use crate::item::{Attributes, ImplBlock};
use crate::private::Private;

pub(super) fn expand(
    mut block: ImplBlock,
    options: &WorkflowOptions,
    errors: &mut Errors,
) -> TokenStream {
    let private = Private::new(options.krate.clone());
    let owner = Owner::of(&block, private, "#[workflow]", errors);
    let mut methods = Methods::sort(std::mem::take(&mut block.items), errors);
    methods.require_run(&block.impl_token, errors);
    methods.check_validators(errors);
    for body in methods.bodies() {
        check_body(body, errors);
    }
    let Some(owner) = owner else {
        return block.unexpanded(&methods.others, methods.moved());
    };
    let hidden_trait = hidden_trait(&owner, methods.moved());
    let messages = messages(&methods, &owner, errors);
    let mut parts = run(&methods, options, &messages.tables, &owner, errors);
    parts.extend(messages.definitions);
    owner.block(
        Attributes::new(block.attributes),
        &methods.others,
        &hidden_trait,
        &parts,
        // A workflow stays on its thread.
        &quote!(clippy::future_not_send),
    )
}
