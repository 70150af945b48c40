//! Updates as their senders see them: results, rejections, failures, ids, starts.

use std::future::IntoFuture;
use std::time::Duration;

use durably::client::{StartError, UpdateError, UpdateStage, UpdateWithStartError, WorkflowHandle};
use durably::definition::WorkflowDefinition;
use durably::options::WorkflowIdConflictPolicy;
use durably::payload::{FromPayload, ToPayload};
use durably::prelude::*;
use durably_integration::{RunningWorker, Test, in_time};
use durably_protos::temporal::api::enums::v1::EventType;

#[activity(start_to_close_timeout = "10s")]
async fn house_number(street: String) -> ActivityResult<u32> {
    Ok(u32::try_from(street.len())?)
}

/// Goes to whatever address it has in the end.
#[derive(Default)]
struct Parcel {
    address: State<String>,
    changes: State<u32>,
    released: State<bool>,
    delivered: State<bool>,
}

#[workflow]
impl Parcel {
    #[run]
    async fn run(&self, ctx: &WorkflowContext) -> WorkflowResult<String> {
        ctx.on_update("weigh", |(grams,): (u32,)| async move { Ok(grams * 2) });
        ctx.wait_until(|| self.delivered.get()).await?;
        Ok(self.address.get())
    }

    #[signal]
    fn release(&self) {
        self.released.set(true);
    }

    #[signal]
    fn deliver(&self) {
        self.delivered.set(true);
    }

    /// Gives the address it had before.
    #[update]
    fn change_address(&self, to: String) -> Result<String, ApplicationFailure> {
        self.changes.update(|changes| *changes += 1);
        if to == "nowhere" {
            return Err(ApplicationFailure::new("no such street").with_type("NoSuchStreet"));
        }
        Ok(self.address.replace(to))
    }

    #[validator(change_address)]
    fn check_address(&self, to: &str) -> Result<(), ApplicationFailure> {
        match to {
            "" => Err(ApplicationFailure::new("where to?").with_type("NoAddress")),
            _ => Ok(()),
        }
    }

    #[update(name = "look-up")]
    async fn look_up(&self, ctx: &WorkflowContext, street: String) -> WorkflowResult<String> {
        let number = ctx.activity(house_number, &street).await?;
        let address = format!("{number} {street}");
        self.address.set(address.clone());
        Ok(address)
    }

    #[update(unfinished_policy = "abandon")]
    async fn after_release(&self, ctx: &WorkflowContext) -> WorkflowResult<u32> {
        ctx.wait_until(|| self.released.get()).await?;
        Ok(self.changes.get())
    }

    #[update]
    async fn after(&self, ctx: &WorkflowContext, milliseconds: u64) -> WorkflowResult<u64> {
        ctx.sleep(Duration::from_millis(milliseconds)).await?;
        Ok(milliseconds)
    }
}

/// Waits for what must come about.
async fn end<F: IntoFuture>(future: F) -> F::Output {
    in_time("an update's end", future.into_future()).await
}

fn worker(test: &Test) -> RunningWorker {
    test.worker(|worker| worker.workflow(Parcel::run).activity(house_number))
}

/// Lets the parcel end; gives its address.
async fn deliver<W>(test: &Test, handle: &WorkflowHandle<W>) -> String
where
    W: WorkflowDefinition<Owner = Parcel, Output = String>,
{
    handle.signal(Parcel::deliver, ()).await.unwrap();
    test.result(handle).await.unwrap()
}

/// The type of the failure that an update came to.
#[track_caller]
fn failure_type(error: &UpdateError) -> String {
    let UpdateError::Failed(failure) = error else {
        panic!("a failure, not {error:?}");
    };
    let application = failure.application().expect("an application failure");
    application.failure_type().to_owned()
}

#[tokio::test]
async fn they_give_their_results() {
    let test = Test::begin().await;
    let _worker = worker(&test);
    let handle = test.start(Parcel::run, ()).await;
    for (to, before) in [("High Street", ""), ("Low Street", "High Street")] {
        let update = handle.update(Parcel::change_address, to);
        assert_eq!(end(update).await.unwrap(), before);
    }
    assert_eq!(deliver(&test, &handle).await, "Low Street");
    let events = test.events(&handle).await;
    assert_eq!(events.count(EventType::WorkflowExecutionUpdateAccepted), 2);
    assert_eq!(events.count(EventType::WorkflowExecutionUpdateCompleted), 2);
}

