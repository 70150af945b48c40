//! Changing the code of workflows that are under way: patches and versions, over generations of
//! workers.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use durably::client::{Untyped, WorkflowHandle};
use durably::definition::WorkflowDefinition;
use durably::payload::{FromPayload, SearchAttributeKey};
use durably::prelude::*;
use durably::worker::WorkerBuilder;
use durably_integration::{Events, Test};
use durably_protos::temporal::api::enums::v1::EventType;
use durably_protos::temporal::api::history::v1::history_event::Attributes;

const CHANGES: SearchAttributeKey<Vec<String>> =
    SearchAttributeKey::keyword_list("TemporalChangeVersion");
const TASK_TIMEOUT: Duration = Duration::from_secs(1);

#[activity(start_to_close_timeout = "10s")]
async fn step(name: String) -> ActivityResult<String> {
    Ok(name)
}

/// What all generations share: steps, each after a signal.
#[derive(Default)]
struct Gate {
    open: State<u32>,
}

impl Gate {
    async fn pass(&self, ctx: &WorkflowContext, number: u32) -> WorkflowResult<()> {
        ctx.wait_until(|| self.open.get() >= number).await?;
        Ok(())
    }
}

/// A generation of the code: the same workflow type and signal, another body.
macro_rules! generation {
    ($name:ident, |$this:ident, $ctx:ident| $body:block) => {
        #[derive(Default)]
        struct $name {
            gate: Gate,
        }

        #[workflow(name = "generations")]
        impl $name {
            #[run]
            async fn run(&self, ctx: &WorkflowContext) -> WorkflowResult<Vec<String>> {
                let $this = self;
                let $ctx = ctx;
                $body
            }

            #[signal]
            fn open(&self) {
                self.gate.open.update(|open| *open += 1);
            }
        }
    };
}

generation!(Original, |this, ctx| {
    let first = ctx.activity(step, "old").await?;
    this.gate.pass(ctx, 1).await?;
    let second = ctx.activity(step, "old end").await?;
    this.gate.pass(ctx, 2).await?;
    Ok(vec![first, second])
});

generation!(Patched, |this, ctx| {
    let mut taken = Vec::new();
    if ctx.patched("rework") {
        ctx.sleep(Duration::from_millis(10)).await?;
        taken.push(ctx.activity(step, "new").await?);
    } else {
        taken.push(ctx.activity(step, "old").await?);
    }
    this.gate.pass(ctx, 1).await?;
    // Asked again: the same answer as at first.
    let end = if ctx.patched("rework") {
        "new end"
    } else {
        "old end"
    };
    taken.push(ctx.activity(step, end).await?);
    this.gate.pass(ctx, 2).await?;
    Ok(taken)
});

generation!(Deprecated, |this, ctx| {
    ctx.deprecate_patch("rework");
    ctx.sleep(Duration::from_millis(10)).await?;
    let mut taken = vec![ctx.activity(step, "new").await?];
    this.gate.pass(ctx, 1).await?;
    taken.push(ctx.activity(step, "new end").await?);
    this.gate.pass(ctx, 2).await?;
    Ok(taken)
});

generation!(Removed, |this, ctx| {
    ctx.sleep(Duration::from_millis(10)).await?;
    let mut taken = vec![ctx.activity(step, "new").await?];
    this.gate.pass(ctx, 1).await?;
    taken.push(ctx.activity(step, "new end").await?);
    this.gate.pass(ctx, 2).await?;
    Ok(taken)
});

generation!(SecondVersion, |this, ctx| {
    let version = ctx.version("shape", WorkflowContext::DEFAULT_VERSION, 1);
    let name = if version == 1 { "first" } else { "old" };
    let mut taken = vec![ctx.activity(step, name).await?];
    this.gate.pass(ctx, 1).await?;
    taken.push(ctx.activity(step, format!("{name} end")).await?);
    this.gate.pass(ctx, 2).await?;
    Ok(taken)
});

