//! What was measured, and medians of it.

use std::time::Duration;

use super::arguments::LoadArguments;
use super::programs::{Programs, WorkerKind};
use super::workload::Workload;

/// A workload run once by one worker.
#[derive(Debug, Clone, Copy)]
pub(super) struct Run {
    /// Of the worker.
    pub(super) processor_time: Duration,
    pub(super) wall_time: Duration,
    /// The length of all histories together.
    pub(super) events: u64,
}

/// A worker's memory, looked at once; bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Memory {
    /// Before any work.
    pub(super) idle: u64,
    pub(super) per_cached_workflow: f64,
}

/// All rounds of one worker.
#[derive(Debug)]
pub(super) struct WorkerFigures {
    pub(super) worker: WorkerKind,
    /// For each of the workloads, its runs.
    pub(super) runs: Vec<Vec<Run>>,
    pub(super) memory: Vec<Memory>,
}

/// All rounds of all workers.
#[derive(Debug)]
pub(super) struct Figures {
    pub(super) workloads: Vec<&'static Workload>,
    pub(super) workers: Vec<WorkerFigures>,
    pub(super) rounds: usize,
    pub(super) threads: usize,
    pub(super) eager: bool,
}

impl Figures {
    pub(super) fn new(arguments: &LoadArguments, programs: &Programs) -> Self {
        let empty = |&worker: &WorkerKind| WorkerFigures {
            worker,
            runs: vec![Vec::new(); arguments.workloads.len()],
            memory: Vec::new(),
        };
        Self {
            workloads: arguments.workloads.clone(),
            workers: programs.workers.iter().map(empty).collect(),
            rounds: arguments.rounds,
            threads: arguments.threads,
            eager: arguments.eager,
        }
    }

    pub(super) fn add_run(&mut self, worker: WorkerKind, workload: &Workload, run: Run) {
        let index = self.workloads.iter().position(|known| *known == workload);
        if let (Some(figures), Some(index)) = (self.of_mut(worker), index) {
            figures.runs[index].push(run);
        }
    }

    pub(super) fn add_memory(&mut self, worker: WorkerKind, memory: Memory) {
        if let Some(figures) = self.of_mut(worker) {
            figures.memory.push(memory);
        }
    }

    fn of_mut(&mut self, worker: WorkerKind) -> Option<&mut WorkerFigures> {
        self.workers
            .iter_mut()
            .find(|figures| figures.worker == worker)
    }

    pub(super) fn of(&self, worker: WorkerKind) -> Option<&WorkerFigures> {
        self.workers.iter().find(|figures| figures.worker == worker)
    }
}

impl WorkerFigures {
    /// Milliseconds of processor time for each unit of a workload.
    pub(super) fn milliseconds_per_unit(&self, index: usize, workload: &Workload) -> Option<f64> {
        let seconds = self.median_run(index, |run| run.processor_time.as_secs_f64())?;
        Some(seconds * 1000.0 / workload.units() as f64)
    }

    /// Workflow tasks for each of a workload's workflows.
    pub(super) fn tasks_per_workflow(&self, index: usize, workload: &Workload) -> Option<f64> {
        let tasks = self.median_run(index, |run| workload.workflow_tasks(run.events))?;
        Some(tasks / workload.workflows as f64)
    }

    pub(super) fn wall_seconds(&self, index: usize) -> Option<f64> {
        self.median_run(index, |run| run.wall_time.as_secs_f64())
    }

    fn median_run(&self, index: usize, figure: impl Fn(&Run) -> f64) -> Option<f64> {
        median(self.runs.get(index)?.iter().map(figure).collect())
    }

    pub(super) fn idle_memory(&self) -> Option<f64> {
        median(
            self.memory
                .iter()
                .map(|memory| memory.idle as f64)
                .collect(),
        )
    }

    pub(super) fn memory_per_cached_workflow(&self) -> Option<f64> {
        median(
            self.memory
                .iter()
                .map(|memory| memory.per_cached_workflow)
                .collect(),
        )
    }
}

/// The middle figure, or the mean of the middle two.
fn median(mut figures: Vec<f64>) -> Option<f64> {
    figures.sort_by(f64::total_cmp);
    let upper = *figures.get(figures.len() / 2)?;
    let lower = *figures.get(figures.len().saturating_sub(1) / 2)?;
    Some(f64::midpoint(lower, upper))
}

#[cfg(test)]
mod tests {
    use super::median;

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(median(vec![]), None);
        assert_eq!(median(vec![3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]), Some(2.5));
    }
}
