//! The command as a whole, on files and against a server.

mod codec;
mod common;
mod download;
mod lint;
mod replay;
mod show_and_diff;
