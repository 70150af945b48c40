//! Reports of replays: where code and history part, why, and what to do.
//!
//! An [`Examination`] of one replayed history gives a [`Finding`] if something is wrong with it. A
//! [`Report`] gathers findings and what passed, and writes them for terminals, programs, GitHub, CI
//! servers and browsers. A [`HistoryPage`] is the page of a history alone.
//!
//! ```
//! use std::time::Duration;
//!
//! use durably::prelude::*;
//! use durably::replay::Replayer;
//! use durably_protos::temporal::api::history::v1::History;
//! use durably_replay::report::{Examination, Report};
//!
//! # #[workflow]
//! # async fn greet(ctx: &WorkflowContext, name: String) -> WorkflowResult<String> { Ok(name) }
//! # fn example() -> Result<(), Box<dyn std::error::Error>> {
//! # let history = History::default();
//! let replayer = Replayer::new().workflow(greet)?;
//! let traced = replayer.replay_traced(history.clone());
//! let mut report = Report::new();
//! report.add(Examination::new("greet.json", &history, &traced).outcome(), Duration::ZERO);
//! assert_eq!(report.findings().count(), 1);
//! println!("{}", report.to_text());
//! # Ok(())
//! # }
//! # example().unwrap();
//! ```

mod action;
mod align;
mod causes;
mod examination;
mod finding;
mod fix;
mod github;
mod groups;
mod html;
mod json;
mod junit;
mod payload_shape;
mod phrases;
mod place;
mod problem;
mod side_by_side;
mod steps;
mod text;
mod timeline;
mod totals;
mod trace_difference;
mod written;

pub use causes::{Cause, CauseKind};
pub use examination::{Examination, Outcome, Passed};
pub use finding::{Awaited, CommandWords, EventWords, Finding, FindingKind};
pub use fix::Fix;
pub use groups::FindingGroup;
pub use html::HistoryPage;
pub use place::SourcePlace;
pub use side_by_side::{Row, RowCode, RowHistory, RowMark};
pub use text::TextStyle;
pub use timeline::{Operation, Timeline, TimelineEntry, TimelineEvent};
pub use totals::TypeCounts;
pub use trace_difference::TraceDifference;
pub use written::{Checked, Report};
