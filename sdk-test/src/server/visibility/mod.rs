//! Which runs a list query names.
//!
//! ```text
//!   text --token--> tokens --parser--> Expr --bind--> Condition --eval--> matches(VisibilityRecord)
//! ```
//!
//! The language is that of the real server: comparisons of search attributes, joined by `AND`, `OR`, `NOT` and
//! parentheses, and `GROUP BY ExecutionStatus` for counts. It is the `WHERE` of an SQL dialect, so words of SQL are
//! not names: an attribute called `Order` must be written with back-ticks. The texts of errors are those of server
//! 1.32.0 with its SQL store, and so is what they call things: positions count from before the `where` that it puts
//! in front, types of expressions are those of its parser.

mod bind;
mod condition;
mod error;
mod eval;
mod expr;
mod operand;
mod parser;
mod query;
mod record;
mod stored;
#[cfg(test)]
mod tests;
mod token;
mod word;

pub(crate) use error::QueryError;
pub(crate) use query::Query;
pub(crate) use record::VisibilityRecord;
pub(crate) use stored::StoredAttributes;
