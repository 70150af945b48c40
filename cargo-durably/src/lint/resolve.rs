//! What a path stands for, as far as names tell.

use super::items::{Function, FunctionId, Items, ModuleId};

/// How many imports and modules are gone through: imports may be circular.
const DEEPEST: usize = 32;

/// What a path stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Resolved {
    Function(FunctionId),
    Module(ModuleId),
    Type(ModuleId, String),
    /// Something else of the crates that are read.
    Local,
    /// Something of another crate: its path, with imports followed.
    Foreign(Vec<String>),
    /// No module or import has the name: it may be of the prelude, of another crate, or a variable.
    Unknown,
}

/// A path being resolved.
#[derive(Clone, Copy)]
struct Search<'a> {
    module: ModuleId,
    words: &'a [String],
    /// An import that is not gone through again: `use time::time`.
    except: Option<&'a str>,
    depth: usize,
}

impl Items {
    /// What a path in the body of a function stands for.
    pub(super) fn resolve(&self, function: &Function, words: &[String]) -> Resolved {
        if let [first, rest @ ..] = words
            && first == "Self"
        {
            return match (self.type_of(function), rest) {
                (Some((module, name)), [method]) => self.method(module, &name, method),
                _ => Resolved::Local,
            };
        }
        self.find(Search {
            module: function.module,
            words,
            except: None,
            depth: 0,
        })
    }

    /// The type that a function is a method of.
    pub(super) fn type_of(&self, function: &Function) -> Option<(ModuleId, String)> {
        let words = function.owner.as_deref()?;
        let search = Search {
            module: function.module,
            words,
            except: None,
            depth: 0,
        };
        match self.find(search) {
            Resolved::Type(module, name) => Some((module, name)),
            _ => None,
        }
    }

    /// The method of a type, if there is one alone of its name.
    pub(super) fn method(&self, module: ModuleId, name: &str, method: &str) -> Resolved {
        let mut found = self.functions.iter().enumerate().filter(|(_, function)| {
            function.name == method
                && function
                    .owner
                    .as_ref()
                    .is_some_and(|owner| owner.last().is_some_and(|last| self.may_be(last, name)))
                && self
                    .type_of(function)
                    .is_some_and(|of| of == (module, name.to_owned()))
        });
        match (found.next(), found.next()) {
            (Some((id, _)), None) => Resolved::Function(id),
            _ => Resolved::Local,
        }
    }

    /// A quick look before a type is resolved: imports may rename it.
    fn may_be(&self, last: &str, name: &str) -> bool {
        last == name
            || self
                .modules
                .iter()
                .any(|module| module.uses.contains_key(last))
    }

    fn find(&self, search: Search<'_>) -> Resolved {
        let Search {
            module,
            words,
            depth,
            ..
        } = search;
        let [first, rest @ ..] = words else {
            return Resolved::Module(module);
        };
        if depth > DEEPEST {
            return Resolved::Unknown;
        }
        let inside = |module| self.walk(module, rest, depth + 1);
        match first.as_str() {
            "crate" => return inside(self.modules[module].root),
            "self" if !rest.is_empty() => return inside(module),
            "super" => return self.modules[module].parent.map_or(Resolved::Local, inside),
            _ => {}
        }
        if let Some(found) = self.member(search) {
            return found;
        }
        match self.libraries.get(first) {
            Some(library) if !rest.is_empty() => inside(*library),
            _ => Resolved::Unknown,
        }
    }

    /// What is in a module, where nothing else is looked at.
    fn walk(&self, module: ModuleId, words: &[String], depth: usize) -> Resolved {
        if words.is_empty() {
            return Resolved::Module(module);
        }
        if words[0] == "super" {
            let parent = self.modules[module].parent;
            return parent.map_or(Resolved::Local, |parent| {
                self.walk(parent, &words[1..], depth + 1)
            });
        }
        let search = Search {
            module,
            words,
            except: None,
            depth,
        };
        self.member(search).unwrap_or(Resolved::Local)
    }

    /// What the first word stands for in a module, and from there the others.
    fn member(&self, search: Search<'_>) -> Option<Resolved> {
        let Search {
            module,
            words,
            except,
            depth,
        } = search;
        let [first, rest @ ..] = words else {
            return None;
        };
        if depth > DEEPEST {
            return None;
        }
        let names = &self.modules[module];
        if rest.is_empty()
            && let Some(function) = names.functions.get(first)
        {
            return Some(Resolved::Function(*function));
        }
        if let Some(child) = names.modules.get(first) {
            return Some(self.walk(*child, rest, depth + 1));
        }
        if names.types.contains(first) {
            return Some(match rest {
                [] => Resolved::Type(module, first.clone()),
                [method] => self.method(module, first, method),
                _ => Resolved::Local,
            });
        }
        if except != Some(first.as_str())
            && let Some(path) = names.uses.get(first)
        {
            return Some(self.imported(search, path, rest));
        }
        names
            .globs
            .iter()
            .find_map(|glob| self.in_glob(search, glob))
    }

    /// What an import stands for, followed by more words.
    fn imported(&self, search: Search<'_>, path: &[String], rest: &[String]) -> Resolved {
        let words = [path, rest].concat();
        let found = self.find(Search {
            words: &words,
            except: search
                .words
                .first()
                .map(String::as_str)
                .filter(|name| path[0] == *name),
            depth: search.depth + 1,
            ..search
        });
        match found {
            Resolved::Unknown => Resolved::Foreign(words),
            found => found,
        }
    }

    /// What a glob import brings, if it is of a module that is read.
    fn in_glob(&self, search: Search<'_>, glob: &[String]) -> Option<Resolved> {
        let depth = search.depth + 1;
        let of = self.find(Search {
            words: glob,
            depth,
            ..search
        });
        match of {
            Resolved::Module(module) if module != search.module => self.member(Search {
                module,
                depth,
                ..search
            }),
            _ => None,
        }
    }
}
