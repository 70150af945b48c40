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

/// A group of a count.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct CountGroup {
    /// The value that its runs have in common, as `AggregationGroup.group_values` has it.
    pub(crate) value: Payload,
    /// How many runs it has.
    pub(crate) count: i64,
}

impl Query {
    /// Reads `text`; an empty one matches every run.
    pub(crate) fn parse(
        text: &str,
        registry: &SearchAttributeRegistry,
    ) -> Result<Self, QueryError> {
        let select = parse(text)?;
        let not_supported = |message: &str| Err(QueryError::NotSupported(message.to_owned()));
        if select.limit {
            return not_supported("'LIMIT' clause");
        }
        let mut binder = Binder::new(registry);
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
    pub(crate) fn matches(&self, record: &VisibilityRecord) -> bool {
        let visible = self.names_division || record.namespace_division().is_none();
        let holds = self
            .condition
            .as_ref()
            .is_none_or(|condition| condition.holds(record) == Some(true));
        visible && holds
    }

    /// Counts runs, which must match, in the groups that the query asks for; without `GROUP BY` there are none.
    pub(crate) fn groups<'a>(
        &self,
        matching: impl IntoIterator<Item = &'a VisibilityRecord>,
    ) -> Vec<CountGroup> {
        let Some(group_by) = self.group_by else {
            return Vec::new();
        };
        let mut counts: BTreeMap<(i32, String), i64> = BTreeMap::new();
        for record in matching {
            let group = match group_by {
                GroupBy::ExecutionStatus => (record.status.into(), status_name(record.status)),
                GroupBy::NamespaceDivision => (
                    0,
                    record.namespace_division().unwrap_or_default().to_owned(),
                ),
            };
            *counts.entry(group).or_default() += 1;
        }
        counts
            .into_iter()
            .map(|((_, value), count)| CountGroup {
                value: keyword_payload(&value),
                count,
            })
            .collect()
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
