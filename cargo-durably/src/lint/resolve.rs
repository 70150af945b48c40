//! What a path stands for, as far as names tell.

use super::items::{Function, FunctionId, Items, ModuleId};

/// How many imports and modules are gone through: imports may be circular.
const DEEPEST: usize = 32;

/// How many glob imports are gone through, one after the other. Each may lead to several more.
const DEEPEST_GLOBS: usize = 4;

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
    /// How many glob imports may still be gone through.
    globs: usize,
    /// Whether a method of a type is meant, rather than a type alone.
    methods: bool,
}

impl<'a> Search<'a> {
    fn new(module: ModuleId, words: &'a [String]) -> Self {
        Self {
            module,
            words,
            except: None,
            depth: 0,
            globs: DEEPEST_GLOBS,
            methods: true,
        }
    }

    /// The search for what is left of the words, in a module.
    fn inside(self, module: ModuleId) -> Self {
        Self {
            module,
            words: self.words.get(1..).unwrap_or_default(),
            except: None,
            depth: self.depth + 1,
            ..self
        }
    }
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
        self.find(Search::new(function.module, words))
    }

    /// The type that a function is a method of.
    pub(super) fn type_of(&self, function: &Function) -> Option<(ModuleId, String)> {
        self.type_named(function, function.owner.as_deref()?)
    }

    /// What words stand for beside a function, if it is a type or a trait.
    fn type_named(&self, function: &Function, words: &[String]) -> Option<(ModuleId, String)> {
        let search = Search {
            methods: false,
            ..Search::new(function.module, words)
        };
        match self.find(search) {
            Resolved::Type(module, name) => Some((module, name)),
            _ => None,
        }
    }

    /// The method of a type or a trait, if there is one alone of its name; that of a trait without a body
    /// in it is the one of its only implementation.
    pub(super) fn method(&self, module: ModuleId, name: &str, method: &str) -> Resolved {
        let named = |words: fn(&Function) -> Option<&[String]>| {
            let mut found = self
                .functions
                .iter()
                .enumerate()
                .filter(move |(_, function)| {
                    function.name == method
                        && words(function).is_some_and(|words| {
                            words.last().is_some_and(|last| self.may_be(last, name))
                                && self
                                    .type_named(function, words)
                                    .is_some_and(|of| of == (module, name.to_owned()))
                        })
                });
            (found.next().map(|(id, _)| id), found.next().is_some())
        };
        match named(|function| function.owner.as_deref()) {
            (Some(id), false) => return Resolved::Function(id),
            (Some(_), true) => return Resolved::Local,
            (None, _) => {}
        }
        match named(|function| function.implements.as_deref()) {
            (Some(id), false) => Resolved::Function(id),
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
        let [first, rest @ ..] = search.words else {
            return Resolved::Module(search.module);
        };
        if search.depth > DEEPEST {
            return Resolved::Unknown;
        }
        let names = &self.modules[search.module];
        let inside = |module| self.walk(search.inside(module));
        match first.as_str() {
            "crate" => return inside(names.root),
            "self" if !rest.is_empty() => return inside(search.module),
            "super" => return names.parent.map_or(Resolved::Local, inside),
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
    fn walk(&self, search: Search<'_>) -> Resolved {
        match search.words.first().map(String::as_str) {
            None => Resolved::Module(search.module),
            Some("super") => {
                let parent = self.modules[search.module].parent;
                parent.map_or(Resolved::Local, |parent| self.walk(search.inside(parent)))
            }
            Some(_) => self.member(search).unwrap_or(Resolved::Local),
        }
    }

    /// What the first word stands for in a module, and from there the others.
    fn member(&self, search: Search<'_>) -> Option<Resolved> {
        let [first, rest @ ..] = search.words else {
            return None;
        };
        if search.depth > DEEPEST {
            return None;
        }
        let names = &self.modules[search.module];
        if rest.is_empty()
            && let Some(function) = names.functions.get(first)
        {
            return Some(Resolved::Function(*function));
        }
        if let Some(child) = names.modules.get(first) {
            return Some(self.walk(search.inside(*child)));
        }
        if names.types.contains(first) {
            return Some(match rest {
                [] => Resolved::Type(search.module, first.clone()),
                [method] if search.methods => self.method(search.module, first, method),
                _ => Resolved::Local,
            });
        }
        if search.except != Some(first.as_str())
            && let Some(path) = names.uses.get(first)
        {
            return Some(self.imported(search, path, rest));
        }
        if search.globs == 0 {
            return None;
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
        // Where the glob leads is not looked for in other globs.
        let of = self.find(Search {
            words: glob,
            depth,
            globs: 0,
            ..search
        });
        match of {
            Resolved::Module(module) if module != search.module => self.member(Search {
                module,
                depth,
                globs: search.globs - 1,
                ..search
            }),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::targets::Target;
    use super::*;

    /// What a path in the function `f` of the crate's root stands for.
    fn resolved(code: &str, path: &str) -> Resolved {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("lib.rs");
        std::fs::write(&root, format!("{code} fn f() {{}}")).unwrap();
        let mut items = Items::default();
        let library = None;
        items.add_target(&Target { library, root }).unwrap();
        let words: Vec<_> = path.split("::").map(str::to_owned).collect();
        let mut functions = items.functions.iter();
        let function = functions.find(|function| function.name == "f").unwrap();
        items.resolve(function, &words)
    }

    #[test]
    fn imports_that_go_round() {
        let code = "mod a { pub use super::b::*; pub use super::c::*; pub use super::a::*; }
            mod b { pub use super::a::*; pub use super::c::*; pub use x::*; }
            mod c { pub use super::a::*; pub use super::b::*; pub use y::x; pub use x::y; }
            use a::*; use b::*; use c::*; use p::q; use q::p; use r::r;";
        assert_eq!(resolved(code, "nowhere::at::all"), Resolved::Unknown);
        assert!(matches!(resolved(code, "x::z"), Resolved::Foreign(_)));
        let foreign = ["r", "r", "now"].map(str::to_owned).to_vec();
        assert_eq!(resolved(code, "r::now"), Resolved::Foreign(foreign));
    }

    #[test]
    fn methods_of_types() {
        let code = "mod a { pub struct T; impl T { pub fn m(&self) {} } impl super::X for T { fn x() {} } }
            trait X { fn x() {} } use a::T as U; impl U { fn n() {} } impl A::Assoc { fn Assoc() {} } struct A;";
        // The functions of the root come first: `X::x`, `U::n`, `Assoc`, `f`.
        assert_eq!(resolved(code, "U::n"), Resolved::Function(1));
        assert_eq!(resolved(code, "U::m"), Resolved::Function(4));
        assert_eq!(resolved(code, "a::T::x"), Resolved::Function(5));
        assert_eq!(resolved(code, "U::other"), Resolved::Local);
        assert_eq!(resolved(code, "A::Assoc"), Resolved::Local);
    }
}
