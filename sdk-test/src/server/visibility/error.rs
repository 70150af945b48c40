//! Why a query is refused.

/// A query that cannot be answered; the message of `INVALID_ARGUMENT`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum QueryError {
    /// It does not follow the grammar.
    #[error("invalid query: malformed SQL query: {0}")]
    Malformed(String),
    /// The grammar has it, but list queries do not.
    #[error("invalid query: operation is not supported: {0}")]
    NotSupported(String),
    /// An expression does not fit its search attribute.
    #[error("invalid query: invalid expression: {0}")]
    InvalidExpression(String),
    /// The namespace has no such search attribute.
    #[error("invalid query: invalid search attribute: {0}")]
    UnknownAttribute(String),
    /// Schedules do not have this attribute.
    #[error("invalid query filter for schedules: cannot filter on \"{0}\"")]
    NotOfSchedules(String),
}
