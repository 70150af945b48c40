//! What crates hold: functions, and what names stand for.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::visit::Visit;
use syn::{
    Attribute, Block, FnArg, ImplItem, ImplItemFn, Item, ItemFn, ItemImpl, ItemTrait, Pat,
    PatIdent, Signature, TraitItem, Type, UseTree,
};

use super::source_tree::{Module, SourceError, is_test, read_crate};
use super::targets::Target;

pub(super) type ModuleId = usize;
pub(super) type FunctionId = usize;

/// All crates that are read.
#[derive(Debug, Default)]
pub(super) struct Items {
    /// The roots of libraries, by the names that others use.
    pub(super) libraries: BTreeMap<String, ModuleId>,
    pub(super) modules: Vec<ModuleItems>,
    pub(super) functions: Vec<Function>,
}

/// The names of a module.
#[derive(Debug)]
pub(super) struct ModuleItems {
    pub(super) parent: Option<ModuleId>,
    /// Of its crate.
    pub(super) root: ModuleId,
    pub(super) file: PathBuf,
    pub(super) modules: BTreeMap<String, ModuleId>,
    pub(super) functions: BTreeMap<String, FunctionId>,
    /// Types and traits.
    pub(super) types: BTreeSet<String>,
    /// Imported names, with the paths that they stand for.
    pub(super) uses: BTreeMap<String, Vec<String>>,
    /// `use ..::*`
    pub(super) globs: Vec<Vec<String>>,
}

/// A function or method.
#[derive(Debug)]
pub(super) struct Function {
    pub(super) name: String,
    pub(super) module: ModuleId,
    /// The type or trait that it is a method of.
    pub(super) owner: Option<Vec<String>>,
    /// The trait whose method it is an implementation of.
    pub(super) implements: Option<Vec<String>>,
    pub(super) kind: Kind,
    pub(super) takes_self: bool,
    pub(super) body: TokenStream,
    /// The variables in it: a word alone may be one of them.
    pub(super) variables: BTreeSet<String>,
    /// The parameters that are the workflow's context.
    pub(super) contexts: BTreeSet<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A workflow function, or a marked method of a workflow type.
    Workflow,
    /// Runs outside of workflows.
    Activity,
    Plain,
}

/// The marks of a workflow type's methods.
const WORKFLOW_MARKS: [&str; 6] = ["init", "run", "signal", "query", "update", "validator"];

impl Function {
    /// `compute_total`, `Order::total`
    pub(super) fn text(&self) -> String {
        match self.owner.as_deref() {
            Some([.., owner]) => format!("{owner}::{}", self.name),
            _ => self.name.clone(),
        }
    }
}

impl Items {
    /// Adds a crate. Gives what could not be read and may be left out.
    pub(super) fn add_target(&mut self, target: &Target) -> Result<Vec<String>, SourceError> {
        let mut problems = Vec::new();
        let root = read_crate(&target.root, &mut problems)?;
        let id = self.add_module(root, None, self.modules.len());
        if let Some(library) = &target.library {
            self.libraries.insert(library.clone(), id);
        }
        Ok(problems)
    }

    pub(super) fn workflow_count(&self) -> usize {
        let functions = self.functions.iter();
        let workflows = functions.filter(|function| function.kind == Kind::Workflow);
        // The marked methods of a type are one workflow.
        let names: BTreeSet<_> = workflows
            .map(|function| {
                (
                    function.module,
                    function
                        .owner
                        .clone()
                        .unwrap_or_else(|| vec![function.name.clone()]),
                )
            })
            .collect();
        names.len()
    }

    fn add_module(&mut self, module: Module, parent: Option<ModuleId>, root: ModuleId) -> ModuleId {
        let id = self.modules.len();
        self.modules.push(ModuleItems {
            parent,
            root,
            file: module.file,
            modules: BTreeMap::new(),
            functions: BTreeMap::new(),
            types: BTreeSet::new(),
            uses: BTreeMap::new(),
            globs: Vec::new(),
        });
        for item in module.items {
            self.add_item(id, item);
        }
        for child in module.modules {
            let name = child.name.clone();
            let child = self.add_module(child, Some(id), root);
            self.modules[id].modules.insert(name, child);
        }
        id
    }

    fn add_item(&mut self, module: ModuleId, item: Item) {
        let types = match &item {
            Item::Struct(item) => Some(&item.ident),
            Item::Enum(item) => Some(&item.ident),
            Item::Union(item) => Some(&item.ident),
            Item::Type(item) => Some(&item.ident),
            Item::Trait(item) => Some(&item.ident),
            _ => None,
        };
        if let Some(name) = types {
            self.modules[module].types.insert(name.to_string());
        }
        match item {
            Item::Fn(item) if !is_test(&item.attrs) => self.add_function(module, item),
            Item::Impl(item) if !is_test(&item.attrs) => self.add_impl(module, item),
            Item::Trait(item) => self.add_trait(module, item),
            Item::Use(item) => self.add_use(module, &mut Vec::new(), item.tree),
            _ => {}
        }
    }

