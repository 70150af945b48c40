//! What Nexus has outside of runs: endpoints, the tasks that handlers hold, links and failures in
//! their Nexus form.

mod endpoints;
mod failure;
mod links;
mod tasks;

pub(crate) use endpoints::NexusEndpoints;
pub(crate) use failure::{from_nexus, handler_failure, is_retryable};
pub(crate) use links::{from_nexus as read_links, operation_link};
pub(crate) use tasks::NexusTasks;