generation!(ThirdVersion, |this, ctx| {
    let version = ctx.version("shape", WorkflowContext::DEFAULT_VERSION, 2);
    let name = match version {
        2 => "second",
        1 => "first",
        _ => "old",
    };
    let mut taken = vec![ctx.activity(step, name).await?];
    this.gate.pass(ctx, 1).await?;
    taken.push(ctx.activity(step, format!("{name} end")).await?);
    this.gate.pass(ctx, 2).await?;
    Ok(taken)
});

generation!(LastVersion, |this, ctx| {
    ctx.version("shape", 2, 2);
    let mut taken = vec![ctx.activity(step, "second").await?];
    this.gate.pass(ctx, 1).await?;
    taken.push(ctx.activity(step, "second end").await?);
    this.gate.pass(ctx, 2).await?;
    Ok(taken)
});

fn with_step(worker: WorkerBuilder) -> WorkerBuilder {
    worker
        .activity(step)
        .options(|options| options.sticky_schedule_to_start_timeout = TASK_TIMEOUT)
}

/// The names of the markers, and of the changes they record.
fn changes(events: &Events) -> Vec<String> {
    let markers = events
        .attributes()
        .filter_map(|attributes| match attributes {
            Attributes::MarkerRecordedEventAttributes(marker) => Some(marker),
            _ => None,
        });
    let described = markers.map(|marker| {
        let texts = marker
            .details
            .values()
            .flat_map(|payloads| &payloads.payloads);
        let texts: Vec<_> = texts
            .map(|text| String::from_utf8_lossy(&text.data))
            .collect();
        format!("{} {}", marker.marker_name, texts.join(" "))
    });
    described.collect()
}

async fn listed<W: WorkflowDefinition>(handle: &WorkflowHandle<W>) -> Vec<String> {
    let description = handle.describe().await.unwrap();
    let changes = description.search_attributes().get(&CHANGES).unwrap();
    changes.unwrap_or_default()
}

type Generation = fn(WorkerBuilder) -> WorkerBuilder;

const ORIGINAL: Generation = |worker| worker.workflow(Original::run);
const PATCHED: Generation = |worker| worker.workflow(Patched::run);
const DEPRECATED: Generation = |worker| worker.workflow(Deprecated::run);
const REMOVED: Generation = |worker| worker.workflow(Removed::run);
const SECOND: Generation = |worker| worker.workflow(SecondVersion::run);
const THIRD: Generation = |worker| worker.workflow(ThirdVersion::run);
const LAST: Generation = |worker| worker.workflow(LastVersion::run);

/// A run of the workflow, which a generation of workers after the other takes on.
struct Run<'a> {
    test: &'a Test,
    handle: WorkflowHandle<Untyped>,
}

impl<'a> Run<'a> {
    async fn begin(test: &'a Test) -> Self {
        let start = test.client().start_by_name("generations", Vec::new());
        let start = start
            .workflow_id(test.workflow_id("run"))
            .task_queue(test.task_queue())
            .workflow_task_timeout(TASK_TIMEOUT);
        let handle = start.await.unwrap();
        Self { test, handle }
    }

    /// Takes the run to its next wait.
    async fn take_on(&self, generation: Generation, steps: usize) {
        let worker = self.test.worker(|worker| with_step(generation(worker)));
        if steps > 1 {
            self.handle.signal_by_name("open", vec![]).await.unwrap();
        }
        self.test
            .until(&self.handle, "the next wait", |events| {
                events.count(EventType::ActivityTaskCompleted) == steps
                    && events.last() == EventType::WorkflowTaskCompleted
            })
            .await;
        worker.stop().await;
    }

    async fn end(&self, generation: Generation) -> Vec<String> {
        let worker = self.test.worker(|worker| with_step(generation(worker)));
        self.handle.signal_by_name("open", vec![]).await.unwrap();
        let result = self.test.result_of_troubled(&self.handle).await.unwrap();
        worker.stop().await;
        Vec::from_payload(&result.0).unwrap()
    }

