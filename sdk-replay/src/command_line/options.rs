//! What a replay program is asked for, by arguments and variables.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

pub(super) const USAGE: &str = "\
usage: [PATHS]... [options]
  PATHS                    files, folders and glob patterns [env: DURABLY_REPLAY_HISTORIES]
  --query QUERY            replays what a visibility query finds, on the server that the TEMPORAL_*
                           variables name [env: DURABLY_REPLAY_QUERY]
  --workflow-type TYPE     replays only histories of this type; may be given several times
                           [env: DURABLY_REPLAY_WORKFLOW_TYPES, separated by commas]
  --fail-fast              ends at the first failure [env: DURABLY_REPLAY_FAIL_FAST]
  --threads NUMBER         replays so many at a time [env: DURABLY_REPLAY_THREADS]
  --twice                  replays each twice and compares: finds code that is not deterministic
                           [env: DURABLY_REPLAY_TWICE]
  --show-payloads          shows the beginnings of payloads in reports
                           [env: DURABLY_REPLAY_SHOW_PAYLOADS]
  --format FORMAT          how to report: text, json, github, junit or html
                           [env: DURABLY_REPLAY_FORMAT]
  --output FILE            where to report [env: DURABLY_REPLAY_OUTPUT]
exit codes: 0 all replay, 1 some do not, 2 nothing was replayed";

/// What is wrong with the arguments.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum UsageError {
    #[error("unknown option {0}")]
    Unknown(String),
    #[error("{0} needs a value")]
    NoValue(&'static str),
    #[error("{name} takes no value, but has \"{value}\"")]
    Value { name: &'static str, value: String },
    #[error("{name}: \"{value}\" is {problem}")]
    Invalid {
        name: &'static str,
        value: String,
        problem: &'static str,
    },
    #[error("no histories were named: give files, folders or patterns, or --query")]
    NoHistories,
    #[error("paths and --query were both given; give one of them")]
    PathsAndQuery,
}

/// How to report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Text,
    Json,
    /// Annotations of GitHub Actions.
    Github,
    /// JUnit XML, for CI servers.
    Junit,
    /// A page for browsers.
    Html,
}

impl Format {
    fn of_name(name: &str) -> Option<Self> {
        Some(match name {
            "text" => Self::Text,
            "json" => Self::Json,
            "github" => Self::Github,
            "junit" => Self::Junit,
            "html" => Self::Html,
            _ => return None,
        })
    }
}

/// What is asked for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Request {
    Help,
    Replay(Options),
}

/// What to replay, and how.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Options {
    pub(super) histories: Vec<OsString>,
    pub(super) query: Option<String>,
    pub(super) workflow_types: Vec<String>,
    pub(super) fail_fast: bool,
    pub(super) twice: bool,
    pub(super) show_payloads: bool,
    pub(super) threads: Option<usize>,
    pub(super) format: Format,
    pub(super) output: Option<PathBuf>,
}

/// What arguments say, before variables fill in what they do not.
#[derive(Default)]
struct Given {
    histories: Vec<OsString>,
    query: Option<String>,
    workflow_types: Vec<String>,
    fail_fast: bool,
    twice: bool,
    show_payloads: bool,
    threads: Option<String>,
    format: Option<String>,
    output: Option<OsString>,
}

impl Options {
    pub(super) fn read(
        arguments: impl Iterator<Item = OsString>,
        variable: impl Fn(&str) -> Option<OsString>,
    ) -> Result<Request, UsageError> {
        let Some(mut given) = Given::of_arguments(arguments)? else {
            return Ok(Request::Help);
        };
        given.fill(|name| variable(name).filter(|value| !value.is_empty()))?;
        given.check().map(Request::Replay)
    }
}

