//! What is said while histories are downloaded, on standard error.

use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::path::Path;

use crate::terminal_text;

/// How many histories there are between two lines, where lines cannot be written over.
const EVERY: usize = 100;

/// How far the download is.
#[derive(Debug, Default)]
pub(super) struct Progress {
    pub(super) counts: Counts,
    /// A line that is written over, as on a terminal.
    updates: bool,
    quiet: bool,
}

/// What became of the histories so far.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) downloaded: usize,
    pub(super) events: usize,
    /// The bytes of the files written.
    pub(super) bytes: u64,
    /// Of closed runs, whose files were there already.
    pub(super) skipped: usize,
    pub(super) failed: usize,
}

impl Progress {
    pub(super) fn new(quiet: bool) -> Self {
        Self {
            counts: Counts::default(),
            updates: io::stderr().is_terminal(),
            quiet,
        }
    }

    /// A history is done with.
    pub(super) fn step(&self, path: &Path) {
        if self.quiet {
            return;
        }
        let counts = self.counts;
        if self.updates {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let name: String = name.chars().take(60).collect();
            self.print(&format!("\r\x1b[K{counts}: {}", terminal_text::line(&name)));
        } else if (counts.downloaded + counts.skipped + counts.failed).is_multiple_of(EVERY) {
            self.print(&format!("{counts}\n"));
        }
    }

    /// Something that people must know of.
    pub(super) fn warn(&self, message: &str) {
        self.print(&format!(
            "{}warning: {}\n",
            self.clear(),
            terminal_text::block(message)
        ));
    }

    /// The last line.
    pub(super) fn end(&self, output: &Path) {
        if !self.quiet {
            let output = output.display().to_string();
            let output = terminal_text::line(&output);
            self.print(&format!("{}{} into {output}\n", self.clear(), self.counts));
        }
    }

    fn clear(&self) -> &'static str {
        if self.updates && !self.quiet {
            "\r\x1b[K"
        } else {
            ""
        }
    }

    fn print(&self, text: &str) {
        // A terminal that is gone is no reason to stop.
        let _ = io::stderr().write_all(text.as_bytes());
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            downloaded,
            events,
            bytes,
            skipped,
            failed,
        } = self;
        let noun = if *downloaded == 1 {
            "history"
        } else {
            "histories"
        };
        write!(
            formatter,
            "{downloaded} {noun} ({events} events, {bytes} bytes) downloaded"
        )?;
        for (count, what) in [(skipped, "already there"), (failed, "failed")] {
            if *count > 0 {
                write!(formatter, ", {count} {what}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_read_well() {
        let mut counts = Counts {
            downloaded: 1,
            events: 12,
            bytes: 900,
            ..Counts::default()
        };
        assert_eq!(
            counts.to_string(),
            "1 history (12 events, 900 bytes) downloaded"
        );
        (counts.skipped, counts.failed) = (3, 1);
        let text = "1 history (12 events, 900 bytes) downloaded, 3 already there, 1 failed";
        assert_eq!(counts.to_string(), text);
    }
}
