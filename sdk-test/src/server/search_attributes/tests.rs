//! Accepted and refused attributes; the texts and events are those of server 1.32.0.

use std::collections::BTreeMap;

use durably_protos::temporal::api::common::v1::{Payload, SearchAttributes};
use durably_protos::temporal::api::enums::v1::IndexedValueType;
use jiff::Timestamp;

use super::registry::RegistryError;
use super::{SearchAttributeRegistry, SearchAttributeValue as Value, merge, type_name};

fn registry() -> SearchAttributeRegistry {
    let mut registry = SearchAttributeRegistry::default();
    let types = [
        IndexedValueType::Text,
        IndexedValueType::Keyword,
        IndexedValueType::Int,
        IndexedValueType::Double,
        IndexedValueType::Bool,
        IndexedValueType::Datetime,
        IndexedValueType::KeywordList,
    ];
    let attributes = types
        .into_iter()
        .map(|value_type| (format!("My{}", type_name(value_type)), value_type.into()))
        .collect();
    registry.add(&attributes).expect("the names are free");
    registry
}

fn payload(encoding: &str, data: &str) -> Payload {
    Payload {
        metadata: [("encoding", encoding.to_owned().into())].into(),
        data: data.to_owned().into(),
        ..Payload::default()
    }
}

fn json(data: &str) -> Payload {
    payload("json/plain", data)
}

fn attributes<const N: usize>(fields: [(&str, Payload); N]) -> SearchAttributes {
    SearchAttributes {
        indexed_fields: fields
            .into_iter()
            .map(|(name, payload)| (name.to_owned(), payload))
            .collect(),
    }
}

fn refused<const N: usize>(fields: [(&str, Payload); N]) -> String {
    registry()
        .accept_start("default", Some(&attributes(fields)))
        .expect_err("the attributes are invalid")
        .to_string()
}

#[test]
fn names_are_checked_first() {
    let unknown = "Namespace default has no mapping defined for search attribute Foo";
    assert_eq!(refused([("Foo", json("1"))]), unknown);
    assert_eq!(
        refused([
            ("Foo", json("1")),
            ("MyInt", json("\"x\"")),
            ("WorkflowId", json("1"))
        ]),
        unknown
    );
    for name in ["", "myint", "TemporalFoo", "Memo", "NamespaceId"] {
        assert_eq!(
            refused([(name, json("1"))]),
            format!("Namespace default has no mapping defined for search attribute {name}")
        );
    }
    for name in ["WorkflowId", "ExecutionStatus", "TemporalWorkerDeployment"] {
        assert_eq!(
            refused([(name, json("\"x\""))]),
            format!("{name} attribute can't be set in SearchAttributes")
        );
    }
}

#[test]
fn values_are_of_the_type() {
    for (name, data, value) in [
        ("MyInt", "\"x\"", "x"),
        ("MyInt", "1.5", "1.5"),
        ("MyInt", "1.0", "1"),
        ("MyInt", "99999999999999999999", "1e+20"),
        ("MyInt", "true", "true"),
        ("MyInt", "[1,2]", "[1 2]"),
        ("MyInt", "[\"a\"]", "[a]"),
        ("MyInt", "{\"a\":1}", "map[a:1]"),
        ("MyKeyword", "5", "5"),
        ("MyKeyword", "[\"a\",\"b\"]", "[a b]"),
        (
            "MyKeyword",
            "{\"a\":[1,\"b\",null,1.5,true]}",
            "map[a:[1 b <nil> 1.5 true]]",
        ),
        ("MyBool", "\"true\"", "true"),
        ("MyBool", "1", "1"),
        ("MyDouble", "\"2\"", "2"),
        ("MyDatetime", "\"2024-01-02\"", "2024-01-02"),
        ("MyDatetime", "5", "5"),
        ("MyKeywordList", "\"a\"", "a"),
        ("MyKeywordList", "[1]", "[1]"),
        ("MyText", "5", "5"),
        (
            "MyInt",
            "zzz",
            "value from <metadata:{key:\"encoding\"  value:\"json/plain\"}  data:\"zzz\">",
        ),
    ] {
        assert_eq!(
            refused([(name, json(data))]),
            format!(
                "invalid value for search attribute {name} of type {}: {value}",
                &name[2..]
            ),
            "{data}"
        );
    }
    let invalid = "invalid value for search attribute MyInt of type Int: ";
    assert_eq!(
        refused([("MyInt", Payload::default())]),
        format!("{invalid}value from <>")
    );
    assert_eq!(
        refused([("MyInt", payload("binary/plain", "1"))]),
        format!("{invalid}[49]")
    );
}

