//! What may be the reason that code and history part: small rules, each over the whole case.
//!
//! A rule says how likely its cause is; the report has the likeliest first. Rules look at both
//! sides from the place where they part: what history has next, and what else the code issued. Code
//! that waits for what it has just issued shows nothing of what it would do after that, so some
//! causes cannot be told apart and are all named.

mod added_and_removed;
mod calls_of_another_kind;
mod case;
mod cause;
mod changed_type;
mod ends;
mod failures;
mod ids;
mod local_activities;
mod names;
mod order;
mod patches;
mod recorder;
mod repeated;
mod states;

use durably::replay::ReplayError;

pub(super) use case::Case;
pub use cause::{Cause, CauseKind};
pub(super) use failures::{FOLLOWS_VERSION, place, unreadable, unreadable_value};
pub(super) use repeated::{not_deterministic, unsteady};

use super::examination::Examination;
use super::fix::Fix;
use super::trace_difference::TraceDifference;

/// How many causes a report names.
const SHOWN: usize = 3;

type Rule = fn(&Case<'_>) -> Option<Cause>;

const RULES: &[Rule] = &[
    repeated::two_replays_differ,
    patches::removed_patch,
    patches::moved_patch,
    order::changed_order,
    order::changed_order_of_parallel_calls,
    order::moved_earlier,
    order::issued_too_early,
    calls_of_another_kind::another_kind,
    names::changed_name,
    added_and_removed::added_call,
    added_and_removed::added_call_without_event,
    local_activities::unknown_local_activity,
    added_and_removed::removed_call,
    added_and_removed::removed_last_call,
    ends::ended_differently,
    ends::ended_early,
    ends::goes_on,
    ids::changed_id,
    ids::shifted_id,
    states::not_started,
    states::unfit_state,
    states::waits_outside,
    repeated::unordered_collection,
    recorder::another_workflow,
    recorder::another_sdk,
    recorder::another_version,
];

/// The causes of a divergence, the likeliest first; at least one.
pub(super) fn of_divergence(case: &Case<'_>) -> Vec<Cause> {
    let mut causes: Vec<_> = RULES.iter().filter_map(|rule| rule(case)).collect();
    // Stable: rules that are as sure as each other stay in their order.
    causes.sort_by_key(|cause| std::cmp::Reverse(cause.likelihood));
    causes.truncate(SHOWN);
    if causes.is_empty() {
        causes.push(unknown(case));
    }
    causes
}

/// The causes of a failure that is no divergence.
pub(super) fn of_failure(
    examination: &Examination<'_>,
    error: &ReplayError,
    difference: Option<&TraceDifference>,
) -> Vec<Cause> {
    let unsteady = difference.map(not_deterministic);
    let cause = failures::cause(examination, error);
    unsteady.into_iter().chain([cause]).collect()
}

fn unknown(case: &Case<'_>) -> Cause {
    Cause::new(CauseKind::Unknown, 10, "The workflow's code changed")
        .because("It does not do what it did when the history was recorded.")
        .fix(
            Fix::of_text(
                "Undo the change for runs that are under way: put the new code behind \
                 `ctx.patched(..)`, and the old one into its `else`.",
            )
            .at(case.place().as_ref()),
        )
}