    fn add_function(&mut self, module: ModuleId, item: ItemFn) {
        let kind = match () {
            () if is_marked(&item.attrs, &["workflow"]) => Kind::Workflow,
            () if is_marked(&item.attrs, &["activity"]) => Kind::Activity,
            () => Kind::Plain,
        };
        let id = self.push(module, None, kind, &item.sig, &item.block);
        let name = self.functions[id].name.clone();
        self.modules[module].functions.insert(name, id);
    }

    fn add_impl(&mut self, module: ModuleId, item: ItemImpl) {
        let Some(owner) = type_words(&item.self_ty) else {
            return;
        };
        let implements = item.trait_.as_ref().map(|(_, path, _)| path_words(path));
        let is_workflow = is_marked(&item.attrs, &["workflow"]);
        for method in item.items {
            let ImplItem::Fn(ImplItemFn {
                attrs, sig, block, ..
            }) = method
            else {
                continue;
            };
            if is_test(&attrs) {
                continue;
            }
            let kind = match () {
                () if is_workflow && is_marked(&attrs, &WORKFLOW_MARKS) => Kind::Workflow,
                () if is_marked(&attrs, &["activity"]) => Kind::Activity,
                () => Kind::Plain,
            };
            let id = self.push(module, Some(owner.clone()), kind, &sig, &block);
            self.functions[id].implements.clone_from(&implements);
        }
    }

    /// The methods that a trait has bodies for.
    fn add_trait(&mut self, module: ModuleId, item: ItemTrait) {
        for method in item.items {
            if let TraitItem::Fn(method) = method
                && let Some(block) = method.default
            {
                let owner = vec![item.ident.to_string()];
                self.push(module, Some(owner), Kind::Plain, &method.sig, &block);
            }
        }
    }

    fn push(
        &mut self,
        module: ModuleId,
        owner: Option<Vec<String>>,
        kind: Kind,
        signature: &Signature,
        block: &Block,
    ) -> FunctionId {
        let mut variables = Variables::default();
        variables.visit_signature(signature);
        variables.visit_block(block);
        self.functions.push(Function {
            name: word(&signature.ident),
            module,
            owner,
            implements: None,
            kind,
            takes_self: signature.receiver().is_some(),
            body: block.to_token_stream(),
            variables: variables.names,
            contexts: signature.inputs.iter().filter_map(context).collect(),
        });
        self.functions.len() - 1
    }

    fn add_use(&mut self, module: ModuleId, beginning: &mut Vec<String>, tree: UseTree) {
        match tree {
            UseTree::Path(path) => {
                beginning.push(word(&path.ident));
                self.add_use(module, beginning, *path.tree);
                beginning.pop();
            }
            UseTree::Name(name) => {
                let last = word(&name.ident);
                let mut path = beginning.clone();
                if last != "self" {
                    path.push(last);
                }
                if let Some(name) = path.last().cloned() {
                    self.modules[module].uses.insert(name, path);
                }
            }
            UseTree::Rename(rename) => {
                let last = word(&rename.ident);
                let mut path = beginning.clone();
                if last != "self" {
                    path.push(last);
                }
                self.modules[module].uses.insert(word(&rename.rename), path);
            }
            UseTree::Glob(_) => self.modules[module].globs.push(beginning.clone()),
            UseTree::Group(group) => {
                for tree in group.items {
                    self.add_use(module, beginning, tree);
                }
            }
        }
    }
}

/// A name without the mark of raw ones.
fn word(ident: &proc_macro2::Ident) -> String {
    let text = ident.to_string();
    text.strip_prefix("r#").unwrap_or(&text).to_owned()
}

/// Whether one of the attributes has one of the names, whatever the path to it.
fn is_marked(attributes: &[Attribute], names: &[&str]) -> bool {
    attributes.iter().any(|attribute| {
        let last = attribute.path().segments.last();
        last.is_some_and(|last| names.iter().any(|name| last.ident == name))
    })
}

/// The words of a type's path.
fn type_words(of: &Type) -> Option<Vec<String>> {
    match of {
        Type::Path(path) => Some(path_words(&path.path)),
        Type::Reference(reference) => type_words(&reference.elem),
        Type::Paren(paren) => type_words(&paren.elem),
        Type::Group(group) => type_words(&group.elem),
        _ => None,
    }
}

fn path_words(path: &syn::Path) -> Vec<String> {
    let segments = path.segments.iter();
    segments.map(|segment| word(&segment.ident)).collect()
}

/// The name of a parameter that is a workflow's context.
fn context(parameter: &FnArg) -> Option<String> {
    let FnArg::Typed(parameter) = parameter else {
        return None;
    };
    let words = type_words(&parameter.ty)?;
    match (&*parameter.pat, words.last().map(String::as_str)) {
        (Pat::Ident(name), Some("WorkflowContext")) => Some(word(&name.ident)),
        _ => None,
    }
}

/// Collects the names that patterns bind.
#[derive(Default)]
struct Variables {
    names: BTreeSet<String>,
}

impl<'ast> Visit<'ast> for Variables {
    fn visit_pat_ident(&mut self, pattern: &'ast PatIdent) {
        self.names.insert(word(&pattern.ident));
        syn::visit::visit_pat_ident(self, pattern);
    }
}
