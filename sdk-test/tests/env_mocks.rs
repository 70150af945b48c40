//! Mocks, and what is expected of them.

use std::time::Duration;

use durably::client::ResultError;
use durably::prelude::*;
use durably_test::prelude::*;

#[activity(start_to_close_timeout = "10s")]
async fn charge(order: String, cents: u64) -> ActivityResult<String> {
    Err(format!("{order} of {cents} is charged for real").into())
}

#[derive(Debug)]
struct Stock;

#[activities]
impl Stock {
    #[activity(start_to_close_timeout = "10s")]
    async fn reserve(&self, order: String) -> ActivityResult<u32> {
        Ok(u32::try_from(order.len())?)
    }

    #[activity(start_to_close_timeout = "10s")]
    async fn release(&self, order: String) -> ActivityResult<String> {
        Ok(order)
    }
}

#[workflow]
async fn invoice(ctx: &WorkflowContext, cents: u64) -> WorkflowResult<String> {
    ctx.sleep(Duration::from_secs(1)).await?;
    Ok(format!("a real invoice of {cents}"))
}

#[workflow]
async fn order_tea(ctx: &WorkflowContext, name: String) -> WorkflowResult<String> {
    let receipt = ctx.activity(charge, (&name, 100_u64)).await?;
    let shelf = ctx.activity(Stock::reserve, &name).await?;
    let billed = ctx.child(invoice, 100_u64).await?;
    Ok(format!("{receipt}, shelf {shelf}, {billed}"))
}

async fn run(env: &TestEnv) -> Result<String, ResultError> {
    let _worker = env
        .worker("orders")
        .workflow(order_tea)
        .workflow(invoice)
        .activity(charge)
        .activities(Stock)
        .start();
    let client = env.client();
    let handle = client.start(order_tea, "tea").task_queue("orders").await;
    handle.unwrap().result().await
}

#[tokio::test]
async fn mocks_take_the_place_of_what_is_registered() {
    let env = TestEnv::start().await;
    let mut attempts = 0;
    let charged = env.mock(charge).times(2).with(move |(name, cents)| {
        attempts += 1;
        match attempts {
            1 => Err("no answer".into()),
            _ => Ok(format!("{name} for {cents}")),
        }
    });
    let reserved = env.mock(Stock::reserve).with_async(async |name| {
        tokio::time::sleep(Duration::from_millis(1)).await;
        Ok(u32::try_from(name.len())? + 40)
    });
    let invoiced = env
        .mock_workflow(invoice)
        .with(|cents| Ok(format!("invoice of {cents}")))
        .takes(Duration::from_secs(86_400))
        .times(1);
    let released = env.mock(Stock::release).never();
    env.in_order(&[&charged, &reserved, &invoiced]);
    assert_eq!(
        run(&env).await.unwrap(),
        "tea for 100, shelf 43, invoice of 100"
    );
    assert_eq!(charged.calls().len(), 2);
    assert_eq!(charged.calls()[1], ("tea".to_owned(), 100));
    assert_eq!(reserved.calls(), ["tea"]);
    assert_eq!(invoiced.calls(), [100]);
    assert!(released.calls().is_empty());
    assert!(env.server().skipped() > Duration::from_secs(86_000));
    env.finish().await;
}

#[tokio::test]
async fn workers_have_mocks_of_their_own() {
    let env = TestEnv::start().await;
    let _ = env.mock(charge).returns("the environment's".to_owned());
    let _worker = env
        .worker("orders")
        .workflow(order_tea)
        .workflow(invoice)
        .mock(charge, |(name, _)| Ok(name))
        .mock(Stock::reserve, |name| Ok(u32::try_from(name.len())?))
        .start();
    let client = env.client();
    let receipt = client.execute(order_tea, "tea").task_queue("orders").await;
    assert_eq!(receipt.unwrap(), "tea, shelf 3, a real invoice of 100");
}

#[tokio::test]
async fn mocks_fail_as_they_are_told() {
    let env = TestEnv::start().await;
    let refused = ApplicationFailure::new("no money").with_type("Refused");
    let _ = env.mock(charge).returns("paid".to_owned());
    let refused = refused.non_retryable();
    let mocked = env.mock_workflow(invoice).fails(refused).times(1);
    let error = run(&env).await.unwrap_err();
    let ResultError::Failed(failure) = error else {
        panic!("{error}");
    };
    assert!(format!("{failure:?}").contains("no money"), "{failure:?}");
    assert_eq!(mocked.calls(), [100]);
    env.finish().await;
}

#[tokio::test]
async fn a_mock_without_an_answer_says_so() {
    let env = TestEnv::start().await;
    let _ = env.mock(charge);
    let error = run(&env).await.unwrap_err();
    assert!(format!("{error:?}").contains("the mock has no answer"));
}

/// What the end of an environment says.
async fn complaint(env: TestEnv) -> String {
    let ended = tokio::spawn(env.finish()).await;
    let panic = ended.expect_err("the checks fail").into_panic();
    *panic.downcast::<String>().expect("a text")
}

#[tokio::test]
async fn broken_expectations_fail_the_test() {
    let env = TestEnv::start().await;
    let charged = env.mock(charge).returns("paid".to_owned()).times(2);
    let reserved = env.mock(Stock::reserve).returns(1).never();
    let released = env.mock(Stock::release).at_least(1);
    env.in_order(&[&reserved, &charged]);
    env.in_order(&[&released, &charged]);
    run(&env).await.unwrap();
    let text = complaint(env).await;
    let wanted = [
        "activity `charge` should be called 2 times, and was called once",
        "activity `reserve` should never be called, and was called once",
        "activity `release` should be called at least once, and was called never",
        "activity `charge` was called before activity `reserve`",
        "activity `release` was never called",
    ];
    for wanted in wanted {
        assert!(text.contains(wanted), "{wanted}\n{text}");
    }
}