#[tokio::test]
async fn they_wait_for_a_worker() {
    let test = Test::begin().await;
    let handle = test.start(Parcel::run, ()).await;
    let update = handle.update(Parcel::change_address, "High Street");
    let update = tokio::spawn(update.into_future());
    tokio::time::sleep(Duration::from_millis(500)).await;
    let _worker = worker(&test);
    assert_eq!(end(update).await.unwrap().unwrap(), "");
    assert_eq!(deliver(&test, &handle).await, "High Street");
}

#[tokio::test]
async fn an_accepted_one_goes_on_by_itself() {
    let test = Test::begin().await;
    let _worker = worker(&test);
    let handle = test.start(Parcel::run, ()).await;
    let update = end(handle.update(Parcel::after_release, ()).start())
        .await
        .unwrap();
    assert_eq!(
        (update.workflow_id(), update.run_id()),
        (handle.workflow_id(), handle.run_id())
    );
    let events = test.events(&handle).await;
    assert!(events.has(EventType::WorkflowExecutionUpdateAccepted));
    assert!(!events.has(EventType::WorkflowExecutionUpdateCompleted));
    assert_eq!(change(&handle, "High Street").await.unwrap(), "");

    handle.signal(Parcel::release, ()).await.unwrap();
    assert_eq!(end(update.result()).await.unwrap(), 1);
    assert_eq!(end(update.result()).await.unwrap(), 1);
    let completed = handle
        .update(Parcel::after_release, ())
        .start_and_wait_for(UpdateStage::Completed);
    assert_eq!(
        end(end(completed).await.unwrap().result()).await.unwrap(),
        1
    );
    deliver(&test, &handle).await;
}

/// Sends a change of address.
async fn change<W>(handle: &WorkflowHandle<W>, to: &str) -> Result<String, UpdateError>
where
    W: WorkflowDefinition<Owner = Parcel>,
{
    end(handle.update(Parcel::change_address, to)).await
}

#[tokio::test]
async fn a_rejected_one_is_forgotten() {
    let test = Test::begin().await;
    let _worker = worker(&test);
    let handle = test.start(Parcel::run, ()).await;
    let sent = |to: &str| {
        let update = handle.update(Parcel::change_address, to);
        update.update_id("the-one")
    };
    let error = end(sent("")).await.unwrap_err();
    assert_eq!(failure_type(&error), "NoAddress");
    let started = end(sent("").start()).await.unwrap();
    let error = end(started.result()).await.unwrap_err();
    assert_eq!(failure_type(&error), "NoAddress");
    let events = test.events(&handle).await;
    assert!(!events.has(EventType::WorkflowExecutionUpdateAccepted));

    assert_eq!(end(sent("High Street")).await.unwrap(), "");
    assert_eq!(deliver(&test, &handle).await, "High Street");
}

/// Also by handlers that have no validator, and by those registered while the workflow runs.
#[tokio::test]
async fn one_whose_arguments_cannot_be_read_is_rejected() {
    let test = Test::begin().await;
    let _worker = worker(&test);
    let handle = test.start(Parcel::run, ()).await;
    for name in ["change_address", "look-up", "after", "weigh"] {
        let unreadable = vec![["a", "list"].to_payload().unwrap()];
        for arguments in [unreadable, Vec::new()] {
            let error = end(handle.update_by_name(name, arguments)).await;
            let error = error.unwrap_err();
            assert_eq!(failure_type(&error), "PayloadError", "{name}");
            let message = format!("the arguments of update \"{name}\" cannot be read");
            assert!(error.to_string().contains(&message), "{error}");
        }
    }
    let events = test.events(&handle).await;
    assert!(!events.has(EventType::WorkflowExecutionUpdateAccepted));
    assert!(!events.has(EventType::WorkflowTaskFailed));

    let weigh = handle.update_by_name("weigh", vec![7_u32.to_payload().unwrap()]);
    let weight = end(weigh).await.unwrap();
    assert_eq!(u32::from_payload(&weight.0).unwrap(), 14);
    deliver(&test, &handle).await;
}

