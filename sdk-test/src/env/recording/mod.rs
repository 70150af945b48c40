//! Keeping what a test recorded, so that later code is replayed against it.
//!
//! ```text
//! Recording ── told by the test ──> Wanted ── at the end, or awaited ──> there is a file?
//!                                     yes: read it, replay it with the workers' code
//!                                     no:  [scrub] the histories, replay them, write them
//! ```

mod error;
mod file;
mod policy;
mod request;
mod scrub;
mod wanted;

pub use request::Recording;
pub(super) use scrub::DrawnId;
pub(super) use wanted::Wanted;
