//! The calls: each a function from request to answer.
//!
//! Those that answer at once take the [`World`](super::world::World); those that wait take the shared
//! state and the caller's deadline.

mod activity;
mod activity_by_id;
mod activity_control;
mod batch;
mod batch_work;
mod callbacks;
mod codec;
mod deadline;
mod describe;
mod field_mask;
mod history;
mod multi_operation;
mod namespace;
mod nexus_endpoint;
mod nexus_task;
mod poll;
mod query;
mod reset;
mod schedule;
mod schedule_check;
mod schedule_list;
mod signal;
mod start;
mod stop;
mod system;
mod table;
mod task_queue;
mod test_service;
mod time_skipping;
mod update;
mod visibility;
mod worker;
mod workflow_options;
mod workflow_task;

use codec::MessageCodec;
pub(crate) use deadline::Deadline;
pub(crate) use nexus_endpoint::create as create_nexus_endpoint;
pub(crate) use start::start_workflow;
pub(crate) use table::{Answering, dispatch};
