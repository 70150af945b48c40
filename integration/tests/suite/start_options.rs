//! What a start can say: timeouts, delay, memo, search attributes, texts, priority, request id.

use std::time::Duration;

use durably::client::{ResultError, StartError, WorkflowExecutionStatus};
use durably::options::Priority;
use durably::payload::{FromPayload, Memo, SearchAttributeKey, SearchAttributes};
use durably::prelude::*;
use durably_integration::{Test, eventually};
use durably_protos::temporal::api::enums::v1::{EventType, IndexedValueType};
use durably_protos::temporal::api::operatorservice::v1::AddSearchAttributesRequest;
use durably_protos::temporal::api::workflowservice::v1::ListWorkflowExecutionsRequest;

pub(crate) const CUSTOMER: SearchAttributeKey<String> =
    SearchAttributeKey::keyword("DurablyCustomer");
const ITEMS: SearchAttributeKey<i64> = SearchAttributeKey::int("DurablyItems");
const TOTAL: SearchAttributeKey<f64> = SearchAttributeKey::double("DurablyTotal");
const URGENT: SearchAttributeKey<bool> = SearchAttributeKey::bool("DurablyUrgent");

/// Makes the attributes known to the server, if they are not, and waits until it knows them.
pub(crate) async fn register_search_attributes(test: &Test) {
    let types = [
        (CUSTOMER.name().to_owned(), IndexedValueType::Keyword.into()),
        (ITEMS.name().to_owned(), IndexedValueType::Int.into()),
        (TOTAL.name().to_owned(), IndexedValueType::Double.into()),
        (URGENT.name().to_owned(), IndexedValueType::Bool.into()),
    ];
    let request = AddSearchAttributesRequest {
        namespace: test.client().namespace().to_owned(),
        search_attributes: types.into(),
    };
    // Another test may have been first.
    let _ = test.client().call(request).await;
    eventually("the search attributes are known", async || {
        let start = test
            .starting(waits, ())
            .search_attributes(attributes())
            .await;
        let handle = start.map_err(|error| error.to_string())?;
        handle
            .terminate("only tried")
            .await
            .map_err(|error| error.to_string())
    })
    .await;
}

fn attributes() -> SearchAttributes {
    let attributes = SearchAttributes::new()
        .set(&CUSTOMER, "c-17".to_owned())
        .unwrap();
    let attributes = attributes
        .set(&ITEMS, 3)
        .unwrap()
        .set(&TOTAL, 99.5)
        .unwrap();
    attributes.set(&URGENT, true).unwrap()
}

#[workflow]
async fn waits(ctx: &WorkflowContext) -> WorkflowResult<()> {
    ctx.sleep(Duration::from_secs(3600)).await?;
    Ok(())
}

#[workflow]
async fn describes_itself(ctx: &WorkflowContext) -> WorkflowResult<Vec<String>> {
    let info = ctx.info();
    let (memo, attributes) = (info.memo(), info.search_attributes());
    Ok(vec![
        format!("{:?}", memo.get::<String>("note")?),
        format!("{:?}", memo.get::<Vec<u32>>("numbers")?),
        format!(
            "{:?} {:?}",
            attributes.get(&CUSTOMER)?,
            attributes.get(&ITEMS)?
        ),
        format!(
            "{:?} {:?}",
            attributes.get(&TOTAL)?,
            attributes.get(&URGENT)?
        ),
    ])
}

#[tokio::test]
async fn memo_and_search_attributes() {
    let test = Test::begin().await;
    register_search_attributes(&test).await;
    let memo = Memo::new()
        .set("note", &"fragile".to_owned())
        .unwrap()
        .set("numbers", &vec![1, 2])
        .unwrap();
    let start = test
        .starting(describes_itself, ())
        .memo(memo.clone())
        .search_attributes(attributes());
    let handle = start.await.unwrap();

    let description = handle.describe().await.unwrap();
    assert_eq!(
        description.memo().get::<String>("note").unwrap().as_deref(),
        Some("fragile")
    );
    assert_eq!(
        description.search_attributes().get(&TOTAL).unwrap(),
        Some(99.5)
    );

    let _worker = test.worker(|worker| worker.workflow(describes_itself));
    let seen = test.result(&handle).await.unwrap();
    assert_eq!(
        seen,
        [
            "Some(\"fragile\")",
            "Some([1, 2])",
            "Some(\"c-17\") Some(3)",
            "Some(99.5) Some(true)"
        ]
    );
    eventually("the workflow is found by its attributes", async || {
        let request = ListWorkflowExecutionsRequest {
            namespace: test.client().namespace().to_owned(),
            query: format!(
                "{} = 'c-17' AND WorkflowId = '{}'",
                CUSTOMER.name(),
                handle.workflow_id()
            ),
            ..ListWorkflowExecutionsRequest::default()
        };
        let found = test
            .client()
            .call(request)
            .await
            .map_err(|error| error.to_string())?
            .executions;
        if found.len() == 1 {
            Ok(())
        } else {
            Err(format!("{} executions", found.len()))
        }
    })
    .await;
}

