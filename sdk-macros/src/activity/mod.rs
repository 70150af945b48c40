//! `#[activity]` and `#[activities]`.

mod defaults;
mod execute;
mod function;
mod methods;
mod options;
mod retry;

pub(crate) use function::activity;
pub(crate) use methods::activities;
