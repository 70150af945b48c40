//! Going through the payloads of a message: an implementation of `VisitPayloads` for every request and
//! response of the services, for histories, and for what they hold.

use heck::ToUpperCamelCase as _;
use prost_types::field_descriptor_proto::Type;
use prost_types::{DescriptorProto, FieldDescriptorProto, FileDescriptorProto, FileDescriptorSet};
use std::collections::{BTreeMap, BTreeSet};

use super::json_read::{module_path, rust_name, rust_path};
use super::messages::Packages;

/// The services whose requests and responses are gone through.
const SERVICES: [&str; 2] = ["WorkflowService", "OperatorService"];

/// A root besides.
const HISTORY: &str = ".temporal.api.history.v1.History";

/// Messages that are visited by hand, in `protos/src/payloads.rs`. All lead to payloads.
const BY_HAND: [&str; 6] = [
    ".temporal.api.command.v1.RecordMarkerCommandAttributes",
    ".temporal.api.common.v1.Header",
    ".temporal.api.common.v1.Payload",
    ".temporal.api.failure.v1.Failure",
    ".temporal.api.history.v1.MarkerRecordedEventAttributes",
    ".temporal.api.protocol.v1.Message",
];

/// Of a failure the fields are visited by generated code, when the visitor says so.
const FAILURE: &str = ".temporal.api.failure.v1.Failure";

/// Messages whose payloads the server reads: nobody may encode them.
const FOR_THE_SERVER: [&str; 3] = [
    ".temporal.api.common.v1.SearchAttributes",
    ".temporal.api.compute.v1.",
    ".temporal.api.nexus.v1.EndpointSpec",
];

/// The messages by name.
type Messages<'a> = BTreeMap<String, &'a DescriptorProto>;

/// Generates the implementations of every package that has some.
pub(crate) fn generate(definitions: &FileDescriptorSet) -> Packages {
    let mut messages = Messages::new();
    for file in &definitions.file {
        for message in &file.message_type {
            collect(message, &format!(".{}", file.package()), &mut messages);
        }
    }
    let roots = roots(definitions);
    let reached = reach(&messages, &roots);
    let visited = with_payloads(&messages);

    let mut packages = Packages::new();
    // A package can have several files.
    let names: BTreeSet<&str> = definitions
        .file
        .iter()
        .map(FileDescriptorProto::package)
        .collect();
    for package in names {
        let prefix = format!(".{package}.");
        let is_own = |name: &str| {
            let rest = name.strip_prefix(&prefix);
            rest.is_some_and(|rest| rest.starts_with(char::is_uppercase))
        };
        let mut code = String::new();
        for (name, message) in messages.iter().filter(|(name, _)| is_own(name)) {
            let is_visited = visited.contains(name) || roots.contains(name);
            if is_visited && reached.contains(name) && !is_map_entry(message) {
                code.push_str(&implementation(name, message, &visited));
            }
        }
        if !code.is_empty() {
            packages.insert(package.to_owned(), code);
        }
    }
    packages
}

fn collect<'a>(message: &'a DescriptorProto, parent: &str, messages: &mut Messages<'a>) {
    let name = format!("{parent}.{}", message.name());
    for nested in &message.nested_type {
        collect(nested, &name, messages);
    }
    messages.insert(name, message);
}

fn roots(definitions: &FileDescriptorSet) -> BTreeSet<String> {
    let services = definitions.file.iter().flat_map(|file| &file.service);
    let methods = services
        .filter(|service| SERVICES.contains(&service.name()))
        .flat_map(|service| &service.method);
    let mut roots: BTreeSet<String> = methods
        .flat_map(|method| {
            [
                method.input_type().to_owned(),
                method.output_type().to_owned(),
            ]
        })
        .collect();
    roots.insert(HISTORY.to_owned());
    // Bodies of protocol messages are packed: no field leads to them.
    for body in ["Acceptance", "Rejection", "Request", "Response"] {
        roots.insert(format!(".temporal.api.update.v1.{body}"));
    }
    roots
}

/// What fields lead to, but for what the server reads.
fn reach(messages: &Messages<'_>, roots: &BTreeSet<String>) -> BTreeSet<String> {
    let mut reached = BTreeSet::new();
    let mut pending: Vec<&str> = roots.iter().map(String::as_str).collect();
    while let Some(name) = pending.pop() {
        let Some(message) = messages.get(name).filter(|_| !is_for_the_server(name)) else {
            continue;
        };
        if reached.insert(name.to_owned()) {
            pending.extend(message.field.iter().map(FieldDescriptorProto::type_name));
        }
    }
    reached
}

/// The messages that payloads can be in.
fn with_payloads(messages: &Messages<'_>) -> BTreeSet<String> {
    let mut found: BTreeSet<String> = BY_HAND.map(str::to_owned).into();
    loop {
        let before = found.len();
        for (name, message) in messages {
            if !is_for_the_server(name)
                && message
                    .field
                    .iter()
                    .any(|field| found.contains(field.type_name()))
            {
                found.insert(name.clone());
            }
        }
        if found.len() == before {
            return found;
        }
    }
}

fn is_for_the_server(name: &str) -> bool {
    FOR_THE_SERVER
        .iter()
        .any(|prefix| match prefix.ends_with('.') {
            true => name.starts_with(prefix),
            false => name == *prefix,
        })
}

fn is_map_entry(message: &DescriptorProto) -> bool {
    let options = message.options.as_ref();
    options.is_some_and(prost_types::MessageOptions::map_entry)
}

fn implementation(name: &str, message: &DescriptorProto, visited: &BTreeSet<String>) -> String {
    let path = rust_path(name);
    if BY_HAND.contains(&name) && name != FAILURE {
        return String::new();
    }
    // A map leads to what its entry's value leads to.
    let leads_to_payloads = |field: &&FieldDescriptorProto| {
        field.r#type() == Type::Message && visited.contains(field.type_name())
    };
    let mut body = String::new();
    let mut one_ofs: BTreeMap<i32, String> = BTreeMap::new();
    for field in message.field.iter().filter(leads_to_payloads) {
        match field.oneof_index.filter(|_| !field.proto3_optional()) {
            Some(index) => {
                let enumeration = message.oneof_decl[index as usize]
                    .name()
                    .to_upper_camel_case();
                let variant = field.name().to_upper_camel_case();
                one_ofs.entry(index).or_default().push_str(&format!(
                    "Some({}::{enumeration}::{variant}(value)) => value.visit_payloads(visitor),",
                    module_path(name)
                ));
            }
            None => body.push_str(&format!(
                "self.{}.visit_payloads(visitor);",
                rust_name(field.name())
            )),
        }
    }
    for (index, arms) in one_ofs {
        let one_of = rust_name(message.oneof_decl[index as usize].name());
        body.push_str(&format!("match &mut self.{one_of} {{ {arms} _ => {{}} }}"));
    }
    let visitor = if body.is_empty() {
        "_visitor"
    } else {
        "visitor"
    };
    let parameters = format!("&'a mut self, {visitor}: &mut dyn crate::PayloadVisitor<'a>");
    if name == FAILURE {
        return format!(
            "impl {path} {{
                /// Visits the payloads of a failure, and the failure that caused it.
                pub fn visit_fields<'a>({parameters}) {{ use crate::VisitPayloads as _; {body} }}
            }}\n"
        );
    }
    format!(
        "impl crate::VisitPayloads for {path} {{
            #[allow(deprecated)]
            fn visit_payloads<'a>({parameters}) {{ {body} }}
        }}\n"
    )
}
