//! Causes of failures that are no divergence.

use durably::replay::{HistoryError, ReplayError, RunError};

use super::names::is_similar;
use super::{Cause, CauseKind, Fix, changed_type};
use crate::report::examination::Examination;
use crate::report::place::{Place, SourcePlace};

/// The cause of a failure.
pub(super) fn cause(examination: &Examination<'_>, error: &ReplayError) -> Cause {
    match error {
        ReplayError::NoStart => damaged("The first event of the history is missing or damaged"),
        ReplayError::UnknownWorkflow { workflow_type } => {
            not_registered(workflow_type, examination.known_types)
        }
        ReplayError::Run { error, .. } => of_run(examination, error),
        _ => unreadable(),
    }
}

/// The cause of what is no history at all.
pub(in crate::report) fn unreadable() -> Cause {
    damaged("It is no history, or only a part of one")
}

fn damaged(title: &str) -> Cause {
    Cause::new(CauseKind::DamagedHistory, 60, title)
        .because("A history begins with WorkflowExecutionStarted and has every event from 1 on.")
        .fix(
            Fix::of_text("Download it again, as a whole:").with_code(
                "temporal workflow show --workflow-id <id> --run-id <run id> --output json > history.json",
            ),
        )
}

fn not_registered(workflow_type: &str, known: &[&str]) -> Cause {
    let similar: Vec<_> = known
        .iter()
        .filter(|it| is_similar(it, workflow_type))
        .collect();
    let explanation = match (&similar[..], known) {
        ([], []) => "No workflow is registered.".to_owned(),
        ([], known) => format!("Known are: {}.", known.join(", ")),
        (similar, _) => {
            let names: Vec<_> = similar.iter().map(|it| format!("\"{it}\"")).collect();
            format!("A similar name is known: {}.", names.join(", "))
        }
    };
    let fix = match similar.first() {
        Some(name) => format!(
            "If \"{name}\" is this workflow under a new name, keep the old one for its runs: \
             `#[workflow(name = {workflow_type:?})]`. Else register the workflow with the replayer, or \
             leave its histories out."
        ),
        None => "Register the workflow with the replayer as with the worker, or leave its histories out."
            .to_owned(),
    };
    Cause::new(
        CauseKind::NotRegistered,
        80,
        format!("No workflow \"{workflow_type}\" is registered with the replayer"),
    )
    .because(explanation)
    .fix(Fix::of_text(fix))
}

/// What the SDK says where the code has no branch for a version.
pub(in crate::report) const FOLLOWS_VERSION: &str = ": this run follows version ";

/// The place that an error names.
pub(in crate::report) fn place(error: &RunError) -> Option<SourcePlace> {
    match error {
        RunError::Panic { place, .. } => SourcePlace::parse(place.as_deref()?),
        RunError::Code { place, .. } => place.map(SourcePlace::from),
        _ => None,
    }
}

/// The event whose value the code cannot read, if that is the failure and the event is known.
pub(in crate::report) fn unreadable_value(
    examination: &Examination<'_>,
    error: &ReplayError,
) -> Option<i64> {
    match error {
        ReplayError::Run {
            error: RunError::Code { failure, place },
            ..
        } => changed_type::event(examination, &failure.message, *place),
        _ => None,
    }
}

fn of_run(examination: &Examination<'_>, error: &RunError) -> Cause {
    match error {
        RunError::History(error) => of_history(error),
        RunError::Panic { .. } => panicked(place(error).as_ref()),
        RunError::ForeignWake => outside_wait(),
        RunError::OutsideUse { what } => outside_use(what),
        RunError::Code { failure, .. } if failure.message.contains(FOLLOWS_VERSION) => {
            dropped_version(place(error).as_ref())
        }
        RunError::Code { failure, place } => of_code(examination, &failure.message, *place),
        _ => Cause::new(
            CauseKind::FailedTask,
            50,
            "The workflow task cannot be replayed",
        )
        .because(error.to_string())
        .fix(Fix::of_text(
            "Replay the history again, from its beginning.",
        )),
    }
}

fn of_history(error: &HistoryError) -> Cause {
    match error {
        HistoryError::UnknownMarker { name, .. } => Cause::new(
            CauseKind::AnotherSdk,
            80,
            format!("Another SDK recorded the history: its marker \"{name}\" is not known here"),
        )
        .fix(Fix::of_text(
            "Let runs that were begun by another SDK end on its workers, and leave their histories out.",
        )),
        HistoryError::UnknownEvent { event_type, .. } => Cause::new(
            CauseKind::AnotherVersion,
            80,
            format!("The server is newer than this version of durably: {event_type} is not known"),
        )
        .fix(Fix::of_text("Upgrade durably.")),
        _ => damaged("Events are missing, damaged or out of order"),
    }
}

fn panicked(place: Option<&SourcePlace>) -> Cause {
    Cause::new(CauseKind::Panic, 85, "The workflow's code panics")
        .because(
            "A panic fails the workflow task, which is tried again until it passes: a run that meets \
             it stands still.",
        )
        .fix(
            Fix::of_text(
                "Handle the case that panics, or return an error if the run is to fail: \
                 `return Err(ApplicationFailure::new(..).into())`.",
            )
            .at(place),
        )
}

fn dropped_version(place: Option<&SourcePlace>) -> Cause {
    Cause::new(
        CauseKind::DroppedVersion,
        97,
        "The code has no branch any more for the version that this run follows",
    )
    .because("A run keeps the version that it got when it asked first.")
    .fix(
        Fix::of_text(
            "Bring the branch back until no run of that version is open. Open runs are found by the \
             search attribute TemporalChangeVersion.",
        )
        .at(place),
    )
}

pub(super) fn outside_wait() -> Cause {
    Cause::new(
        CauseKind::OutsideWait,
        90,
        "The workflow's code waits for something that is not replayed",
    )
    .because("A tokio timer, channel or lock, or input and output: history knows nothing of it.")
    .fix(Fix::of_text(
        "Use the context instead: `ctx.sleep(..)`, `ctx.activity(..)`, `ctx.wait_until(..)`, \
         `durably::workflow` for channels and locks.",
    ))
}

fn outside_use(what: &str) -> Cause {
    Cause::new(
        CauseKind::OutsideWait,
        85,
        "The workflow's context is used outside of the workflow",
    )
    .because(format!("It was used for: {what}."))
    .fix(Fix::of_text(
        "Use the context only in the workflow's function, its handlers and what `ctx.spawn(..)` runs.",
    ))
}

/// The code ended the task by itself; mostly something cannot be read.
fn of_code(examination: &Examination<'_>, message: &str, place: Option<Place>) -> Cause {
    changed_type::changed_type(examination, message, place).unwrap_or_else(|| {
        let place = place
            .map(SourcePlace::from)
            .or(examination.workflow_place());
        Cause::new(
            CauseKind::FailedTask,
            60,
            "The code fails the workflow task",
        )
        .because(message.to_owned())
        .fix(
            Fix::of_text(
                "An error that fails the task keeps the run where it is until the code is mended.",
            )
            .at(place.as_ref()),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn similar_names_are_offered() {
        let cause = not_registered("order_saga", &["OrderSaga", "refund"]);
        assert_eq!(cause.explanation, "A similar name is known: \"OrderSaga\".");
        let cause = not_registered("mail", &["OrderSaga", "refund"]);
        assert_eq!(cause.explanation, "Known are: OrderSaga, refund.");
    }
}
