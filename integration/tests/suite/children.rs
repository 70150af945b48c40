//! Child workflows: results, failures, options, signals, names that are taken, many at once.

use std::time::Duration;

use durably::client::WorkflowExecutionStatus;
use durably::failure::{ChildWorkflowFailure, RetryState};
use durably::options::{ParentClosePolicy, Priority, WorkflowIdReusePolicy};
use durably::payload::{FromPayload, Memo, SearchAttributes, ToPayload};
use durably::prelude::*;
use durably_integration::{Events, Test};
use durably_protos::temporal::api::enums::v1::{self, EventType};
use durably_protos::temporal::api::history::v1::StartChildWorkflowExecutionInitiatedEventAttributes as Initiated;
use durably_protos::temporal::api::history::v1::history_event::Attributes;

use crate::start_options::{CUSTOMER, register_search_attributes};

/// How the children of a run were asked for.
pub(crate) fn initiated(events: &Events) -> Vec<&Initiated> {
    let initiated = events
        .attributes()
        .filter_map(|attributes| match attributes {
            Attributes::StartChildWorkflowExecutionInitiatedEventAttributes(initiated) => {
                Some(&**initiated)
            }
            _ => None,
        });
    initiated.collect()
}

/// The failure of a child as text: how it ended, why, and whom it names.
pub(crate) fn told(failure: &Failure) -> String {
    let Failure::ChildWorkflow(child) = failure else {
        return format!("not a child's failure: {failure:?}");
    };
    let cause = match child.cause() {
        Some(Failure::Application(cause)) => {
            format!("{}: {}", cause.failure_type(), cause.message())
        }
        Some(Failure::Canceled(_)) => "canceled".to_owned(),
        Some(Failure::Timeout(cause)) => format!("{:?}", cause.timeout_type()),
        Some(Failure::Terminated(_)) => "terminated".to_owned(),
        other => format!("{other:?}"),
    };
    format!("{} | {cause} | {:?}", child.message(), child.retry_state())
}

#[workflow]
async fn doubles(_ctx: &WorkflowContext, number: u64) -> WorkflowResult<u64> {
    Ok(number * 2)
}

#[workflow]
async fn has_doubled(ctx: &WorkflowContext) -> WorkflowResult<(u64, u64, u64)> {
    let typed = ctx.child(doubles, 4).await?;
    let named = ctx
        .child_by_name("doubles", vec![5_u64.to_payload()?])
        .await?;
    let started = ctx.child(doubles, 6).start().await?;
    if started.run_id().is_empty() || started.workflow_id().is_empty() {
        return Err("a child has ids".into());
    }
    Ok((typed, named, started.result().await?))
}

#[tokio::test]
async fn results() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(has_doubled).workflow(doubles));
    let handle = test.start(has_doubled, ()).await;
    assert_eq!(test.result(&handle).await.unwrap(), (8, 10, 12));
    let events = test.events(&handle).await;
    assert_eq!(events.count(EventType::ChildWorkflowExecutionCompleted), 3);
    let children = initiated(&events);
    // Left out, the id is a UUID and the rest is the parent's.
    assert_eq!(children[0].workflow_id.len(), 36);
    assert_eq!(
        children[0].parent_close_policy(),
        v1::ParentClosePolicy::Terminate
    );
    assert_eq!(
        children[0].task_queue.as_ref().unwrap().name,
        test.task_queue()
    );
}

#[workflow]
async fn refuses(_ctx: &WorkflowContext, why: String) -> WorkflowResult<()> {
    let refusal = ApplicationFailure::new(why.clone()).with_type("Refused");
    Err(refusal.with_details(&7_u32)?.into())
}

#[workflow]
async fn is_refused(ctx: &WorkflowContext) -> WorkflowResult<Vec<String>> {
    let Err(failure) = ctx
        .child(refuses, "not today")
        .workflow_id(id_of(ctx, "child"))
        .await
    else {
        return Err("the child fails".into());
    };
    let Failure::ChildWorkflow(child) = &failure else {
        return Err("a child's failure".into());
    };
    let detail = failure
        .application()
        .and_then(|cause| cause.detail::<u32>(0).ok().flatten());
    Ok(vec![
        told(&failure),
        child.workflow_id().to_owned(),
        format!("{detail:?}"),
        ids(child),
    ])
}

