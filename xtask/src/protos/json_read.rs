//! Reading JSON text: an implementation of `ReadJson` for what recorded histories hold.

use heck::{ToShoutySnakeCase as _, ToSnakeCase as _, ToUpperCamelCase as _};
use prost_types::field_descriptor_proto::Type;
use prost_types::{DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorSet};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;

use super::ProtosError;
use super::json_reach;
use super::messages::Packages;

const ROOTS: [&str; 1] = [".temporal.api.history.v1.History"];

/// Read by hand, in `protos/src/json/read`.
const BY_HAND: [&str; 2] = [
    ".temporal.api.common.v1.Payload",
    ".temporal.api.common.v1.Payloads",
];

/// Generates the implementations of every package that has some.
pub(crate) fn generate(definitions: &FileDescriptorSet) -> Result<Packages, ProtosError> {
    let selected = json_reach::select(definitions, &ROOTS);
    let mut prefixes = BTreeMap::new();
    for file in &selected.file {
        let parent = format!(".{}", file.package());
        collect_prefixes(&parent, &file.enum_type, &file.message_type, &mut prefixes);
    }
    let mut packages = Packages::new();
    for file in &selected.file {
        if file.package().starts_with("google.") {
            continue;
        }
        let mut code = String::new();
        for message in &file.message_type {
            write_message(
                message,
                &format!(".{}", file.package()),
                &prefixes,
                &mut code,
            )?;
        }
        if !code.is_empty() {
            packages
                .entry(file.package().to_owned())
                .or_default()
                .push_str(&code);
        }
    }
    Ok(packages)
}

/// Enum -> what all its names begin with.
type Prefixes = BTreeMap<String, String>;

fn collect_prefixes(
    parent: &str,
    enums: &[EnumDescriptorProto],
    messages: &[DescriptorProto],
    prefixes: &mut Prefixes,
) {
    for enumeration in enums {
        let prefix = format!("{}_", enumeration.name().to_shouty_snake_case());
        prefixes.insert(format!("{parent}.{}", enumeration.name()), prefix);
    }
    for message in messages {
        let name = format!("{parent}.{}", message.name());
        collect_prefixes(&name, &message.enum_type, &message.nested_type, prefixes);
    }
}

fn write_message(
    message: &DescriptorProto,
    parent: &str,
    prefixes: &Prefixes,
    code: &mut String,
) -> Result<(), ProtosError> {
    let name = format!("{parent}.{}", message.name());
    for nested in &message.nested_type {
        let is_map_entry = nested
            .options
            .as_ref()
            .is_some_and(prost_types::MessageOptions::map_entry);
        if !is_map_entry {
            write_message(nested, &name, prefixes, code)?;
        }
    }
    if BY_HAND.contains(&name.as_str()) {
        return Ok(());
    }
    let mut arms = String::new();
    for field in &message.field {
        let read = read_field(field, message, &name, prefixes)?;
        writeln!(arms, "\"{}\" => {read}?,", field.json_name()).map_err(failed)?;
    }
    let path = rust_path(&name);
    write!(
        code,
        "impl crate::ReadJson for {path} {{
            #[allow(deprecated)]
            fn read_json(&mut self, json: &mut crate::JsonReader<'_>) -> Result<(), crate::JsonError> {{
                json.message(self, |message, name, json| {{
                    match name {{ {arms} _ => return Ok(false), }}
                    Ok(true)
                }})
            }}
        }}\n"
    )
    .map_err(failed)
}

fn failed(error: std::fmt::Error) -> ProtosError {
    ProtosError::Json(io::Error::other(error))
}

/// The expression that reads a field.
fn read_field(
    field: &FieldDescriptorProto,
    message: &DescriptorProto,
    message_name: &str,
    prefixes: &Prefixes,
) -> Result<String, ProtosError> {
    let name = rust_name(field.name());
    if let Some(index) = field.oneof_index.filter(|_| !field.proto3_optional()) {
        let one_of = message.oneof_decl[index as usize].name();
        let enumeration = one_of.to_upper_camel_case();
        let variant = field.name().to_upper_camel_case();
        let path = module_path(message_name);
        if field.r#type() == Type::Enum {
            return Err(unsupported(message_name, field, "an enum in a oneof"));
        }
        return Ok(format!(
            "json.one_of(&mut message.{}, {path}::{enumeration}::{variant})",
            rust_name(one_of)
        ));
    }
    if field.r#type() != Type::Enum {
        return Ok(format!(
            "crate::ReadJson::read_json(&mut message.{name}, json)"
        ));
    }
    let Some(prefix) = prefixes.get(field.type_name()) else {
        return Err(unsupported(
            message_name,
            field,
            "an enum that is not reached",
        ));
    };
    if field.proto3_optional() {
        return Err(unsupported(message_name, field, "an optional enum"));
    }
    let path = rust_path(field.type_name());
    let method = match field.label() {
        prost_types::field_descriptor_proto::Label::Repeated => "enumerations",
        _ => "enumeration",
    };
    Ok(format!(
        "json.{method}(&mut message.{name}, \"{prefix}\", |name| {path}::from_str_name(name).map(|it| it as i32))"
    ))
}

fn unsupported(message: &str, field: &FieldDescriptorProto, what: &str) -> ProtosError {
    ProtosError::Json(io::Error::other(format!(
        "{message}.{} is {what}, for which xtask/src/protos/json_read.rs has no code",
        field.name()
    )))
}

/// `.a.v1.Outer.Inner` -> `crate::a::v1::outer::Inner`, as prost names it.
pub(super) fn rust_path(name: &str) -> String {
    let (parent, own) = name.rsplit_once('.').unwrap_or(("", name));
    format!("{}::{}", module_path(parent), own.to_upper_camel_case())
}

pub(super) fn module_path(name: &str) -> String {
    let parts = name.split('.').filter(|part| !part.is_empty());
    parts.fold("crate".to_owned(), |path, part| {
        format!("{path}::{}", part.to_snake_case())
    })
}

pub(super) fn rust_name(field: &str) -> String {
    match syn::parse_str::<syn::Ident>(field) {
        Ok(_) => field.to_owned(),
        Err(_) => format!("r#{field}"),
    }
}
