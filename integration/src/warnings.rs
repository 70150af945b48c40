//! The warnings with a code (`TMPRL1102`) that workers of this process have logged.

use std::io;
use std::sync::{Mutex, PoisonError};

static LINES: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// The logged lines that name a workflow and hold a text. Nothing is there before a test has begun.
pub fn warnings(workflow_id: &str, text: &str) -> Vec<String> {
    let lines = LINES.lock().unwrap_or_else(PoisonError::into_inner);
    let of_workflow = lines
        .iter()
        .filter(|line| line.contains(workflow_id) && line.contains(text));
    of_workflow.cloned().collect()
}

/// Keeps the lines that hold a code.
pub(crate) struct Keep;

impl io::Write for Keep {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(line);
        if text.contains("[TMPRL") {
            let mut lines = LINES.lock().unwrap_or_else(PoisonError::into_inner);
            // Values are written with their quotation marks escaped.
            lines.push(text.replace('\\', ""));
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
