//! What the tests are written with.

pub(crate) mod check;
pub(crate) mod fixture;
mod fixture_marker;
pub(crate) mod fixture_related;
pub(crate) mod live;
mod marker_text;
pub(crate) mod script;
pub(crate) mod script_more;
pub(crate) mod text;

pub(crate) use check::{check, check_failure};
pub(crate) use live::{Live, check_messages};
pub(crate) use script::{Script, complete, fail, said, workflow};
pub(crate) use script_more::{
    child_said, external_said, local_activity_options, local_said, nexus_said,
};
