//! Histories whose payloads a codec server decodes.

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::common::{Session, names};

/// A codec server that makes each payload the JSON text "decoded", and refuses who has no key.
async fn codec_server() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            tokio::spawn(answer(stream));
        }
    });
    format!("http://{address}")
}

async fn answer(mut stream: TcpStream) {
    let mut request = Vec::new();
    let (head, body) = loop {
        let mut part = [0; 4096];
        let count = stream.read(&mut part).await.unwrap();
        assert!(count > 0, "the request ends too soon");
        request.extend_from_slice(&part[..count]);
        let text = String::from_utf8_lossy(&request);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let mut lines = head.lines();
            let length = lines.find_map(|line| {
                line.to_lowercase()
                    .strip_prefix("content-length: ")?
                    .parse()
                    .ok()
            });
            if body.len() >= length.unwrap_or(0) {
                break (head.to_owned(), body.to_owned());
            }
        }
    };
    let (status, content) = if !head.contains("authorization: Bearer key") {
        ("401 Unauthorized", "who are you?".to_owned())
    } else if !head.starts_with("POST /default/decode ") || !head.contains("x-namespace: default") {
        ("404 Not Found", head)
    } else {
        let mut payloads: Value = serde_json::from_str(&body).unwrap();
        for payload in payloads["payloads"].as_array_mut().unwrap() {
            // `json/plain`, `"decoded"`
            *payload =
                json!({"metadata": {"encoding": "anNvbi9wbGFpbg=="}, "data": "ImRlY29kZWQi"});
        }
        ("200 OK", payloads.to_string())
    };
    let length = content.len();
    let answer = format!(
        "HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{content}"
    );
    stream.write_all(answer.as_bytes()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn payloads_are_stored_decoded() {
    let session = Session::start().await;
    session.buy("order-1", "lamp").await;
    let endpoint = codec_server().await + "/{namespace}";
    let codec = ["--codec-endpoint", &endpoint, "--codec-auth", "Bearer key"];
    let ran = session.run("history download -o h --workflow-id order-1", &codec);
    assert_eq!(ran.code, 0, "{ran:?}");
    let file = format!("h/{}", names(&session.path("h"))[0]);
    let shown = session.run("history show", &[&file]);
    assert!(shown.output.contains("buy(\"decoded\")"), "{shown:?}");
    assert!(!shown.output.contains("lamp"), "{shown:?}");

    // What was decoded is not what was recorded.
    let ran = session.run("history download -o h --workflow-id order-1", &[]);
    assert!(ran.errors.starts_with("1 history"), "{ran:?}");

    let ran = session.run("history show order-1", &codec);
    assert_eq!(ran.output, shown.output);
    session.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_codec_server_that_refuses() {
    let session = Session::start().await;
    session.buy("order-1", "lamp").await;
    let endpoint = codec_server().await;
    let ran = session.run(
        "history download -o h --workflow-id order-1",
        &["--codec-endpoint", &endpoint],
    );
    assert_eq!(ran.code, 1);
    assert!(
        ran.errors
            .contains("/decode refused: 401 Unauthorized who are you?"),
        "{ran:?}"
    );
    assert_eq!(names(&session.path("h")), [""; 0]);
    let ran = session.run(
        "history show order-1 --codec-endpoint http://127.0.0.1:1",
        &[],
    );
    assert_eq!(ran.code, 2);
    assert!(
        ran.errors
            .contains("the codec server at http://127.0.0.1:1/decode cannot be reached"),
        "{ran:?}"
    );
    session.end().await;
}
