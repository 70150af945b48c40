//! What the report takes for the reason.

use durably_protos::temporal::api::history::v1::history_event::Attributes;
use durably_replay::report::{Cause, CauseKind, Examination, Finding, FindingKind, Outcome};

use crate::orders::*;
use crate::support::{finding, finding_of, nobody, record, replay};

fn kinds(finding: &Finding) -> Vec<CauseKind> {
    finding.causes.iter().map(|cause| cause.kind).collect()
}

fn first(finding: &Finding) -> &Cause {
    &finding.causes[0]
}

#[tokio::test]
async fn calls_that_changed_places() {
    let finding = finding!(original, shipped_first);
    assert_eq!(finding.kind, FindingKind::Divergence);
    // Code that waits for what it issues shows no more than that.
    assert_eq!(kinds(&finding)[0], CauseKind::MovedCall);
    assert!(kinds(&finding).contains(&CauseKind::RemovedCall));
    let fix = first(&finding).fix.code.clone().unwrap();
    assert!(fix.contains("ctx.patched(\"ship-before-charge\")"), "{fix}");
    assert_eq!(finding.resumed[0].what, "activity \"reserve\" (id 1)");
}

#[tokio::test]
async fn a_call_with_another_name() {
    let finding = finding!(original, renamed);
    assert_eq!(first(&finding).kind, CauseKind::ChangedName);
    assert!(first(&finding).title.contains("renamed"));
    assert!(
        first(&finding)
            .fix
            .text
            .contains("#[activity(name = \"charge\")]")
    );
    assert!(first(&finding).fix.place.is_some());
}

#[tokio::test]
async fn a_timer_that_is_gone_or_new() {
    let gone = finding!(original, without_timer);
    assert_eq!(first(&gone).kind, CauseKind::RemovedCall);
    assert_eq!(first(&gone).title, "The timer of 60s was removed");
    let new = finding!(original, with_timer);
    assert_eq!(first(&new).kind, CauseKind::AddedCall);
    assert_eq!(first(&new).title, "The timer of 5s was added");
}

#[tokio::test]
async fn calls_that_were_added() {
    let end = finding!(original, with_mail_at_the_end);
    assert_eq!(first(&end).kind, CauseKind::EndedLater);
    let beside = finding!(original, with_mail_beside);
    assert_eq!(first(&beside).kind, CauseKind::AddedCall);
    assert_eq!(first(&beside).title, "`mail` was added");
    assert!(
        beside
            .rows
            .iter()
            .any(|row| row.diverges && row.history.is_none())
    );
}

#[tokio::test]
async fn runs_that_end_otherwise() {
    assert_eq!(
        first(&finding!(original, ended_early)).kind,
        CauseKind::EndedEarly
    );
    let end = finding!(original, failing);
    assert_eq!(first(&end).kind, CauseKind::ChangedEnd);
    assert_eq!(first(&end).title, "The run completed and now fails");
}

#[tokio::test]
async fn code_that_waits_for_something_else() {
    let finding = finding!(original, waiting);
    assert_eq!(first(&finding).kind, CauseKind::RemovedCall);
    assert_eq!(finding.waits[0].what, "a condition");
    assert!(finding.place.is_some());
}

#[tokio::test]
async fn an_activity_that_became_local() {
    let finding = finding!(original, charged_locally);
    assert_eq!(first(&finding).kind, CauseKind::ChangedKind);
    assert_eq!(
        first(&finding).title,
        "`charge` is a local activity now, and was an activity"
    );
}

#[tokio::test]
async fn patches() {
    let removed = finding!(patched, unpatched);
    assert_eq!(first(&removed).kind, CauseKind::RemovedPatch);
    assert!(
        first(&removed)
            .fix
            .code
            .as_ref()
            .unwrap()
            .contains("deprecate_patch")
    );
    let moved = finding!(patched, patched_late);
    assert!(matches!(
        first(&moved).kind,
        CauseKind::RemovedPatch | CauseKind::MovedPatch
    ));
}

