//! Reads and writes recorded workflow histories of Temporal, in every form there is.
//!
//! ```
//! # fn example() -> Result<(), durably_history::ReadError> {
//! let recorded = durably_history::read("tests/histories/order-123.json")?;
//! println!("{}: {} events", recorded.workflow_type(), recorded.history.events.len());
//!
//! // Many histories in one file, one at a time.
//! for recorded in durably_history::HistoryReader::open("production.jsonl.gz")? {
//!     let recorded = recorded?;
//!     println!("{}: {}", recorded.place, recorded.workflow_type());
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # What is read
//!
//! The content says what a file is, its name does not matter.
//!
//! | form | from where |
//! |---|---|
//! | `{"events":[..]}` | `temporal workflow show --output json`, other SDKs |
//! | `[..]`, an array of events | older web UIs |
//! | the same with decoded payloads | the web UI's download |
//! | `{"history":{"events":[..]}}` | the server's HTTP API |
//! | `[{"events":[..]},..]`, `{"items":[..]}` | collections of histories |
//! | JSON lines: a history, or an event, on each line | `temporal workflow show --output jsonl`, logs |
//! | binary `History`, and the answer of `GetWorkflowExecutionHistory` | other tools |
//! | binary `WorkflowExecutions` | the export of Temporal Cloud |
//! | each of them in gzip | |
//!
//! In JSON, enums may have today's names (`EVENT_TYPE_TIMER_STARTED`), those of older tools
//! (`TimerStarted`) or numbers; 64-bit integers may be text or numbers; payloads may be written in
//! full or as the value itself. Fields that this version does not know are passed over. An event of
//! an unknown type is kept if the server marked it with `workerMayIgnore`, and an error otherwise.
//!
//! # Limits
//!
//! A history is read event by event: memory holds its events and a few hundred kilobytes of text.
//! What a file may take is bounded by [`ReadLimits`].

mod binary;
mod error;
mod form;
mod input;
mod json;
mod limits;
mod place;
mod read;
mod recorded;
mod timeline;
mod wire;
mod write;

pub use error::ReadError;
pub use limits::ReadLimits;
pub use place::Place;
pub use read::{HistoryReader, read, read_bytes};
pub use recorded::RecordedHistory;
pub use timeline::Timeline;
pub use write::{to_json, write_json};