#[test]
fn sizes_are_limited() {
    let text = |length: usize| json(&format!("\"{}\"", "x".repeat(length)));
    assert_eq!(
        refused([("MyText", text(2047))]),
        "search attribute MyText value size 2049 exceeds size limit 2048"
    );
    let names: Vec<String> = (0..101).map(|number| format!("Keyword{number}")).collect();
    let mut registry = registry();
    let keyword = IndexedValueType::Keyword.into();
    let types = names.iter().map(|name| (name.clone(), keyword)).collect();
    registry.add(&types).unwrap();
    let many = |count: usize, payload: &Payload| SearchAttributes {
        indexed_fields: names[..count]
            .iter()
            .map(|name| (name.clone(), payload.clone()))
            .collect(),
    };
    let error = |attributes| {
        registry
            .accept_start("default", Some(&attributes))
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        error(many(101, &text(1))),
        "number of search attributes 101 exceeds limit 100"
    );
    assert!(
        error(many(30, &text(2000))).starts_with("total size of search attributes 6"),
        "30 values of 2000 bytes are too much"
    );
}

#[test]
fn accepted_attributes_get_their_type_and_lose_nulls() {
    let mut named = json("2");
    named.metadata.insert("type", "Other".into());
    let accepted = registry()
        .accept_start(
            "default",
            Some(&attributes([
                ("MyInt", json("[1]")),
                ("MyDouble", named),
                ("MyKeyword", json("null")),
                ("MyText", payload("binary/null", "")),
                ("MyKeywordList", json("[]")),
                ("BuildIds", json("[\"a\"]")),
            ])),
        )
        .unwrap()
        .unwrap();
    let types: Vec<(&str, &[u8])> = accepted
        .indexed_fields
        .iter()
        .map(|(name, payload)| (name.as_str(), &payload.metadata["type"][..]))
        .collect();
    assert_eq!(
        types,
        [
            ("BuildIds", b"KeywordList".as_slice()),
            ("MyDouble", b"Other"),
            ("MyInt", b"Int")
        ]
    );
    assert_eq!(registry().accept_start("default", None), Ok(None));
}

#[test]
fn values_are_read_by_type() {
    let values = registry().values(&attributes([
        ("MyInt", json("[1]")),
        ("MyDouble", json("2")),
        ("MyBool", json("true")),
        ("MyDatetime", json("\"1970-01-01T00:00:01Z\"")),
        ("MyKeyword", json("\"k\"")),
        ("MyText", json("\"t\"")),
        ("MyKeywordList", json("[null,\"a\"]")),
        ("Gone", json("1")),
    ]));
    let expected = [
        ("MyBool", Value::Bool(true)),
        (
            "MyDatetime",
            Value::Datetime(Timestamp::from_second(1).unwrap()),
        ),
        ("MyDouble", Value::Double(2.0)),
        ("MyInt", Value::Int(1)),
        ("MyKeyword", Value::Keyword("k".to_owned())),
        (
            "MyKeywordList",
            Value::KeywordList(vec![String::new(), "a".to_owned()]),
        ),
        ("MyText", Value::Text("t".to_owned())),
    ];
    let expected = expected.map(|(name, value)| (name.to_owned(), value));
    assert_eq!(values, BTreeMap::from(expected));
}

