//! The command line of `official-worker`.

use temporalio_client::Url;

/// What `official-worker` is told on its command line.
#[derive(Debug, PartialEq, Eq)]
pub struct WorkerArguments {
    /// `--address`: the server, as `http://HOST:PORT`.
    pub address: Url,
    /// `--namespace`.
    pub namespace: String,
    /// `--task-queue`.
    pub task_queue: String,
    /// `--max-cached`: how many workflow runs stay in the sticky cache; 0 turns stickiness off.
    pub max_cached: usize,
    /// `--threads`: tokio worker threads, beside the main thread.
    pub threads: usize,
}

/// Why a command line was refused.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ArgumentError {
    /// An argument is none of the options.
    #[error(
        "unknown argument {0:?}; the options are --address, --namespace, --task-queue, \
         --max-cached, --threads, each followed by its value"
    )]
    Unknown(String),
    /// An option stands last, without its value.
    #[error("{0} needs a value after it")]
    MissingValue(String),
    /// A value cannot be used.
    #[error("{option} {value:?} is not {expected}")]
    BadValue {
        /// The option.
        option: &'static str,
        /// Its value as given.
        value: String,
        /// What it should have been.
        expected: &'static str,
    },
}

impl WorkerArguments {
    /// Reads the options; those left out keep their defaults (`http://127.0.0.1:7233`, `default`,
    /// `load`, 1000, 2).
    pub fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Self, ArgumentError> {
        let mut address = "http://127.0.0.1:7233".to_owned();
        let mut namespace = "default".to_owned();
        let mut task_queue = "load".to_owned();
        let mut max_cached = "1000".to_owned();
        let mut threads = "2".to_owned();

        let mut arguments = arguments.into_iter();
        while let Some(option) = arguments.next() {
            let target = match option.as_str() {
                "--address" => &mut address,
                "--namespace" => &mut namespace,
                "--task-queue" => &mut task_queue,
                "--max-cached" => &mut max_cached,
                "--threads" => &mut threads,
                _ => return Err(ArgumentError::Unknown(option)),
            };
            *target = arguments
                .next()
                .ok_or(ArgumentError::MissingValue(option))?;
        }

        Ok(Self {
            address: parse_address(address)?,
            namespace,
            task_queue,
            max_cached: parse_count("--max-cached", max_cached, 0, "a whole number")?,
            threads: parse_count("--threads", threads, 1, "a whole number of at least 1")?,
        })
    }
}

fn parse_address(value: String) -> Result<Url, ArgumentError> {
    match Url::parse(&value) {
        Ok(address) if address.scheme() == "http" && address.host().is_some() => Ok(address),
        _ => Err(ArgumentError::BadValue {
            option: "--address",
            value,
            expected: "an address like http://127.0.0.1:7233",
        }),
    }
}

fn parse_count(
    option: &'static str,
    value: String,
    least: usize,
    expected: &'static str,
) -> Result<usize, ArgumentError> {
    match value.parse() {
        Ok(count) if count >= least => Ok(count),
        _ => Err(ArgumentError::BadValue {
            option,
            value,
            expected,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<WorkerArguments, ArgumentError> {
        WorkerArguments::parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn every_option_is_read_and_those_left_out_keep_their_defaults() {
        let given = parse(
            "--address http://localhost:7311 --namespace n --task-queue q --max-cached 0 --threads 4",
        )
        .expect("the line is valid");
        assert_eq!(given.address.as_str(), "http://localhost:7311/");
        assert_eq!(
            (given.namespace.as_str(), given.task_queue.as_str()),
            ("n", "q")
        );
        assert_eq!((given.max_cached, given.threads), (0, 4));

        let defaults = parse("").expect("an empty line is valid");
        assert_eq!(defaults.address.as_str(), "http://127.0.0.1:7233/");
        assert_eq!((defaults.max_cached, defaults.threads), (1000, 2));
    }

    #[test]
    fn a_bad_line_names_the_option_at_fault() {
        assert_eq!(
            parse("--queue q"),
            Err(ArgumentError::Unknown("--queue".to_owned()))
        );
        assert_eq!(
            parse("--threads"),
            Err(ArgumentError::MissingValue("--threads".to_owned()))
        );
        for line in [
            "--threads 0",
            "--threads two",
            "--max-cached -1",
            "--address 127.0.0.1:7233",
            "--address https://127.0.0.1:7233",
        ] {
            let refused = parse(line).expect_err(line);
            assert!(
                matches!(refused, ArgumentError::BadValue { option, .. } if line.starts_with(option)),
                "{line}: {refused}"
            );
        }
    }
}
