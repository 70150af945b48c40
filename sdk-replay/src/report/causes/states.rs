//! Events of things that the code did not start, or that are in another state.

use durably::replay::{Divergence, describe_event};

use super::case::Case;
use super::{Cause, CauseKind, Fix};

const BEHIND_A_PATCH: &str = "Put the change behind `ctx.patched(..)`, so that runs that are under way go \
    on as before.";

/// History speaks of something that the code did not start.
pub(super) fn not_started(case: &Case<'_>) -> Option<Cause> {
    let Divergence::UnknownInitiator {
        initiating_event_id,
    } = case.divergence.divergence
    else {
        return None;
    };
    let events = case.events;
    let started = events
        .iter()
        .find(|event| event.event_id == initiating_event_id);
    let started = started.map_or_else(
        || format!("event {initiating_event_id}"),
        |event| format!("event {initiating_event_id}, {}", describe_event(event)),
    );
    Some(
        Cause::new(
            CauseKind::NotStarted,
            75,
            "The code does not start something that history has started",
        )
        .because(format!(
            "Event {} is about {started}, for which the code has nothing.",
            case.divergence.event_id
        ))
        .fix(Fix::of_text(BEHIND_A_PATCH).at(case.place().as_ref())),
    )
}

/// The code issues nothing, has not ended and waits for nothing that the engine knows.
pub(super) fn waits_outside(case: &Case<'_>) -> Option<Cause> {
    let is_missing = matches!(case.divergence.divergence, Divergence::MissingCommand);
    if !is_missing || !case.traced.waits.is_empty() || case.has_ended() {
        return None;
    }
    Some(super::failures::outside_wait())
}

/// Something is in another state than its event says.
pub(super) fn unfit_state(case: &Case<'_>) -> Option<Cause> {
    let Divergence::UnexpectedEvent { state } = &case.divergence.divergence else {
        return None;
    };
    Some(
        Cause::new(
            CauseKind::OtherState,
            75,
            "The code treats something differently that history goes on with",
        )
        .because(format!(
            "Event {} ({}) does not fit {state}: it is started, canceled or replaced at another moment \
             than when the history was recorded.",
            case.divergence.event_id, case.divergence.event
        ))
        .fix(Fix::of_text(BEHIND_A_PATCH).at(case.place().as_ref())),
    )
}
