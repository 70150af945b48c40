//! Resolves the names of a query, and checks its operators and values.

use durably_protos::temporal::api::enums::v1::IndexedValueType;

use super::QueryError;
use super::condition::{Comparison, Condition, Test, words};
use super::expr::{Expr, Is, Operator};
use super::operand::{Column, Operand};
use super::record::{Field, NAMESPACE_DIVISION};
use crate::server::search_attributes::{RESERVED_PREFIX, SearchAttributeRegistry, type_name};

/// Binds the expressions of one query.
pub(super) struct Binder<'a> {
    registry: &'a SearchAttributeRegistry,
    of_schedules: bool,
    names_division: bool,
}

impl<'a> Binder<'a> {
    pub(super) fn new(registry: &'a SearchAttributeRegistry) -> Self {
        Self {
            registry,
            of_schedules: false,
            names_division: false,
        }
    }

    /// For a query of schedules, which do not have what runs have.
    pub(super) fn for_schedules(registry: &'a SearchAttributeRegistry) -> Self {
        Self {
            of_schedules: true,
            ..Self::new(registry)
        }
    }

    /// Whether an expression named the namespace division.
    pub(super) fn names_division(&self) -> bool {
        self.names_division
    }

    pub(super) fn condition(&mut self, expr: &Expr) -> Result<Condition, QueryError> {
        match expr {
            Expr::And(list) => Ok(Condition::All(self.conditions(list)?)),
            Expr::Or(list) => Ok(Condition::Any(self.conditions(list)?)),
            Expr::Not(inner) => Ok(Condition::Not(Box::new(self.condition(inner)?))),
            Expr::Paren(inner) => self.condition(inner),
            Expr::Compare {
                left,
                operator,
                right,
            } => {
                let column = self.column(left)?;
                let test = compare(&column, *operator, right)?;
                Ok(Condition::Test {
                    field: column.field,
                    test,
                })
            }
            Expr::Between {
                left,
                negated,
                from,
                to,
            } => self.between(left, *negated, from, to),
            Expr::Is { operand, what } => self.is(operand, *what),
            Expr::Function => Err(not_supported("function expression")),
            Expr::Column(_) => Err(invalid("incomplete expression")),
            other => Err(not_supported(&format!(
                "expression of type {}",
                other.kind()
            ))),
        }
    }

    fn conditions(&mut self, list: &[Expr]) -> Result<Vec<Condition>, QueryError> {
        list.iter().map(|expr| self.condition(expr)).collect()
    }

    fn between(
        &mut self,
        left: &Expr,
        negated: bool,
        from: &Expr,
        to: &Expr,
    ) -> Result<Condition, QueryError> {
        let column = self.column(left)?;
        if matches!(
            column.value_type,
            IndexedValueType::Bool | IndexedValueType::Text | IndexedValueType::KeywordList
        ) {
            return Err(invalid(&format!(
                "cannot do range condition on search attribute '{}' of type {}",
                column.name,
                type_name(column.value_type)
            )));
        }
        let (from, to) = (column.operand(from)?, column.operand(to)?);
        Ok(Condition::Test {
            field: column.field,
            test: Test::Between { negated, from, to },
        })
    }

    fn is(&mut self, operand: &Expr, what: Is) -> Result<Condition, QueryError> {
        let column = self.column(operand)?;
        let test = match what {
            Is::Null => Test::IsNull,
            Is::NotNull => Test::IsNotNull,
            Is::Bool => {
                return Err(invalid(
                    "'IS' operator can only be used as 'IS NULL' or 'IS NOT NULL'",
                ));
            }
        };
        Ok(Condition::Test {
            field: column.field,
            test,
        })
    }

    /// The attribute that an expression names.
    pub(super) fn column(&mut self, expr: &Expr) -> Result<Column, QueryError> {
        let Expr::Column(name) = expr else {
            return Err(invalid(&format!(
                "must be a column name but was {}",
                expr.kind()
            )));
        };
        let (attribute, value_type) = self
            .resolve(name)
            .ok_or_else(|| QueryError::UnknownAttribute(name.clone()))?;
        if self.of_schedules && !self.is_of_schedules(name, &attribute) {
            return Err(QueryError::NotOfSchedules(name.clone()));
        }
        self.names_division |= attribute == NAMESPACE_DIVISION;
        Ok(Column {
            name: name.clone(),
            field: Field::of(&attribute),
            value_type,
        })
    }

    fn is_of_schedules(&self, name: &str, attribute: &str) -> bool {
        self.registry.custom().contains_key(attribute)
            || attribute == "TemporalSchedulePaused"
            || name.strip_prefix(RESERVED_PREFIX).unwrap_or(name) == "ScheduleId"
    }

