//! Groups of events: beside the events of what was called in them.

use std::time::Duration;

use durably::payload::FromPayload;
use durably::prelude::*;
use durably_integration::Test;
use durably_protos::temporal::api::enums::v1::EventType;
use durably_protos::temporal::api::history::v1::HistoryEvent;
use durably_protos::temporal::api::sdk::v1::event_group_marker::Variant;

const MILLISECOND: Duration = Duration::from_millis(1);

#[activity(start_to_close_timeout = "10s")]
async fn step() -> ActivityResult<()> {
    Ok(())
}

#[workflow]
async fn child(_ctx: &WorkflowContext) -> WorkflowResult<()> {
    Ok(())
}

/// Every kind of command, in groups.
#[workflow]
async fn grouped(ctx: &WorkflowContext) -> WorkflowResult<()> {
    let (outer, inner) = (ctx.event_group("outer"), ctx.event_group("inner"));
    ctx.sleep(MILLISECOND).await?;
    outer
        .run(async {
            ctx.activity(step, ()).await?;
            inner.run(ctx.timer(2 * MILLISECOND)).await?;
            ctx.child(child, ()).await
        })
        .await?;
    let context = ctx.clone();
    let spawns = async {
        let spawned = ctx.spawn(async move { context.activity(step, ()).await });
        spawned.await
    };
    inner.run(spawns).await?;
    outer.run(ctx.local_activity(step, ())).await?;
    let _ = outer.run(async { ctx.patched("a-change") }).await;
    ctx.activity(step, ()).await?;
    Ok(())
}

/// The type of an event, and the labels and ids of its groups.
fn told(event: &HistoryEvent) -> String {
    let groups = event
        .event_group_markers
        .iter()
        .map(|marker| match &marker.variant {
            Some(Variant::Label(label)) => {
                let text = String::from_payload(label.label.as_ref().unwrap()).unwrap();
                format!("{text} {}", label.id)
            }
            other => format!("{other:?}"),
        });
    let groups: Vec<_> = groups.collect();
    format!("{:?}: {}", event.event_type(), groups.join(", "))
}

#[tokio::test]
async fn stand_beside_the_events() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| {
        let worker = worker.workflow(grouped).workflow(child);
        worker.activity(step)
    });
    let handle = test.start(grouped, ()).await;
    test.result(&handle).await.unwrap();
    let events = test.events(&handle).await;
    let of_commands = events.iter().filter(|event| {
        matches!(
            event.event_type(),
            EventType::TimerStarted
                | EventType::ActivityTaskScheduled
                | EventType::StartChildWorkflowExecutionInitiated
                | EventType::MarkerRecorded
                | EventType::UpsertWorkflowSearchAttributes
        )
    });
    let told: Vec<_> = of_commands.map(told).collect();
    assert_eq!(
        told,
        [
            "TimerStarted: ",
            "ActivityTaskScheduled: outer 1",
            "TimerStarted: inner 2, outer 1",
            "StartChildWorkflowExecutionInitiated: outer 1",
            "ActivityTaskScheduled: inner 2",
            "MarkerRecorded: outer 1",
            "MarkerRecorded: outer 1",
            "UpsertWorkflowSearchAttributes: outer 1",
            "ActivityTaskScheduled: ",
        ]
    );
}
