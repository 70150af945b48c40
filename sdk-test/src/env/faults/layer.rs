//! The way between callers and server.

use std::collections::HashMap;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use durably_protos::temporal::api::workflowservice::v1::RespondWorkflowTaskCompletedRequest;
use http_body_util::{BodyExt, Full};
use tonic::Status;
use tonic::body::Body;
use tonic::codegen::{Service, http};

use super::{Dice, Faults, message};

type Request = http::Request<Body>;
type Response = http::Response<Body>;

/// A server that is reached with trouble.
#[derive(Debug, Clone)]
pub(in crate::env) struct Faulty<S> {
    inner: S,
    faults: Arc<Faults>,
    /// How many calls of each method there were.
    calls: Arc<Mutex<HashMap<String, u64>>>,
}

/// What happens to a call.
struct Fate {
    on_the_way: Duration,
    request_is_lost: bool,
    comes_twice: bool,
    is_evicted: bool,
    on_the_way_back: Duration,
    answer_is_lost: bool,
}

impl<S> Faulty<S> {
    pub(in crate::env) fn new(inner: S, faults: Faults) -> Self {
        Self {
            inner,
            faults: Arc::new(faults),
            calls: Arc::default(),
        }
    }

    fn fate(&self, method: &str) -> Fate {
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        let number = calls.entry(method.to_owned()).or_default();
        *number += 1;
        let mut dice = Dice::new(self.faults.seed, method, *number);
        let (chance, longest) = self.faults.delay;
        let mut delay = || match dice.happens(chance) {
            true => dice.up_to(longest),
            false => Duration::ZERO,
        };
        let (on_the_way, on_the_way_back) = (delay(), delay());
        let is_poll = method.starts_with("Poll");
        let ends_task = method == "RespondWorkflowTaskCompleted";
        Fate {
            on_the_way,
            request_is_lost: dice.happens(self.faults.drop_requests),
            comes_twice: dice.happens(self.faults.duplicate) && !is_poll,
            is_evicted: dice.happens(self.faults.evict_caches) && ends_task,
            on_the_way_back,
            answer_is_lost: dice.happens(self.faults.drop_answers),
        }
    }
}

impl<S> Service<Request> for Faulty<S>
where
    S: Service<Request, Response = Response, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let path = request.uri().path().to_owned();
        let method = path.rsplit('/').next().unwrap_or_default();
        let mut server = self.inner.clone();
        // What is asked before all else must come out as it is: it says what the server can do.
        if matches!(method, "GetSystemInfo" | "DescribeNamespace") {
            return Box::pin(async move { server.call(request).await });
        }
        Box::pin(meet(server, request, self.fate(method)))
    }
}

async fn meet<S>(mut server: S, request: Request, fate: Fate) -> Result<Response, Infallible>
where
    S: Service<Request, Response = Response, Error = Infallible> + Send,
    S::Future: Send,
{
    tokio::time::sleep(fate.on_the_way).await;
    if fate.request_is_lost {
        return Ok(lost("the request"));
    }
    let (head, body) = request.into_parts();
    let mut body = match body.collect().await {
        Ok(body) => body.to_bytes(),
        Err(status) => return Ok(status.into_http()),
    };
    if fate.is_evicted {
        body = message::change(body, |answer: &mut RespondWorkflowTaskCompletedRequest| {
            answer.sticky_attributes = None;
        });
    }
    let request = |body: &Bytes| {
        let body = Body::new(Full::new(body.clone()));
        http::Request::from_parts(head.clone(), body)
    };
    if fate.comes_twice {
        // The first answer goes nowhere.
        drop(server.call(request(&body)).await);
    }
    let answer = server.call(request(&body)).await;
    tokio::time::sleep(fate.on_the_way_back).await;
    match fate.answer_is_lost {
        true => Ok(lost("the answer")),
        false => answer,
    }
}

fn lost(what: &str) -> Response {
    Status::unavailable(format!("{what} is lost, as the test has it")).into_http()
}