    /// An attribute by its name, or with the prefix `Temporal` added or taken off. `ScheduleId` is the workflow id,
    /// unless there is a custom attribute of this name.
    fn resolve(&self, name: &str) -> Option<(String, IndexedValueType)> {
        let known = |name: String| {
            let value_type = self.registry.type_of(&name)?;
            Some((name, value_type))
        };
        known(name.to_owned())
            .or_else(|| {
                let plain = name.strip_prefix(RESERVED_PREFIX).unwrap_or(name);
                (plain == "ScheduleId").then(|| known("WorkflowId".to_owned()))?
            })
            .or_else(|| known(format!("{RESERVED_PREFIX}{name}")))
            .or_else(|| known(name.strip_prefix(RESERVED_PREFIX)?.to_owned()))
    }
}

fn compare(column: &Column, operator: Operator, right: &Expr) -> Result<Test, QueryError> {
    let operands = match right {
        Expr::Tuple(list) => list
            .iter()
            .map(|expr| column.operand(expr))
            .collect::<Result<_, _>>()?,
        single => vec![column.operand(single)?],
    };
    if !supports(column.value_type, operator) {
        return Err(not_supported(&format!(
            "operator '{}' not supported for {} type search attribute '{}'",
            operator.text(),
            type_name(column.value_type),
            column.name
        )));
    }
    let negated = matches!(
        operator,
        Operator::NotEqual | Operator::NotIn | Operator::NotStartsWith
    );
    let of_list = matches!(operator, Operator::In | Operator::NotIn);
    if !of_list && matches!(right, Expr::Tuple(_)) {
        return Err(invalid(&format!(
            "unexpected value type (expected one value for operator '{}', got a list)",
            operator.text()
        )));
    }
    if column.value_type == IndexedValueType::KeywordList {
        let items = operands
            .into_iter()
            .filter_map(Operand::into_text)
            .collect();
        return Ok(Test::HasItem { negated, items });
    }
    let (false, Some(operand)) = (of_list, operands.first().cloned()) else {
        return Ok(Test::OneOf { negated, operands });
    };
    let comparison = match operator {
        Operator::StartsWith | Operator::NotStartsWith => {
            return starts_with(negated, operand, right);
        }
        _ if column.value_type == IndexedValueType::Text => {
            return has_words(column, negated, &operand);
        }
        Operator::Equal => Comparison::Equal,
        Operator::Less => Comparison::Less,
        Operator::LessOrEqual => Comparison::LessOrEqual,
        Operator::Greater => Comparison::Greater,
        Operator::GreaterOrEqual => Comparison::GreaterOrEqual,
        _ => Comparison::NotEqual,
    };
    Ok(Test::Compare(comparison, operand))
}

fn starts_with(negated: bool, operand: Operand, right: &Expr) -> Result<Test, QueryError> {
    match operand {
        Operand::Text(prefix) => Ok(Test::StartsWith { negated, prefix }),
        // A status, whose name stands for a number.
        _ => {
            let got = match right {
                Expr::Text(text) | Expr::Integer(text) => text.as_str(),
                other => other.kind(),
            };
            Err(invalid(&format!(
                "right-hand side of \"starts_with\" operator must be a literal string (got: {got})"
            )))
        }
    }
}

/// Blanks part alternatives; what punctuation parts within one must come in sequence.
fn has_words(column: &Column, negated: bool, operand: &Operand) -> Result<Test, QueryError> {
    let alternatives: Vec<Vec<String>> = match operand {
        Operand::Text(text) => text
            .split(' ')
            .filter(|part| !part.is_empty())
            .map(words)
            .collect(),
        _ => Vec::new(),
    };
    if alternatives.is_empty() {
        return Err(invalid(&format!(
            "no tokens found filtering on Text type search attribute {}",
            column.name
        )));
    }
    Ok(Test::HasWords {
        negated,
        alternatives,
    })
}

fn supports(value_type: IndexedValueType, operator: Operator) -> bool {
    match operator {
        Operator::Equal | Operator::NotEqual => true,
        Operator::In | Operator::NotIn => value_type != IndexedValueType::Text,
        Operator::Less | Operator::LessOrEqual | Operator::Greater | Operator::GreaterOrEqual => {
            !matches!(
                value_type,
                IndexedValueType::Text | IndexedValueType::KeywordList
            )
        }
        Operator::StartsWith | Operator::NotStartsWith => value_type == IndexedValueType::Keyword,
        Operator::Other(_) => false,
    }
}

fn invalid(message: &str) -> QueryError {
    QueryError::InvalidExpression(message.to_owned())
}

fn not_supported(message: &str) -> QueryError {
    QueryError::NotSupported(message.to_owned())
}
