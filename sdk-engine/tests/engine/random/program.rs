//! Random workflows: a program of operations, and the code that follows it.
//!
//! Whatever the code learns goes to its log, and every activity's type carries a digest of the log
//! so far: two runs that issue the same commands have gone the same way.

use std::cell::{Cell, RefCell};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::pin::Pin;
use std::rc::Rc;

use durably_engine::{
    ActivityCancellationType, ActivityOperation, CancelScope, ChildCancellationType,
    ChildOperation, ExternalOperation, LocalActivityOperation, LocalActivityOptions, Outcome,
    SignalDelivery, TaskEnd, TimerOperation,
};
use futures_util::FutureExt;
use futures_util::future::{join_all, select_all};

use super::dice::Dice;
use crate::support::script::ScriptedWorkflow;
use crate::support::script_more::started;
use crate::support::{
    Script, child_said, complete, external_said, fail, local_activity_options, local_said, said,
    workflow,
};

type Body = Rc<[Op]>;

/// What becomes of an operation that was started.
#[derive(Debug, Clone, Copy)]
enum After {
    Await,
    CancelAndAwait,
    CancelLater,
    Drop,
    Detach,
    Keep,
}

#[derive(Debug)]
enum Op {
    Activity(ActivityCancellationType, After),
    Timer(After),
    Child(ChildCancellationType, After),
    Signal(After),
    Local(ActivityCancellationType, After),
    Patch(usize, bool),
    SideEffect,
    /// Takes what was kept, oldest first, and awaits or drops it.
    TakeKept(After),
    WaitForSignals(usize),
    WaitForCancellation,
    Scope(Body, Option<usize>),
    CancelScope,
    Shield(Body),
    Spawn(Body, After),
    Select(Vec<Body>),
    Join(Vec<Body>),
    Draw(Body, Body),
    IfCanceled(Body),
    Clock,
    TakeSignal,
    Yield,
}

/// A random workflow.
#[derive(Debug)]
pub(crate) struct Program {
    main: Body,
    handler: Body,
    end: u8,
}

impl Program {
    pub(crate) fn new(dice: &mut Dice) -> Self {
        Self {
            main: body(dice, 4, 9),
            handler: body(dice, 2, 3),
            end: dice.next().to_le_bytes()[0],
        }
    }

    pub(crate) fn into_workflow(self) -> ScriptedWorkflow {
        let program = Rc::new(self);
        let (of_main, of_handlers) = (program.clone(), program);
        workflow(async move |run| {
            let code = Code::of(&run);
            follow(code, of_main.main.clone()).await;
            match of_main.end % 8 {
                0 => fail(&run.log.borrow().join(",")),
                1 => TaskEnd::Workflow(Outcome::ContinuedAsNew(Box::default())),
                2 if run.ctx.is_cancel_requested() => TaskEnd::Workflow(Outcome::Canceled(None)),
                3 => std::future::pending().await,
                _ => run.complete_with_log(),
            }
        })
        .on_signal(move |run, signal| {
            run.note(&signal.name);
            match &*signal.name {
                "async" => {
                    let handler = follow(Code::of(run), of_handlers.handler.clone());
                    SignalDelivery::Running {
                        future: Box::pin(handler.map(|()| TaskEnd::Done)),
                        name: "handler".into(),
                        abandon_unfinished: false,
                    }
                }
                "end" => SignalDelivery::Done(complete(run.log.borrow().join(","))),
                "unknown" => SignalDelivery::Unknown(signal),
                _ => SignalDelivery::Done(TaskEnd::Done),
            }
        })
    }
}

fn body(dice: &mut Dice, depth: usize, length: usize) -> Body {
    let length = dice.below(length) + 1;
    (0..length).map(|_| op(dice, depth)).collect()
}

fn bodies(dice: &mut Dice, depth: usize) -> Vec<Body> {
    (0..dice.below(3) + 1)
        .map(|_| body(dice, depth, 3))
        .collect()
}

