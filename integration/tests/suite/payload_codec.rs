//! Payload codecs: what the server never sees, and what happens when they fail.

use std::collections::BTreeMap;
use std::time::Duration;

use durably::client::{QueryError, StartError, WorkflowHandle};
use durably::definition::WorkflowDefinition;
use durably::payload::Memo;
use durably::prelude::*;
use durably::replay::{ReplayError, Replayer};
use durably_integration::{Events, Scramble, Test, in_time};
use durably_protos::temporal::api::enums::v1::EventType;
use durably_protos::temporal::api::history::v1::history_event::Attributes;
use prost::Message;

/// What must not be seen on the server.
const SECRET: &str = "sesame-7931";

#[activity(start_to_close_timeout = "10s", retry(initial_interval = "10ms"))]
async fn whisper(ctx: &ActivityContext, what: String) -> ActivityResult<String> {
    ctx.heartbeat(&what)?;
    if ctx.info().attempt == 1 {
        let refused = ApplicationFailure::new("not yet").with_details(&what)?;
        return Err(refused.into());
    }
    Ok(format!("{what}!"))
}

#[activity(start_to_close_timeout = "10s")]
fn murmur(what: String) -> ActivityResult<String> {
    Ok(what)
}

#[derive(Default)]
struct Vault {
    words: State<Vec<String>>,
}

#[workflow]
impl Vault {
    #[run]
    async fn run(&self, ctx: &WorkflowContext, word: String) -> WorkflowResult<Vec<String>> {
        let heard = ctx.activity(whisper, &word).summary(&word).await?;
        let local = ctx.local_activity(murmur, &heard).await?;
        let chosen = ctx.side_effect(|| format!("{SECRET}-{}", local.len()));
        ctx.upsert_memo(&Memo::new().set("word", &word)?);
        let child = ctx.child(echo, &chosen).await?;
        self.words
            .update(|words| words.extend([heard, local, chosen, child]));
        ctx.wait_until(|| self.words.with(|words| words.len() == 6))
            .await?;
        ctx.sleep(Duration::from_millis(10)).await?;
        Ok(self.words.get())
    }

    #[signal]
    fn told(&self, word: String) {
        self.words.update(|words| words.push(word));
    }

    #[update]
    fn tell(&self, word: String) -> Result<String, ApplicationFailure> {
        self.words.update(|words| words.push(word.clone()));
        Ok(word)
    }

    #[validator(tell)]
    fn check(&self, word: &str) -> Result<(), ApplicationFailure> {
        match word.contains(SECRET) {
            true => Ok(()),
            false => Err(ApplicationFailure::new("another word")),
        }
    }

    #[query]
    fn words(&self) -> Vec<String> {
        self.words.get()
    }
}

#[workflow]
async fn echo(ctx: &WorkflowContext, word: String) -> WorkflowResult<String> {
    ctx.sleep(Duration::from_millis(1)).await?;
    Ok(word)
}

#[workflow]
async fn fails(_ctx: &WorkflowContext, word: String) -> WorkflowResult<()> {
    Err(ApplicationFailure::new(word).with_type("Refused").into())
}

/// The history as the server has it.
async fn on_server<W: WorkflowDefinition>(test: &Test, handle: &WorkflowHandle<W>) -> Events {
    let client = test.connect_without_codec().await;
    let bare = client.untyped_workflow_handle(handle.workflow_id());
    test.events(&bare).await
}

fn shows_secret(bytes: &[u8]) -> bool {
    bytes
        .windows(SECRET.len())
        .any(|window| window == SECRET.as_bytes())
}

#[tokio::test]
async fn the_server_sees_no_value() {
    let test = Test::begin_with_codec(Scramble::new(0x5a)).await;
    let _worker = test.worker(|worker| {
        worker
            .workflow(Vault::run)
            .workflow(echo)
            .activity(whisper)
            .activity(murmur)
    });
    let memo = Memo::new().set("first", &SECRET).unwrap();
    let handle = test.starting(Vault::run, SECRET).memo(memo).await.unwrap();
    handle
        .signal(Vault::told, format!("{SECRET} by signal"))
        .await
        .unwrap();
    let refused = handle.update(Vault::tell, "nothing").await.unwrap_err();
    assert!(refused.to_string().contains("another word"), "{refused}");
    let told = handle.update(Vault::tell, format!("{SECRET} by update"));
    assert_eq!(told.await.unwrap(), format!("{SECRET} by update"));
    let words = test.result(&handle).await.unwrap();
    assert_eq!(words.len(), 6);
    assert!(words.iter().all(|word| word.contains(SECRET)), "{words:?}");
    assert_eq!(handle.query(Vault::words, ()).await.unwrap(), words);
    let description = handle.describe().await.unwrap();
    assert_eq!(
        description.memo().get::<String>("word").unwrap().as_deref(),
        Some(SECRET)
    );

    let seen = on_server(&test, &handle).await;
    assert!(shows_secret(
        &test.events(&handle).await.history().encode_to_vec()
    ));
    assert!(!shows_secret(&seen.history().encode_to_vec()), "{seen:?}");

    // Replays need the codec, with its key.
    let replay = |replayer: Replayer| {
        let replayer = replayer.workflow(Vault::run).unwrap();
        replayer.replay(seen.history().clone())
    };
    replay(Replayer::new().payload_codec(Scramble::new(0x5a))).unwrap();
    let error = replay(Replayer::new().payload_codec(Scramble::new(1))).unwrap_err();
    assert!(matches!(error, ReplayError::Undecodable { .. }), "{error}");
    assert!(
        error.to_string().contains("scrambled with another key"),
        "{error}"
    );
    let error = replay(Replayer::new()).unwrap_err();
    assert!(error.to_string().contains("binary/scrambled"), "{error}");
}

