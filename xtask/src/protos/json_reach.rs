//! Narrows descriptors down to what a few root messages can hold.

use std::collections::{BTreeMap, BTreeSet};

use prost_types::{DescriptorProto, FileDescriptorSet};

/// The same files with only those messages and enums that `roots` (`.package.Message`) lead to.
///
/// A message that encloses a reached one is kept, for its name; a nested type is kept where a field leads to it.
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
        if reached.insert(name.clone()) {
            // An enum is not in the graph: it leads nowhere.
            pending.extend(graph.get(&name).into_iter().flatten().cloned());
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
    reached.contains(&name) || !message.nested_type.is_empty() || !message.enum_type.is_empty()
}
