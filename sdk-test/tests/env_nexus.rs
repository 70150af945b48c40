//! Mocks of Nexus operations.

use std::time::Duration;

use durably::prelude::*;
use durably_test::env::TestEnvError;
use durably_test::prelude::*;
use durably_test::server::TestServer;

const SECOND: Duration = Duration::from_secs(1);

/// What an operation ended with, in words.
fn told(ended: Result<String, Failure>) -> String {
    let failure = match ended {
        Ok(text) => return text,
        Err(failure) => failure,
    };
    let causes: Vec<_> = failure.chain().skip(1).map(ToString::to_string).collect();
    causes.join(", ")
}

#[workflow]
async fn asks(ctx: &WorkflowContext, endpoint: String, input: String) -> WorkflowResult<String> {
    let call = ctx
        .nexus_operation(&endpoint, "rates", "ask", &input)
        .header("Tenant", "acme")
        .schedule_to_close_timeout(3600 * SECOND);
    Ok(told(call.await))
}

/// Cancels an operation that has started, and says how it ended.
#[workflow]
async fn cancels(ctx: &WorkflowContext, endpoint: String) -> WorkflowResult<Vec<String>> {
    let call = ctx.nexus_operation::<String>(&endpoint, "rates", "ask", &"tea");
    let handle = call.start().await?;
    let token = handle.token().unwrap_or_default().to_owned();
    handle.cancel();
    Ok(vec![token, told(handle.result().await)])
}

/// A mock of the operation that the workflows here call.
fn mock(env: &TestEnv, endpoint: &str) -> NexusMock<String, String> {
    env.mock_nexus(endpoint, "rates", "ask")
}

async fn ask(env: &TestEnv, endpoint: &str, input: &str) -> String {
    let start = env.client().execute(asks, (endpoint, input));
    start.task_queue("nexus").await.unwrap()
}

/// The same test on every server.
async fn try_out(env: TestEnv, endpoint: &str) {
    let _worker = env.worker("nexus").workflow(asks).workflow(cancels).start();
    let mut calls = 0;
    let asked = mock(&env, endpoint)
        .times(7)
        .with_context(move |context, input| {
            calls += 1;
            let answer = match (input.as_str(), calls) {
                ("again", 1) => Err(NexusError::handler("UNAVAILABLE", "not yet")),
                ("refused", _) => Err(ApplicationFailure::new("no tea").with_type("Sold").into()),
                ("canceled", _) => Err(NexusError::canceled("nobody wants it")),
                ("broken", _) => Err(NexusError::from("broken").non_retryable()),
                ("later", _) => Err(NexusError::complete_asynchronously()),
                _ => Ok(format!(
                    "{input} for {}",
                    context.header("tenant").unwrap_or("nobody")
                )),
            };
            async move { answer }
        });
    assert_eq!(ask(&env, endpoint, "again").await, "again for acme");
    assert_eq!(ask(&env, endpoint, "refused").await, "no tea");
    assert_eq!(ask(&env, endpoint, "canceled").await, "nobody wants it");
    assert_eq!(ask(&env, endpoint, "broken").await, "INTERNAL: broken");

    for outcome in ["done", "failed"] {
        let start = env.client().start(asks, (endpoint, "later"));
        let handle = start.task_queue("nexus").await.unwrap();
        let operation = asked.next_started().await;
        assert_eq!(operation.input().unwrap(), "later");
        match outcome {
            "done" => operation.complete("done".to_owned()).await.unwrap(),
            _ => {
                let failure = ApplicationFailure::new("lost").with_type("Lost");
                operation.fail(failure).await.unwrap();
            }
        }
        let expected = ["done", "lost"][usize::from(outcome == "failed")];
        assert_eq!(handle.result().await.unwrap(), expected);
    }
    assert_eq!(asked.started().len(), 2);
    assert_eq!(asked.calls()[..2], ["again", "again"]);

    // A later mock takes the place of one before it.
    let canceled = mock(&env, endpoint).starts().times(2);
    env.in_order(&[&asked, &canceled]);
    let start = env.client().execute(cancels, endpoint);
    let ended = start.task_queue("nexus").await.unwrap();
    assert_eq!(ended[0], "ask-1");
    assert!(ended[1].contains("canceled"), "{ended:?}");
    let canceled = canceled.ignores_cancellation();
    let start = env.client().start(cancels, endpoint);
    let handle = start.task_queue("nexus").await.unwrap();
    canceled.next_started().await;
    let operation = canceled.next_started().await;
    operation.cancel_requested().await;
    assert!(operation.is_cancel_requested());
    operation.complete("too late".to_owned()).await.unwrap();
    assert_eq!(handle.result().await.unwrap(), ["ask-2", "too late"]);
    env.finish().await;
}