#[tokio::test]
async fn a_handler_that_fails_fails_the_update_alone() {
    let test = Test::begin().await;
    let _worker = worker(&test);
    let handle = test.start(Parcel::run, ()).await;
    let error = change(&handle, "nowhere").await.unwrap_err();
    assert_eq!(failure_type(&error), "NoSuchStreet");
    let events = test.events(&handle).await;
    assert!(events.has(EventType::WorkflowExecutionUpdateCompleted));
    assert_eq!(change(&handle, "High Street").await.unwrap(), "");
    assert_eq!(deliver(&test, &handle).await, "High Street");
}

#[tokio::test]
async fn a_handler_may_run_activities() {
    let test = Test::begin().await;
    let _worker = worker(&test);
    let handle = test.start(Parcel::run, ()).await;
    let updates = ["High Street", "Low Road"].map(|street| {
        let update = handle.update(Parcel::look_up, street);
        tokio::spawn(update.into_future())
    });
    let [first, second] = updates;
    assert_eq!(end(first).await.unwrap().unwrap(), "11 High Street");
    assert_eq!(end(second).await.unwrap().unwrap(), "8 Low Road");
    deliver(&test, &handle).await;
}

/// The server answers polls after 20 s.
#[tokio::test]
async fn a_handler_may_take_longer_than_the_server_waits() {
    let test = Test::begin().await;
    let _worker = worker(&test);
    let handle = test.start(Parcel::run, ()).await;
    let update = handle.update(Parcel::after, 22_000);
    assert_eq!(end(update).await.unwrap(), 22_000);
    deliver(&test, &handle).await;
}

#[tokio::test]
async fn one_id_is_one_update() {
    let test = Test::begin().await;
    let _worker = worker(&test);
    let handle = test.start(Parcel::run, ()).await;
    let sent = |to: &str| {
        let update = handle.update(Parcel::change_address, to);
        update.update_id("the-one").into_future()
    };
    for to in ["High Street", "Low Street"] {
        assert_eq!(end(sent(to)).await.unwrap(), "");
    }
    let other = test.connect().await;
    let other = other.workflow_handle(Parcel::run, handle.workflow_id());
    let by_id = other.update_handle::<String>("the-one");
    assert_eq!(end(by_id.result()).await.unwrap(), "");
    let unknown = other.update_handle::<String>("another");
    let error = end(unknown.result()).await.unwrap_err();
    assert!(matches!(error, UpdateError::NotFound { .. }), "{error}");

    assert_eq!(deliver(&test, &handle).await, "High Street");
    assert_eq!(end(by_id.result()).await.unwrap(), "");
    assert_eq!(end(sent("Low Street")).await.unwrap(), "");
}

#[tokio::test]
async fn by_name_they_take_and_give_payloads() {
    let test = Test::begin().await;
    let _worker = worker(&test);
    let handle = test.start(Parcel::run, ()).await;
    let street = "High Street".to_payload().unwrap();
    let update = handle.update_by_name("look-up", vec![street]);
    let result = end(update).await.unwrap();
    assert_eq!(String::from_payload(&result.0).unwrap(), "11 High Street");

    for (name, arguments) in [
        ("look_up", Vec::new()),
        ("change_address", vec![7.to_payload().unwrap()]),
        ("change_address", Vec::new()),
    ] {
        let error = end(handle.update_by_name(name, arguments)).await;
        let error = error.unwrap_err();
        assert!(matches!(error, UpdateError::Failed(_)), "{name}: {error}");
    }
    assert_eq!(deliver(&test, &handle).await, "11 High Street");
    let events = test.events(&handle).await;
    assert_eq!(events.count(EventType::WorkflowExecutionUpdateAccepted), 1);
}