    async fn through(test: &'a Test, generations: [Generation; 3]) -> (Self, Vec<String>) {
        let run = Self::begin(test).await;
        run.take_on(generations[0], 1).await;
        run.take_on(generations[1], 2).await;
        let result = run.end(generations[2]).await;
        // A task that was handed to a worker as it ended may have timed out; none may have failed.
        let events = test.events(&run.handle).await;
        assert_eq!(events.failed_tasks().count(), 0, "{events:?}");
        (run, result)
    }

    async fn changes(&self) -> Vec<String> {
        changes(&self.test.events(&self.handle).await)
    }

    /// Goes on with code that the run cannot follow: what its failed task says.
    async fn stumble(&self, generation: Generation) -> String {
        let worker = self.test.worker(|worker| with_step(generation(worker)));
        self.handle.signal_by_name("open", vec![]).await.unwrap();
        let events = self
            .test
            .until_event(&self.handle, EventType::WorkflowTaskFailed)
            .await;
        worker.stop().await;
        events.task_failure().unwrap().message.clone()
    }
}

const MARKER: &str = r#"core_patch {"deprecated":false,"id":"rework"}"#;
const DEPRECATED_MARKER: &str = r#"core_patch {"deprecated":true,"id":"rework"}"#;

#[tokio::test]
async fn new_runs_are_patched() {
    let test = Test::begin().await;
    let (run, result) = Run::through(&test, [PATCHED, PATCHED, PATCHED]).await;
    assert_eq!(result, ["new", "new end"]);
    assert_eq!(run.changes().await, [MARKER]);
    assert_eq!(listed(&run.handle).await, ["rework"]);
}

#[tokio::test]
async fn runs_of_old_code_stay_on_the_old_side() {
    let test = Test::begin().await;
    let (run, result) = Run::through(&test, [ORIGINAL, PATCHED, PATCHED]).await;
    assert_eq!(result, ["old", "old end"]);
    assert!(run.changes().await.is_empty());
    assert!(listed(&run.handle).await.is_empty());
}

#[tokio::test]
async fn a_patch_is_deprecated() {
    let test = Test::begin().await;
    let (run, result) = Run::through(&test, [PATCHED, DEPRECATED, DEPRECATED]).await;
    assert_eq!(result, ["new", "new end"]);
    assert_eq!(run.changes().await, [MARKER]);
    let (run, _) = Run::through(&test, [DEPRECATED, DEPRECATED, DEPRECATED]).await;
    assert_eq!(run.changes().await, [DEPRECATED_MARKER]);
    assert_eq!(listed(&run.handle).await, ["rework"]);
}

#[tokio::test]
async fn a_deprecated_patch_is_removed() {
    let test = Test::begin().await;
    for generations in [
        [DEPRECATED, REMOVED, REMOVED],
        [DEPRECATED, DEPRECATED, REMOVED],
        // Back again, as deployments do.
        [DEPRECATED, PATCHED, DEPRECATED],
        [DEPRECATED, REMOVED, DEPRECATED],
    ] {
        let (_, result) = Run::through(&test, generations).await;
        assert_eq!(result, ["new", "new end"]);
    }
}

#[tokio::test]
async fn a_patch_that_is_removed_too_early() {
    let test = Test::begin().await;
    let run = Run::begin(&test).await;
    run.take_on(PATCHED, 1).await;
    let message = run.stumble(REMOVED).await;
    assert!(message.contains("[TMPRL1100]"), "{message}");
    assert!(message.contains("rework"), "{message}");
    assert_eq!(run.end(PATCHED).await, ["new", "new end"]);
}

