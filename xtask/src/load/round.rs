//! One worker through all workloads.

use std::process::Command;
use std::time::Duration;

use super::LoadError;
use super::arguments::LoadArguments;
use super::child::Process;
use super::figures::{Figures, Memory, Run};
use super::process::{processor_time, resident_memory, wait_until_quiet};
use super::programs::{Programs, WorkerKind};
use super::server::Server;
use super::workload::{IDLE, WARM_UP, Workload};

const START_LIMIT: Duration = Duration::from_secs(60);
const WORKLOAD_LIMIT: Duration = Duration::from_secs(1800);
const TASK_QUEUE: &str = "load";

/// Measures a worker once.
pub(super) fn measure(
    kind: WorkerKind,
    arguments: &LoadArguments,
    programs: &Programs,
    figures: &mut Figures,
) -> Result<(), LoadError> {
    if arguments.memory {
        let memory = Bench::start(kind, arguments, programs)?.memory()?;
        figures.add_memory(kind, memory);
    }
    if !arguments.workloads.is_empty() {
        let mut bench = Bench::start(kind, arguments, programs)?;
        bench.run(&WARM_UP)?;
        for workload in &arguments.workloads {
            let run = bench.run(workload)?;
            figures.add_run(kind, workload, run);
        }
    }
    Ok(())
}

/// A server and a worker, both fresh. The worker is dropped, and so ended, first.
struct Bench<'a> {
    worker: Process,
    server: Server,
    programs: &'a Programs,
}

impl<'a> Bench<'a> {
    fn start(
        kind: WorkerKind,
        arguments: &LoadArguments,
        programs: &'a Programs,
    ) -> Result<Self, LoadError> {
        let mut server = Server::start(&programs.temporal)?;
        starter(programs, "ready", &server, &[])?.success("wait for the server", START_LIMIT)?;

        let mut command = Command::new(programs.worker(kind));
        command.args(["--address", &server.address, "--namespace", "default"]);
        command.args(["--task-queue", TASK_QUEUE]);
        command.args(["--max-cached", &arguments.max_cached.to_string()]);
        command.args(["--threads", &arguments.threads.to_string()]);
        if kind.has_eager_option() {
            command.args(["--eager", &arguments.eager.to_string()]);
        }
        let mut worker = Process::start(&format!("{}-worker", kind.name()), &mut command, None)?;
        let line = worker.line("print `ready`", START_LIMIT, &mut [&mut server.process])?;
        if line != "ready" {
            return Err(worker.unexpected(line, "`ready`"));
        }
        let polled = ["--task-queue", TASK_QUEUE];
        starter(programs, "ready", &server, &polled)?
            .success("wait for the worker", START_LIMIT)?;
        let bench = Self {
            worker,
            server,
            programs,
        };
        wait_until_quiet(&bench.worker)?;
        Ok(bench)
    }

    /// Runs a workload to its end.
    fn run(&mut self, workload: &Workload) -> Result<Run, LoadError> {
        let before = processor_time(&self.worker)?;
        let mut starter = self.start_workload(workload)?;
        let (seconds, events) = self.done(&mut starter)?;
        wait_until_quiet(&self.worker)?;
        Ok(Run {
            processor_time: processor_time(&self.worker)?.saturating_sub(before),
            wall_time: Duration::from_secs_f64(seconds),
            events,
        })
    }

    /// Looks at the memory with nothing done yet, and with many idle workflows in the cache.
    fn memory(&mut self) -> Result<Memory, LoadError> {
        let idle = resident_memory(&self.worker)?;
        self.run(&WARM_UP)?;
        let before = resident_memory(&self.worker)?;
        let mut starter = self.start_workload(&IDLE)?;
        let line = self.line(&mut starter, "hold idle workflows")?;
        if line != "holding" {
            return Err(starter.unexpected(line, "`holding`"));
        }
        wait_until_quiet(&self.worker)?;
        let after = resident_memory(&self.worker)?;
        // That they end well shows that the cached workflows were alive.
        starter.go_on()?;
        self.done(&mut starter)?;
        let growth = after.saturating_sub(before);
        Ok(Memory {
            idle,
            per_cached_workflow: growth as f64 / IDLE.workflows as f64,
        })
    }

    fn start_workload(&self, workload: &Workload) -> Result<Process, LoadError> {
        let numbers = [workload.workflows, workload.units_each, workload.in_flight];
        let [count, input, in_flight] = numbers.map(|number| number.to_string());
        let options = [
            ["--task-queue", TASK_QUEUE],
            ["--workflow", workload.workflow],
            ["--count", &count],
            ["--input", &input],
            ["--in-flight", &in_flight],
        ];
        starter(self.programs, "run", &self.server, options.as_flattened())
    }

    /// Waits for the starter's end; gives the seconds and the number of events it tells of.
    fn done(&mut self, starter: &mut Process) -> Result<(f64, u64), LoadError> {
        let line = self.line(starter, "finish its workflows")?;
        let Some(told) = told(&line) else {
            return Err(starter.unexpected(line, "`done seconds=.. events=..`"));
        };
        starter.success("end", START_LIMIT)?;
        Ok(told)
    }

    fn line(&mut self, starter: &mut Process, expected: &str) -> Result<String, LoadError> {
        let watched = &mut [&mut self.worker, &mut self.server.process];
        starter.line(expected, WORKLOAD_LIMIT, watched)
    }
}

fn starter(
    programs: &Programs,
    command_word: &str,
    server: &Server,
    options: &[&str],
) -> Result<Process, LoadError> {
    let mut command = Command::new(programs.starter());
    command.args([command_word, "--address", &server.address]);
    command.args(options);
    Process::start("starter", &mut command, None)
}

/// The figures in the line `done seconds=1.234 events=22000`.
fn told(line: &str) -> Option<(f64, u64)> {
    let (seconds, events) = line.strip_prefix("done seconds=")?.split_once(" events=")?;
    Some((seconds.parse().ok()?, events.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::told;

    #[test]
    fn the_starters_line_is_understood() {
        assert_eq!(told("done seconds=1.250 events=22000"), Some((1.25, 22000)));
        assert_eq!(told("done seconds=1.250"), None);
        assert_eq!(told("holding"), None);
    }
}
