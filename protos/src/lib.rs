//! Temporal's public API in Rust: messages, gRPC stubs and protobuf-JSON.
//!
//! The modules follow the protobuf packages: the message `temporal.api.history.v1.HistoryEvent` is
//! [`temporal::api::history::v1::HistoryEvent`]. All of them are [`prost::Message`]s.
//!
//! ```
//! use durably_protos::google::protobuf::Duration;
//! use durably_protos::temporal::api::command::v1::command::Attributes;
//! use durably_protos::temporal::api::command::v1::{Command, StartTimerCommandAttributes};
//! use durably_protos::temporal::api::enums::v1::CommandType;
//!
//! let timeout = Duration::try_from(std::time::Duration::from_secs(60))?;
//! let command = Command {
//!     command_type: CommandType::StartTimer.into(),
//!     attributes: Some(Attributes::StartTimerCommandAttributes(Box::new(
//!         StartTimerCommandAttributes {
//!             timer_id: "1".to_owned(),
//!             start_to_fire_timeout: Some(timeout),
//!         },
//!     ))),
//!     ..Command::default()
//! };
//! # assert_eq!(command.command_type(), CommandType::StartTimer);
//! # Ok::<(), durably_protos::DurationError>(())
//! ```
//!
//! # Shapes
//!
//! * A `bytes` field is [`bytes::Bytes`]: decoding from `Bytes` shares the buffer instead of copying payloads.
//! * A map is a `BTreeMap`: the same message always has the same encoding. That of a payload is [`Metadata`],
//!   which takes no allocation for the one entry that nearly all have.
//! * The variants of `HistoryEvent.attributes` and `Command.attributes`, and a few large fields that are seldom
//!   present, are behind a `Box`, which keeps events and commands small.
//! * The well-known types of `google.protobuf` are of this crate too. [`Timestamp`](google::protobuf::Timestamp)
//!   and [`Duration`](google::protobuf::Duration) convert from and to those of [`std::time`], and refuse what
//!   does not fit; [`Any`](google::protobuf::Any) packs and unpacks.
//!
//! # Features
//!
//! None is on by default: the messages alone need only `prost` and `bytes`.
//!
//! | feature | adds |
//! |---|---|
//! | `client` | tonic clients, as `workflow_service_client::WorkflowServiceClient` beside the messages of the service |
//! | `server` | tonic servers, likewise; a method that is not implemented answers `UNIMPLEMENTED` |
//! | `json` | `serde::Serialize` and `Deserialize`, in the protobuf-JSON mapping, for `History` and all it holds |
//!
//! The choice of TLS is the application's: enable the feature of `tonic` that suits it.
#![cfg_attr(
    feature = "json",
    doc = r##"
# Histories as JSON

`temporal workflow show --output json` prints a history as protobuf-JSON:

```
use durably_protos::temporal::api::history::v1::History;

let history: History = serde_json::from_str(
    r#"{"events": [{"eventId": "1", "eventType": "EVENT_TYPE_WORKFLOW_EXECUTION_STARTED"}]}"#,
)?;
assert_eq!(history.events[0].event_id, 1);
# Ok::<(), serde_json::Error>(())
```

Enums are read by name or number, 64-bit integers as text or number; a field that this version does not know is
passed over, a name of an enum that it does not know is an error.
"##
)]

#[allow(missing_docs, unreachable_pub, clippy::all, clippy::pedantic, clippy::nursery)]
#[rustfmt::skip]
mod generated;
#[cfg(feature = "json")]
mod json;
mod payload;

mod visit_payloads;
mod well_known;

pub use generated::{google, grpc, temporal};
#[cfg(feature = "json")]
pub use json::read::{JsonError, JsonErrorKind, JsonReader, ReadJson};
pub use payload::{Metadata, MetadataIter};
pub use visit_payloads::{PayloadVisitor, VisitPayloads};
pub use well_known::{DurationError, TimestampError, UnpackError};

/// The examples of the README, which need a client.
#[cfg(all(doctest, feature = "client"))]
#[doc = include_str!("../README.md")]
struct Readme;
