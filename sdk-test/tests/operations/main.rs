//! What operators and handlers do, call by call, without an SDK: resets, activities, Nexus.

mod activities;
mod bench;
mod nexus;
mod queries;
mod resets;
