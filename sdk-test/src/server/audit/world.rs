//! Whether the runs are found where they should be, and nothing of theirs is lost.

use super::{Faults, history, run};
use crate::server::queues::Task;
use crate::server::run::Run;
use crate::server::world::{RunIndex, World};

impl World {
    /// What is wrong; nothing unless the server has a fault.
    pub(crate) fn audit(&mut self) -> Vec<String> {
        let mut faults = Faults::default();
        let runs: Vec<RunIndex> = self.runs().map(|run| run.index).collect();
        for index in runs {
            self.audit_run(&mut faults, index);
        }
        "the server".clone_into(&mut faults.about);
        let in_flight: usize = self.runs().map(Run::in_flight).sum();
        let counted = self.in_flight() - self.ringing();
        faults.unless(in_flight == counted, || {
            format!("{in_flight} things are in flight, {counted} are counted")
        });
        faults.found
    }

    fn audit_run(&mut self, faults: &mut Faults, index: RunIndex) {
        let is_open = self.run(index).is_some_and(Run::is_open);
        let rebuilt = is_open.then(|| self.rebuilt(index)).flatten();
        let Some(run) = self.run(index) else { return };
        faults.about = format!("run {} of {}", run.run_id, run.workflow_id);
        history::check(faults, run, run.now(self.now));
        run::check(faults, run);
        self.audit_places(faults, run);
        // What waits in the buffer is not in the history.
        if let Some(rebuilt) = rebuilt
            && run.buffer.is_empty()
        {
            let (is, should) = (run.tables(), rebuilt.tables());
            for (is, should) in is.lines().zip(should.lines()) {
                faults.unless(is == should, || {
                    format!("the history gives\n  {should}\ninstead of\n  {is}")
                });
            }
        }
    }

    fn audit_places(&self, faults: &mut Faults, run: &Run) {
        let namespace = &run.namespace.name;
        faults.unless(self.find_run_id(&run.run_id) == Some(run.index), || {
            "is not found by its id".to_owned()
        });
        let chain = self.chain(namespace, &run.workflow_id);
        let runs = chain.map_or(&[][..], |chain| &chain.runs);
        faults.unless(runs.contains(&run.index), || {
            "is not in its chain".to_owned()
        });
        let is_current = runs.last() == Some(&run.index);
        faults.unless(is_current || !run.is_open(), || {
            "is open and not the current run".to_owned()
        });
        let listed = self
            .listed(namespace, None)
            .filter(|one| one.index == run.index);
        let listed = listed.count();
        faults.unless(listed == 1, || format!("is listed {listed} times"));
        if let Some(task) = run.workflow_task.as_ref().filter(|task| !task.is_started()) {
            let mut waiting = self.queues.tasks();
            let waits = waiting
                .any(|waiting| matches!(waiting, Task::Workflow(index) if *index == run.index));
            faults.unless(waits, || {
                format!("workflow task {} is in no queue", task.scheduled_id)
            });
        }
    }
}