fn ids(child: &ChildWorkflowFailure) -> String {
    let kind = child.workflow_type();
    format!(
        "{kind} {} {}",
        child.run_id().len(),
        child.initiated_event_id() > 0
    )
}

pub(crate) fn id_of(ctx: &WorkflowContext, what: &str) -> String {
    format!("{}/{what}", ctx.info().workflow_id())
}

#[tokio::test]
async fn failures_carry_their_cause() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(is_refused).workflow(refuses));
    let handle = test.start(is_refused, ()).await;
    let seen = test.result(&handle).await.unwrap();
    let state = RetryState::RetryPolicyNotSet;
    let expected = format!("Child Workflow execution failed | Refused: not today | {state:?}");
    assert_eq!(seen[0], expected);
    assert_eq!(seen[1], format!("{}/child", handle.workflow_id()));
    assert_eq!(seen[2], "Some(7)");
    assert_eq!(seen[3], "refuses 36 true");
}

/// A failure that is not handled fails the parent, with the whole chain.
#[workflow]
async fn passes_it_on(ctx: &WorkflowContext) -> WorkflowResult<()> {
    ctx.child(refuses, "no").await?;
    Ok(())
}

#[tokio::test]
async fn a_childs_failure_fails_its_parent() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(passes_it_on).workflow(refuses));
    let handle = test.start(passes_it_on, ()).await;
    let error = test.result(&handle).await.unwrap_err();
    let durably::client::ResultError::Failed(failure) = error else {
        panic!("a failure, not {error:?}");
    };
    assert!(matches!(failure, Failure::ChildWorkflow(_)), "{failure:?}");
    assert_eq!(failure.application().unwrap().failure_type(), "Refused");
}

#[derive(Default)]
pub(crate) struct Shipment {
    places: State<Vec<String>>,
    closed: State<bool>,
}

#[workflow]
impl Shipment {
    #[run]
    pub(crate) async fn run(&self, ctx: &WorkflowContext, order: String) -> WorkflowResult<String> {
        ctx.wait_until(|| self.closed.get()).await?;
        Ok(format!("{order}: {}", self.places.get().join(", ")))
    }

    #[signal]
    pub(crate) fn arrived(&self, place: String, last: bool) {
        self.places.update(|places| places.push(place));
        self.closed.set(last);
    }
}

#[workflow]
async fn ships(ctx: &WorkflowContext) -> WorkflowResult<String> {
    let shipment = ctx.child(Shipment::run, "order 1").start().await?;
    shipment
        .signal(Shipment::arrived, ("the depot", false))
        .await?;
    let arguments = vec!["the door".to_payload()?, true.to_payload()?];
    shipment.signal_by_name("arrived", arguments).await?;
    Ok(shipment.result().await?)
}

#[tokio::test]
async fn signals() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(ships).workflow(Shipment::run));
    let handle = test.start(ships, ()).await;
    assert_eq!(
        test.result(&handle).await.unwrap(),
        "order 1: the depot, the door"
    );
    let events = test.events(&handle).await;
    assert_eq!(
        events.count(EventType::ExternalWorkflowExecutionSignaled),
        2
    );
}

#[workflow]
async fn starts_with_every_option(ctx: &WorkflowContext) -> WorkflowResult<()> {
    let child = ctx
        .child(Shipment::run, "order 2")
        .workflow_id(id_of(ctx, "child"))
        .workflow_execution_timeout(Duration::from_secs(300))
        .workflow_run_timeout(Duration::from_secs(200))
        .workflow_task_timeout(Duration::from_secs(7))
        .parent_close_policy(ParentClosePolicy::Abandon)
        .id_reuse_policy(WorkflowIdReusePolicy::RejectDuplicate)
        .retry(
            RetryPolicy::new()
                .maximum_attempts(3)
                .initial_interval(Duration::from_secs(2)),
        )
        .memo(Memo::new().set("note", &"fragile".to_owned())?)
        .search_attributes(SearchAttributes::new().set(&CUSTOMER, "c-9".to_owned())?)
        .priority(
            Priority::new()
                .priority_key(2)
                .fairness_key("tenant")
                .fairness_weight(1.5),
        )
        .summary("a shipment")
        .options(|options| options.details = Some("of order 2".to_owned()))
        .start()
        .await?;
    child.detach();
    Ok(())
}

