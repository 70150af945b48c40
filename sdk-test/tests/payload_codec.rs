//! Test environments and replays with a payload codec.

use durably::payload::Payload;
use durably::payload::codec::{CodecResult, PayloadCodec, payload_from_bytes, payload_to_bytes};
use durably::prelude::*;
use durably_test::{Replayer, TestEnv};

/// Reverses bytes.
#[derive(Clone, Copy)]
struct Mirrored;

fn mirrored(bytes: impl AsRef<[u8]>) -> Vec<u8> {
    bytes.as_ref().iter().rev().copied().collect()
}

impl PayloadCodec for Mirrored {
    async fn encode(&self, payloads: Vec<Payload>) -> CodecResult {
        let encoded = payloads.iter().map(|payload| Payload {
            metadata: [("encoding", "binary/mirrored".into())].into(),
            data: mirrored(payload_to_bytes(payload)).into(),
            ..Payload::default()
        });
        Ok(encoded.collect())
    }

    async fn decode(&self, payloads: Vec<Payload>) -> CodecResult {
        let decode = |payload: Payload| match payload.metadata.get("encoding") {
            Some(encoding) if encoding == "binary/mirrored" => {
                payload_from_bytes(mirrored(payload.data))
            }
            _ => Ok(payload),
        };
        payloads.into_iter().map(decode).collect()
    }
}

/// Forgets a payload.
struct Careless;

impl PayloadCodec for Careless {
    async fn encode(&self, mut payloads: Vec<Payload>) -> CodecResult {
        payloads.pop();
        Ok(payloads)
    }

    async fn decode(&self, payloads: Vec<Payload>) -> CodecResult {
        Ok(payloads)
    }
}

#[activity(start_to_close_timeout = "10s")]
async fn charge(cents: u64) -> ActivityResult<String> {
    Ok(format!("{cents} cents"))
}

#[workflow]
async fn order(ctx: &WorkflowContext, cents: u64) -> WorkflowResult<String> {
    // The number decides what is done: encoded it could not.
    for _ in 0..cents {
        ctx.sleep(std::time::Duration::from_secs(60)).await?;
    }
    Ok(ctx.activity(charge, cents).await?)
}

#[tokio::test]
async fn mocks_and_replays_see_values() {
    let env = TestEnv::builder().client_options(|options| options.payload_codec(Mirrored));
    let env = env.start().await;
    let worker = env.worker("orders").workflow(order);
    let _worker = worker
        .mock(charge, |cents| Ok(format!("mocked {cents}")))
        .start();
    let start = env.client().start(order, 2_u64).task_queue("orders");
    let handle = start.await.unwrap();
    assert_eq!(handle.result().await.unwrap(), "mocked 2");

    // As who has no codec downloads it.
    let options = ConnectOptions::new("embedded").service(env.server().service());
    let client = Client::connect(options).await.unwrap();
    let bare = client.untyped_workflow_handle(handle.workflow_id());
    let history = env.history(&bare).await;
    let text = durably_history::to_json(&history).unwrap();
    assert!(text.contains("YmluYXJ5L21pcnJvcmVk"), "not encoded: {text}");
    let recorded = || durably_history::read_bytes(text.as_bytes()).unwrap();
    env.finish().await;

    let replayer = || Replayer::new().workflow(order);
    replayer()
        .payload_codec(Mirrored)
        .replay(recorded())
        .unwrap();
    let error = replayer()
        .payload_codec(Unable)
        .replay(recorded())
        .unwrap_err();
    assert!(error.to_string().contains("no key"), "{error}");
    let error = replayer().replay(recorded()).unwrap_err();
    assert!(error.to_string().contains("binary/mirrored"), "{error}");
}

/// Has no key.
struct Unable;

impl PayloadCodec for Unable {
    async fn encode(&self, _: Vec<Payload>) -> CodecResult {
        Err("no key".into())
    }

    async fn decode(&self, _: Vec<Payload>) -> CodecResult {
        Err("no key".into())
    }
}

#[tokio::test]
async fn a_codec_that_loses_payloads_is_noticed() {
    let env = TestEnv::builder().client_options(|options| options.payload_codec(Careless));
    let env = env.start().await;
    let error = env
        .client()
        .start(order, 1_u64)
        .task_queue("orders")
        .await
        .unwrap_err();
    assert!(
        error.to_string().contains("gave 0 payloads for 1"),
        "{error}"
    );
}
