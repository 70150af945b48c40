//! Lists and counts of workflows.

use std::cmp::Reverse;

use bytes::Bytes;
use durably_protos::temporal::api::enums::v1::WorkflowExecutionStatus as Status;
use durably_protos::temporal::api::filter::v1::StartTimeFilter;
use durably_protos::temporal::api::workflow::v1::WorkflowExecutionInfo;
use durably_protos::temporal::api::workflowservice::v1::count_workflow_executions_response::AggregationGroup;
use durably_protos::temporal::api::workflowservice::v1::{
    CountWorkflowExecutionsRequest, CountWorkflowExecutionsResponse,
    ListArchivedWorkflowExecutionsRequest, ListArchivedWorkflowExecutionsResponse,
    ListClosedWorkflowExecutionsRequest, ListClosedWorkflowExecutionsResponse,
    ListOpenWorkflowExecutionsRequest, ListOpenWorkflowExecutionsResponse,
    ListWorkflowExecutionsRequest, ListWorkflowExecutionsResponse, ScanWorkflowExecutionsRequest,
    ScanWorkflowExecutionsResponse, list_closed_workflow_executions_request as closed,
    list_open_workflow_executions_request as open,
};
use prost::Message;

use crate::server::refusal::{Answer, invalid};
use crate::server::run::Run;
use crate::server::time::Time;
use crate::server::visibility::{Query, QueryError};
use crate::server::world::{Place, RunIndex, World};

/// The most runs of a page, and how many one has unless asked.
const LONGEST_PAGE: usize = 1000;

pub(super) fn list(
    world: &mut World,
    request: ListWorkflowExecutionsRequest,
) -> Answer<ListWorkflowExecutionsResponse> {
    let (executions, next_page_token) = matching(
        world,
        &request.namespace,
        &request.query,
        request.page_size,
        &request.next_page_token,
    )?;
    Ok(ListWorkflowExecutionsResponse {
        executions,
        next_page_token,
    })
}

pub(super) fn scan(
    world: &mut World,
    request: ScanWorkflowExecutionsRequest,
) -> Answer<ScanWorkflowExecutionsResponse> {
    let (executions, next_page_token) = matching(
        world,
        &request.namespace,
        &request.query,
        request.page_size,
        &request.next_page_token,
    )?;
    Ok(ScanWorkflowExecutionsResponse {
        executions,
        next_page_token,
    })
}

pub(super) fn list_archived(
    world: &mut World,
    request: ListArchivedWorkflowExecutionsRequest,
) -> Answer<ListArchivedWorkflowExecutionsResponse> {
    world.namespaces.get(&request.namespace)?;
    Err(invalid(
        "Cluster is not configured for visibility archival.",
    ))
}

pub(super) fn count(
    world: &mut World,
    request: CountWorkflowExecutionsRequest,
) -> Answer<CountWorkflowExecutionsResponse> {
    let namespace = world.namespaces.get(&request.namespace)?;
    let registry = &namespace.search_attributes;
    let query = Query::parse(&request.query, registry).map_err(refused)?;
    let runs = world.listed(&namespace.name.name, None);
    let tally = query.count(runs.map(|run| run.visibility_record(registry)));
    let groups = tally.groups.into_iter();
    Ok(CountWorkflowExecutionsResponse {
        count: tally.count,
        groups: groups
            .map(|(value, count)| AggregationGroup {
                group_values: vec![value],
                count,
            })
            .collect(),
    })
}

pub(super) fn list_open(
    world: &mut World,
    request: ListOpenWorkflowExecutionsRequest,
) -> Answer<ListOpenWorkflowExecutionsResponse> {
    use open::Filters;
    let times = StartTimes::new(request.start_time_filter)?;
    let is_wanted = |run: &Run| {
        times.contain(run)
            && match &request.filters {
                None => true,
                Some(Filters::ExecutionFilter(filter)) => *run.workflow_id == filter.workflow_id,
                Some(Filters::TypeFilter(filter)) => run.workflow_type() == filter.name,
            }
    };
    let page = Page::asked(request.maximum_page_size, &request.next_page_token)?;
    // Open runs come first.
    let (executions, next_page_token) =
        page.of(world, &request.namespace, Run::is_open, is_wanted)?;
    Ok(ListOpenWorkflowExecutionsResponse {
        executions,
        next_page_token,
    })
}

pub(super) fn list_closed(
    world: &mut World,
    request: ListClosedWorkflowExecutionsRequest,
) -> Answer<ListClosedWorkflowExecutionsResponse> {
    use closed::Filters;
    let times = StartTimes::new(request.start_time_filter)?;
    if let Some(Filters::StatusFilter(filter)) = &request.filters {
        match Status::try_from(filter.status) {
            Ok(Status::Unspecified | Status::Running) => {
                return Err(invalid(
                    "StatusFilter must be specified and must be not Running.",
                ));
            }
            Ok(_) => {}
            Err(_) => {
                let status = filter.status;
                return Err(invalid(format!(
                    "invalid query: invalid expression: invalid ExecutionStatus value '{status}'"
                )));
            }
        }
    }
    let is_wanted = |run: &Run| {
        !run.is_open()
            && times.contain(run)
            && match &request.filters {
                None => true,
                Some(Filters::ExecutionFilter(filter)) => *run.workflow_id == filter.workflow_id,
                Some(Filters::TypeFilter(filter)) => run.workflow_type() == filter.name,
                Some(Filters::StatusFilter(filter)) => i32::from(run.status) == filter.status,
            }
    };
    let page = Page::asked(request.maximum_page_size, &request.next_page_token)?;
    let (executions, next_page_token) = page.of(world, &request.namespace, |_| true, is_wanted)?;
    Ok(ListClosedWorkflowExecutionsResponse {
        executions,
        next_page_token,
    })
}