impl Given {
    /// `None` if help is asked for.
    fn of_arguments(
        mut arguments: impl Iterator<Item = OsString>,
    ) -> Result<Option<Self>, UsageError> {
        let mut given = Self::default();
        let mut only_paths = false;
        while let Some(argument) = arguments.next() {
            let text = argument.to_str().filter(|text| text.starts_with('-'));
            let Some(text) = text.filter(|text| !only_paths && text.len() > 1) else {
                given.histories.push(argument);
                continue;
            };
            let (name, mut value) = match text.split_once('=') {
                Some((name, value)) => (name, Some(OsString::from(value))),
                None => (text, None),
            };
            let mut value_of = |name: &'static str| {
                value
                    .take()
                    .or_else(|| arguments.next())
                    .ok_or(UsageError::NoValue(name))
            };
            match name {
                "--" => only_paths = true,
                "-h" | "--help" => return Ok(None),
                "--query" => given.query = Some(unicode("--query", value_of("--query")?)?),
                "--workflow-type" => {
                    let name = "--workflow-type";
                    given.workflow_types.push(unicode(name, value_of(name)?)?);
                }
                "--fail-fast" => given.fail_fast = true,
                "--twice" => given.twice = true,
                "--show-payloads" => given.show_payloads = true,
                "--threads" => given.threads = Some(unicode("--threads", value_of("--threads")?)?),
                "--format" => given.format = Some(unicode("--format", value_of("--format")?)?),
                "--output" => given.output = Some(value_of("--output")?),
                _ => return Err(UsageError::Unknown(text.to_owned())),
            }
            let flags = ["--", "--fail-fast", "--twice", "--show-payloads"];
            let flag = flags.into_iter().find(|flag| *flag == name);
            if let (Some(value), Some(name)) = (value, flag) {
                let value = value.to_string_lossy().into_owned();
                return Err(UsageError::Value { name, value });
            }
        }
        Ok(Some(given))
    }

    /// Takes from variables what arguments do not say.
    fn fill(&mut self, variable: impl Fn(&str) -> Option<OsString>) -> Result<(), UsageError> {
        let text =
            |name: &'static str| variable(name).map(|value| unicode(name, value)).transpose();
        if self.histories.is_empty() && self.query.is_none() {
            self.query = text("DURABLY_REPLAY_QUERY")?;
            let histories = variable("DURABLY_REPLAY_HISTORIES");
            let histories = histories.as_deref().map(std::env::split_paths);
            self.histories = histories
                .into_iter()
                .flatten()
                .map(PathBuf::into_os_string)
                .collect();
        }
        if self.workflow_types.is_empty() {
            let types = text("DURABLY_REPLAY_WORKFLOW_TYPES")?.unwrap_or_default();
            let types = types
                .split(',')
                .map(str::trim)
                .filter(|name| !name.is_empty());
            self.workflow_types = types.map(str::to_owned).collect();
        }
        for (name, wanted) in [
            ("DURABLY_REPLAY_FAIL_FAST", &mut self.fail_fast),
            ("DURABLY_REPLAY_TWICE", &mut self.twice),
            ("DURABLY_REPLAY_SHOW_PAYLOADS", &mut self.show_payloads),
        ] {
            if let Some(value) = text(name)? {
                *wanted |= flag(name, value)?;
            }
        }
        self.threads = self.threads.take().or(text("DURABLY_REPLAY_THREADS")?);
        self.format = self.format.take().or(text("DURABLY_REPLAY_FORMAT")?);
        self.output = self
            .output
            .take()
            .or_else(|| variable("DURABLY_REPLAY_OUTPUT"));
        Ok(())
    }

    fn check(self) -> Result<Options, UsageError> {
        match (self.histories.is_empty(), &self.query) {
            (true, None) => return Err(UsageError::NoHistories),
            (false, Some(_)) => return Err(UsageError::PathsAndQuery),
            _ => {}
        }
        let threads = self.threads.map(|value| match value.parse() {
            Ok(threads) if threads > 0 => Ok(threads),
            _ => Err(invalid("--threads", value, "not a number above 0")),
        });
        let format = self.format.as_deref().unwrap_or("text");
        let known = "none of text, json, github, junit and html";
        let format =
            Format::of_name(format).ok_or_else(|| invalid("--format", format.to_owned(), known))?;
        Ok(Options {
            histories: self.histories,
            query: self.query,
            workflow_types: self.workflow_types,
            fail_fast: self.fail_fast,
            twice: self.twice,
            show_payloads: self.show_payloads,
            threads: threads.transpose()?,
            format,
            output: self.output.map(PathBuf::from),
        })
    }
}

