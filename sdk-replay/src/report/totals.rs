//! What a report counts.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::written::Report;

/// How many histories of a workflow type were replayed, and how many of them passed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TypeCounts {
    /// How many passed.
    pub passed: usize,
    /// How many did not.
    pub failed: usize,
}

impl Report {
    /// The counts for each workflow type; histories that do not say theirs stand under `unknown`.
    #[must_use]
    pub fn by_type(&self) -> BTreeMap<&str, TypeCounts> {
        let mut counts: BTreeMap<&str, TypeCounts> = BTreeMap::new();
        for passed in self.passed() {
            let name = passed.workflow_type.as_deref().unwrap_or("unknown");
            counts.entry(name).or_default().passed += 1;
        }
        for finding in self.findings() {
            let name = finding.workflow_type.as_deref().unwrap_or("unknown");
            counts.entry(name).or_default().failed += 1;
        }
        counts
    }
}
