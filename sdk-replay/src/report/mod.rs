//! Reports of replays, made from a [`ReplaySummary`](crate::ReplaySummary).
//!
//! The text that `Display` gives is the shortest of them: the figures, and what failed.

mod text;
