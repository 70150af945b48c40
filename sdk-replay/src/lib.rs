//! Replays recorded histories against today's workflow code, and reports what no longer fits.

pub mod report;