#[tokio::test]
async fn every_option() {
    let test = Test::begin().await;
    register_search_attributes(&test).await;
    let register = |worker: durably::worker::WorkerBuilder| {
        worker
            .workflow(starts_with_every_option)
            .workflow(Shipment::run)
    };
    let _worker = test.worker(register);
    let handle = test.start(starts_with_every_option, ()).await;
    test.result(&handle).await.unwrap();

    let events = test.events(&handle).await;
    let asked = initiated(&events)[0];
    assert_eq!(asked.parent_close_policy(), v1::ParentClosePolicy::Abandon);
    assert_eq!(
        asked.workflow_id_reuse_policy(),
        v1::WorkflowIdReusePolicy::RejectDuplicate
    );
    let event = events
        .iter()
        .find(|event| event.event_type() == EventType::StartChildWorkflowExecutionInitiated);
    let metadata = event.unwrap().user_metadata.clone().unwrap();
    assert_eq!(
        String::from_payload(&metadata.summary.unwrap()).unwrap(),
        "a shipment"
    );
    assert_eq!(
        String::from_payload(&metadata.details.unwrap()).unwrap(),
        "of order 2"
    );

    // Abandoned, it goes on without its parent.
    let child = test
        .client()
        .workflow_handle(Shipment::run, &asked.workflow_id);
    let description = child.describe().await.unwrap();
    assert_eq!(description.status(), WorkflowExecutionStatus::Running);
    assert_eq!(
        description.workflow_execution_timeout(),
        Some(Duration::from_secs(300))
    );
    assert_eq!(
        description.workflow_run_timeout(),
        Some(Duration::from_secs(200))
    );
    assert_eq!(
        description.workflow_task_timeout(),
        Some(Duration::from_secs(7))
    );
    let note: Option<String> = description.memo().get("note").unwrap();
    assert_eq!(note.as_deref(), Some("fragile"));
    let customer = description.search_attributes().get(&CUSTOMER).unwrap();
    assert_eq!(customer.as_deref(), Some("c-9"));
    let priority = Priority::new().priority_key(2).fairness_key("tenant");
    assert_eq!(description.priority(), priority.fairness_weight(1.5));
    assert_eq!(
        description.static_summary().unwrap().as_deref(),
        Some("a shipment")
    );
    assert_eq!(description.parent().unwrap().0, handle.workflow_id());
    let history = test.events(&child).await;
    let retry = history.started().retry_policy.as_ref().unwrap();
    assert_eq!(
        (
            retry.maximum_attempts,
            retry.initial_interval.unwrap().seconds
        ),
        (3, 2)
    );

    child
        .signal(Shipment::arrived, ("the door", true))
        .await
        .unwrap();
    assert_eq!(test.result(&child).await.unwrap(), "order 2: the door");
}

#[workflow]
async fn on_another_queue(ctx: &WorkflowContext, queue: String) -> WorkflowResult<u64> {
    Ok(ctx.child(doubles, 7).task_queue(queue).await?)
}

#[tokio::test]
async fn on_a_queue_of_its_own() {
    let test = Test::begin().await;
    let queue = format!("{}-other", test.task_queue());
    let other = Worker::builder(test.client(), &queue).workflow(doubles);
    let _other = test.start_worker(other.build().unwrap());
    let _worker = test.worker(|worker| worker.workflow(on_another_queue));
    assert_eq!(test.run(on_another_queue, &queue).await, 14);
}

#[workflow]
async fn takes_a_name_twice(ctx: &WorkflowContext) -> WorkflowResult<Vec<String>> {
    let id = id_of(ctx, "child");
    let first = ctx
        .child(Shipment::run, "first")
        .workflow_id(&id)
        .start()
        .await?;
    let awaited = ctx.child(Shipment::run, "second").workflow_id(&id).await;
    let started = ctx
        .child(Shipment::run, "third")
        .workflow_id(&id)
        .start()
        .await;
    first.signal(Shipment::arrived, ("the door", true)).await?;
    first.result().await?;
    let policy = WorkflowIdReusePolicy::RejectDuplicate;
    let closed = ctx
        .child(doubles, 1)
        .workflow_id(&id)
        .id_reuse_policy(policy)
        .await;
    let allowed = ctx.child(doubles, 1).workflow_id(&id).await;
    let refusals = [awaited.err(), started.err(), closed.err(), allowed.err()];
    Ok(refusals.iter().flatten().map(told).collect())
}

