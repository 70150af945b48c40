//! Histories that the Python SDK recorded (`tests/corpus/python`), replayed with workflows of the
//! same behaviour.

mod activities;
mod calls;
mod corpus;
mod ends;
mod local;
mod patches;
mod refused;
mod replays;
