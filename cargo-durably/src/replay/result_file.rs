//! What the replay program came to. Its exit code alone does not tell that it replayed: every program
//! ends with 0, and `cargo test` with 101, whatever a test was about.

use std::fs;
use std::io;
use std::path::Path;

use tempfile::NamedTempFile;

use super::ReplayCommandError;

/// The variable by which the program knows the file.
pub(super) const VARIABLE: &str = "DURABLY_REPLAY_RESULT";

/// A file to which the program adds a line for each replay: 0 all replay, 1 some do not, 2 nothing was
/// replayed.
pub(super) struct ResultFile(NamedTempFile);

impl ResultFile {
    pub(super) fn new() -> io::Result<Self> {
        tempfile::Builder::new()
            .prefix("durably-replay-")
            .tempfile()
            .map(Self)
    }

    pub(super) fn path(&self) -> &Path {
        self.0.path()
    }

    /// The worst of the results; none if the program did not replay.
    pub(super) fn read(&self) -> Result<Option<u8>, ReplayCommandError> {
        let text = fs::read_to_string(self.path()).map_err(ReplayCommandError::ResultFile)?;
        worst(&text)
    }
}

fn worst(text: &str) -> Result<Option<u8>, ReplayCommandError> {
    let mut worst = None;
    for line in text.lines() {
        let result = match line {
            "0" => 0,
            "1" => 1,
            "2" => 2,
            line => return Err(ReplayCommandError::Result(line.to_owned())),
        };
        worst = worst.max(Some(result));
    }
    Ok(worst)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_of_several_tests_counts() {
        assert_eq!(worst("").unwrap(), None);
        assert_eq!(worst("0\n").unwrap(), Some(0));
        assert_eq!(worst("0\n2\n1\n").unwrap(), Some(2));
        assert!(worst("passed\n").is_err());
    }
}