/// A page of the runs that a query names. `GROUP BY` has no meaning here, and is passed over as by the real server.
fn matching(
    world: &World,
    namespace: &str,
    query: &str,
    size: i32,
    token: &Bytes,
) -> Answer<(Vec<WorkflowExecutionInfo>, Bytes)> {
    let registry = &world.namespaces.get(namespace)?.search_attributes;
    let query = Query::parse(query, registry).map_err(refused)?;
    let is_wanted = |run: &Run| query.matches(&run.visibility_record(registry));
    Page::asked(size, token)?.of(world, namespace, |_| true, is_wanted)
}

pub(super) fn refused(error: QueryError) -> tonic::Status {
    invalid(error.to_string())
}

/// What part of a list is asked for.
struct Page {
    size: usize,
    after: Option<Place>,
}

impl Page {
    fn asked(size: i32, token: &Bytes) -> Answer<Self> {
        Ok(Self {
            size: page_size(size),
            after: ListToken::read(token)?,
        })
    }

    /// The runs that are wanted, up to the first for which `goes_on` does not hold; with a token if there are more.
    fn of(
        self,
        world: &World,
        namespace: &str,
        goes_on: impl Fn(&Run) -> bool,
        is_wanted: impl Fn(&Run) -> bool,
    ) -> Answer<(Vec<WorkflowExecutionInfo>, Bytes)> {
        let name = &world.namespaces.get(namespace)?.name.name;
        let runs = world.listed(name, self.after);
        let runs = runs.take_while(|run| goes_on(run));
        let mut wanted = runs.filter(|run| is_wanted(run));
        let page: Vec<&Run> = wanted.by_ref().take(self.size).collect();
        let more = page.last().filter(|_| wanted.next().is_some());
        let token = more.map(|last| ListToken::of(last.place()));
        let executions = page.iter().map(|run| run.listed()).collect();
        Ok((executions, token.unwrap_or_default()))
    }
}

/// How many entries of a list are asked for: 1000 at most, and if the request does not say.
pub(super) fn page_size(asked: i32) -> usize {
    match usize::try_from(asked) {
        Ok(asked) if asked > 0 => asked.min(LONGEST_PAGE),
        _ => LONGEST_PAGE,
    }
}

/// The place of the last run of a page.
#[derive(Clone, PartialEq, Eq, Message)]
struct ListToken {
    #[prost(int64, optional, tag = "1")]
    closed: Option<i64>,
    #[prost(int64, optional, tag = "2")]
    started: Option<i64>,
    #[prost(uint32, tag = "3")]
    run: u32,
}

impl ListToken {
    fn of(place: Place) -> Bytes {
        let token = Self {
            closed: place.closed.map(|closed| closed.0.0),
            started: Some(place.started.0.0),
            run: place.run.0.0,
        };
        token.encode_to_vec().into()
    }

    /// Reads what a client sent back; `None` for the first page.
    fn read(bytes: &Bytes) -> Answer<Option<Place>> {
        if bytes.is_empty() {
            return Ok(None);
        }
        let token = Self::decode(bytes.clone()).unwrap_or_default();
        let started = token.started.ok_or_else(invalid_token)?;
        Ok(Some(Place {
            closed: token.closed.map(|closed| Reverse(Time(closed))),
            started: Reverse(Time(started)),
            run: Reverse(RunIndex(token.run)),
        }))
    }
}

pub(super) fn invalid_token() -> tonic::Status {
    invalid("Invalid NextPageToken.")
}

/// When the runs of a list began; both bounds belong to it.
struct StartTimes {
    earliest: Time,
    latest: Time,
}

impl StartTimes {
    fn new(filter: Option<StartTimeFilter>) -> Answer<Self> {
        let filter = filter.unwrap_or_default();
        let bound = |time: Option<_>, none| time.as_ref().map_or(none, Time::from_timestamp);
        let times = Self {
            earliest: bound(filter.earliest_time, Time(i64::MIN)),
            latest: bound(filter.latest_time, Time(i64::MAX)),
        };
        if times.earliest > times.latest {
            return Err(invalid(
                "EarliestTime in StartTimeFilter should not be larger than LatestTime.",
            ));
        }
        Ok(times)
    }

    fn contain(&self, run: &Run) -> bool {
        (self.earliest..=self.latest).contains(&run.start_time)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_places() {
        for closed in [None, Some(Reverse(Time(-7)))] {
            let place = Place {
                closed,
                started: Reverse(Time(0)),
                run: Reverse(RunIndex(0)),
            };
            assert_eq!(ListToken::read(&ListToken::of(place)).unwrap(), Some(place));
        }
        assert_eq!(ListToken::read(&Bytes::new()).unwrap(), None);
        for junk in [&b"junk"[..], &[0xff; 40], &[]] {
            let read = ListToken::read(&Bytes::copy_from_slice(junk));
            assert_eq!(read.is_err(), !junk.is_empty());
        }
    }
}
