//! Payloads decoded by a codec server, in the protocol that all Temporal tools speak: `POST
//! <endpoint>/decode` with `Payloads` in protobuf-JSON, answered with as many.

use std::time::Duration;

use bytes::Bytes;
use clap::Args;
use durably_protos::temporal::api::history::v1::{History, HistoryEvent};
use http::{HeaderValue, Request, StatusCode, Uri, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::payloads::for_each_payload;

/// How many payloads are sent at a time, and how many bytes of them before no more are added.
const BATCH: (usize, usize) = (500, 4 << 20);
/// How long an answer may take.
const TIMEOUT: Duration = Duration::from_secs(30);
/// How long an answer may be.
const LONGEST_ANSWER: usize = 256 << 20;

/// Which codec server to ask.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Codec")]
pub(crate) struct CodecArguments {
    /// The codec server that decodes payloads, as http://.. or https://..; `{namespace}` in it stands
    /// for the namespace.
    #[arg(long, value_name = "URL", env = "TEMPORAL_CODEC_ENDPOINT")]
    codec_endpoint: Option<String>,
    /// The `Authorization` header for the codec server, such as "Bearer ..".
    #[arg(
        long,
        value_name = "TEXT",
        env = "TEMPORAL_CODEC_AUTH",
        hide_env_values = true
    )]
    codec_auth: Option<String>,
}

/// The payloads could not be decoded.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CodecError {
    #[error(
        "--codec-endpoint \"{endpoint}\": {problem}; it is a URL such as https://codec.example.com"
    )]
    Endpoint { endpoint: String, problem: String },
    #[error("--codec-auth cannot be sent: a header holds visible ASCII characters")]
    Authorization,
    #[error(
        "the namespace \"{0}\" cannot be sent to the codec server: a header holds visible ASCII characters"
    )]
    Namespace(String),
    #[error("cannot use the platform's root certificates for the codec server: {0}")]
    Certificates(std::io::Error),
    #[error("the codec server at {uri} cannot be reached: {problem}")]
    Unreachable { uri: Uri, problem: String },
    #[error("the codec server at {uri} did not answer within {} s", TIMEOUT.as_secs())]
    Silent { uri: Uri },
    #[error("the codec server at {uri} refused: {status} {answer}")]
    Refused {
        uri: Uri,
        status: StatusCode,
        answer: String,
    },
    #[error("the codec server at {uri} answered {problem}")]
    Answer { uri: Uri, problem: String },
    #[error("event {event_id} has no JSON form: {error}")]
    Event {
        event_id: i64,
        error: serde_json::Error,
    },
}

/// A codec server.
#[derive(Debug, Clone)]
pub(crate) struct Codec {
    http: Http,
    uri: Uri,
    authorization: Option<HeaderValue>,
    namespace: HeaderValue,
}

#[derive(Debug, Clone)]
enum Http {
    Plain(Client<HttpConnector, Full<Bytes>>),
    Tls(Client<HttpsConnector<HttpConnector>, Full<Bytes>>),
}

#[derive(Serialize, Deserialize)]
struct Payloads {
    #[serde(default)]
    payloads: Vec<Value>,
}

impl CodecArguments {
    /// The codec server, if there is one.
    pub(crate) fn codec(&self, namespace: &str) -> Result<Option<Codec>, CodecError> {
        let Some(endpoint) = self.codec_endpoint.as_deref().filter(|it| !it.is_empty()) else {
            return Ok(None);
        };
        let authorization = self.codec_auth.as_deref().filter(|it| !it.is_empty());
        Codec::new(endpoint, authorization, namespace).map(Some)
    }
}

impl Codec {
    pub(crate) fn new(
        endpoint: &str,
        authorization: Option<&str>,
        namespace: &str,
    ) -> Result<Self, CodecError> {
        let invalid = |problem: String| CodecError::Endpoint {
            endpoint: endpoint.to_owned(),
            problem,
        };
        let url = endpoint.replace("{namespace}", namespace);
        let uri: Uri = format!("{}/decode", url.trim_end_matches('/'))
            .parse()
            .map_err(|error: http::uri::InvalidUri| invalid(error.to_string()))?;
        let http = match uri.scheme_str() {
            Some("http") => Http::Plain(Client::builder(TokioExecutor::new()).build_http()),
            Some("https") => {
                let roots = HttpsConnectorBuilder::new().with_native_roots();
                let connector = roots.map_err(CodecError::Certificates)?;
                let connector = connector.https_only().enable_http1().build();
                Http::Tls(Client::builder(TokioExecutor::new()).build(connector))
            }
            _ => return Err(invalid("its scheme is neither http nor https".to_owned())),
        };
        let authorization = authorization.map(HeaderValue::from_str).transpose();
        let mut authorization = authorization.map_err(|_| CodecError::Authorization)?;
        if let Some(authorization) = &mut authorization {
            authorization.set_sensitive(true);
        }
        let namespace = HeaderValue::from_str(namespace)
            .map_err(|_| CodecError::Namespace(namespace.to_owned()))?;
        Ok(Self {
            http,
            uri,
            authorization,
            namespace,
        })
    }

