//! Narrows descriptors down to what a few root messages can hold.

use std::collections::{BTreeMap, BTreeSet};

use prost_types::{DescriptorProto, FileDescriptorSet};

/// The same files with only those messages and enums that `roots` (`.package.Message`) lead to.
///
/// A message that encloses a reached one is reached too, since the nested one lives in its module; a nested type is
/// kept only where a field leads to it.
pub(crate) fn select(definitions: &FileDescriptorSet, roots: &[&str]) -> FileDescriptorSet {
    let mut graph = BTreeMap::new();
    for file in &definitions.file {
        for message in &file.message_type {
            collect_fields(message, &format!(".{}", file.package()), &mut graph);
        }
    }
    let reached = reach(&graph, roots);

    let mut selected = definitions.clone();
    for file in &mut selected.file {
        let parent = format!(".{}", file.package());
        file.service.clear();
        file.enum_type
            .retain(|enumeration| reached.contains(&format!("{parent}.{}", enumeration.name())));
        file.message_type
            .retain_mut(|message| keep_reached(message, &parent, &reached));
    }
    selected
}

/// Message name -> the names of the types of its fields.
type TypeGraph = BTreeMap<String, Vec<String>>;

fn collect_fields(message: &DescriptorProto, parent: &str, graph: &mut TypeGraph) {
    let name = format!("{parent}.{}", message.name());
    for nested in &message.nested_type {
        collect_fields(nested, &name, graph);
    }
    let types = message
        .field
        .iter()
        .filter_map(|field| field.type_name.clone());
    graph.insert(name, types.collect());
}

fn reach(graph: &TypeGraph, roots: &[&str]) -> BTreeSet<String> {
    let mut reached = BTreeSet::new();
    let mut pending: Vec<String> = roots.iter().map(|root| (*root).to_owned()).collect();
    while let Some(name) = pending.pop() {
        if !reached.contains(&name) {
            let enclosing = name.rsplit_once('.').map(|(enclosing, _)| enclosing);
            pending.extend(
                enclosing
                    .filter(|name| graph.contains_key(*name))
                    .map(str::to_owned),
            );
            // An enum is not in the graph: it leads nowhere.
            pending.extend(graph.get(&name).into_iter().flatten().cloned());
            reached.insert(name);
        }
    }
    reached
}

fn keep_reached(message: &mut DescriptorProto, parent: &str, reached: &BTreeSet<String>) -> bool {
    let name = format!("{parent}.{}", message.name());
    message
        .enum_type
        .retain(|enumeration| reached.contains(&format!("{name}.{}", enumeration.name())));
    message
        .nested_type
        .retain_mut(|nested| keep_reached(nested, &name, reached));
    reached.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use prost_types::{EnumDescriptorProto, FieldDescriptorProto, FileDescriptorProto};

    fn message(name: &str, field_types: &[&str], nested: Vec<DescriptorProto>) -> DescriptorProto {
        DescriptorProto {
            name: Some(name.to_owned()),
            field: field_types
                .iter()
                .map(|type_name| FieldDescriptorProto {
                    type_name: Some((*type_name).to_owned()),
                    ..Default::default()
                })
                .collect(),
            nested_type: nested,
            ..Default::default()
        }
    }

    fn enumeration(name: &str) -> EnumDescriptorProto {
        EnumDescriptorProto {
            name: Some(name.to_owned()),
            ..Default::default()
        }
    }

    #[test]
    fn what_no_root_leads_to_is_left_out() {
        let definitions = FileDescriptorSet {
            file: vec![FileDescriptorProto {
                package: Some("p".to_owned()),
                message_type: vec![
                    message("Root", &[".p.Outer.Inner", ".p.Kind"], vec![]),
                    message(
                        "Outer",
                        &[".p.Beside"],
                        vec![
                            message("Inner", &[".p.Outer.Inner"], vec![]),
                            message("Unused", &[], vec![]),
                        ],
                    ),
                    message("Beside", &[], vec![]),
                    message("Apart", &[".p.Root"], vec![]),
                ],
                enum_type: vec![enumeration("Kind"), enumeration("Other")],
                ..Default::default()
            }],
        };
        let selected = select(&definitions, &[".p.Root"]).file.remove(0);
        let messages: Vec<&str> = selected
            .message_type
            .iter()
            .map(DescriptorProto::name)
            .collect();
        let enums: Vec<&str> = selected
            .enum_type
            .iter()
            .map(EnumDescriptorProto::name)
            .collect();
        assert_eq!(messages, ["Root", "Outer", "Beside"]);
        assert_eq!(selected.message_type[1].nested_type.len(), 1);
        assert_eq!(enums, ["Kind"]);
    }
}
