//! `cargo durably history`.

mod codec;
mod diff;
mod download;
mod payloads;
mod redact;
mod show;
mod source;

use std::error::Error;

use clap::Subcommand;

use crate::Outcome;

/// The commands of `cargo durably history`.
#[derive(Debug, Subcommand)]
pub(crate) enum HistoryCommand {
    /// Downloads histories from a server into files.
    Download(download::DownloadArguments),
    /// Shows a history: a timeline, JSON, or a page.
    Show(show::ShowArguments),
    /// Compares two histories event by event, without ids, times and identities.
    Diff(diff::DiffArguments),
}

impl HistoryCommand {
    pub(crate) fn run(self) -> Result<Outcome, Box<dyn Error>> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()?;
        match self {
            Self::Download(arguments) => runtime
                .block_on(download::run(arguments))
                .map_err(Into::into),
            Self::Show(arguments) => runtime.block_on(show::run(arguments)).map_err(Into::into),
            Self::Diff(arguments) => runtime.block_on(diff::run(arguments)).map_err(Into::into),
        }
    }
}
