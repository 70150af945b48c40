//! Macros: what compiles, and does what it says. What does not is in `tests/ui`.

#![allow(unreachable_pub, reason = "the code is written as that of a library")]

mod activity_functions;
mod activity_methods;
mod dynamic_handlers;
mod hostile_prelude;
mod renamed_crate;
mod workflow_functions;
mod workflow_types;
