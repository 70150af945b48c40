//! The grammar.

use super::QueryError;
use super::expr::{Expr, Is, Operator, Select};
use super::token::{Token, TokenKind, Tokenizer};

/// The longest query in bytes.
const MAX_LENGTH: usize = 64 * 1024;

/// Parentheses and negations in each other. The real server allows twice as many; with these, the parser needs less
/// than half a megabyte of stack, in debug builds, too.
const MAX_NESTING: usize = 100;

/// What the real server puts before a condition; positions in errors count it.
const BEFORE_CONDITION: usize = "select * from table1 where ".len();
const BEFORE_CLAUSE: usize = "select * from table1 ".len();

/// Reads a query without the blanks around it.
pub(super) fn parse(text: &str) -> Result<Select, QueryError> {
    let text = text.trim();
    if text.len() > MAX_LENGTH {
        return Err(QueryError::Malformed(format!(
            "{} bytes are more than the {MAX_LENGTH} of a query",
            text.len()
        )));
    }
    let only_clauses = ["order by", "group by"].iter().any(|clause| {
        text.get(..clause.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(clause))
    });
    let mut parser = Parser::new(
        text,
        if only_clauses || text.is_empty() {
            BEFORE_CLAUSE
        } else {
            BEFORE_CONDITION
        },
    );
    let mut select = Select::default();
    if !only_clauses && !text.is_empty() {
        select.condition = Some(parser.expression()?);
    }
    parser.clauses(&mut select)?;
    Ok(select)
}

struct Parser<'a> {
    tokens: Tokenizer<'a>,
    next: Token,
    before: usize,
    nesting: usize,
}

impl<'a> Parser<'a> {
    fn new(text: &'a str, before: usize) -> Self {
        let mut tokens = Tokenizer::new(text);
        let next = tokens.next();
        Self {
            tokens,
            next,
            before,
            nesting: 0,
        }
    }

    /// `[GROUP BY …] [ORDER BY …] [LIMIT …] [;]`
    fn clauses(&mut self, select: &mut Select) -> Result<(), QueryError> {
        if self.take_word("group") {
            self.expect_word("by")?;
            select.group_by = self.list()?;
        }
        if self.take_word("order") {
            self.expect_word("by")?;
            loop {
                select.order_by.push(self.value()?);
                let _ = self.take_word("asc") || self.take_word("desc");
                if !self.take_symbol(",") {
                    break;
                }
            }
        }
        if self.take_word("limit") {
            select.limit = true;
            self.value()?;
            if self.take_symbol(",") {
                self.value()?;
            }
        }
        self.take_symbol(";");
        match self.next.kind {
            TokenKind::End => Ok(()),
            _ => Err(self.unexpected()),
        }
    }

    /// Conditions joined by `AND`, which binds tighter, and `OR`.
    fn expression(&mut self) -> Result<Expr, QueryError> {
        let mut alternatives = Vec::new();
        let mut conjuncts = Vec::new();
        loop {
            let mut negations = 0;
            while self.take_word("not") {
                self.enter()?;
                negations += 1;
            }
            let condition = self.condition()?;
            self.nesting -= negations;
            conjuncts.push((0..negations).fold(condition, |inner, _| Expr::Not(Box::new(inner))));
            if self.take_word("and") || self.take_symbol("&&") {
                continue;
            }
            alternatives.push(joined(conjuncts, Expr::And));
            if !(self.take_word("or") || self.take_symbol("||")) {
                return Ok(joined(alternatives, Expr::Or));
            }
            conjuncts = Vec::new();
        }
    }

    /// A comparison, or a value alone; then any number of `IS`.
    fn condition(&mut self) -> Result<Expr, QueryError> {
        let left = self.value()?;
        let mut condition = self.comparison(left)?;
        while self.take_word("is") {
            let not = self.take_word("not");
            let what = if self.take_word("null") {
                if not { Is::NotNull } else { Is::Null }
            } else if self.take_word("true") || self.take_word("false") {
                Is::Bool
            } else {
                return Err(self.unexpected());
            };
            condition = Expr::Is {
                operand: Box::new(condition),
                what,
            };
        }
        Ok(condition)
    }

