//! What the tests are written with.

pub(crate) mod check;
pub(crate) mod fixture;
pub(crate) mod script;
pub(crate) mod text;

pub(crate) use check::{check, check_failure};
pub(crate) use script::{Script, complete, fail, said, workflow};
