//! The tests whose histories may differ between two servers, and why.

/// Why the histories of a test may differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExpectedDifference {
    /// How the names of the histories begin.
    pub test: &'static str,
    /// Why they may differ.
    pub reason: &'static str,
}

const fn because(test: &'static str, reason: &'static str) -> ExpectedDifference {
    ExpectedDifference { test, reason }
}

const ARRIVAL: &str = "the code's answer tells in which order things arrived";
const DURATION: &str = "the code's answer, or its commands, tell how long something took";
const STOPPED: &str = "a worker is stopped or killed at a moment of its own";
const LUCK: &str = "the code draws random numbers";
const REAL_ONLY: &str = "the embedded server has no worker deployments";

/// Each of these was looked at.
const EXPECTED: &[ExpectedDifference] = &[
    because("child_cancellation.at_any_moment_of_its_start", ARRIVAL),
    because("child_cancellation.until_it_was_asked", ARRIVAL),
    because(
        "concurrency.what_ends_is_taken_in_the_order_of_history",
        ARRIVAL,
    ),
    because("deadlock.the_other_workflows_go_on", DURATION),
    because("deployment_administration.", REAL_ONLY),
    because("deployments.", REAL_ONLY),
    because("external.many_at_once", ARRIVAL),
    because("headers.messages_bring_their_own", ARRIVAL),
    because("id_policies.of_a_workflow_that_runs", ARRIVAL),
    because("local_activities.timeouts", DURATION),
    because("local_activity_tasks.", STOPPED),
    because("sessions.a_session_is_recreated_on_its_worker", ARRIVAL),
    because("sessions.a_session_of_a_versioned_worker", REAL_ONLY),
    because("shutdown.", STOPPED),
    because("signal_channels.none_is_lost_between", ARRIVAL),
    because("signals.hundreds_are_kept_in_order", ARRIVAL),
    because("signals.none_is_lost_between", ARRIVAL),
    because("signals.unknown_and_unreadable_ones_do_no_harm", ARRIVAL),
    because("start_options.a_delayed_start", DURATION),
    because("takeover.", STOPPED),
    because("timeouts.", DURATION),
    because("timers.", DURATION),
    because("timers.two_runs_draw_different_numbers", LUCK),
];

/// Why histories of this name may differ, if they may.
pub fn expected_difference(name: &str) -> Option<&'static ExpectedDifference> {
    let fitting = EXPECTED.iter().filter(|one| name.starts_with(one.test));
    fitting.max_by_key(|one| one.test.len())
}
