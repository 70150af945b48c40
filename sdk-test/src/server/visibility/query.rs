//! A query of a list or a count.

use std::collections::BTreeMap;

use durably_protos::temporal::api::common::v1::Payload;
use durably_protos::temporal::api::enums::v1::IndexedValueType;

use super::bind::Binder;
use super::condition::Condition;
use super::expr::Expr;
use super::operand::status_name;
use super::parser::parse;
use super::record::{Field, NAMESPACE_DIVISION};
use super::{QueryError, VisibilityRecord};
use crate::server::search_attributes::{SearchAttributeRegistry, type_name};

/// A query that was checked against the search attributes of its namespace.
#[derive(Clone, Debug)]
pub(crate) struct Query {
    condition: Option<Condition>,
    /// Whether the query names the namespace division; if not, only runs without one match.
    names_division: bool,
    group_by: Option<GroupBy>,
}

/// What counts can be grouped by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum GroupBy {
    ExecutionStatus,
    NamespaceDivision,
}

/// How many records match a query.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tally {
    pub(crate) count: i64,
    /// With `GROUP BY`: the value that the records of a group have in common, as `AggregationGroup.group_values` has
    /// it, and how many there are.
    pub(crate) groups: Vec<(Payload, i64)>,
}

impl Query {
    /// Reads `text`; an empty one matches every run.
    pub(crate) fn parse(
        text: &str,
        registry: &SearchAttributeRegistry,
    ) -> Result<Self, QueryError> {
        Self::bind(text, Binder::new(registry))
    }

    /// Reads `text` as a query of schedules, which may name custom attributes, `ScheduleId` and
    /// `TemporalSchedulePaused`. The workflow id of a schedule's record is its id.
    pub(crate) fn parse_for_schedules(
        text: &str,
        registry: &SearchAttributeRegistry,
    ) -> Result<Self, QueryError> {
        Self::bind(text, Binder::for_schedules(registry))
    }

    fn bind(text: &str, mut binder: Binder<'_>) -> Result<Self, QueryError> {
        let select = parse(text)?;
        let not_supported = |message: &str| Err(QueryError::NotSupported(message.to_owned()));
        if select.limit {
            return not_supported("'LIMIT' clause");
        }
        let condition = select
            .condition
            .as_ref()
            .map(|expr| binder.condition(expr))
            .transpose()?;
        let group_by = match &select.group_by[..] {
            [] => None,
            [only] => Some(group_by(&mut binder, only)?),
            _ => return not_supported("'GROUP BY' clause supports only a single field"),
        };
        for expr in &select.order_by {
            binder.column(expr)?;
        }
        if !select.order_by.is_empty() {
            return not_supported("'ORDER BY' clause");
        }
        Ok(Self {
            condition,
            names_division: binder.names_division(),
            group_by,
        })
    }

    /// Whether the query names this run.
    pub(crate) fn matches(&self, record: &VisibilityRecord<'_>) -> bool {
        let visible = self.names_division || record.namespace_division().is_none();
        let holds = self
            .condition
            .as_ref()
            .is_none_or(|condition| condition.holds(record) == Some(true));
        visible && holds
    }

    /// Counts the records that match, in the groups that the query asks for.
    pub(crate) fn count<'a>(
        &self,
        records: impl IntoIterator<Item = VisibilityRecord<'a>>,
    ) -> Tally {
        let mut groups: BTreeMap<(i32, String), i64> = BTreeMap::new();
        let mut count = 0;
        let matching = records.into_iter().filter(|record| self.matches(record));
        for record in matching {
            count += 1;
            if let Some(group_by) = self.group_by {
                *groups.entry(group_by.group(&record)).or_default() += 1;
            }
        }
        let groups = groups
            .into_iter()
            .map(|((_, value), count)| (keyword_payload(&value), count))
            .collect();
        Tally { count, groups }
    }
}

impl GroupBy {
    /// The place of the record's group among the others, and its name.
    fn group(self, record: &VisibilityRecord<'_>) -> (i32, String) {
        match self {
            Self::ExecutionStatus => (record.status.into(), status_name(record.status)),
            Self::NamespaceDivision => (
                0,
                record.namespace_division().unwrap_or_default().to_owned(),
            ),
        }
    }
}

fn group_by(binder: &mut Binder<'_>, expr: &Expr) -> Result<GroupBy, QueryError> {
    let column = binder.column(expr)?;
    match &column.field {
        Field::ExecutionStatus => Ok(GroupBy::ExecutionStatus),
        Field::Stored(name) if name == NAMESPACE_DIVISION => Ok(GroupBy::NamespaceDivision),
        _ => Err(QueryError::NotSupported(format!(
            "'GROUP BY' clause is not supported for search attribute {}",
            column.name
        ))),
    }
}

fn keyword_payload(value: &str) -> Payload {
    let metadata = [
        ("encoding", "json/plain"),
        ("type", type_name(IndexedValueType::Keyword)),
    ];
    Payload {
        metadata: metadata
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value.into()))
            .collect(),
        data: serde_json::Value::from(value).to_string().into(),
        ..Payload::default()
    }
}
