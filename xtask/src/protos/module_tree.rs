//! `generated/mod.rs`: the tree of modules that protobuf packages make.

use std::collections::BTreeMap;

use super::format::{self, FormatError};
use super::messages::Packages;
use super::services::Services;

/// A package, or a part of package names that is none itself.
#[derive(Default)]
struct Node {
    /// Files of the package that stands here: folder, and the feature it is behind.
    includes: Vec<Include>,
    children: BTreeMap<String, Self>,
}

struct Include {
    path: String,
    feature: Option<&'static str>,
}

/// The text of `generated/mod.rs`.
pub(crate) fn generate(
    messages: &Packages,
    services: &Services,
    json: &Packages,
    json_read: &Packages,
    payloads: &Packages,
    version: &str,
) -> Result<String, FormatError> {
    let mut root = Node::default();
    for (folder, feature, packages) in [
        ("messages", None, messages),
        ("client", Some("client"), &services.clients),
        ("server", Some("server"), &services.servers),
        ("json", Some("json"), json),
        ("json_read", Some("json"), json_read),
        ("payloads", None, payloads),
    ] {
        for package in packages.keys() {
            root.at(package).includes.push(Include {
                path: format!("{folder}/{package}.rs"),
                feature,
            });
        }
    }
    let mut code = format!(
        "//! The packages of Temporal's public API, as `temporalio-protos` {version} ships their definitions.\n"
    );
    root.write_children(&mut code);
    format::format("mod.rs", &code)
}

impl Node {
    fn at(&mut self, package: &str) -> &mut Self {
        package.split('.').fold(self, |node, part| {
            node.children.entry(part.to_owned()).or_default()
        })
    }

    fn write_children(&self, code: &mut String) {
        for (name, child) in &self.children {
            code.push_str(&format!("pub mod {name} {{\n"));
            for include in &child.includes {
                if let Some(feature) = include.feature {
                    code.push_str(&format!("#[cfg(feature = \"{feature}\")]\n"));
                }
                code.push_str(&format!("include!(\"{}\");\n", include.path));
            }
            child.write_children(code);
            code.push_str("}\n");
        }
    }
}
