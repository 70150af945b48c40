//! What was found, in the form that was asked for.

use std::fs::File;
use std::io::{self, Write};

use super::CommandError;
use super::options::{Format, Options};
use crate::ReplaySummary;

/// Reports; whether all histories replay.
pub(super) fn report(summary: ReplaySummary, options: &Options) -> Result<bool, CommandError> {
    let written = match &options.output {
        None => write(&summary, options.format, io::stdout().lock()),
        Some(path) => File::create(path).and_then(|file| write(&summary, options.format, file)),
    };
    match written {
        Ok(()) => Ok(summary.failures().next().is_none()),
        Err(error) => Err(CommandError::Report {
            path: options.output.clone(),
            error,
        }),
    }
}

fn write(summary: &ReplaySummary, format: Format, mut output: impl Write) -> io::Result<()> {
    match format {
        Format::Text => writeln!(output, "{summary}")?,
    }
    output.flush()
}