#[tokio::test]
async fn versions_over_three_generations() {
    let test = Test::begin().await;
    let (run, result) = Run::through(&test, [ORIGINAL, SECOND, THIRD]).await;
    assert_eq!(result, ["old", "old end"]);
    assert!(run.changes().await.is_empty());
    let (run, result) = Run::through(&test, [SECOND, THIRD, THIRD]).await;
    assert_eq!(result, ["first", "first end"]);
    assert_eq!(listed(&run.handle).await, ["shape-1"]);
    let (run, result) = Run::through(&test, [THIRD, LAST, LAST]).await;
    assert_eq!(result, ["second", "second end"]);
    assert_eq!(listed(&run.handle).await, ["shape-2"]);
}

#[tokio::test]
async fn a_version_that_the_code_has_no_more() {
    let test = Test::begin().await;
    let run = Run::begin(&test).await;
    run.take_on(SECOND, 1).await;
    let message = run.stumble(LAST).await;
    assert!(message.contains("version 1 of \"shape\""), "{message}");
    assert!(message.contains("2 to 2"), "{message}");
    assert_eq!(run.end(THIRD).await, ["first", "first end"]);
}

/// As many changes as do not fit into the search attribute.
#[workflow]
async fn much_changed(ctx: &WorkflowContext) -> WorkflowResult<usize> {
    let mut patched = 0;
    for number in (0..200).rev() {
        patched += usize::from(ctx.patched(&format!("change-{number:03}")));
    }
    ctx.sleep(Duration::from_millis(10)).await?;
    for number in 0..200 {
        patched += usize::from(ctx.patched(&format!("change-{number:03}")));
    }
    Ok(patched)
}

#[tokio::test]
async fn many_changes() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(much_changed));
    let handle = test.start(much_changed, ()).await;
    assert_eq!(test.result(&handle).await.unwrap(), 400);
    let events = test.events(&handle).await;
    assert_eq!(events.count(EventType::MarkerRecorded), 200);
    let upserts = events.count(EventType::UpsertWorkflowSearchAttributes);
    assert!((100..200).contains(&upserts), "{upserts}");
    let listed = listed(&handle).await;
    assert_eq!(listed.len(), upserts);
    assert!(listed.is_sorted(), "{listed:?}");
}

#[workflow]
async fn rolled_out(ctx: &WorkflowContext) -> WorkflowResult<Vec<bool>> {
    let first = ctx.patched("gradual");
    ctx.sleep(Duration::from_millis(10)).await?;
    let again = ctx.patched("gradual");
    let other = ctx.patched("for-everybody");
    // Replayed code must not find another answer.
    ctx.sleep(Duration::from_millis(10)).await?;
    Ok(vec![first, again, other, ctx.patched("gradual")])
}

#[tokio::test]
async fn the_worker_decides_which_runs_take_a_patch() {
    let test = Test::begin().await;
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let _worker = test.worker(|worker| {
        worker.workflow(rolled_out).patch_activation(move |patch| {
            count.fetch_add(1, Ordering::Relaxed);
            assert_eq!(patch.info().workflow_type(), "rolled_out");
            patch.id() != "gradual" || patch.info().workflow_id().ends_with("-chosen")
        })
    });
    for (name, expected) in [("chosen", true), ("held-back", false)] {
        let id = format!("{}-{name}", test.workflow_id("patch"));
        let handle = test.starting(rolled_out, ()).workflow_id(id).await.unwrap();
        let told = test.result(&handle).await.unwrap();
        assert_eq!(told, [expected, expected, true, expected], "{name}");
        let markers = test.events(&handle).await.count(EventType::MarkerRecorded);
        assert_eq!(markers, 1 + usize::from(expected), "{name}");
        let expected = match expected {
            true => vec!["for-everybody", "gradual"],
            false => vec!["for-everybody"],
        };
        assert_eq!(listed(&handle).await, expected);
    }
    // Once for each patch of a run; replays do not ask.
    assert_eq!(asked.load(Ordering::Relaxed), 4);
}
