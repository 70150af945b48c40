//! Lists and counts of schedules.

use bytes::Bytes;
use durably_protos::temporal::api::enums::v1::WorkflowExecutionStatus;
use durably_protos::temporal::api::schedule::v1::ScheduleListEntry;
use durably_protos::temporal::api::workflowservice::v1::count_schedules_response::AggregationGroup;
use durably_protos::temporal::api::workflowservice::v1::{
    CountSchedulesRequest, CountSchedulesResponse, ListSchedulesRequest, ListSchedulesResponse,
};

use super::visibility::{invalid_token, page_size, refused};
use crate::server::refusal::Answer;
use crate::server::search_attributes::{SearchAttributeRegistry, SearchAttributeValue};
use crate::server::visibility::{Query, VisibilityRecord};
use crate::server::world::{Scheduled, World};

pub(super) fn list(
    world: &mut World,
    request: ListSchedulesRequest,
) -> Answer<ListSchedulesResponse> {
    let namespace = world.namespaces.get(&request.namespace)?;
    let registry = &namespace.search_attributes;
    let query = Query::parse_for_schedules(&request.query, registry).map_err(refused)?;
    let before = read_token(&request.next_page_token)?;
    let schedules = world.schedules.of_namespace(&namespace.name.name, before);
    let mut matching =
        schedules.filter(|(_, schedule)| query.matches(&schedule.visibility_record(registry)));
    let size = page_size(request.maximum_page_size);
    let page: Vec<(u64, &Scheduled)> = matching.by_ref().take(size).collect();
    let more = page.last().filter(|_| matching.next().is_some());
    let token = more.map(|(last, _)| Bytes::copy_from_slice(&last.to_be_bytes()));
    Ok(ListSchedulesResponse {
        schedules: page.iter().map(|(_, schedule)| schedule.entry()).collect(),
        next_page_token: token.unwrap_or_default(),
    })
}

/// The number of the last schedule of the page before.
fn read_token(token: &Bytes) -> Answer<Option<u64>> {
    if token.is_empty() {
        return Ok(None);
    }
    let number = <[u8; 8]>::try_from(&token[..]).map_err(|_| invalid_token())?;
    Ok(Some(u64::from_be_bytes(number)))
}

pub(super) fn count(
    world: &mut World,
    request: CountSchedulesRequest,
) -> Answer<CountSchedulesResponse> {
    let namespace = world.namespaces.get(&request.namespace)?;
    let registry = &namespace.search_attributes;
    let query = Query::parse_for_schedules(&request.query, registry).map_err(refused)?;
    let schedules = world.schedules.of_namespace(&namespace.name.name, None);
    let tally = query.count(schedules.map(|(_, schedule)| schedule.visibility_record(registry)));
    let groups = tally.groups.into_iter();
    Ok(CountSchedulesResponse {
        count: tally.count,
        groups: groups
            .map(|(value, count)| AggregationGroup {
                group_values: vec![value],
                count,
            })
            .collect(),
    })
}

impl Scheduled {
    fn entry(&self) -> ScheduleListEntry {
        ScheduleListEntry {
            schedule_id: self.schedule_id.to_string(),
            memo: Some(self.memo.clone()),
            search_attributes: Some(self.search_attributes.clone())
                .filter(|attributes| !attributes.indexed_fields.is_empty()),
            info: Some(self.state.list_info()),
        }
    }

    /// The schedule as queries see it: its id as the workflow id, and attributes.
    fn visibility_record(&self, registry: &SearchAttributeRegistry) -> VisibilityRecord<'_> {
        let mut values = registry.values(&self.search_attributes);
        let settings = self.state.schedule().state.as_ref();
        let is_paused = settings.is_some_and(|settings| settings.paused);
        values.insert(
            "TemporalSchedulePaused".to_owned(),
            SearchAttributeValue::Bool(is_paused),
        );
        let schedule_id = || (&*self.schedule_id).into();
        VisibilityRecord {
            workflow_id: schedule_id(),
            run_id: schedule_id(),
            workflow_type: "".into(),
            task_queue: "".into(),
            status: WorkflowExecutionStatus::Running,
            start_time: self.created.jiff(),
            execution_time: self.created.jiff(),
            close_time: None,
            history_length: 0,
            history_size_bytes: 0,
            state_transition_count: 0,
            parent_workflow_id: None,
            parent_run_id: None,
            root_workflow_id: schedule_id(),
            root_run_id: schedule_id(),
            search_attributes: values.into(),
        }
    }
}
