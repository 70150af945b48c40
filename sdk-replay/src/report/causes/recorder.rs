//! What the history says of those who recorded it.

use durably_engine::{SDK_NAME, SDK_VERSION};
use durably_protos::temporal::api::history::v1::HistoryEvent;
use durably_protos::temporal::api::history::v1::history_event::Attributes;

use super::case::Case;
use super::{Cause, CauseKind, Fix};

/// The SDK that completed the last workflow tasks before an event: its name and its version. Both
/// are sent when they change, so either may come from an earlier task.
fn recorder(events: &[HistoryEvent], before: i64) -> (String, String) {
    let (mut name, mut version) = (String::new(), String::new());
    for event in events.iter().take_while(|event| event.event_id <= before) {
        if let Some(Attributes::WorkflowTaskCompletedEventAttributes(it)) = &event.attributes
            && let Some(sdk) = &it.sdk_metadata
        {
            if !sdk.sdk_name.is_empty() {
                name.clone_from(&sdk.sdk_name);
            }
            if !sdk.sdk_version.is_empty() {
                version.clone_from(&sdk.sdk_version);
            }
        }
    }
    (name, version)
}

/// Another SDK recorded the history.
pub(super) fn another_sdk(case: &Case<'_>) -> Option<Cause> {
    let (name, version) = recorder(case.events, case.divergence.event_id);
    if name.is_empty() || name == SDK_NAME {
        return None;
    }
    Some(
        Cause::new(
            CauseKind::AnotherSdk,
            30,
            format!("The history was recorded by another SDK: {name} {version}"),
        )
        .because(
            "Code that was carried over from another SDK must issue the same commands in the same \
             order, ids of timers and activities included.",
        )
        .fix(Fix::of_text(
            "Compare both codes at this place. Where they cannot be made equal, let the runs end on the \
             old worker, and register the new workflow under another name.",
        )),
    )
}

/// Another version of this SDK recorded the history.
pub(super) fn another_version(case: &Case<'_>) -> Option<Cause> {
    let (name, version) = recorder(case.events, case.divergence.event_id);
    if name != SDK_NAME || version.is_empty() || version == SDK_VERSION {
        return None;
    }
    Some(
        Cause::new(
            CauseKind::AnotherVersion,
            15,
            format!("The history was recorded with version {version} of durably, this is {SDK_VERSION}"),
        )
        .because("If the workflow's code did not change, the SDK did.")
        .fix(Fix::of_text(format!(
            "Replay the history with the same code and durably {version}. If that passes, please report \
             it with the history: versions of the SDK must replay each other's histories."
        ))),
    )
}

/// Nothing on the two sides is alike: a workflow of the same name that is another one.
pub(super) fn another_workflow(case: &Case<'_>) -> Option<Cause> {
    let (_, issued) = case.both()?;
    if !case.before.is_empty() || case.history.len() < 2 {
        return None;
    }
    let is_known = |step: &crate::report::steps::CodeStep| {
        case.history
            .iter()
            .any(|it| it.action.is_same(&step.action))
    };
    if case.code.iter().any(is_known) {
        return None;
    }
    Some(
        Cause::new(
            CauseKind::AnotherWorkflow,
            45,
            "The history may be that of another workflow which has the same type name",
        )
        .because("The first command differs already, and none of the code's commands is in the history.")
        .fix(
            Fix::of_text(
                "See under which name the workflow is registered: a workflow that does something else \
                 needs another name.",
            )
            .at(issued.place.as_ref()),
        ),
    )
}
