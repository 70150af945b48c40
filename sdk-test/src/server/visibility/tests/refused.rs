//! Queries that are refused.

use super::registry;
use crate::server::visibility::Query;

fn error(text: &str) -> String {
    match Query::parse(text, &registry()) {
        Ok(_) => panic!("{text:?} was accepted"),
        Err(error) => error
            .to_string()
            .strip_prefix("invalid query: ")
            .expect("all messages begin so")
            .to_owned(),
    }
}

/// `bad value | message` lines, without the blanks around them.
fn check(table: &str) {
    for line in table.trim().lines() {
        let (text, expected) = line.split_once(" => ").expect("a line has two parts");
        assert_eq!(error(text.trim()), expected.trim(), "{text}");
    }
}

#[test]
fn syntax_errors_tell_their_position() {
    check(
        r#"
OrderStatus IN () => malformed SQL query: syntax error at position 45
OrderStatus IN 'new' => malformed SQL query: syntax error at position 48 near 'new'
OrderStatus is => malformed SQL query: syntax error at position 42
WorkflowId = 'v-a' xor WorkflowId = 'v-b' => malformed SQL query: syntax error at position 50 near 'xor'
WorkflowId = 'v-a => malformed SQL query: syntax error at position 45 near 'v-a'
WorkflowId = => malformed SQL query: syntax error at position 40
= 'x' => malformed SQL query: syntax error at position 29
(WorkflowId = 'v-a' => malformed SQL query: syntax error at position 47
WorkflowId = 'v-a') => malformed SQL query: syntax error at position 47
WorkflowId = 'v-a' and => malformed SQL query: syntax error at position 50
WorkflowId = 'v-a' WorkflowId = 'v-b' => malformed SQL query: syntax error at position 57 near 'WorkflowId'
WorkflowId == 'v-a' => malformed SQL query: syntax error at position 41
WorkflowId > = 'x' => malformed SQL query: syntax error at position 42
WorkflowId in ('a',) => malformed SQL query: syntax error at position 48
limit 5 => malformed SQL query: syntax error at position 33 near 'limit'
having x => malformed SQL query: syntax error at position 34 near 'having'
where WorkflowId = 'v-a' => malformed SQL query: syntax error at position 33 near 'where'
select * from x => malformed SQL query: syntax error at position 34 near 'select'
WorkflowId = 'v-a' and () => malformed SQL query: syntax error at position 53
a b => malformed SQL query: syntax error at position 31 near 'b'
WorkflowId isnull => malformed SQL query: syntax error at position 45 near 'isnull'
é = 'x' => malformed SQL query: syntax error at position 30 near 'é'
group   by ExecutionStatus => malformed SQL query: syntax error at position 33 near 'group'
group by ExecutionStatus desc => malformed SQL query: syntax error at position 51 near 'desc'
Order = 1 => malformed SQL query: syntax error at position 33 near 'order'
Key='a' => malformed SQL query: syntax error at position 31 near 'key'
Boolean = 1 => malformed SQL query: syntax error at position 35 near 'boolean'
OrderStatus in 5 => malformed SQL query: syntax error at position 44 near '5'
MyInt = --5 => malformed SQL query: syntax error at position 39
MyInt = 5a => malformed SQL query: syntax error at position 37 near '5'
MyInt = 1 = 1 => malformed SQL query: syntax error at position 39
MyInt /* c => malformed SQL query: syntax error at position 38 near '/* c'
MyInt = 1; MyInt = 2 => malformed SQL query: syntax error at position 44 near 'MyInt'
((( => malformed SQL query: syntax error at position 31
MyInt not 5 => malformed SQL query: syntax error at position 39 near '5'
MyInt = not 5 => malformed SQL query: syntax error at position 39 near 'not'
MyInt in (1,2) order by => malformed SQL query: syntax error at position 51
`` = 'x' => malformed SQL query: syntax error at position 30
`a='x' => malformed SQL query: syntax error at position 34 near 'a='x''
"#,
    );
}

#[test]
fn values_must_fit_their_attribute() {
    check(
        r#"
OrderStatus = 5 => invalid expression: invalid value type for search attribute OrderStatus of type Keyword: 5 (type: int64)
OrderStatus = true => invalid expression: invalid value type for search attribute OrderStatus of type Keyword: true (type: bool)
OrderStatus = 1000000.5 => invalid expression: invalid value type for search attribute OrderStatus of type Keyword: 1.0000005e+06 (type: float64)
OrderStatus = 0.00001 => invalid expression: invalid value type for search attribute OrderStatus of type Keyword: 1e-05 (type: float64)
OrderStatus STARTS_WITH 5 => invalid expression: invalid value type for search attribute OrderStatus of type Keyword: 5 (type: int64)
OrderStatus = null => invalid expression: unexpected value type *sqlparser.NullVal
OrderStatus not in (null) => invalid expression: unexpected value type *sqlparser.NullVal
OrderCents = '5' => invalid expression: invalid value type for search attribute OrderCents of type Int: "5" (type: string)
OrderCents in (5, 'x') => invalid expression: invalid value type for search attribute OrderCents of type Int: "x" (type: string)
OrderCents = true => invalid expression: invalid value type for search attribute OrderCents of type Int: true (type: bool)
OrderCents = 0x10 => invalid expression: unable to parse value "0x10"
OrderCents = 5 + 1 => invalid expression: unexpected value type *sqlparser.BinaryExpr
OrderCents = ~5 => operation is not supported: unary operator "~"
MyDouble > -0x10 => invalid expression: unable to parse value "0x10"
MyBool = 'true' => invalid expression: invalid value type for search attribute MyBool of type Bool: "true" (type: string)
MyBool = 1 => invalid expression: invalid value type for search attribute MyBool of type Bool: 1 (type: int64)
MyTime < '2024-06-01' => invalid expression: unable to parse datetime '2024-06-01'
MyTime > 1704164645.5 => invalid expression: invalid value type for search attribute MyTime of type Datetime: 1.7041646455e+09 (type: float64)
MyTime = true => invalid expression: invalid value type for search attribute MyTime of type Datetime: true (type: bool)
StartTime > '2020-01-01 00:00:00' => invalid expression: unable to parse datetime '2020-01-01 00:00:00'
StartTime > 9223372036854775808 => invalid expression: invalid value type for search attribute StartTime of type Datetime: 9.223372036854776e+18 (type: float64)
MyText = '' => invalid expression: no tokens found filtering on Text type search attribute MyText
ExecutionStatus = 'running' => invalid expression: invalid ExecutionStatus value 'running'
ExecutionStatus = '1' => invalid expression: invalid ExecutionStatus value '1'
ExecutionStatus = 99 => invalid expression: invalid ExecutionStatus value 99
ExecutionStatus = 1.5 => invalid expression: unexpected value type float64 for search attribute ExecutionStatus
ExecutionStatus = true => invalid expression: invalid value type for search attribute ExecutionStatus of type Keyword: true (type: bool)
ExecutionStatus starts_with 'Running' => invalid expression: right-hand side of "starts_with" operator must be a literal string (got: Running)
ExecutionDuration < 'x' => invalid expression: invalid duration value for search attribute ExecutionDuration: x
ExecutionDuration < 1.5 => invalid expression: unexpected value type float64 for search attribute ExecutionDuration
WorkflowId = v-a => invalid expression: unexpected value type *sqlparser.BinaryExpr
WorkflowId = (('v-a')) => invalid expression: unexpected value type *sqlparser.ParenExpr
WorkflowId in (('v-a')) => invalid expression: unexpected value type *sqlparser.ParenExpr
WorkflowId = :a => invalid expression: unable to parse value ":a"
WorkflowId = ? => invalid expression: unable to parse value ":v1"
OrderStatus = ('a', 'b') => invalid expression: unexpected value type (expected one value for operator '=', got a list)
"#,
    );
}

#[test]
fn the_left_side_must_be_an_attribute() {
    check(
        r#"
MyBool => invalid expression: incomplete expression
not MyInt => invalid expression: incomplete expression
MyInt # c => invalid expression: incomplete expression
'v-a' = WorkflowId => invalid expression: must be a column name but was *sqlparser.SQLVal
1 = 1 => invalid expression: must be a column name but was *sqlparser.SQLVal
! WorkflowId = 'v-a' => invalid expression: must be a column name but was *sqlparser.UnaryExpr
f(x) = 1 => invalid expression: must be a column name but was *sqlparser.FuncExpr
(MyInt,OrderCents)=(1,2) => invalid expression: must be a column name but was sqlparser.ValTuple
(MyInt)=1 => invalid expression: must be a column name but was *sqlparser.ParenExpr
(MyInt=1)=1 => invalid expression: must be a column name but was *sqlparser.ParenExpr
(MyInt = 1) is null => invalid expression: must be a column name but was *sqlparser.ParenExpr
MyInt = 1 is null => invalid expression: must be a column name but was *sqlparser.ComparisonExpr
MyInt is null is null => invalid expression: must be a column name but was *sqlparser.IsExpr
Foo = 'x' => invalid search attribute: Foo
workflowid = 'v-a' => invalid search attribute: workflowid
Status = 'Running' => invalid search attribute: status
NamespaceId = 'x' => invalid search attribute: NamespaceId
x.WorkflowId = 'v-a' => invalid search attribute: x.WorkflowId
`x`.`WorkflowId` = 'v-a' => invalid search attribute: x.WorkflowId
Range = 1 => invalid search attribute: range
`Key`='a' => invalid search attribute: Key
"#,
    );
}

#[test]
fn some_operations_are_not_supported() {
    check(
        r#"
OrderStatus = new => operation is not supported: column name on the right side of comparison expression (did you forget to quote "new"?)
OrderStatus LIKE 'n%' => operation is not supported: operator 'LIKE' not supported for Keyword type search attribute 'OrderStatus'
OrderStatus not like 'n%' => operation is not supported: operator 'NOT LIKE' not supported for Keyword type search attribute 'OrderStatus'
OrderStatus regexp 'n' => operation is not supported: operator 'REGEXP' not supported for Keyword type search attribute 'OrderStatus'
OrderStatus <=> 'new' => operation is not supported: operator '<=>' not supported for Keyword type search attribute 'OrderStatus'
OrderCents starts_with 5 => operation is not supported: operator 'STARTS_WITH' not supported for Int type search attribute 'OrderCents'
MyText > 'a' => operation is not supported: operator '>' not supported for Text type search attribute 'MyText'
MyText in ('hello') => operation is not supported: operator 'IN' not supported for Text type search attribute 'MyText'
MyList starts_with 'x' => operation is not supported: operator 'STARTS_WITH' not supported for KeywordList type search attribute 'MyList'
MyList between 'a' and 'b' => invalid expression: cannot do range condition on search attribute 'MyList' of type KeywordList
MyBool between true and false => invalid expression: cannot do range condition on search attribute 'MyBool' of type Bool
OrderStatus is true => invalid expression: 'IS' operator can only be used as 'IS NULL' or 'IS NOT NULL'
true => operation is not supported: expression of type sqlparser.BoolVal
'x' => operation is not supported: expression of type *sqlparser.SQLVal
WorkflowId = f('x') => operation is not supported: nested func
order by StartTime => operation is not supported: 'ORDER BY' clause
WorkflowId = 'v-a' order by StartTime desc, WorkflowId => operation is not supported: 'ORDER BY' clause
GROUP BY ExecutionStatus order by StartTime => operation is not supported: 'ORDER BY' clause
order by Foo => invalid search attribute: Foo
WorkflowId = 'v-a' limit 5 => operation is not supported: 'LIMIT' clause
Foo = 1 order by StartTime limit 5 => operation is not supported: 'LIMIT' clause
group by WorkflowType => operation is not supported: 'GROUP BY' clause is not supported for search attribute WorkflowType
group by ExecutionStatus, Foo => operation is not supported: 'GROUP BY' clause supports only a single field
group by Foo => invalid search attribute: Foo
group by (ExecutionStatus) => invalid expression: must be a column name but was *sqlparser.ParenExpr
group by 'x' => invalid expression: must be a column name but was *sqlparser.SQLVal
"#,
    );
}

#[test]
fn nesting_and_length_are_limited() {
    let nested = |depth: usize| format!("{}MyInt=1{}", "(".repeat(depth), ")".repeat(depth));
    assert_eq!(
        error(&nested(100)),
        "malformed SQL query: max nesting level reached at position 128"
    );
    assert_eq!(
        error(&nested(100_000 / 4)),
        "malformed SQL query: max nesting level reached at position 128"
    );
    for hostile in [
        format!("{}MyInt = 1", "not ".repeat(10_000)),
        format!("MyInt = {}1", "- ".repeat(10_000)),
        format!("MyInt = {}1{}", "f(".repeat(10_000), ")".repeat(10_000)),
        format!("MyInt in {}1{}", "(".repeat(10_000), ")".repeat(10_000)),
    ] {
        assert!(error(&hostile).contains("max nesting level reached"));
    }
    assert_eq!(
        error(&"x".repeat(65_537)),
        "malformed SQL query: 65537 bytes are more than the 65536 of a query"
    );
}

#[test]
fn the_deepest_query_fits_a_small_stack() {
    let deepest = [
        format!("{}MyInt=1{}", "(".repeat(99), ")".repeat(99)),
        format!("{}MyInt=1{}", "not (".repeat(49), ")".repeat(49)),
    ];
    let thread = std::thread::Builder::new().stack_size(512 * 1024);
    let parsing = thread.spawn(move || {
        for text in deepest {
            let query = Query::parse(&text, &registry()).expect("the nesting is allowed");
            query.matches(&super::record("v-a", &[]));
        }
    });
    parsing.unwrap().join().expect("the stack suffices");
}
