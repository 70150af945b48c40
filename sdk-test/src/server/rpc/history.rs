//! `GetWorkflowExecutionHistory`, forwards and in reverse.

use std::sync::Arc;
use std::time::Duration;

use durably_protos::temporal::api::enums::v1::HistoryEventFilterType;
use durably_protos::temporal::api::history::v1::{History, HistoryEvent};
use durably_protos::temporal::api::workflowservice::v1::{
    GetWorkflowExecutionHistoryRequest, GetWorkflowExecutionHistoryResponse,
    GetWorkflowExecutionHistoryReverseRequest, GetWorkflowExecutionHistoryReverseResponse,
};
use tonic::codegen::http::HeaderMap;

use super::Deadline;
use crate::server::refusal::{Answer, invalid};
use crate::server::run::Run;
use crate::server::shared::Shared;
use crate::server::token::PageToken;
use crate::server::waiters::Waiting;
use crate::server::world::{RunIndex, World};

/// How long a call waits for news.
const LONGEST_WAIT: Duration = Duration::from_secs(20);
/// The callers that are people: they see only what is written.
const PEOPLE: [&str; 2] = ["temporal-cli", "temporal-ui"];

/// Whether the events of a workflow task that are not written are to be shown.
pub(super) fn shows_unwritten_to(headers: &HeaderMap) -> bool {
    let name = headers
        .get("client-name")
        .and_then(|name| name.to_str().ok());
    !name.is_some_and(|name| PEOPLE.contains(&name))
}

pub(super) async fn history(
    shared: Arc<Shared>,
    request: GetWorkflowExecutionHistoryRequest,
    deadline: Deadline,
    unwritten: bool,
) -> Answer<GetWorkflowExecutionHistoryResponse> {
    let only_close = request.history_event_filter_type() == HistoryEventFilterType::CloseEvent;
    let until = tokio::time::Instant::now() + deadline.wait(LONGEST_WAIT);
    loop {
        let read = shared.with(|world| read(world, &request, only_close, unwritten))?;
        let (waiting, nothing_new) = match read {
            Read::Page(response) => return Ok(*response),
            Read::Wait(waiting, nothing_new) => (waiting, nothing_new),
        };
        match tokio::time::timeout_at(until, waiting).await {
            Ok(Some(told)) => told?,
            // The run is gone, which reading tells.
            Ok(None) => {}
            Err(_) => return Ok(*nothing_new),
        }
    }
}

enum Read {
    Page(Box<GetWorkflowExecutionHistoryResponse>),
    Wait(
        Waiting<Answer<()>>,
        Box<GetWorkflowExecutionHistoryResponse>,
    ),
}

fn read(
    world: &mut World,
    request: &GetWorkflowExecutionHistoryRequest,
    only_close: bool,
    unwritten: bool,
) -> Answer<Read> {
    let token = PageToken::read(&request.next_page_token)?;
    let index = find(world, request, token.as_ref())?;
    let size = page_size(world, request.maximum_page_size);
    let run = world.run(index).ok_or_else(gone)?;
    let next_id = token.as_ref().map_or(1, |token| token.next_id.max(1));
    if !request.wait_new_event {
        if only_close {
            let events = if run.is_open() {
                Vec::new()
            } else {
                close_event(run)
            };
            return Ok(Read::Page(Box::new(response(events, None))));
        }
        return Ok(Read::Page(Box::new(page(
            run, next_id, size, false, unwritten,
        ))));
    }
    if run.is_open() && (only_close || run.history.last_id() < next_id) {
        let token = follow(run, next_id);
        let waiting = world.wait_for_history(index, next_id, only_close);
        let nothing = response(Vec::new(), Some(token));
        return Ok(Read::Wait(waiting, Box::new(nothing)));
    }
    if only_close {
        return Ok(Read::Page(Box::new(response(close_event(run), None))));
    }
    Ok(Read::Page(Box::new(page(
        run,
        next_id,
        size,
        run.is_open(),
        unwritten,
    ))))
}

fn find(
    world: &World,
    request: &GetWorkflowExecutionHistoryRequest,
    token: Option<&PageToken>,
) -> Answer<RunIndex> {
    let index = world.find(&request.namespace, request.execution.as_ref())?;
    let Some(token) = token else {
        return Ok(index);
    };
    let asked = request
        .execution
        .as_ref()
        .map_or("", |execution| &execution.run_id);
    if !asked.is_empty() && asked != token.run_id {
        return Err(invalid(
            "RunId in the request does not match the NextPageToken.",
        ));
    }
    world.find_run_id(&token.run_id).ok_or_else(gone)
}

fn gone() -> tonic::Status {
    crate::server::refusal::not_found("workflow execution not found")
}

fn page_size(world: &World, asked: i32) -> usize {
    match usize::try_from(asked) {
        Ok(asked) if asked > 0 => asked.min(world.limits.history_page),
        _ => world.limits.history_page,
    }
}

/// A page; with `follows` there is a token for what comes after the last.
fn page(
    run: &Run,
    next_id: i64,
    size: usize,
    follows: bool,
    unwritten: bool,
) -> GetWorkflowExecutionHistoryResponse {
    let (mut events, next) = run.page(next_id, size);
    let next = match next {
        Some(next_id) => Some(PageToken {
            run_id: run.run_id.to_string(),
            next_id,
            follows,
        }),
        None => {
            if unwritten {
                events.extend(run.unwritten_events());
            }
            follows.then(|| follow(run, run.history.next_id()))
        }
    };
    response(events, next)
}

fn follow(run: &Run, next_id: i64) -> PageToken {
    PageToken {
        run_id: run.run_id.to_string(),
        next_id,
        follows: true,
    }
}

fn close_event(run: &Run) -> Vec<HistoryEvent> {
    run.history.events().last().cloned().into_iter().collect()
}

fn response(
    events: Vec<HistoryEvent>,
    next: Option<PageToken>,
) -> GetWorkflowExecutionHistoryResponse {
    GetWorkflowExecutionHistoryResponse {
        history: Some(History { events }),
        next_page_token: next.map(|token| token.to_bytes()).unwrap_or_default(),
        ..GetWorkflowExecutionHistoryResponse::default()
    }
}

/// The newest events first, in whole batches.
pub(super) fn reverse(
    world: &mut World,
    request: GetWorkflowExecutionHistoryReverseRequest,
) -> Answer<GetWorkflowExecutionHistoryReverseResponse> {
    let token = PageToken::read(&request.next_page_token)?;
    let mut index = world.find(&request.namespace, request.execution.as_ref())?;
    if let Some(token) = &token {
        index = world.find_run_id(&token.run_id).ok_or_else(gone)?;
    }
    let size = page_size(world, request.maximum_page_size);
    let run = world.run(index).ok_or_else(gone)?;
    let last = run.history.last_id();
    let end = token.map_or(last, |token| token.next_id.saturating_sub(1).clamp(0, last));
    let end = usize::try_from(end).unwrap_or(0);
    let wanted = end.saturating_sub(size);
    let batches = run.history.batches();
    let place = batches.partition_point(|&start| start <= wanted);
    let start = batches.get(place.saturating_sub(1)).copied().unwrap_or(0);
    let mut events = run.history.events()[start..end].to_vec();
    events.reverse();
    let next = (start > 0).then(|| PageToken {
        run_id: run.run_id.to_string(),
        next_id: i64::try_from(start).unwrap_or(0) + 1,
        follows: false,
    });
    Ok(GetWorkflowExecutionHistoryReverseResponse {
        history: Some(History { events }),
        next_page_token: next.map(|token| token.to_bytes()).unwrap_or_default(),
    })
}
