//! Time that workflows skip by themselves, as a `TimeSkippingConfig` tells them to: on the server that
//! `TEMPORAL_ADDRESS` names, which must allow it
//! (`--dynamic-config-value frontend.WorkflowTimeSkippingEnabled=true`), else in this process.

mod bench;
mod clocks;
mod commands;
mod fast_forwards;
mod skips;
