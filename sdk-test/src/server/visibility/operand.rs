//! Values that a query compares with.

use durably_protos::temporal::api::enums::v1::{IndexedValueType, WorkflowExecutionStatus};
use jiff::Timestamp;

use super::QueryError;
use super::expr::Expr;
use super::record::Field;
use crate::server::search_attributes::type_name;
use crate::server::text::{float_text, parse_duration, parse_hours_minutes_seconds, parse_rfc3339};

/// A value of the type of the attribute that it is compared with.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Operand {
    Bool(bool),
    Int(i64),
    Double(f64),
    Time(Timestamp),
    Text(String),
}

impl Operand {
    pub(super) fn into_text(self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// The attribute on the left of an operator.
#[derive(Clone, Debug)]
pub(super) struct Column {
    /// As written in the query.
    pub(super) name: String,
    pub(super) field: Field,
    pub(super) value_type: IndexedValueType,
}

impl Column {
    /// The value of one expression on the right; lists are refused.
    pub(super) fn operand(&self, expr: &Expr) -> Result<Operand, QueryError> {
        self.typed(literal(expr)?)
    }

    fn typed(&self, literal: Literal) -> Result<Operand, QueryError> {
        let wrong_type = || {
            QueryError::InvalidExpression(format!(
                "invalid value type for search attribute {} of type {}: {} (type: {})",
                self.name,
                type_name(self.value_type),
                literal.text(),
                literal.type_name(),
            ))
        };
        match (&self.field, &literal) {
            (_, Literal::Bool(value)) => match self.value_type {
                IndexedValueType::Bool => Ok(Operand::Bool(*value)),
                _ => Err(wrong_type()),
            },
            (Field::ExecutionStatus, literal) => status(literal),
            (Field::ExecutionDuration, literal) => duration(literal),
            (_, literal) => match (self.value_type, literal) {
                (IndexedValueType::Int | IndexedValueType::Double, Literal::Int(value)) => {
                    Ok(Operand::Int(*value))
                }
                (IndexedValueType::Int | IndexedValueType::Double, Literal::Double(value)) => {
                    Ok(Operand::Double(*value))
                }
                (IndexedValueType::Datetime, Literal::Int(nanoseconds)) => {
                    let time = Timestamp::from_nanosecond(i128::from(*nanoseconds));
                    Ok(Operand::Time(time.unwrap_or(Timestamp::MAX)))
                }
                (IndexedValueType::Datetime, Literal::Text(text)) => parse_rfc3339(text)
                    .map(Operand::Time)
                    .ok_or_else(|| invalid(format!("unable to parse datetime '{text}'"))),
                (
                    IndexedValueType::Keyword
                    | IndexedValueType::KeywordList
                    | IndexedValueType::Text,
                    Literal::Text(text),
                ) => Ok(Operand::Text(text.clone())),
                _ => Err(wrong_type()),
            },
        }
    }
}

/// A value as the query writes it.
enum Literal {
    Text(String),
    Int(i64),
    Double(f64),
    Bool(bool),
}

impl Literal {
    fn text(&self) -> String {
        match self {
            Self::Text(text) => format!("{text:?}"),
            Self::Int(value) => value.to_string(),
            Self::Double(value) => float_text(*value),
            Self::Bool(value) => value.to_string(),
        }
    }

    fn type_name(&self) -> &'static str {
        match self {
            Self::Text(_) => "string",
            Self::Int(_) => "int64",
            Self::Double(_) => "float64",
            Self::Bool(_) => "bool",
        }
    }
}

fn literal(expr: &Expr) -> Result<Literal, QueryError> {
    match expr {
        Expr::Text(text) => Ok(Literal::Text(text.clone())),
        Expr::Bool(value) => Ok(Literal::Bool(*value)),
        Expr::Integer(digits) | Expr::Number(digits) => number(digits),
        Expr::Function => Err(QueryError::NotSupported("nested func".to_owned())),
        Expr::Column(name) => Err(QueryError::NotSupported(format!(
            "column name on the right side of comparison expression (did you forget to quote {name:?}?)"
        ))),
        Expr::Unary(sign) => Err(QueryError::NotSupported(format!("unary operator {sign:?}"))),
        other => Err(invalid(format!("unexpected value type {}", other.kind()))),
    }
}

/// An integer, or else a float.
fn number(text: &str) -> Result<Literal, QueryError> {
    if let Ok(value) = text.parse() {
        return Ok(Literal::Int(value));
    }
    match text.parse() {
        Ok(value) if f64::is_finite(value) => Ok(Literal::Double(value)),
        _ => {
            let unsigned = text.trim_start_matches('-');
            Err(invalid(format!("unable to parse value {unsigned:?}")))
        }
    }
}

/// A status by its name, short or as in the protocol, or by its number.
fn status(literal: &Literal) -> Result<Operand, QueryError> {
    let status = match literal {
        Literal::Int(number) => i32::try_from(*number)
            .ok()
            .and_then(|number| WorkflowExecutionStatus::try_from(number).ok())
            .ok_or_else(|| invalid(format!("invalid ExecutionStatus value {number}")))?,
        Literal::Text(name) => status_by_name(name)
            .ok_or_else(|| invalid(format!("invalid ExecutionStatus value '{name}'")))?,
        other => return Err(unexpected_type(other, "ExecutionStatus")),
    };
    Ok(Operand::Int(i32::from(status).into()))
}

fn status_by_name(name: &str) -> Option<WorkflowExecutionStatus> {
    (0..=MAX_STATUS)
        .filter_map(|number| WorkflowExecutionStatus::try_from(number).ok())
        .find(|status| status.as_str_name() == name || status_name(*status) == name)
}

/// Beyond the numbers of all statuses.
const MAX_STATUS: i32 = 32;

/// The short name of a status, such as `ContinuedAsNew`.
pub(super) fn status_name(status: WorkflowExecutionStatus) -> String {
    let name = status
        .as_str_name()
        .trim_start_matches("WORKFLOW_EXECUTION_STATUS_");
    name.split('_')
        .map(|word| format!("{}{}", &word[..1], word[1..].to_ascii_lowercase()))
        .collect()
}

/// Nanoseconds: a number of them, `1h30m`, or `01:30:00`.
fn duration(literal: &Literal) -> Result<Operand, QueryError> {
    let nanoseconds = match literal {
        Literal::Int(nanoseconds) => *nanoseconds,
        Literal::Text(text) => {
            let parsed = text.parse().ok().or_else(|| parse_duration(text).ok());
            parsed
                .or_else(|| parse_hours_minutes_seconds(text))
                .ok_or_else(|| {
                    invalid(format!(
                        "invalid duration value for search attribute ExecutionDuration: {text}"
                    ))
                })?
        }
        other => return Err(unexpected_type(other, "ExecutionDuration")),
    };
    Ok(Operand::Int(nanoseconds))
}

fn unexpected_type(literal: &Literal, attribute: &str) -> QueryError {
    invalid(format!(
        "unexpected value type {} for search attribute {attribute}",
        literal.type_name()
    ))
}

fn invalid(message: String) -> QueryError {
    QueryError::InvalidExpression(message)
}
