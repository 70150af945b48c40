//! The files of a crate, found as the compiler finds them: by `mod` items.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, ExprLit, Item, ItemMod, Lit, Meta, Token};

/// A file cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SourceError {
    #[error("{}: {error}", path.display())]
    Read { path: PathBuf, error: io::Error },
    #[error("{}:{line}:{column}: {error}", path.display())]
    Parse {
        path: PathBuf,
        line: usize,
        column: usize,
        error: syn::Error,
    },
    #[error("{}: modules are nested more than {LIMIT} deep; a module includes itself", .0.display())]
    Deep(PathBuf),
}

/// How deep modules may be.
const LIMIT: usize = 64;

/// A module with its items.
pub(super) struct Module {
    pub(super) name: String,
    pub(super) file: PathBuf,
    pub(super) items: Vec<Item>,
    pub(super) modules: Vec<Self>,
}

/// Reads a crate from its root on. Files that are not found are named in `problems`: a build script
/// may make them, or they belong to another platform.
pub(super) fn read_crate(root: &Path, problems: &mut Vec<String>) -> Result<Module, SourceError> {
    let folder = root.parent().unwrap_or(Path::new("")).to_owned();
    let items = parse(root)?;
    let mut reader = Reader { problems };
    let place = Place {
        file: root.to_owned(),
        folder,
        depth: 0,
    };
    reader.module(String::new(), items, place)
}

/// Where a module's items stand.
struct Place {
    file: PathBuf,
    /// Where the files of modules in it are.
    folder: PathBuf,
    depth: usize,
}

struct Reader<'a> {
    problems: &'a mut Vec<String>,
}

impl Reader<'_> {
    fn module(
        &mut self,
        name: String,
        all: Vec<Item>,
        place: Place,
    ) -> Result<Module, SourceError> {
        if place.depth > LIMIT {
            return Err(SourceError::Deep(place.file));
        }
        let (mut items, mut modules) = (Vec::new(), Vec::new());
        for item in all {
            match item {
                Item::Mod(item) if !is_test(&item.attrs) => {
                    modules.extend(self.child(item, &place)?);
                }
                Item::Mod(_) => {}
                item => items.push(item),
            }
        }
        Ok(Module {
            name,
            file: place.file,
            items,
            modules,
        })
    }

    /// A module in another one, in the same file or in its own.
    fn child(&mut self, item: ItemMod, parent: &Place) -> Result<Option<Module>, SourceError> {
        let name = item.ident.to_string();
        let name = name.strip_prefix("r#").unwrap_or(&name).to_owned();
        let path = path_attribute(&item.attrs);
        let depth = parent.depth + 1;
        if let Some((_, items)) = item.content {
            let folder = parent.folder.join(path.as_deref().unwrap_or(&name));
            let place = Place {
                file: parent.file.clone(),
                folder,
                depth,
            };
            return self.module(name, items, place).map(Some);
        }
        // A path is from the file's own folder.
        let given = path.map(|path| parent.file.parent().unwrap_or(Path::new("")).join(path));
        let beside = parent.folder.join(format!("{name}.rs"));
        let below = parent.folder.join(&name).join("mod.rs");
        let (file, folder) = match given {
            Some(file) => {
                let folder = file.parent().unwrap_or(Path::new("")).to_owned();
                (file, folder)
            }
            None if beside.is_file() => (beside, parent.folder.join(&name)),
            None => (below, parent.folder.join(&name)),
        };
        if !file.is_file() {
            let parent = parent.file.display();
            self.problems.push(format!(
                "{parent}: the file of `mod {name};` was not found, and not read"
            ));
            return Ok(None);
        }
        let items = parse(&file)?;
        let place = Place {
            file,
            folder,
            depth,
        };
        self.module(name, items, place).map(Some)
    }
}

fn parse(path: &Path) -> Result<Vec<Item>, SourceError> {
    let text = fs::read_to_string(path).map_err(|error| SourceError::Read {
        path: path.to_owned(),
        error,
    })?;
    match syn::parse_file(&text) {
        Ok(file) => Ok(file.items),
        Err(error) => {
            let start = error.span().start();
            Err(SourceError::Parse {
                path: path.to_owned(),
                line: start.line,
                column: start.column + 1,
                error,
            })
        }
    }
}

/// Whether an item is only there in tests: `#[test]`, `#[tokio::test]`, `#[cfg(test)]`,
/// `#[cfg(all(test, ..))]`.
pub(super) fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let path = attribute.path();
        let is_mark = path
            .segments
            .last()
            .is_some_and(|last| last.ident == "test");
        is_mark
            || path.is_ident("cfg") && attribute.parse_args().is_ok_and(|meta| needs_test(&meta))
    })
}

fn needs_test(condition: &Meta) -> bool {
    match condition {
        Meta::Path(path) => path.is_ident("test"),
        Meta::List(list) if list.path.is_ident("all") => {
            let parser = Punctuated::<Meta, Token![,]>::parse_terminated;
            list.parse_args_with(parser)
                .is_ok_and(|conditions| conditions.iter().any(needs_test))
        }
        Meta::List(_) | Meta::NameValue(_) => false,
    }
}

/// `#[path = ".."]`
fn path_attribute(attributes: &[Attribute]) -> Option<String> {
    attributes
        .iter()
        .find_map(|attribute| match &attribute.meta {
            Meta::NameValue(meta) if meta.path.is_ident("path") => match &meta.value {
                Expr::Lit(ExprLit {
                    lit: Lit::Str(path),
                    ..
                }) => Some(path.value()),
                _ => None,
            },
            _ => None,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_of_tests() {
        let is_test = |item: &str| match syn::parse_str(item).unwrap() {
            Item::Mod(item) => is_test(&item.attrs),
            Item::Fn(item) => is_test(&item.attrs),
            _ => false,
        };
        assert!(is_test("#[cfg(test)] mod tests {}"));
        assert!(is_test("#[cfg(all(unix, test))] mod tests {}"));
        assert!(is_test("#[tokio::test] async fn a() {}"));
        assert!(!is_test("#[cfg(not(test))] mod real {}"));
        assert!(!is_test("#[cfg(any(test, unix))] mod real {}"));
    }

    #[test]
    fn modules_as_the_compiler_finds_them() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write(
            "lib.rs",
            "mod a; mod b; mod c { mod d; } #[path = \"x/e.rs\"] mod e; mod gone;",
        );
        write("a.rs", "mod inner;");
        write("a/inner.rs", "");
        write("b/mod.rs", "mod inner;");
        write("b/inner.rs", "");
        write("c/d.rs", "");
        write("x/e.rs", "mod f;");
        write("x/f.rs", "");
        let mut problems = Vec::new();
        let root = read_crate(&folder.path().join("lib.rs"), &mut problems).unwrap();
        let mut found = Vec::new();
        let mut pending = vec![&root];
        while let Some(module) = pending.pop() {
            let file = module.file.strip_prefix(folder.path()).unwrap();
            found.push(format!("{} {}", module.name, file.display()));
            pending.extend(&module.modules);
        }
        found.sort();
        let expected = [
            " lib.rs",
            "a a.rs",
            "b b/mod.rs",
            "c lib.rs",
            "d c/d.rs",
            "e x/e.rs",
            "f x/f.rs",
            "inner a/inner.rs",
            "inner b/inner.rs",
        ];
        assert_eq!(found, expected);
        assert_eq!(problems.len(), 1);
        assert!(
            problems[0].ends_with("lib.rs: the file of `mod gone;` was not found, and not read")
        );
    }
}
