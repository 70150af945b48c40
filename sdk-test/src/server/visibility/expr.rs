//! What the grammar makes of a query.

/// An expression. Chains of `AND` and `OR` are flat, so that only parentheses and `NOT` nest.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Expr {
    And(Vec<Self>),
    Or(Vec<Self>),
    Not(Box<Self>),
    Paren(Box<Self>),
    Compare {
        left: Box<Self>,
        operator: Operator,
        right: Box<Self>,
    },
    Between {
        left: Box<Self>,
        negated: bool,
        from: Box<Self>,
        to: Box<Self>,
    },
    Is {
        operand: Box<Self>,
        what: Is,
    },
    Column(String),
    Text(String),
    /// An integer with its sign.
    Integer(String),
    /// Any other literal, as written, with its sign.
    Number(String),
    Bool(bool),
    Null,
    Tuple(Vec<Self>),
    Function,
    Binary,
    /// A sign that no literal takes.
    Unary(&'static str),
}

/// What follows `IS`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Is {
    Null,
    NotNull,
    /// `TRUE` or `FALSE`, which no attribute takes.
    Bool,
}

/// The operators of comparisons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    In,
    NotIn,
    StartsWith,
    NotStartsWith,
    /// One that no attribute takes, such as `LIKE`.
    Other(&'static str),
}

impl Operator {
    /// How errors write it.
    pub(super) fn text(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::In => "IN",
            Self::NotIn => "NOT IN",
            Self::StartsWith => "STARTS_WITH",
            Self::NotStartsWith => "NOT STARTS_WITH",
            Self::Other(text) => text,
        }
    }
}

impl Expr {
    /// What the real server's errors call this kind of expression: the type of its parser.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::And(_) => "*sqlparser.AndExpr",
            Self::Or(_) => "*sqlparser.OrExpr",
            Self::Not(_) => "*sqlparser.NotExpr",
            Self::Paren(_) => "*sqlparser.ParenExpr",
            Self::Compare { .. } => "*sqlparser.ComparisonExpr",
            Self::Between { .. } => "*sqlparser.RangeCond",
            Self::Is { .. } => "*sqlparser.IsExpr",
            Self::Column(_) => "*sqlparser.ColName",
            Self::Text(_) | Self::Integer(_) | Self::Number(_) => "*sqlparser.SQLVal",
            Self::Bool(_) => "sqlparser.BoolVal",
            Self::Null => "*sqlparser.NullVal",
            Self::Tuple(_) => "sqlparser.ValTuple",
            Self::Function => "*sqlparser.FuncExpr",
            Self::Binary => "*sqlparser.BinaryExpr",
            Self::Unary(_) => "*sqlparser.UnaryExpr",
        }
    }
}

/// A query: its condition, and the clauses after it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Select {
    pub(super) condition: Option<Expr>,
    pub(super) group_by: Vec<Expr>,
    pub(super) order_by: Vec<Expr>,
    pub(super) limit: bool,
}