    fn comparison(&mut self, left: Expr) -> Result<Expr, QueryError> {
        if let TokenKind::Symbol(symbol) = self.next.kind
            && let Some(operator) = comparison_symbol(symbol)
        {
            self.advance();
            let right = self.value()?;
            return Ok(compare(left, operator, right));
        }
        let not = self.take_word("not");
        let either = |plain, negated| if not { negated } else { plain };
        if self.take_word("in") {
            let right = Expr::Tuple(self.parenthesized_list()?);
            return Ok(compare(left, either(Operator::In, Operator::NotIn), right));
        }
        if self.take_word("between") {
            let from = Box::new(self.value()?);
            self.expect_word("and")?;
            let to = Box::new(self.value()?);
            return Ok(Expr::Between {
                left: Box::new(left),
                negated: not,
                from,
                to,
            });
        }
        let operator = if self.take_word("starts_with") {
            either(Operator::StartsWith, Operator::NotStartsWith)
        } else if self.take_word("like") {
            either(Operator::Other("LIKE"), Operator::Other("NOT LIKE"))
        } else if self.take_word("regexp") || self.take_word("rlike") {
            either(Operator::Other("REGEXP"), Operator::Other("NOT REGEXP"))
        } else if not {
            return Err(self.unexpected());
        } else {
            return Ok(left);
        };
        let right = self.value()?;
        if operator.text().ends_with("LIKE") && self.take_word("escape") {
            self.value()?;
        }
        Ok(compare(left, operator, right))
    }

    /// An operand, or arithmetic, which is read to be refused.
    fn value(&mut self) -> Result<Expr, QueryError> {
        let mut value = self.operand()?;
        while self.take_arithmetic() {
            self.operand()?;
            value = Expr::Binary;
        }
        Ok(value)
    }

    fn operand(&mut self) -> Result<Expr, QueryError> {
        let mut signs = Vec::new();
        while let TokenKind::Symbol(sign @ ("-" | "+" | "~" | "!")) = self.next.kind {
            self.enter()?;
            self.advance();
            signs.push(sign);
        }
        let operand = self.unsigned_operand()?;
        self.nesting -= signs.len();
        Ok(signs
            .into_iter()
            .rev()
            .fold(operand, |operand, sign| signed(sign, operand)))
    }

    fn unsigned_operand(&mut self) -> Result<Expr, QueryError> {
        let operand = match &self.next.kind {
            TokenKind::Text(text) => Expr::Text(text.clone()),
            TokenKind::Integer(digits) => Expr::Integer(digits.clone()),
            TokenKind::Number(number) => Expr::Number(number.clone()),
            TokenKind::Reserved(word) => match word.as_str() {
                "true" => Expr::Bool(true),
                "false" => Expr::Bool(false),
                "null" => Expr::Null,
                _ => return Err(self.unexpected()),
            },
            TokenKind::Name(name) => {
                let name = name.clone();
                return self.column_or_function(name);
            }
            TokenKind::Symbol("(") => {
                let mut list = self.parenthesized_list()?;
                return Ok(match list.pop() {
                    Some(only) if list.is_empty() => Expr::Paren(Box::new(only)),
                    last => Expr::Tuple(list.into_iter().chain(last).collect()),
                });
            }
            _ => return Err(self.unexpected()),
        };
        self.advance();
        Ok(operand)
    }

    /// `name`, `table.name`, or `name(…)`.
    fn column_or_function(&mut self, mut name: String) -> Result<Expr, QueryError> {
        self.advance();
        while self.take_symbol(".") {
            let (TokenKind::Name(part) | TokenKind::Reserved(part)) = &self.next.kind else {
                return Err(self.unexpected());
            };
            name = format!("{name}.{part}");
            self.advance();
        }
        if self.next.kind != TokenKind::Symbol("(") {
            return Ok(Expr::Column(name));
        }
        self.enter()?;
        self.advance();
        if !self.take_symbol(")") {
            if !self.take_symbol("*") {
                self.list()?;
            }
            self.expect_symbol(")")?;
        }
        self.nesting -= 1;
        Ok(Expr::Function)
    }