fn op(dice: &mut Dice, depth: usize) -> Op {
    use ActivityCancellationType::{Abandon, TryCancel, WaitCancellationCompleted};
    use After::{Await, CancelAndAwait, CancelLater, Detach, Drop, Keep};
    let after = *dice.pick(&[
        Await,
        Await,
        Await,
        CancelAndAwait,
        CancelLater,
        Drop,
        Detach,
        Keep,
    ]);
    let flat = if depth == 0 { 14 } else { 22 };
    match dice.below(flat) {
        10 => Op::Child(
            *dice.pick(&[
                ChildCancellationType::Abandon,
                ChildCancellationType::TryCancel,
                ChildCancellationType::WaitCancellationCompleted,
                ChildCancellationType::WaitCancellationRequested,
            ]),
            after,
        ),
        11 if dice.one_in(2) => Op::Signal(after),
        11 => Op::Local(*dice.pick(&[TryCancel, WaitCancellationCompleted]), after),
        12 => Op::Patch(dice.below(4), dice.one_in(3)),
        13 => Op::SideEffect,
        0..3 => Op::Activity(
            *dice.pick(&[TryCancel, WaitCancellationCompleted, Abandon]),
            after,
        ),
        3..5 => Op::Timer(after),
        5 => Op::TakeKept(after),
        6 => Op::WaitForSignals(dice.below(3) + 1),
        7 => Op::Clock,
        8 => *Box::new(if dice.one_in(3) {
            Op::WaitForCancellation
        } else {
            Op::TakeSignal
        }),
        9 => {
            if dice.one_in(2) {
                Op::Yield
            } else {
                Op::CancelScope
            }
        }
        14 | 15 => {
            let cancel = dice.one_in(2).then(|| dice.below(4));
            Op::Scope(body(dice, depth - 1, 4), cancel)
        }
        16 => Op::Shield(body(dice, depth - 1, 3)),
        17 => Op::Spawn(body(dice, depth - 1, 4), after),
        18 => Op::Select(bodies(dice, depth - 1)),
        19 => Op::Join(bodies(dice, depth - 1)),
        20 => Op::Draw(body(dice, depth - 1, 3), body(dice, depth - 1, 3)),
        _ => Op::IfCanceled(body(dice, depth - 1, 3)),
    }
}

enum Kept {
    Activity(ActivityOperation),
    Timer(TimerOperation),
    Child(ChildOperation),
    Signal(ExternalOperation),
    Local(LocalActivityOperation),
    Task(durably_engine::JoinHandle<()>),
}

/// One run of a program.
#[derive(Clone)]
struct Code {
    run: Script,
    kept: Rc<RefCell<Vec<Kept>>>,
    scopes: Rc<RefCell<Vec<CancelScope>>>,
    signals: Rc<Cell<usize>>,
}

impl Code {
    fn of(run: &Script) -> Self {
        Self {
            run: run.clone(),
            kept: Rc::default(),
            scopes: Rc::default(),
            signals: Rc::default(),
        }
    }

    fn digest(&self) -> String {
        let mut hasher = DefaultHasher::new();
        self.run.log.borrow().hash(&mut hasher);
        format!("{:04x}", hasher.finish() & 0xffff)
    }

    async fn dispose(&self, kept: Kept, after: After) {
        match (kept, after) {
            (Kept::Activity(activity), After::Detach) => activity.detach(),
            (Kept::Child(child), After::Detach) => child.detach(),
            (Kept::Signal(signal), After::Detach) => signal.detach(),
            (Kept::Local(local), After::Detach) => local.detach(),
            (kept, After::Drop) => drop(kept),
            (kept, After::Keep) => self.kept.borrow_mut().push(kept),
            (kept, After::CancelLater) => {
                self.wait_for_signals(1).await;
                kept.cancel();
                self.outcome(kept).await;
            }
            (kept, after) => {
                if matches!(after, After::CancelAndAwait) {
                    kept.cancel();
                }
                self.outcome(kept).await;
            }
        }
    }

    async fn outcome(&self, kept: Kept) {
        let outcome = match kept {
            Kept::Activity(activity) => said(activity.await),
            Kept::Timer(timer) => format!("{:?}", timer.await),
            Kept::Child(mut child) => {
                let start = started(&mut child).await;
                format!("{start} {}", child_said(child.await))
            }
            Kept::Signal(signal) => external_said(signal.await),
            Kept::Local(local) => local_said(local.await),
            Kept::Task(task) => format!("{:?}", task.await),
        };
        self.run.note(outcome);
    }

    /// Waits until so many more signals have been logged than this code has waited for.
    async fn wait_for_signals(&self, count: usize) {
        let (log, target) = (self.run.log.clone(), self.signals.get() + count);
        self.signals.set(target);
        let waited = self.run.ctx.wait_until(move || {
            let is_signal = |entry: &&String| ["async", "sync", "unknown"].contains(&&***entry);
            log.borrow().iter().filter(is_signal).count() >= target
        });
        let waited = waited.await;
        self.run.note(format!("{waited:?}"));
    }
}

