//! The attribute macros of Durably.
use proc_macro::TokenStream;

mod activity;
mod definition;
mod determinism;
mod errors;
mod exempt;
mod item;
mod markers;
mod options;
mod private;
mod signature;
#[cfg(test)]
mod snapshots;
mod workflow;

/// An activity.
#[proc_macro_attribute]
pub fn activity(attribute: TokenStream, item: TokenStream) -> TokenStream {
    activity::activity(attribute.into(), item.into()).into()
}

/// Activities.
#[proc_macro_attribute]
pub fn activities(attribute: TokenStream, item: TokenStream) -> TokenStream {
    activity::activities(attribute.into(), item.into()).into()
}

/// A workflow.
#[proc_macro_attribute]
pub fn workflow(attribute: TokenStream, item: TokenStream) -> TokenStream {
    workflow::workflow(attribute.into(), item.into()).into()
}

/// Exempts an expression.
#[proc_macro]
pub fn allow_nondeterminism(expression: TokenStream) -> TokenStream {
    exempt::allow_nondeterminism(expression.into()).into()
}
