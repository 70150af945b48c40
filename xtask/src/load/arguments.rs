//! The command line of `cargo xtask load`.

use std::path::PathBuf;

use super::LoadError;
use super::programs::WorkerKind;
use super::workload::{WORKLOADS, Workload};

pub(super) const USAGE: &str = "\
Usage: cargo xtask load [options]

Options, each followed by its value:
  --workers LIST      of null, durably, official; default: null,durably and, if it is built, official
  --workloads LIST    of one_activity, seq, fanout, timers, signals, memory; default: all
  --rounds N          how often everything is run; medians are printed; default 3
  --threads N         the workers' threads for workflow tasks; default 1
  --max-cached N      the workers' cache; default 10000
  --eager BOOL        whether null and durably ask for eager activities; default true
  --json FILE         write all figures to this file too
  --no-build true     take the release binaries as they are

The `temporal` command line has to be on the PATH, or TEMPORAL_CLI has to name it.
";

/// What to measure.
#[derive(Debug)]
pub(super) struct LoadArguments {
    /// None: those that there are.
    pub(super) workers: Option<Vec<WorkerKind>>,
    pub(super) workloads: Vec<&'static Workload>,
    pub(super) memory: bool,
    pub(super) rounds: usize,
    pub(super) threads: usize,
    pub(super) max_cached: usize,
    pub(super) eager: bool,
    pub(super) json: Option<PathBuf>,
    pub(super) build: bool,
}

impl Default for LoadArguments {
    fn default() -> Self {
        Self {
            workers: None,
            workloads: WORKLOADS.iter().collect(),
            memory: true,
            rounds: 3,
            threads: 1,
            max_cached: 10_000,
            eager: true,
            json: None,
            build: true,
        }
    }
}

impl LoadArguments {
    /// Reads the command line.
    pub(super) fn parse(words: &[&str]) -> Result<Self, LoadError> {
        let mut arguments = Self::default();
        let mut words = words.iter();
        while let Some(&option) = words.next() {
            let mut value = || {
                words.next().copied().ok_or_else(|| LoadError::NoValue {
                    option: option.to_owned(),
                    usage: USAGE,
                })
            };
            match option {
                "--workers" => arguments.workers = Some(workers(value()?)?),
                "--workloads" => arguments.select(value()?)?,
                "--rounds" => arguments.rounds = count("--rounds", value()?)?,
                "--threads" => arguments.threads = count("--threads", value()?)?,
                "--max-cached" => arguments.max_cached = count("--max-cached", value()?)?,
                "--eager" => arguments.eager = truth("--eager", value()?)?,
                "--json" => arguments.json = Some(value()?.into()),
                "--no-build" => arguments.build = !truth("--no-build", value()?)?,
                _ => {
                    return Err(LoadError::Unknown {
                        argument: option.to_owned(),
                        usage: USAGE,
                    });
                }
            }
        }
        Ok(arguments)
    }

    fn select(&mut self, list: &str) -> Result<(), LoadError> {
        self.memory = false;
        self.workloads.clear();
        for name in list.split(',') {
            let workload = WORKLOADS.iter().find(|workload| workload.workflow == name);
            match workload {
                Some(workload) => self.workloads.push(workload),
                None if name == "memory" => self.memory = true,
                None => {
                    let names = WORKLOADS.map(|workload| workload.workflow).join(", ");
                    return Err(bad("--workloads", name, format!("one of {names}, memory")));
                }
            }
        }
        Ok(())
    }
}

fn workers(list: &str) -> Result<Vec<WorkerKind>, LoadError> {
    let find = |name: &str| {
        let kind = WorkerKind::ALL.into_iter().find(|kind| kind.name() == name);
        let expected = || {
            bad(
                "--workers",
                name,
                "one of null, durably, official".to_owned(),
            )
        };
        kind.ok_or_else(expected)
    };
    list.split(',').map(find).collect()
}

fn count(option: &'static str, value: &str) -> Result<usize, LoadError> {
    match value.parse() {
        Ok(count) if count > 0 => Ok(count),
        _ => Err(bad(
            option,
            value,
            "a whole number of at least 1".to_owned(),
        )),
    }
}

fn truth(option: &'static str, value: &str) -> Result<bool, LoadError> {
    value
        .parse()
        .map_err(|_| bad(option, value, "true or false".to_owned()))
}

fn bad(option: &'static str, value: &str, expected: String) -> LoadError {
    LoadError::Value {
        option,
        value: value.to_owned(),
        expected,
        usage: USAGE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<LoadArguments, LoadError> {
        LoadArguments::parse(&line.split_whitespace().collect::<Vec<_>>())
    }

    #[test]
    fn workers_and_workloads_are_chosen_by_name() {
        let arguments = parse("--workers null,official --workloads seq,memory --rounds 1").unwrap();
        let workers = arguments.workers.unwrap();
        assert_eq!(workers, [WorkerKind::Null, WorkerKind::Official]);
        assert_eq!(arguments.workloads, [&WORKLOADS[1]]);
        assert!(arguments.memory);
        assert!(!parse("--workloads seq").unwrap().memory);
        assert_eq!(parse("").unwrap().workloads.len(), WORKLOADS.len());
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (line, name) in [
            ("--workers go", "\"go\""),
            ("--workloads idle", "\"idle\""),
            ("--rounds 0", "--rounds \"0\""),
            ("--json", "--json"),
            ("--fast yes", "\"--fast\""),
        ] {
            let error = parse(line).unwrap_err().to_string();
            assert!(error.contains(name), "{line}: {error}");
        }
    }
}