#[tokio::test]
async fn a_name_that_is_taken() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| {
        worker
            .workflow(takes_a_name_twice)
            .workflow(Shipment::run)
            .workflow(doubles)
    });
    let handle = test.start(takes_a_name_twice, ()).await;
    let refusals = test.result(&handle).await.unwrap();
    assert_eq!(refusals.len(), 3, "{refusals:?}");
    for refusal in refusals {
        assert!(
            refusal.starts_with("Child Workflow execution could not be started"),
            "{refusal}"
        );
        assert!(refusal.contains("WorkflowAlreadyExists"), "{refusal}");
        assert!(refusal.contains(handle.workflow_id()), "{refusal}");
    }
}

#[workflow]
async fn fifty(ctx: &WorkflowContext) -> WorkflowResult<u64> {
    let doubled = try_join_all((0..50).map(|number: u64| ctx.child(doubles, number))).await?;
    Ok(doubled.iter().sum())
}

#[tokio::test]
async fn fifty_at_once() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(fifty).workflow(doubles));
    assert_eq!(test.run(fifty, ()).await, 2450);
}

#[workflow]
async fn counts_down(ctx: &WorkflowContext, from: u64, runs: u64) -> WorkflowResult<u64> {
    match from {
        0 => Ok(runs),
        from => ctx.continue_as_new(counts_down, (from - 1, runs + 1)),
    }
}

#[workflow]
async fn awaits_a_chain(ctx: &WorkflowContext) -> WorkflowResult<u64> {
    Ok(ctx.child(counts_down, (3, 1)).await?)
}

#[tokio::test]
async fn a_child_that_continues_as_new() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(awaits_a_chain).workflow(counts_down));
    assert_eq!(test.run(awaits_a_chain, ()).await, 4);
}

#[workflow]
async fn third_time_lucky(ctx: &WorkflowContext) -> WorkflowResult<u32> {
    match ctx.info().attempt() {
        attempt @ 3.. => Ok(attempt),
        _ => Err("try again".into()),
    }
}

#[workflow]
async fn awaits_retries(ctx: &WorkflowContext) -> WorkflowResult<u32> {
    let policy = RetryPolicy::new().initial_interval(Duration::from_millis(10));
    Ok(ctx.child(third_time_lucky, ()).retry(policy).await?)
}

#[tokio::test]
async fn a_child_that_is_retried() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(awaits_retries).workflow(third_time_lucky));
    assert_eq!(test.run(awaits_retries, ()).await, 3);
}

#[workflow]
async fn schedules_cron(ctx: &WorkflowContext) -> WorkflowResult<()> {
    let call = ctx.child(doubles, 1).workflow_id(id_of(ctx, "cron"));
    let policy = ParentClosePolicy::Abandon;
    let cron = call.cron_schedule("0 12 * * *").parent_close_policy(policy);
    cron.start().await?.detach();
    Ok(())
}

#[tokio::test]
async fn a_child_by_cron() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(schedules_cron).workflow(doubles));
    let handle = test.start(schedules_cron, ()).await;
    test.result(&handle).await.unwrap();
    let id = format!("{}/cron", handle.workflow_id());
    let cron = test.client().workflow_handle(doubles, id);
    let events = test.events(&cron).await;
    assert_eq!(events.started().cron_schedule, "0 12 * * *");
    cron.terminate("seen").await.unwrap();
}

#[workflow]
async fn misreads(ctx: &WorkflowContext) -> WorkflowResult<()> {
    let _text: String = ctx
        .child_by_name("doubles", vec![5_u64.to_payload()?])
        .await?;
    Ok(())
}

#[tokio::test]
async fn a_result_of_another_type_fails_the_task() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(misreads).workflow(doubles));
    let handle = test.start(misreads, ()).await;
    let events = test
        .until_event(&handle, EventType::WorkflowTaskFailed)
        .await;
    let message = &events.task_failure().unwrap().message;
    assert!(
        message.contains("a child workflow's result cannot be read"),
        "{message}"
    );
    handle.terminate("seen").await.unwrap();
}
