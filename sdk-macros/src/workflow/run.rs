//! The `#[run]` method of a `#[workflow]` impl, which is the definition of the workflow.

use proc_macro2::{Ident, Span, TokenStream};
use syn::{LitStr, parse_quote};

use super::definitions::workflow_definition;
use super::implementation::{State, workflow_implementation};
use super::methods::Methods;
use super::options::WorkflowOptions;
use crate::definition::{Definition, Owner, Parts, Returns, checks};
use crate::errors::Errors;
use crate::item::Attributes;
use crate::options::registered_name;
use crate::signature::{Role, Signature};

pub(super) fn run(
    methods: &Methods,
    options: &WorkflowOptions,
    tables: &TokenStream,
    owner: &Owner,
    errors: &mut Errors,
) -> Parts {
    let (attributes, signature, visibility) = match &methods.run {
        Some(run) => (
            run.attributes.clone(),
            Signature::check(
                &run.function.signature,
                Role::Run,
                Some(&owner.self_type),
                errors,
            ),
            run.function.visibility.clone(),
        ),
        None => (Attributes::default(), stand_in(), parse_quote!(pub)),
    };
    let of_run = methods
        .run
        .as_ref()
        .and_then(|run| run.options.name.as_ref());
    let name = name(options.name.as_ref(), of_run, owner, errors);
    let definition = owner.definition(&attributes, &signature, Returns::Workflow, name);
    let init = init(methods, &definition, owner, errors);
    let state = match &init {
        Some(init) => State::Init {
            self_type: &owner.self_type,
            init,
        },
        None => State::Default {
            self_type: &owner.self_type,
            definition: owner.struct_ident(&signature.ident),
        },
    };
    let mut parts = owner.value(&definition, &visibility);
    let (ty, self_type) = (&definition.ty, &owner.self_type);
    parts
        .items
        .extend(workflow_definition(&definition, ty, self_type));
    // For the type too, which has a name that signatures can use: `WorkflowHandle<OrderSaga>`.
    parts
        .items
        .extend(workflow_definition(&definition, self_type, self_type));
    parts
        .items
        .extend(workflow_implementation(&definition, &state, tables));
    parts.items.extend(checks(&definition));
    parts
}

/// The workflow's name: from either attribute, or that of the type.
fn name(
    of_impl: Option<&LitStr>,
    of_run: Option<&LitStr>,
    owner: &Owner,
    errors: &mut Errors,
) -> String {
    if let (Some(_), Some(second)) = (of_impl, of_run) {
        errors.at(
            second,
            "the name is given in `#[workflow(..)]` already; keep one",
        );
    }
    registered_name(of_impl.or(of_run), &owner.self_name, errors)
}

/// The checked signature of `#[init]`.
fn init(
    methods: &Methods,
    run: &Definition<'_>,
    owner: &Owner,
    errors: &mut Errors,
) -> Option<Signature> {
    let method = methods.init.as_ref()?;
    let signature = &method.function.signature;
    let mut init = Signature::check(signature, Role::Init, Some(&owner.self_type), errors);
    if let Some(condition) = method.attributes.first_condition() {
        init.broken = true;
        errors.at(condition, "`#[init]` cannot be conditional: put the `#[cfg]` on the whole impl or inside the body");
    }
    let (takes, given) = (init.parameters.len(), run.signature.parameters.len());
    if takes != 0 && takes != given && !init.broken && !run.signature.broken {
        init.broken = true;
        errors.at(
            &init.ident,
            format_args!(
                "`#[init]` takes {takes} parameters and `#[run]` takes {given}; take the same by reference, or none"
            ),
        );
    }
    Some(init)
}

/// In place of a `#[run]` that there is not, so that `OrderSaga::run` elsewhere in the program is not
/// reported too.
fn stand_in() -> Signature {
    Signature::stand_in(Ident::new("run", Span::call_site()))
}