#[tokio::test]
async fn texts_priority_and_timeouts() {
    let test = Test::begin().await;
    let handle = test
        .starting(waits, ())
        .static_summary("order **17**")
        .static_details("two lines\nof text")
        .priority(Priority::new().priority_key(2).fairness_key("c-17"))
        .workflow_execution_timeout(Duration::from_secs(300))
        .workflow_run_timeout(Duration::from_secs(200))
        .workflow_task_timeout(Duration::from_secs(7))
        .await
        .unwrap();
    let description = handle.describe().await.unwrap();
    assert_eq!(
        description.static_summary().unwrap().as_deref(),
        Some("order **17**")
    );
    assert_eq!(
        description.static_details().unwrap().as_deref(),
        Some("two lines\nof text")
    );
    assert_eq!(
        description.priority(),
        Priority::new().priority_key(2).fairness_key("c-17")
    );
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
    assert_eq!(description.status(), WorkflowExecutionStatus::Running);
    handle.terminate("described").await.unwrap();
}

#[tokio::test]
async fn a_workflow_that_takes_too_long_times_out() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(waits));
    for run_only in [true, false] {
        let start = test.starting(waits, ());
        let start = match run_only {
            true => start.workflow_run_timeout(Duration::from_secs(1)),
            false => start.workflow_execution_timeout(Duration::from_secs(1)),
        };
        let handle = start.await.unwrap();
        let error = test.result(&handle).await.unwrap_err();
        assert!(matches!(error, ResultError::TimedOut), "{error:?}");
    }
}

#[workflow]
async fn started_when(ctx: &WorkflowContext) -> WorkflowResult<Duration> {
    Ok(ctx.now().duration_since(ctx.info().start_time())?)
}

#[tokio::test]
async fn a_delayed_start() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(started_when));
    let delay = Duration::from_secs(2);
    let handle = test
        .starting(started_when, ())
        .start_delay(delay)
        .await
        .unwrap();
    let description = handle.describe().await.unwrap();
    assert!(description.execution_time() > description.start_time());
    let waited = test.result(&handle).await.unwrap();
    assert!(waited >= delay, "{waited:?}");
}

#[tokio::test]
async fn the_same_request_starts_once() {
    let test = Test::begin().await;
    let id = test.workflow_id("once");
    let start = || {
        test.starting(waits, ())
            .workflow_id(&id)
            .request_id("request-1")
    };
    let (first, second) = (start().await.unwrap(), start().await.unwrap());
    assert_eq!(first.run_id(), second.run_id());
    first.terminate("started").await.unwrap();
}

#[tokio::test]
async fn starts_that_cannot_work() {
    let test = Test::begin().await;
    let no_queue = test
        .client()
        .start(waits, ())
        .workflow_id("x")
        .await
        .unwrap_err();
    assert!(
        matches!(&no_queue, StartError::NoTaskQueue { workflow_id } if workflow_id == "x"),
        "{no_queue:?}"
    );
    let policy = RetryPolicy::new().backoff_coefficient(0.5);
    let error = test
        .starting(waits, ())
        .retry_policy(policy)
        .await
        .unwrap_err();
    assert!(matches!(error, StartError::RetryPolicy(_)), "{error:?}");
    let error = test
        .starting(waits, ())
        .workflow_id("i".repeat(5_000))
        .await
        .unwrap_err();
    assert!(matches!(error, StartError::Rpc(_)), "{error:?}");
    let unknown = SearchAttributeKey::keyword("NobodyRegisteredThis");
    let attributes = SearchAttributes::new()
        .set(&unknown, "x".to_owned())
        .unwrap();
    let error = test
        .starting(waits, ())
        .search_attributes(attributes)
        .await
        .unwrap_err();
    assert!(
        error.to_string().contains("NobodyRegisteredThis"),
        "{error}"
    );
}

#[tokio::test]
async fn fields_without_an_option_can_be_set() {
    let test = Test::begin().await;
    let start = test
        .starting(waits, ())
        .with_request(|request| request.identity = "somebody else".to_owned());
    let handle = start.await.unwrap();
    let events = test
        .until_event(&handle, EventType::WorkflowExecutionStarted)
        .await;
    assert_eq!(events.started().identity, "somebody else");
    assert!(events.started().input.is_none());
    handle.terminate("seen").await.unwrap();
}

#[workflow]
async fn greets(_ctx: &WorkflowContext, name: String, times: u32) -> WorkflowResult<String> {
    Ok(format!("{name} ").repeat(times as usize))
}

#[tokio::test]
async fn arguments_are_one_payload_each() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(greets));
    let handle = test.start(greets, ("you", 2)).await;
    assert_eq!(test.result(&handle).await.unwrap(), "you you ");
    let events = test.events(&handle).await;
    let input = &events.started().input.as_ref().unwrap().payloads;
    assert_eq!(String::from_payload(&input[0]).unwrap(), "you");
    assert_eq!(u32::from_payload(&input[1]).unwrap(), 2);
}
