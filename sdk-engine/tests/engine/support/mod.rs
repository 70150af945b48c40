//! What the tests are written with.

pub mod check;
pub mod fixture;
pub mod script;
pub mod text;

pub use check::{check, check_failure};
pub use script::{Script, complete, fail, said, workflow};