    /// Decodes the payloads of a history, but for search attributes, which are never encoded.
    pub(crate) async fn decode(&self, history: &mut History) -> Result<(), CodecError> {
        let mut batch = Batch::default();
        for index in 0..history.events.len() {
            batch.add(index, &history.events[index])?;
            if batch.is_full() {
                let full = std::mem::take(&mut batch);
                self.decode_batch(full, &mut history.events).await?;
            }
        }
        self.decode_batch(batch, &mut history.events).await
    }

    async fn decode_batch(
        &self,
        mut batch: Batch,
        events: &mut [HistoryEvent],
    ) -> Result<(), CodecError> {
        if batch.payloads.is_empty() {
            return Ok(());
        }
        let sent = batch.payloads.len();
        let payloads = std::mem::take(&mut batch.payloads);
        let decoded = self.ask(Payloads { payloads }).await?.payloads;
        if decoded.len() != sent || !decoded.iter().all(Value::is_object) {
            let problem = format!("with {} payloads for {sent}", decoded.len());
            return Err(self.answer(problem));
        }
        batch.put_back(decoded, events)
    }

    async fn ask(&self, payloads: Payloads) -> Result<Payloads, CodecError> {
        let body = serde_json::to_vec(&payloads).map_err(|error| self.answer(error.to_string()))?;
        let answer = tokio::time::timeout(TIMEOUT, self.post(body.into())).await;
        let (status, answer) = answer.map_err(|_| CodecError::Silent {
            uri: self.uri.clone(),
        })??;
        if status != StatusCode::OK {
            let answer = String::from_utf8_lossy(&answer).chars().take(300).collect();
            return Err(CodecError::Refused {
                uri: self.uri.clone(),
                status,
                answer,
            });
        }
        serde_json::from_slice(&answer)
            .map_err(|error| self.answer(format!("no payloads in JSON: {error}")))
    }

    async fn post(&self, body: Bytes) -> Result<(StatusCode, Bytes), CodecError> {
        let unreachable = |error: &dyn std::error::Error| CodecError::Unreachable {
            uri: self.uri.clone(),
            problem: with_sources(error),
        };
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = http::Method::POST;
        *request.uri_mut() = self.uri.clone();
        let headers = request.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        );
        headers.insert("x-namespace", self.namespace.clone());
        if let Some(authorization) = &self.authorization {
            headers.insert(header::AUTHORIZATION, authorization.clone());
        }
        let response = match &self.http {
            Http::Plain(client) => client.request(request),
            Http::Tls(client) => client.request(request),
        };
        let response = response.await.map_err(|error| unreachable(&error))?;
        let status = response.status();
        let body = Limited::new(response.into_body(), LONGEST_ANSWER);
        let body = body.collect().await.map_err(|error| unreachable(&*error))?;
        Ok((status, body.to_bytes()))
    }

    fn answer(&self, problem: String) -> CodecError {
        CodecError::Answer {
            uri: self.uri.clone(),
            problem,
        }
    }
}

/// Events with payloads that are sent together.
#[derive(Default)]
struct Batch {
    /// Each in its JSON form, with its place in the history.
    events: Vec<(usize, Value)>,
    payloads: Vec<Value>,
    bytes: usize,
}

impl Batch {
    fn add(&mut self, index: usize, event: &HistoryEvent) -> Result<(), CodecError> {
        let value = serde_json::to_value(event);
        let mut value = value.map_err(|error| failed(event.event_id, error))?;
        let before = self.payloads.len();
        for_each_payload(&mut value, &mut |place, payload| {
            if !place.is_search_attribute {
                let data = payload.get("data").and_then(Value::as_str);
                self.bytes += data.map_or(0, str::len);
                self.payloads.push(Value::Object(payload.clone()));
            }
        });
        if self.payloads.len() > before {
            self.events.push((index, value));
        }
        Ok(())
    }

    fn is_full(&self) -> bool {
        self.payloads.len() >= BATCH.0 || self.bytes >= BATCH.1
    }

    fn put_back(self, decoded: Vec<Value>, events: &mut [HistoryEvent]) -> Result<(), CodecError> {
        let mut decoded = decoded.into_iter();
        for (index, mut value) in self.events {
            for_each_payload(&mut value, &mut |place, payload| {
                if !place.is_search_attribute
                    && let Some(Value::Object(decoded)) = decoded.next()
                {
                    *payload = decoded;
                }
            });
            let event = serde_json::from_value(value);
            events[index] = event.map_err(|error| failed(events[index].event_id, error))?;
        }
        Ok(())
    }
}

fn failed(event_id: i64, error: serde_json::Error) -> CodecError {
    CodecError::Event { event_id, error }
}

/// The error with what caused it: hyper's own texts say little.
fn with_sources(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        text = format!("{text}: {source}");
        next = source.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(endpoint: &str, authorization: Option<&str>) -> String {
        Codec::new(endpoint, authorization, "default")
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn endpoints() {
        let codec = Codec::new("http://localhost:8081/codec/{namespace}/", None, "orders").unwrap();
        assert_eq!(codec.uri, "http://localhost:8081/codec/orders/decode");
        assert!(refused("localhost:8081", None).contains("it is a URL such as"));
        assert!(refused("ftp://host", None).contains("neither http nor https"));
        assert!(refused("http://a b", None).contains("--codec-endpoint"));
        assert!(refused("http://host", Some("a\nb")).contains("--codec-auth"));
    }
}