impl Kept {
    fn cancel(&self) {
        match self {
            Self::Activity(activity) => activity.cancel(),
            Self::Timer(timer) => timer.cancel(),
            Self::Child(child) => child.cancel(),
            Self::Local(local) => local.cancel(),
            Self::Signal(_) | Self::Task(_) => {}
        }
    }
}

fn follow(code: Code, body: Body) -> Pin<Box<dyn Future<Output = ()>>> {
    Box::pin(async move {
        for op in &*body {
            step(&code, op).await;
        }
    })
}

async fn step(code: &Code, op: &Op) {
    let run = &code.run;
    let all = |bodies: &[Body]| -> Vec<_> {
        bodies
            .iter()
            .map(|body| follow(code.clone(), body.clone()))
            .collect()
    };
    match op {
        Op::Activity(kind, after) => {
            let activity = run.activity_with(&format!("a-{}", code.digest()), *kind);
            code.dispose(Kept::Activity(activity), *after).await;
        }
        Op::Timer(after) => {
            let timer = run.timer(run.log.borrow().len() as u64);
            code.dispose(Kept::Timer(timer), *after).await;
        }
        Op::Child(kind, after) => {
            let child = run.child(&run.ctx.uuid().to_string(), *kind);
            code.dispose(Kept::Child(child), *after).await;
        }
        Op::Signal(after) => {
            let signal = run.signal("other", &format!("s-{}", code.digest()));
            code.dispose(Kept::Signal(signal), *after).await;
        }
        Op::Local(kind, after) => {
            let options = LocalActivityOptions {
                cancellation_type: *kind,
                ..local_activity_options(&format!("l-{}", code.digest()))
            };
            let here = std::panic::Location::caller();
            let local = run.ctx.schedule_local_activity(options, here);
            code.dispose(Kept::Local(local), *after).await;
        }
        Op::Patch(id, deprecated) => {
            let id = format!("p{id}");
            match deprecated {
                true => run.deprecate(&id),
                false => run.note(format!("{}", run.patched(&id))),
            }
        }
        Op::SideEffect => {
            let made = code.digest();
            run.note(run.side_effect(&made));
        }
        Op::TakeKept(after) => {
            let oldest = {
                let mut kept = code.kept.borrow_mut();
                (!kept.is_empty()).then(|| kept.remove(0))
            };
            if let Some(oldest) = oldest {
                code.dispose(oldest, *after).await;
            }
        }
        Op::WaitForSignals(count) => code.wait_for_signals(*count).await,
        Op::WaitForCancellation => {
            let reason = run.ctx.canceled().await;
            run.note(reason);
        }
        Op::Scope(body, cancel) => {
            let scoped = run.ctx.cancel_scope(follow(code.clone(), body.clone()));
            let scope = scoped.scope();
            code.scopes.borrow_mut().push(scope.clone());
            match cancel {
                None => scoped.await,
                Some(signals) => {
                    let canceler = async {
                        if *signals > 0 {
                            code.wait_for_signals(*signals).await;
                        }
                        scope.cancel("enough");
                    };
                    futures_util::future::join(scoped, canceler).await;
                }
            }
            run.note(format!("{}", scope.is_canceled()));
        }
        Op::CancelScope => {
            let newest = code.scopes.borrow_mut().pop();
            if let Some(scope) = newest {
                scope.cancel("from elsewhere");
            }
        }
        Op::Shield(body) => run.ctx.shield(follow(code.clone(), body.clone())).await,
        Op::Spawn(body, after) => {
            let task = run.ctx.spawn(follow(code.clone(), body.clone()));
            code.dispose(Kept::Task(task), *after).await;
        }
        Op::Select(bodies) => {
            let (_, index, rest) = select_all(all(bodies)).await;
            run.note(format!("{index} of {}", rest.len()));
        }
        Op::Join(bodies) => drop(join_all(all(bodies)).await),
        Op::Draw(one, other) => {
            let body = if run.ctx.random().bool() { one } else { other };
            run.note(format!("{}", run.ctx.random().below(100)));
            follow(code.clone(), body.clone()).await;
        }
        Op::IfCanceled(body) => {
            if run.ctx.is_canceled() {
                follow(code.clone(), body.clone()).await;
            }
        }
        Op::Clock => run.note(format!("{} {}", run.seconds(), run.ctx.history_length())),
        Op::TakeSignal => run.note(format!("{}", run.ctx.take_signal("unknown").is_some())),
        Op::Yield => run.ctx.spawn(async {}).await,
    }
}
