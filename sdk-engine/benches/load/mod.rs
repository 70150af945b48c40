//! Workflows and histories to measure replay with; shared by benches, examples and tests.

#![allow(dead_code, reason = "the bench and the example use a part each")]

pub(crate) mod histories;
mod related;
pub(crate) mod workflows;

use std::error::Error;
use std::rc::Rc;

use durably_engine::Run;
use durably_protos::temporal::api::history::v1::HistoryEvent;

use self::workflows::LoadWorkflow;

/// Replays a whole history with the workflow of its type; gives the run at its end.
pub(crate) fn replay(pages: Vec<Vec<HistoryEvent>>) -> Result<Run, Box<dyn Error>> {
    let first = pages.first().map_or(&[][..], Vec::as_slice);
    let workflow = LoadWorkflow::of_history(first)?;
    let mut run = Run::new(Rc::new(workflow), "default", "workflow", "run");
    for page in pages {
        run.push_events(page)?;
    }
    run.finish_replay()?;
    Ok(run)
}

/// Cuts a history into pages of about the size that servers send.
pub(crate) fn pages(events: Vec<HistoryEvent>) -> Vec<Vec<HistoryEvent>> {
    let mut pages = Vec::with_capacity(events.len() / 256 + 1);
    let mut rest = events.into_iter();
    loop {
        let page: Vec<_> = rest.by_ref().take(256).collect();
        if page.is_empty() {
            return pages;
        }
        pages.push(page);
    }
}
