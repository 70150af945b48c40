//! Places in source files.

use std::fmt;
use std::panic::Location;
use std::path::Path;

use serde::{Deserialize, Serialize};

/// A place as the SDK has it.
pub(super) type Place = &'static Location<'static>;

/// A place in user code, as the compiler names it: with the file relative to the workspace, mostly.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SourcePlace {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1.
    pub column: u32,
}

impl From<&Location<'_>> for SourcePlace {
    fn from(location: &Location<'_>) -> Self {
        Self {
            file: location.file().to_owned(),
            line: location.line(),
            column: location.column(),
        }
    }
}

impl SourcePlace {
    /// Reads what a panic says of its place: `src/orders.rs:12:5`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (rest, column) = text.rsplit_once(':')?;
        let (file, line) = rest.rsplit_once(':')?;
        Some(Self {
            file: file.to_owned(),
            line: line.parse().ok()?,
            column: column.parse().ok()?,
        })
    }

    /// Makes the file relative to a folder that it lies in.
    pub(super) fn strip(&mut self, root: &Path) {
        if let Ok(relative) = Path::new(&self.file).strip_prefix(root) {
            self.file = relative.to_string_lossy().into_owned();
        }
    }
}

impl fmt::Display for SourcePlace {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.file, self.line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_of_a_panic_is_read() {
        let place = SourcePlace::parse("C:\\code\\a.rs:12:5").unwrap();
        assert_eq!((place.file.as_str(), place.line), ("C:\\code\\a.rs", 12));
        assert_eq!(SourcePlace::parse("a.rs"), None);
    }

    #[test]
    fn files_are_made_relative_to_the_root() {
        let mut place = SourcePlace::parse("/ci/repo/src/a.rs:1:1").unwrap();
        place.strip(Path::new("/ci/repo"));
        assert_eq!(place.to_string(), "src/a.rs:1");
        place.strip(Path::new("/elsewhere"));
        assert_eq!(place.to_string(), "src/a.rs:1");
    }
}