#[tokio::test]
async fn a_closed_workflow_takes_none() {
    let test = Test::begin().await;
    let _worker = worker(&test);
    let handle = test.start(Parcel::run, ()).await;
    let unfinished = handle.update(Parcel::after_release, ()).start();
    let unfinished = end(unfinished).await.unwrap();
    deliver(&test, &handle).await;
    let error = end(unfinished.result()).await.unwrap_err();
    assert!(
        matches!(error, UpdateError::WorkflowClosed { accepted: true, .. }),
        "{error}"
    );
    let error = change(&handle, "High Street").await.unwrap_err();
    assert!(
        matches!(
            error,
            UpdateError::WorkflowClosed {
                accepted: false,
                ..
            }
        ),
        "{error}"
    );
    let none = test.client().workflow_handle(Parcel::run, "there-is-none");
    let error = change(&none, "High Street").await.unwrap_err();
    assert!(matches!(error, UpdateError::NotFound { .. }), "{error}");
}

#[tokio::test]
async fn a_workflow_that_is_terminated_first_takes_none() {
    let test = Test::begin().await;
    let handle = test.start(Parcel::run, ()).await;
    let update = handle.update(Parcel::change_address, "High Street");
    let update = tokio::spawn(update.into_future());
    tokio::time::sleep(Duration::from_millis(500)).await;
    handle.terminate("lost").await.unwrap();
    let error = end(update).await.unwrap().unwrap_err();
    assert!(
        matches!(
            error,
            UpdateError::WorkflowClosed {
                accepted: false,
                ..
            }
        ),
        "{error}"
    );
}

#[tokio::test]
async fn with_a_start_they_go_to_the_new_workflow_and_to_the_running_one() {
    let test = Test::begin().await;
    let _worker = worker(&test);
    let id = test.workflow_id("parcel");
    let start = |policy| {
        test.starting(Parcel::run, ())
            .workflow_id(&id)
            .id_conflict_policy(policy)
    };
    let existing = WorkflowIdConflictPolicy::UseExisting;
    let update = start(existing).update_with_start(Parcel::change_address, "High Street");
    let (first, before) = end(update).await.unwrap();
    assert_eq!(before, "");

    let update = start(existing).update_with_start(Parcel::look_up, "Low Road");
    let update = update.start_and_wait_for(UpdateStage::Accepted);
    let (second, update) = end(update).await.unwrap();
    assert_eq!(end(update.result()).await.unwrap(), "8 Low Road");
    assert_eq!(first.run_id(), second.run_id());

    let update = start(WorkflowIdConflictPolicy::Fail)
        .update_with_start(Parcel::change_address, "High Street");
    let error = end(update).await.unwrap_err();
    let UpdateWithStartError::Start(StartError::AlreadyStarted { run_id, .. }) = error else {
        panic!("{error}");
    };
    assert_eq!(Some(run_id.as_str()), first.run_id());
    assert_eq!(deliver(&test, &first).await, "8 Low Road");
}

#[tokio::test]
async fn with_a_start_a_rejected_one_leaves_the_workflow() {
    let test = Test::begin().await;
    let _worker = worker(&test);
    let id = test.workflow_id("parcel");
    let update = test
        .starting(Parcel::run, ())
        .workflow_id(&id)
        .id_conflict_policy(WorkflowIdConflictPolicy::Fail)
        .update_with_start(Parcel::change_address, "");
    let error = end(update).await.unwrap_err();
    let UpdateWithStartError::Update(error) = error else {
        panic!("{error}");
    };
    assert_eq!(failure_type(&error), "NoAddress");
    let handle = test.client().workflow_handle(Parcel::run, &id);
    assert_eq!(deliver(&test, &handle).await, "");
}

/// The start is retried under its request id, the update under its own.
#[tokio::test]
async fn with_a_start_the_same_again_is_the_same() {
    let test = Test::begin().await;
    let _worker = worker(&test);
    let id = test.workflow_id("parcel");
    let request_id = test.workflow_id("request");
    let update = || {
        test.starting(Parcel::run, ())
            .workflow_id(&id)
            .request_id(&request_id)
            .id_conflict_policy(WorkflowIdConflictPolicy::Fail)
            .update_with_start(Parcel::change_address, "High Street")
            .update_id("the-one")
    };
    let (first, before) = end(update()).await.unwrap();
    assert_eq!(before, "");
    let (second, before) = end(update()).await.unwrap();
    assert_eq!(before, "");
    assert_eq!(first.run_id(), second.run_id());
    assert_eq!(deliver(&test, &first).await, "High Street");
    let events = test.events(&first).await;
    assert_eq!(events.count(EventType::WorkflowExecutionUpdateAccepted), 1);
}
