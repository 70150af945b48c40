//! `#[workflow]`.

mod attribute;
mod definitions;
mod dynamic;
mod expand;
mod function;
mod handlers;
mod implementation;
mod messages;
mod methods;
mod options;
mod run;

pub(crate) use attribute::workflow;