#[tokio::test]
async fn messages_of_failures_are_encoded_when_the_client_says_so() {
    let test = Test::begin_with_codec(Scramble::new(9)).await;
    let client = test
        .connect_with(|options| options.payload_codec(Scramble::new(9)).encode_failures())
        .await;
    let worker = Worker::builder(&client, test.task_queue()).workflow(fails);
    let _worker = test.start_worker(worker.build().unwrap());
    let handle = test.start(fails, SECRET).await;
    let error = test.result(&handle).await.unwrap_err();
    assert!(format!("{error:?}").contains(SECRET), "{error:?}");
    let seen = on_server(&test, &handle).await;
    let messages: Vec<_> = seen
        .attributes()
        .filter_map(|attributes| match attributes {
            Attributes::WorkflowExecutionFailedEventAttributes(failed) => failed.failure.as_ref(),
            _ => None,
        })
        .map(|failure| failure.message.as_str())
        .collect();
    assert_eq!(messages, ["Encoded failure"]);
    assert!(!shows_secret(&seen.history().encode_to_vec()));
}

#[tokio::test]
async fn who_has_another_key_reads_nothing() {
    let test = Test::begin_with_codec(Scramble::new(1)).await;
    let _worker = test.worker(|worker| worker.workflow(Vault::run).workflow(echo));
    let handle = test.start(echo, SECRET).await;
    test.result(&handle).await.unwrap();

    let stranger = test
        .connect_with(|options| options.payload_codec(Scramble::new(2)))
        .await;
    let error = stranger
        .workflow_handle(echo, handle.workflow_id())
        .result()
        .await
        .unwrap_err();
    assert!(
        error.to_string().contains("scrambled with another key"),
        "{error}"
    );
}

#[tokio::test]
async fn a_workflow_task_that_cannot_be_decoded_waits_for_the_key() {
    let test = Test::begin_with_codec(Scramble::new(1)).await;
    let stranger = test
        .connect_with(|options| options.payload_codec(Scramble::new(2)))
        .await;
    let worker = Worker::builder(&stranger, test.task_queue()).workflow(echo);
    let wrong = durably_integration::RunningWorker::start(worker.build().unwrap());
    let start = test.starting(echo, SECRET);
    let handle = start
        .workflow_task_timeout(Duration::from_secs(1))
        .await
        .unwrap();
    let events = test
        .until_event(&handle, EventType::WorkflowTaskFailed)
        .await;
    let failure = events.task_failure().expect("a task failed");
    assert!(
        failure.message.contains("scrambled with another key"),
        "{failure:?}"
    );
    // The worker lives on: it is stopped in good order.
    wrong.stop().await;
    let _worker = test.worker(|worker| worker.workflow(echo));
    assert_eq!(test.result_of_troubled(&handle).await.unwrap(), SECRET);
}

#[tokio::test]
async fn what_cannot_be_encoded_is_tried_again() {
    let codec = Scramble::new(7);
    let test = Test::begin_with_codec(codec.clone()).await;
    let worker_codec = Scramble::new(7);
    let client = test
        .connect_with(|options| options.payload_codec(worker_codec.clone()))
        .await;
    let worker = Worker::builder(&client, test.task_queue())
        .workflow(Calls::run)
        .activity(murmur);
    let _worker = test.start_worker(worker.build().unwrap());

    // The start of a client fails at once, and says why.
    codec.fail_to_encode(1);
    let error = test.starting(Calls::run, SECRET).await.unwrap_err();
    let StartError::Rpc(error) = error else {
        panic!("{error}")
    };
    assert!(error.is_payload_codec(), "{error}");

    let handle = test.start(Calls::run, SECRET).await;
    handle.query(Calls::words, ()).await.unwrap();
    // A query says so.
    worker_codec.fail_to_encode(1);
    let error = handle.query(Calls::words, ()).await.unwrap_err();
    assert!(matches!(&error, QueryError::Failed { .. }), "{error:?}");
    assert!(error.to_string().contains("cannot be fetched"), "{error:?}");
    // An update is tried again with its task, an activity's result with its attempt.
    worker_codec.fail_to_encode(1);
    let words = handle.update(Calls::call, SECRET);
    assert_eq!(
        in_time("an update", words.into_future()).await.unwrap(),
        SECRET
    );
    test.result_of_troubled(&handle).await.unwrap();
}

#[derive(Default)]
struct Calls {
    called: State<bool>,
}

#[workflow]
impl Calls {
    #[run]
    async fn run(&self, ctx: &WorkflowContext, _word: String) -> WorkflowResult<()> {
        Ok(ctx.wait_until(|| self.called.get()).await?)
    }

    #[update]
    async fn call(&self, ctx: &WorkflowContext, word: String) -> WorkflowResult<String> {
        let word = ctx.activity(murmur, word).await?;
        self.called.set(true);
        Ok(word)
    }

    #[query]
    fn words(&self) -> BTreeMap<String, bool> {
        [(SECRET.to_owned(), self.called.get())].into()
    }
}