#[tokio::test]
async fn parallel_calls_in_another_order() {
    let two = finding!(side_by_side, other_side_first);
    assert_eq!(first(&two).kind, CauseKind::ChangedOrderOfParallelCalls);
    let loops = finding!(in_a_loop, in_a_loop_without_order);
    assert!(kinds(&loops).contains(&CauseKind::UnorderedCollection));
}

#[tokio::test]
async fn calls_in_another_order() {
    let order = finding!(unpatched, other_side_first);
    assert_eq!(first(&order).kind, CauseKind::ChangedOrder);
    assert_eq!(
        first(&order).title,
        "Calls changed places: `charge` and `reserve`"
    );
    let early = finding!(unpatched, side_by_side);
    assert_eq!(first(&early).kind, CauseKind::MovedCall);
    assert_eq!(
        first(&early).title,
        "`charge` is issued earlier than it was"
    );
    let late = finding!(patched, patched_too_late);
    assert_eq!(first(&late).kind, CauseKind::MovedPatch);
}

#[tokio::test]
async fn what_the_history_says_of_its_recorder() {
    for (name, version, kind) in [
        ("temporal-go", "1.30.0", CauseKind::AnotherSdk),
        ("temporal-rust-durably", "0.0.1", CauseKind::AnotherVersion),
    ] {
        let mut history = record!(with_child);
        for event in &mut history.events {
            if let Some(Attributes::WorkflowTaskCompletedEventAttributes(it)) =
                &mut event.attributes
            {
                let sdk = it.sdk_metadata.get_or_insert_default();
                name.clone_into(&mut sdk.sdk_name);
                version.clone_into(&mut sdk.sdk_version);
            }
        }
        let finding = finding_of(&history, &replay!(history, with_child_of_another_id));
        assert_eq!(kinds(&finding), [CauseKind::ChangedId, kind]);
    }
    let other = finding!(original, with_child);
    assert!(kinds(&other).contains(&CauseKind::AnotherWorkflow));
}

#[tokio::test]
async fn events_that_belong_to_nothing() {
    let mut history = record!(original);
    let Some(Attributes::ActivityTaskStartedEventAttributes(started)) =
        &mut history.events[5].attributes
    else {
        panic!("event 6 starts the activity")
    };
    started.scheduled_event_id = 3;
    let stray = finding_of(&history, &replay!(history, original));
    assert_eq!(first(&stray).kind, CauseKind::NotStarted);

    let mut history = record!(original);
    history.events[5].event_type = history.events[6].event_type;
    history.events[5].attributes = history.events[6].attributes.clone();
    let twice = finding_of(&history, &replay!(history, original));
    assert!(matches!(
        first(&twice).kind,
        CauseKind::NotStarted | CauseKind::OtherState
    ));
}

#[tokio::test]
async fn versions_and_waits() {
    let dropped = finding!(versioned, versioned_later);
    assert_eq!(first(&dropped).kind, CauseKind::DroppedVersion);
    assert!(dropped.problem.starts_with("This run follows version 1 of"));
    assert!(dropped.place.is_some());
    let elsewhere_found = finding!(original, elsewhere);
    assert_eq!(first(&elsewhere_found).kind, CauseKind::OutsideWait);
}

#[tokio::test]
async fn ids() {
    let counted = finding!(original, dawdling);
    assert_eq!(first(&counted).kind, CauseKind::ShiftedId);
    assert!(first(&counted).explanation.contains("takes back"));
    let given = finding!(with_child, with_child_of_another_id);
    assert_eq!(first(&given).kind, CauseKind::ChangedId);
}

