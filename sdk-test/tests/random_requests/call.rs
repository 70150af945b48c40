//! Calls, as they come over the wire.

use bytes::{BufMut, Bytes, BytesMut};
use durably_test::server::TestService;
use http_body_util::{BodyExt, Full};
use tonic::body::Body;
use tonic::codegen::{Service, http};
use tonic::{Code, Status};

/// What a call was answered with.
#[derive(Debug)]
pub(crate) struct Answered {
    pub(crate) code: Code,
    pub(crate) text: String,
    /// The message; nothing with an error.
    pub(crate) message: Bytes,
}

/// Calls a method with a message, whatever it is.
pub(crate) async fn call(mut service: TestService, path: String, message: Vec<u8>) -> Answered {
    let mut frame = BytesMut::new();
    frame.put_u8(0);
    frame.put_u32(message.len().try_into().expect("messages are small"));
    frame.put_slice(&message);
    let request = http::Request::post(path)
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .body(Body::new(Full::new(frame.freeze())))
        .expect("the request is one of HTTP");
    let Ok(response) = service.call(request).await;
    let (head, body) = response.into_parts();
    let body = body.collect().await.expect("the server sends all it has");
    let of_trailers = body.trailers().and_then(Status::from_header_map);
    let status = of_trailers.or_else(|| Status::from_header_map(&head.headers));
    let status = status.unwrap_or_else(|| Status::unknown("answered without a status"));
    let bytes = body.to_bytes();
    Answered {
        code: status.code(),
        text: status.message().to_owned(),
        message: bytes.slice(bytes.len().min(5)..),
    }
}
