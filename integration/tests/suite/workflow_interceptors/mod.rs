//! Interceptors of workflows: what comes to a run, and what it calls.

mod calls;
mod faults;
mod messages;