#[tokio::test]
async fn mocks_answer_for_endpoints() {
    try_out(TestEnv::start().await, "shop").await;
}

#[tokio::test]
async fn mocks_answer_behind_a_port() {
    let server = TestServer::start();
    let listening = server.listen("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let address = listening.address().to_string();
    // The endpoint of the first is gone when the second begins.
    for _ in 0..2 {
        try_out(TestEnv::connect(&address).await, "shop").await;
    }
}

#[tokio::test]
async fn mocks_answer_on_the_real_server() {
    match TestEnv::builder().dev_server().try_start().await {
        Ok(env) => try_out(env, "shop").await,
        Err(TestEnvError::DevServer(error)) => {
            eprintln!("SKIPPED mocks_answer_on_the_real_server: {error}");
        }
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test]
async fn time_is_skipped_up_to_the_start_of_an_operation() {
    #[workflow]
    async fn asks_later(ctx: &WorkflowContext) -> WorkflowResult<String> {
        ctx.sleep(86_400 * SECOND).await?;
        let call = ctx.nexus_operation("shop", "rates", "ask", &"tea");
        Ok(told(call.schedule_to_close_timeout(60 * SECOND).await))
    }
    let env = TestEnv::start().await;
    let _worker = env.worker("nexus").workflow(asks_later).start();
    let asked = mock(&env, "shop").starts();
    let begun = env.now();
    let start = env.client().start(asks_later, ());
    let handle = start.task_queue("nexus").await.unwrap();
    let operation = asked.next_started().await;
    let waited = env.now().duration_since(begun).unwrap();
    assert!(waited >= 86_400 * SECOND && waited < 86_430 * SECOND);
    // Nobody completes it in time.
    assert!(handle.result().await.unwrap().contains("timed out"));
    let refused = operation.complete("late".to_owned()).await.unwrap_err();
    assert!(refused.to_string().contains("\"ask-1\""), "{refused}");
    env.finish().await;
}

#[tokio::test]
async fn what_is_not_mocked_is_refused_by_name() {
    let env = TestEnv::start().await;
    let _worker = env.worker("nexus").workflow(asks).start();
    let _ = env.mock_nexus::<String, String>("shop", "rates", "other");
    let ended = ask(&env, "shop", "tea").await;
    assert!(
        ended.contains("operation `ask` of service `rates` is not mocked"),
        "{ended}"
    );
    // One without an answer says so, and inputs of another type are refused.
    let _ = mock(&env, "shop");
    let ended = ask(&env, "shop", "tea").await;
    assert!(ended.contains("the mock has no answer"), "{ended}");
    let counted = env.mock_nexus::<u64, u64>("shop", "rates", "ask").with(Ok);
    let ended = ask(&env, "shop", "tea").await;
    assert!(
        ended.contains("BAD_REQUEST: the input cannot be read"),
        "{ended}"
    );
    let _ = counted.never();
    let ended = tokio::spawn(env.finish()).await;
    let text = ended.unwrap_err().into_panic();
    let text = text.downcast::<String>().unwrap();
    let wanted = "Nexus operation `rates.ask` of endpoint `shop` should never be called";
    assert!(text.contains(wanted), "{text}");
}

#[tokio::test]
async fn an_endpoint_may_not_be_called_anything() {
    let env = TestEnv::start().await;
    let name = tokio::spawn(async move {
        let _ = env.mock_nexus::<String, String>("1 2", "rates", "ask");
    });
    let text = name.await.unwrap_err().into_panic();
    let text = text.downcast::<String>().unwrap();
    assert!(text.contains("must match the regex"), "{text}");
}

#[tokio::test]
async fn mocks_answer_through_faults() {
    for seed in 0..5 {
        let faults = Faults::seeded(seed);
        let env = TestEnv::builder().faults(faults).start().await;
        let _worker = env.worker("nexus").workflow(asks).start();
        let asked = mock(&env, "shop").starts().at_least(1);
        let start = env.client().start(asks, ("shop", "tea"));
        let handle = start.task_queue("nexus").await.unwrap();
        let operation = asked.next_started().await;
        let _paused = env.pause_skipping();
        operation.complete("done".to_owned()).await.unwrap();
        assert_eq!(handle.result().await.unwrap(), "done");
    }
}