fn unicode(name: &'static str, value: impl AsRef<OsStr>) -> Result<String, UsageError> {
    let value = value.as_ref();
    match value.to_str() {
        Some(value) => Ok(value.to_owned()),
        None => Err(invalid(
            name,
            value.to_string_lossy().into_owned(),
            "not UTF-8",
        )),
    }
}

fn flag(name: &'static str, value: String) -> Result<bool, UsageError> {
    match value.to_lowercase().as_str() {
        "1" | "true" => Ok(true),
        "0" | "false" => Ok(false),
        _ => Err(invalid(name, value, "neither `true` nor `false`")),
    }
}

fn invalid(name: &'static str, value: String, problem: &'static str) -> UsageError {
    UsageError::Invalid {
        name,
        value,
        problem,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(arguments: &str, variables: &[(&str, &str)]) -> Result<Options, String> {
        let variable = |name: &str| {
            let mut variables = variables.iter();
            variables
                .find(|(other, _)| *other == name)
                .map(|(_, value)| OsString::from(value))
        };
        let arguments = arguments
            .split(' ')
            .filter(|word| !word.is_empty())
            .map(OsString::from);
        match Options::read(arguments, variable) {
            Ok(Request::Replay(options)) => Ok(options),
            Ok(Request::Help) => Err("help".to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }

    #[test]
    fn arguments() {
        let options = read(
            "a.json --workflow-type A --threads=3 --fail-fast --twice --workflow-type=B --output r.txt -- -b",
            &[],
        );
        let expected = Options {
            histories: vec!["a.json".into(), "-b".into()],
            query: None,
            workflow_types: vec!["A".to_owned(), "B".to_owned()],
            fail_fast: true,
            twice: true,
            show_payloads: false,
            threads: Some(3),
            format: Format::Text,
            output: Some("r.txt".into()),
        };
        assert_eq!(options, Ok(expected));
        assert_eq!(read("--help", &[]), Err("help".to_owned()));
    }

    #[test]
    fn variables_fill_in_what_arguments_do_not_say() {
        let paths = std::env::join_paths(["a", "b/*.json"]).unwrap();
        let variables = [
            ("DURABLY_REPLAY_HISTORIES", paths.to_str().unwrap()),
            ("DURABLY_REPLAY_WORKFLOW_TYPES", "A, B"),
            ("DURABLY_REPLAY_FAIL_FAST", "true"),
            ("DURABLY_REPLAY_OUTPUT", ""),
        ];
        let options = read("", &variables).unwrap();
        assert_eq!(options.histories, ["a", "b/*.json"]);
        assert_eq!(options.workflow_types, ["A", "B"]);
        assert!(options.fail_fast && options.output.is_none());
        let options = read("--query x=1", &variables).unwrap();
        assert_eq!(
            (options.query.as_deref(), options.histories.len()),
            (Some("x=1"), 0)
        );
    }

    #[test]
    fn mistakes() {
        let problem = |arguments: &str| read(arguments, &[]).unwrap_err();
        assert_eq!(problem("--quick"), "unknown option --quick");
        assert_eq!(problem("a --query"), "--query needs a value");
        assert_eq!(
            problem("a --fail-fast=1"),
            "--fail-fast takes no value, but has \"1\""
        );
        assert_eq!(
            problem("a --threads 0"),
            "--threads: \"0\" is not a number above 0"
        );
        assert_eq!(
            problem("a --format yaml"),
            "--format: \"yaml\" is none of text, json, github, junit and html"
        );
        assert!(problem("").starts_with("no histories were named"));
        assert!(problem("a --query b").starts_with("paths and --query"));
    }
}
