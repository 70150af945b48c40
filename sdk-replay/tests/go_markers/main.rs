//! Markers of the Go SDK: versions, side effects, local activities. The histories
//! (`tests/corpus/go`) were written by hand, after those that the SDK records. Activities have ids of
//! their own: without, Go calls them by the number of their event, and such histories do not replay.

use std::path::Path;

use durably::activity::HasTimeout;
use durably::prelude::*;
use durably::replay::{ReplayError, Replayed, Replayer};
use durably::workflow::{ActivityCall, LocalActivityCall};
use durably_protos::temporal::api::history::v1::History;
use durably_protos::temporal::api::history::v1::history_event::Attributes;
use serde_json::{Value, json};
use std::time::Duration;

const TEN_SECONDS: Duration = Duration::from_secs(10);

fn remote(ctx: &WorkflowContext, id: &str, name: &str) -> ActivityCall<Value, HasTimeout> {
    let call = ctx.activity_by_name(name, Vec::new()).activity_id(id);
    call.start_to_close_timeout(TEN_SECONDS)
}

fn local(ctx: &WorkflowContext, name: &str) -> LocalActivityCall<Value, HasTimeout> {
    let call = ctx.local_activity_by_name(name, Vec::new());
    call.start_to_close_timeout(TEN_SECONDS)
}

#[workflow(name = "GoMarkers")]
async fn go_markers(ctx: &WorkflowContext, case: String) -> WorkflowResult<Value> {
    // What is not recorded would be seen in the results.
    let not_made = || Value::from("made in a replay");
    let result = match case.as_str() {
        "versions" => {
            let version = ctx.version("ship", WorkflowContext::DEFAULT_VERSION, 2);
            remote(ctx, "quote", "quote").await?;
            if version == 2 {
                assert_eq!(ctx.version("pack", 1, 1), 1);
                remote(ctx, "ship", "shipByAir").await?;
            } else {
                remote(ctx, "ship", "ship").await?;
            }
            json!(version)
        }
        "side_effects" => {
            let (one, two) = (ctx.side_effect(not_made), ctx.side_effect(not_made));
            remote(ctx, "one", "one").await?;
            json!([one, two, ctx.side_effect(not_made)])
        }
        "mutable_side_effects" => {
            let limit = || ctx.mutable_side_effect("limit", not_made);
            let first = limit();
            ctx.signal_channel::<Value>("go").recv().await?;
            let second = limit();
            remote(ctx, "one", "one").await?;
            let third = limit();
            ctx.mutable_side_effect("other", not_made);
            json!([first, second, third, limit()])
        }
        "local_activities" => {
            remote(ctx, "one", "one").await?;
            let calls = ["price", "price", "tax"].map(|name| local(ctx, name));
            let mut results = try_join_all(calls).await?;
            let failed = local(ctx, "fail").await.expect_err("it is recorded");
            assert!(format!("{failed:?}").contains("broken"), "{failed:?}");
            remote(ctx, "two", "two").await?;
            results.push(local(ctx, "price").await?);
            json!(results)
        }
        "mixed" => {
            assert_eq!(ctx.version("v", 1, 1), 1);
            let one = ctx.side_effect(not_made);
            let two = local(ctx, "price").await?;
            ctx.mutable_side_effect("m", not_made);
            remote(ctx, "one", "one").await?;
            json!([
                one,
                two,
                ctx.side_effect(not_made),
                local(ctx, "price").await?
            ])
        }
        _ => return Err(WorkflowError::fail_task(ApplicationFailure::new(case))),
    };
    RESULT.set(result.clone());
    Ok(result)
}

thread_local! {
    /// What the workflow gave last: a replay does not compare it.
    static RESULT: std::cell::RefCell<Value> = const { std::cell::RefCell::new(Value::Null) };
}

fn history(name: &str) -> History {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/go");
    let text = std::fs::read_to_string(folder.join(format!("{name}.json"))).expect(name);
    serde_json::from_str(&text).expect(name)
}

fn replay(history: History) -> Result<Replayed, ReplayError> {
    Replayer::new()
        .workflow(go_markers)
        .expect("it is alone")
        .replay(history)
}

#[test]
fn markers_of_the_go_sdk_are_followed() {
    let names = [
        "versions-newest",
        "versions-before",
        "versions-none",
        "side_effects",
        "mutable_side_effects",
        "local_activities",
        "mixed",
    ];
    for name in names {
        let history = history(name);
        let last = history.events.last().expect("events");
        let Some(Attributes::WorkflowExecutionCompletedEventAttributes(end)) = &last.attributes
        else {
            panic!("{name} completes");
        };
        let recorded = end.result.as_ref().expect("a result").payloads[0]
            .data
            .clone();
        let (length, recorded) = (
            last.event_id,
            serde_json::from_slice::<Value>(&recorded).expect("JSON"),
        );
        let replayed = replay(history).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(replayed.events, length, "{name}");
        assert_eq!(RESULT.take(), recorded, "{name}");
    }
}

#[test]
fn other_markers_are_refused() {
    for (name, marker) in [
        ("side_effects", "SideEffect"),
        ("local_activities", "LocalActivity"),
    ] {
        let mut history = history(name);
        // The first marker is gone, and its event is another one.
        let event = history
            .events
            .iter_mut()
            .find_map(|event| match &mut event.attributes {
                Some(Attributes::MarkerRecordedEventAttributes(one))
                    if one.marker_name == marker =>
                {
                    Some(one)
                }
                _ => None,
            });
        event.expect("a marker").marker_name = "Unheard".to_owned();
        assert!(replay(history).is_err(), "{name}");
    }
}