#[test]
fn upserts_replace_and_unset() {
    let registry = registry();
    let upsert = attributes([
        ("MyInt", json("5")),
        ("MyText", json("null")),
        ("MyBool", payload("binary/null", "")),
        ("MyKeywordList", json("[ ]")),
    ]);
    let event = registry.accept_upsert("default", Some(&upsert)).unwrap();
    assert_eq!(event.indexed_fields.len(), 4, "the event keeps nulls");
    let mut current = attributes([
        ("MyInt", json("1")),
        ("MyText", json("\"t\"")),
        ("MyBool", json("true")),
        ("MyKeyword", json("\"k\"")),
        ("MyKeywordList", json("[\"a\"]")),
    ]);
    merge(&mut current, &event);
    let left: Vec<(&str, &[u8])> = current
        .indexed_fields
        .iter()
        .map(|(name, payload)| (name.as_str(), &payload.data[..]))
        .collect();
    assert_eq!(left, [("MyInt", b"5".as_slice()), ("MyKeyword", b"\"k\"")]);

    for (attributes, error) in [
        (
            None,
            "SearchAttributes is not set on UpsertWorkflowSearchAttributesCommand.",
        ),
        (
            Some(SearchAttributes::default()),
            "IndexedFields is not set on UpsertWorkflowSearchAttributesCommand.",
        ),
    ] {
        let refused = registry.accept_upsert("default", attributes.as_ref());
        assert_eq!(refused.unwrap_err().to_string(), error);
    }
}

#[test]
fn attributes_are_added_and_removed() {
    let mut registry = registry();
    let add = |registry: &mut SearchAttributeRegistry, name: &str, value_type: i32| {
        registry
            .add(&BTreeMap::from([(name.to_owned(), value_type)]))
            .map_err(|error| error.to_string())
    };
    assert_eq!(add(&mut registry, "MyInt", 2), Ok(()));
    assert_eq!(registry.type_of("MyInt"), Some(IndexedValueType::Int));
    for (name, value_type, error) in [
        (
            "WorkflowId",
            2,
            "Search attribute WorkflowId is reserved by system.",
        ),
        (
            "TemporalX",
            2,
            "Search attribute TemporalX is reserved by system.",
        ),
        (
            "NamespaceId",
            2,
            "Search attribute NamespaceId is reserved by system.",
        ),
        ("NN", 99, "Unknown search attribute type: 99."),
        (
            "Zero",
            0,
            "Unable to create search attributes: cannot have more than 0 search attribute of type Unspecified.",
        ),
    ] {
        assert_eq!(add(&mut registry, name, value_type), Err(error.to_owned()));
    }
    assert_eq!(registry.add(&BTreeMap::new()), Err(RegistryError::NotSet));
    let names = |names: &[&str]| -> Vec<String> { names.iter().map(ToString::to_string).collect() };
    assert_eq!(
        registry.remove(&names(&["MyInt", "WorkflowId"])),
        Err(RegistryError::NotCustom("WorkflowId".to_owned()))
    );
    assert_eq!(registry.remove(&names(&["MyInt", "Nope"])), Ok(()));
    assert_eq!(registry.type_of("MyInt"), None);
    assert_eq!(registry.remove(&[]), Err(RegistryError::NotSet));
    assert_eq!(SearchAttributeRegistry::system().count(), 33);
}

#[test]
fn missing_attributes_are_added_by_the_type_of_their_payload() {
    let typed = |value_type: &str| {
        let mut payload = json("1");
        payload
            .metadata
            .insert("type".to_owned(), value_type.to_owned().into());
        payload
    };
    let mut registry = SearchAttributeRegistry::default();
    registry.add_missing(&attributes([
        ("A", typed("Int")),
        ("B", typed("INDEXED_VALUE_TYPE_KEYWORD_LIST")),
        ("C", typed("Nope")),
        ("D", json("1")),
        ("TemporalFoo", typed("Int")),
    ]));
    let expected = BTreeMap::from([
        ("A".to_owned(), IndexedValueType::Int),
        ("B".to_owned(), IndexedValueType::KeywordList),
    ]);
    assert_eq!(*registry.custom(), expected);
}
