//! Search attributes: which exist in a namespace, which values they take, and how they change.
//!
//! ```text
//!   request, command --> registry.accept_start / accept_upsert --> what the event shows
//!                                                     merge -----> what describe and visibility show
//! ```
//!
//! Three kinds of attributes exist. Those of the *system* describe a run and cannot be set. *Predefined* ones are set
//! by the server, and some of them by clients. *Custom* ones must be registered with a type first. Texts of errors
//! are those of server 1.32.0; unlike its SQL stores, no limit is set on the number of custom attributes of a type.

mod builtin;
mod go_value;
mod merge;
mod registry;
#[cfg(test)]
mod tests;
mod validate;
mod value;

pub(crate) use builtin::RESERVED_PREFIX;
pub(crate) use merge::merge;
pub(crate) use registry::SearchAttributeRegistry;
pub(crate) use value::{SearchAttributeValue, type_name};
