//! What can be seen to be non-deterministic in the body of a workflow.
//!
//! Bodies are read as tokens: a half-typed body is read as far as it goes, and the arguments of
//! macros (`format!`, `select!`) are read like everything else. Only what is written out as a path can
//! be seen; the worker detects foreign wakes and the replay detects the rest.

mod path;
mod rules;
mod scan;

pub(crate) use scan::check_body;