    /// `(expression, …)`
    fn parenthesized_list(&mut self) -> Result<Vec<Expr>, QueryError> {
        if self.next.kind == TokenKind::Symbol("(") {
            self.enter()?;
        }
        self.expect_symbol("(")?;
        let list = self.list()?;
        self.expect_symbol(")")?;
        self.nesting -= 1;
        Ok(list)
    }

    fn list(&mut self) -> Result<Vec<Expr>, QueryError> {
        let mut list = vec![self.expression()?];
        while self.take_symbol(",") {
            list.push(self.expression()?);
        }
        Ok(list)
    }

    fn advance(&mut self) {
        self.next = self.tokens.next();
    }

    fn enter(&mut self) -> Result<(), QueryError> {
        self.nesting += 1;
        if self.nesting < MAX_NESTING {
            return Ok(());
        }
        let position = self.before + self.next.end + 1;
        Err(QueryError::Malformed(format!(
            "max nesting level reached at position {position}"
        )))
    }

    fn take_word(&mut self, word: &str) -> bool {
        let taken = matches!(&self.next.kind, TokenKind::Reserved(next) if next == word);
        if taken {
            self.advance();
        }
        taken
    }

    fn take_symbol(&mut self, symbol: &str) -> bool {
        let taken = matches!(self.next.kind, TokenKind::Symbol(next) if next == symbol);
        if taken {
            self.advance();
        }
        taken
    }

    fn take_arithmetic(&mut self) -> bool {
        [
            "+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>", "->", "->>",
        ]
        .iter()
        .any(|symbol| self.take_symbol(symbol))
            || self.take_word("div")
            || self.take_word("mod")
    }

    fn expect_word(&mut self, word: &str) -> Result<(), QueryError> {
        if self.take_word(word) {
            Ok(())
        } else {
            Err(self.unexpected())
        }
    }

    fn expect_symbol(&mut self, symbol: &str) -> Result<(), QueryError> {
        if self.take_symbol(symbol) {
            Ok(())
        } else {
            Err(self.unexpected())
        }
    }

    /// The next token is not what the grammar allows here.
    fn unexpected(&self) -> QueryError {
        let position = self.before + self.next.end + 1;
        let near = match &self.next.kind {
            TokenKind::Reserved(text)
            | TokenKind::Name(text)
            | TokenKind::Text(text)
            | TokenKind::Integer(text)
            | TokenKind::Number(text)
            | TokenKind::Invalid(text) => text.as_str(),
            TokenKind::Symbol(_) | TokenKind::End => "",
        };
        let near = if near.is_empty() {
            String::new()
        } else {
            format!(" near '{near}'")
        };
        QueryError::Malformed(format!("syntax error at position {position}{near}"))
    }
}

/// A literal with a sign before it; two negations of an integer undo each other.
fn signed(sign: &'static str, operand: Expr) -> Expr {
    match (sign, operand) {
        ("+", literal @ (Expr::Integer(_) | Expr::Number(_))) => literal,
        ("-", Expr::Integer(digits)) => Expr::Integer(match digits.strip_prefix('-') {
            Some(digits) => digits.to_owned(),
            None => format!("-{digits}"),
        }),
        ("-", Expr::Number(number)) if !number.starts_with('-') => {
            Expr::Number(format!("-{number}"))
        }
        _ => Expr::Unary(sign),
    }
}

/// One expression stays itself.
fn joined(mut list: Vec<Expr>, join: impl FnOnce(Vec<Expr>) -> Expr) -> Expr {
    match list.pop() {
        Some(only) if list.is_empty() => only,
        last => join(list.into_iter().chain(last).collect()),
    }
}

fn compare(left: Expr, operator: Operator, right: Expr) -> Expr {
    Expr::Compare {
        left: Box::new(left),
        operator,
        right: Box::new(right),
    }
}

fn comparison_symbol(symbol: &str) -> Option<Operator> {
    Some(match symbol {
        "=" => Operator::Equal,
        "!=" | "<>" => Operator::NotEqual,
        "<" => Operator::Less,
        "<=" => Operator::LessOrEqual,
        ">" => Operator::Greater,
        ">=" => Operator::GreaterOrEqual,
        "<=>" => Operator::Other("<=>"),
        _ => return None,
    })
}
