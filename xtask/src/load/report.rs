//! The table that is printed.

use std::fmt::Write;

use super::figures::{Figures, WorkerFigures};
use super::programs::WorkerKind;

/// What the Durably worker's figures should be at the most.
const AIM_TIMES_NULL: f64 = 1.2;
const AIM_IDLE_MEMORY: f64 = 8.0 * 1024.0 * 1024.0;
const AIM_MEMORY_PER_CACHED_WORKFLOW: f64 = 4.0 * 1024.0;

const LABEL: usize = 56;
const CELL: usize = 20;

/// A figure of a worker; `None` when it was not measured.
type Figure<'a> = Box<dyn Fn(&WorkerFigures) -> Option<f64> + 'a>;

/// One line of the table.
struct Row<'a> {
    label: String,
    figure: Figure<'a>,
    format: fn(f64) -> String,
    /// Whether the multiple of the null worker's figure is shown.
    times_null: bool,
    aim: Option<Aim>,
}

#[derive(Clone, Copy)]
enum Aim {
    TimesNull(f64),
    AtMost(f64),
}

/// All figures as text.
pub(super) fn report(figures: &Figures) -> String {
    let mut text = format!(
        "\nMedians of {} round(s); workers with {} thread(s) for workflow tasks, eager activities: {}.\n\
         \"x\" is the multiple of the null worker's figure.\n\n",
        figures.rounds, figures.threads, figures.eager
    );
    let mut line = format!("{:LABEL$}", "");
    for worker in &figures.workers {
        cell(&mut line, worker.worker.name());
    }
    text.push_str(&line);
    text.push('\n');
    section(
        &mut text,
        figures,
        "processor time of the worker, ms for each",
        processor_time(figures),
    );
    section(
        &mut text,
        figures,
        "memory of the worker (VmRSS)",
        memory(figures),
    );
    section(&mut text, figures, "for comparison", context(figures));
    text
}

fn processor_time(figures: &Figures) -> Vec<Row<'_>> {
    let row = |(index, workload): (usize, &&'static super::workload::Workload)| {
        let workload = *workload;
        Row {
            label: format!("{} ({})", workload.unit, workload.size()),
            figure: Box::new(move |worker| worker.milliseconds_per_unit(index, workload)),
            format: |milliseconds| format!("{milliseconds:.3}"),
            times_null: true,
            aim: Some(Aim::TimesNull(AIM_TIMES_NULL)),
        }
    };
    figures.workloads.iter().enumerate().map(row).collect()
}

fn memory(figures: &Figures) -> Vec<Row<'_>> {
    if figures
        .workers
        .iter()
        .all(|worker| worker.memory.is_empty())
    {
        return Vec::new();
    }
    vec![
        Row {
            label: "idle, before any work, MB".to_owned(),
            figure: Box::new(WorkerFigures::idle_memory),
            format: |bytes| format!("{:.1}", bytes / (1024.0 * 1024.0)),
            times_null: false,
            aim: Some(Aim::AtMost(AIM_IDLE_MEMORY)),
        },
        Row {
            label: "for each cached workflow (of 2000), KB".to_owned(),
            figure: Box::new(WorkerFigures::memory_per_cached_workflow),
            format: |bytes| format!("{:.2}", bytes / 1024.0),
            times_null: false,
            aim: Some(Aim::AtMost(AIM_MEMORY_PER_CACHED_WORKFLOW)),
        },
    ]
}

fn context(figures: &Figures) -> Vec<Row<'_>> {
    let mut rows = Vec::new();
    for (index, workload) in figures.workloads.iter().enumerate() {
        rows.push(Row {
            label: format!("{}: workflow tasks for each workflow", workload.workflow),
            figure: Box::new(move |worker| worker.tasks_per_workflow(index, workload)),
            format: |tasks| format!("{tasks:.1}"),
            times_null: false,
            aim: None,
        });
        rows.push(Row {
            label: format!(
                "{}: seconds from first start to last result",
                workload.workflow
            ),
            figure: Box::new(move |worker| worker.wall_seconds(index)),
            format: |seconds| format!("{seconds:.2}"),
            times_null: false,
            aim: None,
        });
    }
    rows
}

fn section(text: &mut String, figures: &Figures, title: &str, rows: Vec<Row<'_>>) {
    if rows.is_empty() {
        return;
    }
    // Writing to a String does not fail.
    let _ = writeln!(text, "{title}");
    for row in rows {
        let _ = writeln!(text, "{}", line(figures, &row));
    }
}

fn line(figures: &Figures, row: &Row<'_>) -> String {
    let null = figures.of(WorkerKind::Null).and_then(&row.figure);
    let mut line = format!("  {:1$}", row.label, LABEL - 2);
    for worker in &figures.workers {
        let figure = (row.figure)(worker);
        let times = figure
            .zip(null)
            .filter(|_| row.times_null)
            .map(|(figure, null)| figure / null);
        let mut text = figure.map_or("-".to_owned(), row.format);
        if let Some(times) = times.filter(|_| worker.worker != WorkerKind::Null) {
            let _ = write!(text, "  x {times:5.2}");
        }
        cell(&mut line, &text);
    }
    if let Some(figure) = figures.of(WorkerKind::Durably).and_then(&row.figure) {
        line.push_str(&verdict(row, figure, null));
    }
    line
}

/// Whether the Durably worker's figure is what it should be.
fn verdict(row: &Row<'_>, figure: f64, null: Option<f64>) -> String {
    let (aim, reached) = match (row.aim, null) {
        (Some(Aim::AtMost(most)), _) => ((row.format)(most), figure <= most),
        (Some(Aim::TimesNull(most)), Some(null)) => (format!("x {most}"), figure <= most * null),
        (Some(Aim::TimesNull(_)), None) | (None, _) => return String::new(),
    };
    let verdict = if reached { "reached" } else { "missed" };
    format!("   durably's aim {aim}: {verdict}")
}

fn cell(line: &mut String, text: &str) {
    let _ = write!(line, "{text:>CELL$}");
}
