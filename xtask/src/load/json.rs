//! All figures as a JSON file.

use std::path::Path;

use serde_json::{Value, json};

use super::LoadError;
use super::figures::{Figures, Memory, Run, WorkerFigures};

/// Writes the figures of every round, and the medians.
pub(super) fn write(figures: &Figures, path: &Path) -> Result<(), LoadError> {
    let text = format!("{:#}\n", to_json(figures));
    std::fs::write(path, text).map_err(|source| LoadError::Write {
        path: path.to_owned(),
        source,
    })
}

fn to_json(figures: &Figures) -> Value {
    let workers = figures
        .workers
        .iter()
        .map(|worker| worker_json(figures, worker));
    json!({
        "rounds": figures.rounds,
        "threads": figures.threads,
        "eager": figures.eager,
        "workers": workers.collect::<Vec<_>>(),
    })
}

fn worker_json(figures: &Figures, worker: &WorkerFigures) -> Value {
    let workload = |(index, workload): (usize, &&super::workload::Workload)| {
        json!({
            "workflow": workload.workflow,
            "workflows": workload.workflows,
            "units": workload.units(),
            "cpu_ms_per_unit": worker.milliseconds_per_unit(index, workload),
            "workflow_tasks_per_workflow": worker.tasks_per_workflow(index, workload),
            "runs": worker.runs[index].iter().map(run_json).collect::<Vec<_>>(),
        })
    };
    json!({
        "worker": worker.worker.name(),
        "workloads": figures.workloads.iter().enumerate().map(workload).collect::<Vec<_>>(),
        "idle_bytes": worker.idle_memory(),
        "bytes_per_cached_workflow": worker.memory_per_cached_workflow(),
        "memory": worker.memory.iter().map(memory_json).collect::<Vec<_>>(),
    })
}

fn run_json(run: &Run) -> Value {
    json!({
        "cpu_seconds": run.processor_time.as_secs_f64(),
        "wall_seconds": run.wall_time.as_secs_f64(),
        "events": run.events,
    })
}

fn memory_json(memory: &Memory) -> Value {
    json!({
        "idle_bytes": memory.idle,
        "bytes_per_cached_workflow": memory.per_cached_workflow,
    })
}