#[tokio::test]
async fn code_that_is_not_deterministic() {
    let history = record!(unpatched);
    let replays = [replay!(history, random), replay!(history, random)];
    for [first_replay, second] in [[0, 1], [1, 0]] {
        let examination = Examination::new("a", &history, &replays[first_replay]);
        let Outcome::Failed(finding) = examination.repeated(&replays[second]).outcome() else {
            panic!("the replay passed")
        };
        assert_eq!(first(&finding).kind, CauseKind::NotDeterministic);
        assert!(finding.place.is_some());
    }
    let steady = replay!(history, unpatched);
    let outcome = Examination::new("a", &history, &steady)
        .repeated(&steady)
        .outcome();
    assert!(matches!(outcome, Outcome::Passed(_)));
}

#[tokio::test]
async fn code_that_fails() {
    let finding = finding!(original, panicking);
    assert_eq!(finding.kind, FindingKind::CodeFailed);
    assert_eq!(first(&finding).kind, CauseKind::Panic);

    let result = finding!(original, with_a_number_from_reserve);
    assert_eq!(first(&result).kind, CauseKind::ChangedType);
    assert_eq!(
        first(&result).title,
        "The result of activity \"reserve\" (id 1) has another type now: `u64`"
    );
    assert!(result.place.is_some());

    let history = record!(original);
    let traced = replay!(history, with_a_number);
    let hidden = finding_of(&history, &traced);
    assert_eq!(first(&hidden).kind, CauseKind::ChangedType);
    assert!(
        first(&hidden).title.contains("Parameter 1"),
        "{:?}",
        first(&hidden)
    );
    assert_eq!(first(&hidden).explanation, "The history's value: string.");
    assert!(!format!("{hidden:?}").contains("\\\"order-7\\\""));
    let shown = Examination::new("a", &history, &traced).show_payloads();
    let Outcome::Failed(shown) = shown.outcome() else {
        panic!("the replay passed")
    };
    assert!(first(&shown).explanation.contains("\"order-7\""));
}

#[tokio::test]
async fn histories_that_cannot_be_replayed() {
    let history = record!(original);
    let traced = nobody().replay_traced(history.clone());
    let types = ["Order", "invoice"];
    let examination = Examination::new("a", &history, &traced).known_workflow_types(&types);
    let Outcome::Failed(unknown) = examination.outcome() else {
        panic!("the replay passed")
    };
    assert_eq!(unknown.kind, FindingKind::UnknownWorkflowType);
    assert!(first(&unknown).explanation.contains("\"Order\""));

    let mut broken = history.clone();
    broken.events.remove(5);
    let gap = finding_of(&broken, &replay!(broken, original));
    assert_eq!(gap.kind, FindingKind::BrokenHistory);
    assert_eq!(gap.event.unwrap().event_id, 7);

    let mut headless = history;
    headless.events.clear();
    let nothing = finding_of(&headless, &replay!(headless, original));
    assert_eq!(nothing.kind, FindingKind::BrokenHistory);

    let file = Finding::unreadable("a.json", "expected value at line 1");
    assert_eq!(first(&file).kind, CauseKind::DamagedHistory);
}

#[tokio::test]
async fn a_replay_that_passes_the_second_time() {
    let history = record!(original);
    let place = durably_history::Place::named("a.json");
    let recorded = durably_history::RecordedHistory::new(place, history);
    let replayer = durably_replay::Replayer::new().workflow(moody);
    let failure = replayer.replay(recorded).unwrap_err();
    let durably_replay::ReplayFailure::Failed(summary) = failure else {
        panic!("{failure}")
    };
    let report = summary.report();
    let finding = report.findings().next().unwrap();
    assert_eq!(finding.kind, FindingKind::NotDeterministic);
    assert_eq!(first(finding).kind, CauseKind::NotDeterministic);
    assert_eq!(finding.workflow_type.as_deref(), Some("order"));
    assert!(finding.problem.contains("passed when it was done again"));
    assert!(
        finding.problem.contains("ActivityTaskScheduled"),
        "{}",
        finding.problem
    );
}
