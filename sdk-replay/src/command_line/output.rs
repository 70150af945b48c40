//! What was found, in the form that was asked for.

use std::fs::File;
use std::io::{self, IsTerminal, Write};

use super::CommandError;
use super::options::{Format, Options};
use crate::ReplaySummary;
use crate::report::{Report, TextStyle};

/// Reports; whether all histories replay.
pub(super) fn report(summary: &ReplaySummary, options: &Options) -> Result<bool, CommandError> {
    let mut report = summary.report();
    if let Ok(root) = std::env::current_dir() {
        report.strip_source_root(&root);
    }
    let written = match &options.output {
        None => {
            let output = io::stdout().lock();
            let in_color = output.is_terminal() && std::env::var_os("NO_COLOR").is_none();
            write(&report, options.format, in_color, output)
        }
        Some(path) => {
            File::create(path).and_then(|file| write(&report, options.format, false, file))
        }
    };
    match written {
        Ok(()) => Ok(report.is_passed()),
        Err(error) => Err(CommandError::Report {
            path: options.output.clone(),
            error,
        }),
    }
}

fn write(
    report: &Report,
    format: Format,
    in_color: bool,
    mut output: impl Write,
) -> io::Result<()> {
    let text = match format {
        Format::Text => report.to_text_with(TextStyle::default().color(in_color)),
        Format::Json => report.to_json(),
        Format::Github => report.to_github(),
        Format::Junit => report.to_junit(),
        Format::Html => report.to_html(),
    };
    writeln!(output, "{}", text.trim_end())?;
    output.flush()
}
