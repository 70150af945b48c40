//! What else a handle can do: terminate, describe, stream the history; and workflows that are not
//! there.

use std::time::Duration;

use durably::client::{
    CancelError, DescribeError, HistoryError, ResultError, SignalError, TerminateError,
    WorkflowExecutionStatus,
};
use durably::payload::FromPayload;
use durably::prelude::*;
use durably_integration::{Test, in_time};
use durably_protos::temporal::api::enums::v1::EventType;

#[activity(start_to_close_timeout = "60s")]
async fn slow() -> ActivityResult<()> {
    std::future::pending().await
}

#[workflow]
async fn waits(ctx: &WorkflowContext) -> WorkflowResult<()> {
    ctx.activity(slow, ()).activity_id("slow").await?;
    Ok(())
}

#[tokio::test]
async fn terminate_with_details() {
    let test = Test::begin().await;
    let handle = test.start(waits, ()).await;
    handle
        .terminate("a test")
        .details(&"ticket-7".to_owned())
        .unwrap()
        .await
        .unwrap();
    let error = test.result(&handle).await.unwrap_err();
    let ResultError::Terminated {
        reason,
        details,
        identity,
    } = error
    else {
        panic!("a termination, not {error:?}");
    };
    assert_eq!(
        (reason.as_str(), identity.as_str()),
        ("a test", test.client().identity())
    );
    assert_eq!(String::from_payload(&details[0]).unwrap(), "ticket-7");
}

#[tokio::test]
async fn describe_what_runs_and_what_is_closed() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(waits).activity(slow));
    let handle = test.start(waits, ()).await;
    test.until_event(&handle, EventType::ActivityTaskScheduled)
        .await;
    let description = handle.describe().await.unwrap();
    assert_eq!(description.workflow_id(), handle.workflow_id());
    assert_eq!(Some(description.run_id()), handle.run_id());
    assert_eq!(Some(description.first_run_id()), handle.run_id());
    assert_eq!(description.workflow_type(), "waits");
    assert_eq!(description.task_queue(), test.task_queue());
    assert_eq!(description.status(), WorkflowExecutionStatus::Running);
    assert!(description.start_time().is_some() && description.close_time().is_none());
    assert!(description.history_length() >= 5 && description.history_size_bytes() > 0);
    assert_eq!(description.parent(), None);
    let [pending] = description.pending_activities() else {
        panic!(
            "one activity is pending: {:?}",
            description.pending_activities()
        );
    };
    assert_eq!(pending.activity_id, "slow");
    handle.terminate("described").await.unwrap();
    let description = handle.describe().await.unwrap();
    assert_eq!(description.status(), WorkflowExecutionStatus::Terminated);
    assert!(description.close_time().is_some());
}

/// Makes a history of some length.
#[derive(Default)]
struct Counter {
    count: State<u32>,
}

#[workflow]
impl Counter {
    #[run]
    async fn run(&self, ctx: &WorkflowContext, to: u32) -> WorkflowResult<u32> {
        ctx.wait_until(|| self.count.get() >= to).await?;
        Ok(self.count.get())
    }

    #[signal]
    fn count(&self) {
        self.count.update(|count| *count += 1);
    }
}

#[tokio::test]
async fn the_history_page_by_page() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(Counter::run));
    let handle = test.start(Counter::run, 25).await;
    for _ in 0..25 {
        handle.signal(Counter::count, ()).await.unwrap();
    }
    assert_eq!(test.result(&handle).await.unwrap(), 25);
    let all = handle.fetch_history().into_history().await.unwrap().events;
    let mut stream = handle.fetch_history().page_size(5);
    let (mut pages, mut streamed) = (0, Vec::new());
    while let Some(page) = stream.next_page().await.unwrap() {
        pages += 1;
        streamed.extend(page);
    }
    assert_eq!(streamed, all);
    assert!(pages > 1, "{pages} pages");
    assert!(
        all.iter()
            .enumerate()
            .all(|(index, event)| event.event_id == index as i64 + 1)
    );

    let mut last = handle.fetch_history().only_close_event();
    let closing = last.next_event().await.unwrap().unwrap();
    assert_eq!(closing.event_type(), EventType::WorkflowExecutionCompleted);
}

#[tokio::test]
async fn the_history_as_it_happens() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(Counter::run));
    let handle = test.start(Counter::run, 2).await;
    let watched = handle.clone();
    let watching = tokio::spawn(async move {
        let mut stream = watched.fetch_history().wait_new_events();
        let mut signals = 0;
        while let Some(event) = stream.next_event().await.unwrap() {
            signals += u32::from(event.event_type() == EventType::WorkflowExecutionSignaled);
        }
        signals
    });
    for _ in 0..2 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        handle.signal(Counter::count, ()).await.unwrap();
    }
    assert_eq!(
        in_time("the end of the history", watching).await.unwrap(),
        2
    );
    test.result(&handle).await.unwrap();
}

#[tokio::test]
async fn a_workflow_that_is_not_there() {
    let test = Test::begin().await;
    let id = test.workflow_id("nothing");
    let handle = test.client().workflow_handle(Counter::run, &id);
    assert!(matches!(
        handle.signal(Counter::count, ()).await,
        Err(SignalError::NotFound { .. })
    ));
    assert!(matches!(
        handle.cancel("x").await,
        Err(CancelError::NotFound { .. })
    ));
    assert!(matches!(
        handle.terminate("x").await,
        Err(TerminateError::NotFound { .. })
    ));
    assert!(matches!(
        handle.describe().await,
        Err(DescribeError::NotFound { .. })
    ));
    assert!(matches!(
        handle.result().await,
        Err(ResultError::NotFound { .. })
    ));
    let history = handle.fetch_history().into_history().await;
    assert!(matches!(history, Err(HistoryError::NotFound { .. })));
    let error = handle.cancel("x").await.unwrap_err();
    assert!(error.to_string().contains(&id), "{error}");
}

#[tokio::test]
async fn a_handle_by_id_means_the_current_run() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(Counter::run));
    let id = test.workflow_id("current");
    let by_id = test.client().workflow_handle(Counter::run, &id);
    assert_eq!(by_id.run_id(), None);
    for _ in 0..2 {
        let started = test
            .starting(Counter::run, 1)
            .workflow_id(&id)
            .await
            .unwrap();
        by_id.signal(Counter::count, ()).await.unwrap();
        assert_eq!(test.result(&by_id).await.unwrap(), 1);
        assert_eq!(
            by_id.describe().await.unwrap().run_id(),
            started.run_id().unwrap()
        );
    }
}
