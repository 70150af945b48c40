//! Command lines: options, each followed by its value.

use std::collections::BTreeMap;
use std::str::FromStr;

/// Why a command line was refused.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ArgumentError {
    /// An argument is none of the options.
    #[error("unknown argument {argument:?}; the options are {known}, each followed by its value")]
    Unknown {
        /// The argument.
        argument: String,
        /// All options.
        known: String,
    },
    /// An option stands last, without its value.
    #[error("{0} needs a value after it")]
    NoValue(&'static str),
    /// An option that has no default is missing.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// A value cannot be used.
    #[error("{option} {value:?} is not {expected}")]
    Value {
        /// The option.
        option: &'static str,
        /// Its value as given.
        value: String,
        /// What it should have been.
        expected: &'static str,
    },
}

/// The options of a command line, by name.
#[derive(Debug)]
pub struct OptionValues {
    values: BTreeMap<&'static str, String>,
}

impl OptionValues {
    /// Reads `--option value` pairs; of an option given twice the last value counts.
    ///
    /// # Errors
    /// An argument is not among `known`, or its value is missing.
    pub fn read(
        known: &[&'static str],
        arguments: impl IntoIterator<Item = String>,
    ) -> Result<Self, ArgumentError> {
        let mut values = BTreeMap::new();
        let mut arguments = arguments.into_iter();
        while let Some(argument) = arguments.next() {
            let Some(&option) = known.iter().find(|&&option| option == argument) else {
                let known = known.join(", ");
                return Err(ArgumentError::Unknown { argument, known });
            };
            let value = arguments.next().ok_or(ArgumentError::NoValue(option))?;
            values.insert(option, value);
        }
        Ok(Self { values })
    }

    /// An option's text.
    ///
    /// # Errors
    /// The option is missing.
    pub fn text(&self, option: &'static str) -> Result<String, ArgumentError> {
        let value = self.values.get(option).cloned();
        value.ok_or(ArgumentError::Missing(option))
    }

    /// An option's text, if given.
    pub fn optional_text(&self, option: &'static str) -> Option<String> {
        self.values.get(option).cloned()
    }

    /// An option's value in another type; `expected` says in an error what it should be.
    ///
    /// # Errors
    /// The option is missing or its text is no such value.
    pub fn value<T: FromStr>(
        &self,
        option: &'static str,
        expected: &'static str,
    ) -> Result<T, ArgumentError> {
        let value = self.text(option)?;
        value.parse().map_err(|_| ArgumentError::Value {
            option,
            value,
            expected,
        })
    }

    /// Like [`value`](Self::value), with a default.
    ///
    /// # Errors
    /// The option's text is no such value.
    pub fn value_or<T: FromStr>(
        &self,
        option: &'static str,
        expected: &'static str,
        default: T,
    ) -> Result<T, ArgumentError> {
        if self.values.contains_key(option) {
            self.value(option, expected)
        } else {
            Ok(default)
        }
    }
}

/// What a worker is told on its command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkerArguments {
    /// `--address`: the server, as `http://HOST:PORT`.
    pub address: String,
    /// `--namespace`; `default` unless given.
    pub namespace: String,
    /// `--task-queue`.
    pub task_queue: String,
    /// `--max-cached`: how many runs stay in memory; 1000 unless given.
    pub max_cached: usize,
    /// `--threads`: how many threads run workflow tasks; 1 unless given.
    pub threads: usize,
    /// `--eager`: whether to ask for eager activities; `true` unless given.
    pub eager: bool,
}

impl WorkerArguments {
    /// Reads a worker's command line.
    ///
    /// # Errors
    /// The line cannot be used; the error names the option.
    pub fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Self, ArgumentError> {
        let options = OptionValues::read(
            &[
                "--address",
                "--namespace",
                "--task-queue",
                "--max-cached",
                "--threads",
                "--eager",
            ],
            arguments,
        )?;
        let threads = options.value_or("--threads", "a whole number of at least 1", 1)?;
        if threads == 0 {
            return Err(ArgumentError::Value {
                option: "--threads",
                value: "0".to_owned(),
                expected: "a whole number of at least 1",
            });
        }
        Ok(Self {
            address: options.text("--address")?,
            namespace: namespace(&options),
            task_queue: options.text("--task-queue")?,
            max_cached: options.value_or("--max-cached", "a whole number", 1000)?,
            threads,
            eager: options.value_or("--eager", "true or false", true)?,
        })
    }
}

/// `--namespace`, or `default`.
pub(crate) fn namespace(options: &OptionValues) -> String {
    let given = options.optional_text("--namespace");
    given.unwrap_or_else(|| "default".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<WorkerArguments, ArgumentError> {
        WorkerArguments::parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn every_option_is_read_and_most_have_defaults() {
        let given = parse(
            "--address http://h:1 --namespace n --task-queue q --max-cached 0 --threads 4 --eager false",
        )
        .unwrap();
        assert_eq!(
            (given.max_cached, given.threads, given.eager),
            (0, 4, false)
        );
        assert_eq!(given.namespace, "n");

        let defaults = parse("--address http://h:1 --task-queue q").unwrap();
        assert_eq!(defaults.namespace, "default");
        let numbers = (defaults.max_cached, defaults.threads, defaults.eager);
        assert_eq!(numbers, (1000, 1, true));
    }

    #[test]
    fn a_bad_line_names_the_option_at_fault() {
        let base = "--address http://h:1 --task-queue q";
        for (line, option) in [
            ("--task-queue q", "--address"),
            ("--queue q", "--queue"),
            (&format!("{base} --threads"), "--threads"),
            (&format!("{base} --threads 0"), "--threads"),
            (&format!("{base} --max-cached -1"), "--max-cached"),
            (&format!("{base} --eager maybe"), "--eager"),
        ] {
            let error = parse(line).unwrap_err().to_string();
            assert!(error.contains(option), "{line}: {error}");
        }
    }
}
