//! Findings that are one and the same change of the code, seen in many histories.

use std::collections::HashMap;

use super::causes::CauseKind;
use super::finding::{Finding, FindingKind};
use super::place::SourcePlace;
use super::written::Report;

/// Findings that have the same place in the code and the same likeliest cause.
#[derive(Debug, Clone, PartialEq)]
pub struct FindingGroup<'a> {
    /// The first of them.
    pub finding: &'a Finding,
    /// The others, in the order in which they were added.
    pub others: Vec<&'a Finding>,
}

/// What findings of a group have in common.
#[derive(PartialEq, Eq, Hash)]
struct Key<'a> {
    workflow_type: Option<&'a str>,
    kind: FindingKind,
    place: Option<&'a SourcePlace>,
    cause: Option<&'a str>,
    /// Where neither place nor cause tells them apart.
    problem: Option<&'a str>,
}

impl<'a> Key<'a> {
    fn of(finding: &'a Finding) -> Self {
        let cause = finding.causes.first();
        // Their place may be the workflow's function, where other troubles are too.
        let is_general = |kind| matches!(kind, CauseKind::FailedTask | CauseKind::OutsideWait);
        let is_alone = match finding.kind {
            FindingKind::Divergence => false,
            _ => finding.place.is_none() || cause.is_some_and(|cause| is_general(cause.kind)),
        };
        Self {
            workflow_type: finding.workflow_type.as_deref(),
            kind: finding.kind,
            place: finding.place.as_ref(),
            cause: cause.map(|cause| &*cause.title),
            problem: is_alone.then_some(&*finding.problem),
        }
    }
}

impl Report {
    /// The findings, those together that are one change of the code: a change that many runs meet is
    /// read, and mended, once.
    #[must_use]
    pub fn groups(&self) -> Vec<FindingGroup<'_>> {
        let mut groups: Vec<FindingGroup<'_>> = Vec::new();
        let mut places: HashMap<Key<'_>, usize> = HashMap::new();
        for finding in self.findings() {
            match places.get(&Key::of(finding)) {
                Some(&place) => groups[place].others.push(finding),
                None => {
                    places.insert(Key::of(finding), groups.len());
                    groups.push(FindingGroup {
                        finding,
                        others: Vec::new(),
                    });
                }
            }
        }
        groups
    }
}

impl FindingGroup<'_> {
    /// `and 3 more histories`; none if there is no other.
    pub(super) fn more(&self) -> Option<String> {
        match self.others.len() {
            0 => None,
            1 => Some("The same in 1 more history".to_owned()),
            others => Some(format!("The same in {others} more histories")),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::report::examination::Outcome;

    #[test]
    fn the_same_change_is_one_group() {
        let mut report = Report::new();
        let mut add = |problem: &str, line: Option<u32>| {
            let mut finding = Finding::unreadable("a", problem);
            finding.place = line.map(|line| SourcePlace {
                file: "a.rs".to_owned(),
                line,
                column: 1,
            });
            report.add(Outcome::Failed(Box::new(finding)), Duration::ZERO);
        };
        for (problem, line) in [
            ("one", None),
            ("at event 5", Some(1)),
            ("at event 7", Some(1)),
            ("two", None),
            ("at event 5", Some(2)),
        ] {
            add(problem, line);
        }
        let groups = report.groups();
        let sizes: Vec<_> = groups.iter().map(|it| it.others.len() + 1).collect();
        assert_eq!(sizes, [1, 2, 1, 1]);
        assert_eq!(groups[1].more().unwrap(), "The same in 1 more history");
    }

    #[test]
    fn tasks_that_fail_for_other_reasons_are_told_apart() {
        let mut report = Report::new();
        for problem in [
            "no handler of \"pay\"",
            "no handler of \"buy\"",
            "no handler of \"pay\"",
        ] {
            let mut finding = Finding::unreadable("a", problem);
            finding.kind = FindingKind::CodeFailed;
            finding.causes[0].kind = CauseKind::FailedTask;
            finding.place = Some(SourcePlace {
                file: "a.rs".to_owned(),
                line: 1,
                column: 1,
            });
            report.add(Outcome::Failed(Box::new(finding)), Duration::ZERO);
        }
        let sizes: Vec<_> = report.groups().iter().map(|it| it.others.len()).collect();
        assert_eq!(sizes, [1, 0]);
    }
}
