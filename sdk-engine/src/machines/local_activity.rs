//! A local activity (protocol 4.3): run by the worker within its workflow task, and recorded by a
//! marker when it has ended. No command says that it began.
//!
//! | from | input | to | effects |
//! |---|---|---|---|
//! | `Scheduled` | `Settle` | `AwaitingMarker` | |
//! | `Scheduled` | `Start` | `Running` | `Execute` |
//! | `Scheduled` | `MarkerAhead` | `Resolved` | `ResolveEnd` |
//! | `Scheduled` | `CancelTry` | `Closed` | `ResolveCanceled` |
//! | `Scheduled` | `CancelWait` | `Closed` | `ResolveCanceled` |
//! | `Scheduled` | `CancelAbandon` | `Closed` | `ResolveCanceled` |
//! | `AwaitingMarker` | `Settle` | `AwaitingMarker` | |
//! | `AwaitingMarker` | `Start` | `Running` | `Execute` |
//! | `AwaitingMarker` | `MarkerAhead` | `Resolved` | `ResolveEnd` |
//! | `AwaitingMarker` | `CancelTry` | `MarkerIssued` | `IssueMarker`, `ResolveCanceled` |
//! | `AwaitingMarker` | `CancelWait` | `AwaitingMarker` | `NoteCancel` |
//! | `AwaitingMarker` | `CancelAbandon` | `MarkerIssued` | `IssueMarker`, `ResolveCanceled` |
//! | `Running` | `Settle` | `Running` | |
//! | `Running` | `Start` | `Running` | |
//! | `Running` | `MarkerAhead` | `Resolved` | `CancelExecution`, `ResolveEnd` |
//! | `Running` | `Ended` | `MarkerIssued` | `IssueMarker`, `ResolveEnd` |
//! | `Running` | `CancelTry` | `MarkerIssued` | `CancelExecution`, `IssueMarker`, `ResolveCanceled` |
//! | `Running` | `CancelWait` | `Running` | `CancelExecution` |
//! | `Running` | `CancelAbandon` | `MarkerIssued` | `IssueMarker`, `ResolveCanceled` |
//! | `Resolved` | `MarkerRecorded` | `Closed` | |
//! | `Resolved` | `Ended` | `Resolved` | |
//! | `Resolved` | `CancelTry` | `Resolved` | |
//! | `Resolved` | `CancelWait` | `Resolved` | |
//! | `Resolved` | `CancelAbandon` | `Resolved` | |
//! | `MarkerIssued` | `MarkerRecorded` | `Closed` | |
//! | `MarkerIssued` | `Ended` | `MarkerIssued` | |
//! | `MarkerIssued` | `CancelTry` | `MarkerIssued` | |
//! | `MarkerIssued` | `CancelWait` | `MarkerIssued` | |
//! | `MarkerIssued` | `CancelAbandon` | `MarkerIssued` | |
//! | `Closed` | `Ended` | `Closed` | |
//! | `Closed` | `CancelTry` | `Closed` | |
//! | `Closed` | `CancelWait` | `Closed` | |
//! | `Closed` | `CancelAbandon` | `Closed` | |
//!
//! One that is canceled before it began leaves no marker here, but one of SDKs built on Temporal's
//! core: with a marker ahead it is not over before its turn. One that is running when a marker lies ahead was completed by another worker meanwhile.
//! `Settle` and `Start` come at the end of an activation: of a replayed task, and of one that is
//! executed. An unlisted event is nondeterminism.

use super::local_activity_task::LocalActivityTask;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LocalActivityState {
    Scheduled,
    AwaitingMarker,
    Running,
    Resolved,
    MarkerIssued,
    Closed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LocalActivityInput {
    Settle,
    Start,
    MarkerAhead,
    MarkerRecorded,
    Ended,
    CancelTry,
    CancelWait,
    CancelAbandon,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    Execute,
    CancelExecution,
    NoteCancel,
    IssueMarker,
    ResolveCanceled,
    ResolveEnd,
}

impl LocalActivityState {
    pub(crate) fn next(self, input: LocalActivityInput) -> Option<(Self, &'static [Effect])> {
        use Effect::{
            CancelExecution, Execute, IssueMarker, NoteCancel, ResolveCanceled, ResolveEnd,
        };
        use LocalActivityInput as I;
        Some(match (self, input) {
            (Self::Scheduled, I::Settle) => (Self::AwaitingMarker, &[]),
            (Self::Scheduled | Self::AwaitingMarker, I::Start) => (Self::Running, &[Execute]),
            (Self::Scheduled, I::CancelTry | I::CancelWait | I::CancelAbandon) => {
                (Self::Closed, &[ResolveCanceled])
            }
            (Self::Scheduled | Self::AwaitingMarker, I::MarkerAhead) => {
                (Self::Resolved, &[ResolveEnd])
            }
            (Self::Running, I::MarkerAhead) => (Self::Resolved, &[CancelExecution, ResolveEnd]),
            (Self::AwaitingMarker, I::CancelTry | I::CancelAbandon)
            | (Self::Running, I::CancelAbandon) => {
                (Self::MarkerIssued, &[IssueMarker, ResolveCanceled])
            }
            (Self::AwaitingMarker, I::CancelWait) => (self, &[NoteCancel]),
            (Self::Running, I::Ended) => (Self::MarkerIssued, &[IssueMarker, ResolveEnd]),
            (Self::Running, I::CancelTry) => (
                Self::MarkerIssued,
                &[CancelExecution, IssueMarker, ResolveCanceled],
            ),
            (Self::Running, I::CancelWait) => (self, &[CancelExecution]),
            (Self::Resolved | Self::MarkerIssued, I::MarkerRecorded) => (Self::Closed, &[]),
            (Self::AwaitingMarker, I::Settle)
            | (Self::Running, I::Settle | I::Start)
            | (Self::Resolved | Self::MarkerIssued | Self::Closed, I::Ended)
            | (
                Self::Resolved | Self::MarkerIssued | Self::Closed,
                I::CancelTry | I::CancelWait | I::CancelAbandon,
            ) => (self, &[]),
            _ => return None,
        })
    }
}

/// What a driver has to do for a local activity, outside of the run.
#[derive(Debug)]
pub enum LocalActivityRequest {
    /// Run it; [`Run::local_activities_ended`](crate::Run::local_activities_ended) takes how it
    /// ended.
    Execute(Box<LocalActivityTask>),
    /// Ask it to stop; its end is still awaited unless it was given up.
    Cancel {
        /// The local activity's number.
        seq: u32,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machines::table;

    #[test]
    fn the_table_is_the_machine() {
        use LocalActivityInput as I;
        use LocalActivityState as S;
        table::check(
            include_str!("local_activity.rs"),
            &[
                S::Scheduled,
                S::AwaitingMarker,
                S::Running,
                S::Resolved,
                S::MarkerIssued,
                S::Closed,
            ],
            &[
                I::Settle,
                I::Start,
                I::MarkerAhead,
                I::MarkerRecorded,
                I::Ended,
                I::CancelTry,
                I::CancelWait,
                I::CancelAbandon,
            ],
            S::next,
        );
    }
}
