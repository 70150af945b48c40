//! The macros of Durably: [`macro@activity`], [`macro@activities`], [`macro@workflow`] and
//! [`allow_nondeterminism!`]. They are re-exported by the crate `durably`, which is what programs
//! depend on.
//!
//! ```text
//! attribute, item ──> options, item, signature ──> definition, activity, workflow ──> tokens
//!                     (parsed and checked;           (quoted; no decisions)
//!                      every mistake is noted)
//! ```
//!
//! * Functions here take and return `proc_macro2` tokens, and can be tested as such; only this file
//!   speaks `proc_macro`.
//! * A body is never parsed. It is passed on as it is, half typed or not.
//! * A mistake does not hide the item: it expands to what can be made of it, with stand-ins for the
//!   rest, and to one `compile_error!` for each mistake.
//! * An expansion names nothing but what the user wrote and `::durably::__private`.
//!
//! The tests of what they make and of the examples in their documentation are those of `durably`: what the tests
//! of a macro crate depend on is compiled once more, for the machine that compiles.

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

#[doc = include_str!("../docs/activity.md")]
#[proc_macro_attribute]
pub fn activity(attribute: TokenStream, item: TokenStream) -> TokenStream {
    activity::activity(attribute.into(), item.into()).into()
}

#[doc = include_str!("../docs/activities.md")]
#[proc_macro_attribute]
pub fn activities(attribute: TokenStream, item: TokenStream) -> TokenStream {
    activity::activities(attribute.into(), item.into()).into()
}

#[doc = include_str!("../docs/workflow.md")]
#[proc_macro_attribute]
pub fn workflow(attribute: TokenStream, item: TokenStream) -> TokenStream {
    workflow::workflow(attribute.into(), item.into()).into()
}

#[doc = include_str!("../docs/allow_nondeterminism.md")]
#[proc_macro]
pub fn allow_nondeterminism(expression: TokenStream) -> TokenStream {
    exempt::allow_nondeterminism(expression.into()).into()
}
