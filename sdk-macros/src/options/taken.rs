//! The names that the definitions of one impl have taken.

use proc_macro2::Ident;
use syn::LitStr;

use super::registered_name;
use crate::errors::Errors;
use crate::item::Attributes;
use crate::signature::Role;

/// The names that the definitions of one impl have taken, for each kind of definition.
#[derive(Default)]
pub(crate) struct TakenNames {
    names: Vec<(Role, String, Ident)>,
}

impl TakenNames {
    /// The name that the option gives, or else that of the method; a mistake where another method of
    /// this kind has it, because a worker would have to choose between the two.
    pub(crate) fn take(
        &mut self,
        role: Role,
        option: Option<&LitStr>,
        ident: &Ident,
        attributes: &Attributes,
        errors: &mut Errors,
    ) -> String {
        let name = registered_name(option, ident, errors);
        let taken = self
            .names
            .iter()
            .find(|(kind, taken, _)| *kind == role && *taken == name);
        if let Some((_, _, first)) = taken {
            let message = format!(
                "the name `{name}` is taken by `{first}`; give this method another with `name = \"..\"`"
            );
            match option {
                Some(option) => errors.at(option, message),
                None => errors.at(ident, message),
            }
        }
        // One that is not in every build may leave its name to another.
        if attributes.first_condition().is_none() {
            self.names.push((role, name.clone(), ident.clone()));
        }
        name
    }
}
