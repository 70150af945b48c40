//! The messages of the API: their fields, by the sources that are generated from their definitions.
//!
//! The sources are of one shape throughout, `#[prost(string, tag = "1")] pub name: ...`, so that a few
//! rules read them all. New fields and messages are thereby in requests without further ado.

mod parse;
mod tokens;

pub(crate) use parse::snake_case;

use std::collections::BTreeMap;
use std::path::Path;

/// What a field holds.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind {
    Bool,
    /// Any integer, by varint.
    Integer,
    Float,
    Double,
    String,
    Bytes,
    /// The path of the enum.
    Enum(String),
    /// The path of the message.
    Message(String),
    /// Keys (strings or integers), and values.
    Map(Box<Self>, Box<Self>),
}

/// A field of a message.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) tag: u32,
    pub(crate) kind: Kind,
    pub(crate) repeated: bool,
}

/// A message. Of the fields of a choice at most one is set.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Message {
    pub(crate) fields: Vec<Field>,
    pub(crate) choices: Vec<Vec<Field>>,
}

/// All messages and enums by their paths, such as `temporal::api::common::v1::Payload`.
#[derive(Debug, Default)]
pub(crate) struct Schema {
    messages: BTreeMap<String, Message>,
    enums: BTreeMap<String, Vec<(String, i32)>>,
}

/// The messages that are written by hand, as they would be generated.
const PAYLOADS: &str = r#"
pub struct Payload {
    #[prost(btree_map = "string, bytes", tag = "1")]
    pub metadata: Metadata,
    #[prost(bytes = "bytes", tag = "2")]
    pub data: Bytes,
    #[prost(message, repeated, tag = "3")]
    pub external_payloads: Vec<payload::ExternalPayloadDetails>,
}
pub struct Payloads {
    #[prost(message, repeated, tag = "1")]
    pub payloads: Vec<Payload>,
}
pub mod payload {
    pub struct ExternalPayloadDetails {
        #[prost(int64, tag = "1")]
        pub size_bytes: i64,
    }
}
"#;

impl Schema {
    /// Reads the generated sources.
    pub(crate) fn read() -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../protos/src/generated/messages");
        let mut schema = Self::default();
        let files = std::fs::read_dir(&folder).expect("the generated sources lie in `protos`");
        for file in files {
            let path = file.expect("the folder can be read").path();
            let package = path
                .file_stem()
                .and_then(|stem| stem.to_str())
                .unwrap_or_default();
            let source = std::fs::read_to_string(&path).expect("a generated source can be read");
            parse::read(&mut schema, package, &source);
        }
        parse::read(&mut schema, "temporal.api.common.v1", PAYLOADS);
        schema
    }

    pub(crate) fn message(&self, path: &str) -> &Message {
        let message = self.messages.get(path);
        message.unwrap_or_else(|| panic!("there is no message {path}"))
    }

    pub(crate) fn has(&self, path: &str) -> bool {
        self.messages.contains_key(path)
    }

    pub(crate) fn values(&self, path: &str) -> &[(String, i32)] {
        let values = self.enums.get(path);
        values.unwrap_or_else(|| panic!("there is no enum {path}"))
    }
}

impl Message {
    /// All fields, those of choices too.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().chain(self.choices.iter().flatten())
    }
}

#[test]
fn the_sources_are_understood() {
    let schema = Schema::read();
    let start = schema.message("temporal::api::workflowservice::v1::StartWorkflowExecutionRequest");
    let field = |name: &str| {
        start
            .fields
            .iter()
            .find(|field| field.name == name)
            .unwrap()
    };
    assert_eq!(
        (&field("namespace").kind, field("namespace").tag),
        (&Kind::String, 1)
    );
    let timeout = Kind::Message("google::protobuf::Duration".to_owned());
    assert_eq!(field("workflow_run_timeout").kind, timeout);
    let policy = Kind::Enum("temporal::api::enums::v1::WorkflowIdConflictPolicy".to_owned());
    assert_eq!(
        (
            &field("workflow_id_conflict_policy").kind,
            field("links").repeated
        ),
        (&policy, true)
    );
    let command = schema.message("temporal::api::command::v1::Command");
    assert_eq!((command.choices.len(), command.choices[0].len()), (1, 17));
    let memo = schema.message("temporal::api::common::v1::Memo");
    let payload = Kind::Message("temporal::api::common::v1::Payload".to_owned());
    assert_eq!(
        memo.fields[0].kind,
        Kind::Map(Box::new(Kind::String), Box::new(payload))
    );
    for message in schema.messages.values() {
        for field in message.all() {
            match &field.kind {
                Kind::Message(path) => drop(schema.message(path)),
                Kind::Enum(path) => assert!(!schema.values(path).is_empty()),
                _ => {}
            }
        }
    }
}
