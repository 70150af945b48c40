//! The signals, queries and updates of a `#[workflow]` impl.

use proc_macro2::TokenStream;

use super::definitions::message_definition;
use super::dynamic::{dynamic_handler, dynamic_signature};
use super::handlers::{Row, tables};
use super::methods::{Handler, Method, Methods};
use crate::definition::{Owner, Parts, Returns};
use crate::errors::Errors;
use crate::options::TakenNames;
use crate::signature::{Role, Signature};

/// What the handlers become.
pub(super) struct Messages {
    /// Values and definitions.
    pub(super) definitions: Parts,
    /// The tables in `WorkflowImplementation`.
    pub(super) tables: TokenStream,
}

pub(super) fn messages(methods: &Methods, owner: &Owner, errors: &mut Errors) -> Messages {
    let signatures = methods
        .handlers
        .iter()
        .map(|Handler { role, method }| {
            Signature::check(
                &method.function.signature,
                *role,
                Some(&owner.self_type),
                errors,
            )
        })
        .collect::<Vec<_>>();
    let mut names = TakenNames::default();
    let mut definitions = Parts::default();
    let mut rows: Vec<Row<'_>> = Vec::new();
    for (Handler { role, method }, signature) in methods.handlers.iter().zip(&signatures) {
        let (ident, name) = (&signature.ident, method.options.name.as_ref());
        let name = names.take(*role, name, ident, &method.attributes, errors);
        let definition = owner.definition(&method.attributes, signature, Returns::Workflow, name);
        definitions.extend(owner.value(&definition, &method.function.visibility));
        definitions
            .items
            .extend(message_definition(&definition, *role));
        rows.push(Row {
            role: *role,
            description: description(method),
            abandon_unfinished: abandon_unfinished(method, signature, errors),
            validator: validator(methods, signature, owner, errors),
            definition,
        });
    }
    let mut tables = tables(&rows, &owner.private);
    tables.extend(dynamic_handlers(methods, owner, errors));
    Messages {
        definitions,
        tables,
    }
}

/// The constants for the handlers of what has no row in a table.
fn dynamic_handlers(methods: &Methods, owner: &Owner, errors: &mut Errors) -> TokenStream {
    let mut constants = TokenStream::new();
    for Handler { role, method } in &methods.dynamic {
        let signature = dynamic_signature(&method.function.signature, *role, owner, errors);
        let definition = owner.definition(
            &method.attributes,
            &signature,
            Returns::Workflow,
            String::new(),
        );
        constants.extend(dynamic_handler(Row {
            role: *role,
            description: description(method),
            abandon_unfinished: abandon_unfinished(method, &signature, errors),
            validator: validator(methods, &signature, owner, errors),
            definition,
        }));
    }
    constants
}

fn description(method: &Method) -> String {
    match &method.options.description {
        Some(description) => description.value(),
        None => method.attributes.first_paragraph(),
    }
}

/// Whether the handler may be cut off without a warning. One that is not `async` never is.
fn abandon_unfinished(method: &Method, signature: &Signature, errors: &mut Errors) -> bool {
    let Some(policy) = &method.options.unfinished_policy else {
        return false;
    };
    if signature.asyncness.is_none() && !signature.broken {
        errors.at(
            &policy.value,
            "a handler that is not `async` is never unfinished; remove `unfinished_policy`",
        );
    }
    policy.abandon
}

/// The checked signature of an update's validator.
fn validator(
    methods: &Methods,
    update: &Signature,
    owner: &Owner,
    errors: &mut Errors,
) -> Option<Signature> {
    let method = methods.validator_of(&update.ident)?;
    let signature = &method.function.signature;
    let mut validator =
        Signature::check(signature, Role::Validator, Some(&owner.self_type), errors);
    if let Some(condition) = method.attributes.first_condition() {
        errors.at(
            condition,
            format_args!(
                "a validator is there whenever its update is; put the `#[cfg]` on `{}`",
                update.ident
            ),
        );
    }
    let (takes, given) = (validator.parameters.len(), update.parameters.len());
    if takes != given && !validator.broken && !update.broken {
        validator.broken = true;
        errors.at(
            &validator.ident,
            format_args!("the validator takes {takes} parameters and its update `{}` takes {given}; take the same by reference", update.ident),
        );
    }
    Some(validator)
}
