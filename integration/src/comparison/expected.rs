//! The tests whose histories may differ between two servers, and why.

/// Why the histories of a test may differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExpectedDifference {
    /// How the names of the histories begin.
    pub test: &'static str,
    /// Why they may differ.
    pub reason: &'static str,
}

/// Each of these was looked at; a difference that is not among them is a fault of the embedded server.
const EXPECTED: &[ExpectedDifference] = &[];

/// Why histories of this name may differ, if they may.
pub fn expected_difference(name: &str) -> Option<&'static ExpectedDifference> {
    EXPECTED.iter().find(|one| name.starts_with(one.test))
}
