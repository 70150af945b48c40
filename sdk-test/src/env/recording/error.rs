//! Why histories are not kept, or those that were kept do not fit today's code.

use std::io;

use durably_history::ReadError;

use super::policy::VARIABLE;

/// Histories are not kept, or those that were kept do not fit today's code.
#[derive(Debug, thiserror::Error)]
pub(in crate::env) enum RecordingError {
    #[error(
        "\"{path}\" names no form of histories: it must end with .json or .jsonl, each also followed by .gz"
    )]
    Form { path: String },
    #[error(
        "{VARIABLE} is \"{value}\": it may be \"overwrite\", which records anew what is there, or \"check\", which \
         records nothing; leave it unset to record what is missing"
    )]
    Policy { value: String },
    #[error(
        "{path} is not there, and {VARIABLE}=check records nothing: run the test without it, and commit the file"
    )]
    Missing { path: String },
    #[error(
        "there is nothing to record in {path}: {what}; record when it has run on a worker of this environment"
    )]
    Nothing { path: String, what: String },
    #[error("{path}: {error}")]
    Io { path: String, error: io::Error },
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(
        "{path} does not replay with today's code.\n\n{report}\n\
         Guard the change with a patch, and workflows that run now go on. If none of them is left anywhere, \
         record it anew: {VARIABLE}=overwrite cargo test"
    )]
    Changed { path: String, report: String },
    #[error(
        "what was just recorded for {path} does not replay, so it was not written.\n\n{report}"
    )]
    Unsteady { path: String, report: String },
    #[error(
        "the histories for {path} replay, but not when ids and times are replaced, so they were not written: the \
         code decides by what `ctx.random()` or `ctx.uuid()` give, by ids, or by fractions of a second. Record it \
         without `.scrubbed()`.\n\n{report}"
    )]
    Scrubbed { path: String, report: String },
    #[error("the scrubbed history for {path} cannot be written: {problem}")]
    Unwritable { path: String, problem: String },
    #[error(
        "{path} was not recorded: on a server of another process end the test with `env.finish().await`, or \
         await the recording"
    )]
    NeedsFinish { path: String },
}
