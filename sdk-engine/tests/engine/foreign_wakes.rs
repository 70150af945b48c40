//! Code that waits for something outside of the workflow: found, and nothing else taken for it
//! (protocol 12.34).

use std::cell::RefCell;
use std::rc::Rc;
use std::task::{Poll, Waker};
use std::time::Duration;

use durably_engine::{Context, SignalDelivery, TaskEnd};
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::sync::{Mutex, mpsc, oneshot};

use crate::support::check::{execute, run_of, task};
use crate::support::fixture::history;
use crate::support::script::ScriptedWorkflow;
use crate::support::text::completion_text;
use crate::support::{check, complete, said, workflow};
use expect_test::expect;

const OPEN: &str = "WorkflowTaskScheduled | WorkflowTaskStarted";
const FOREIGN: &str = "workflow code waits for something outside the workflow";

/// Waits until somebody with the waker wakes it, and for a timer.
fn leaky(slot: Rc<RefCell<Option<Waker>>>) -> ScriptedWorkflow {
    workflow(async move |run| {
        let slot = slot.clone();
        let outside = std::future::poll_fn(move |cx| {
            *slot.borrow_mut() = Some(cx.waker().clone());
            Poll::<()>::Pending
        });
        futures_util::future::select(run.timer(60), Box::pin(outside)).await;
        complete("fired")
    })
}

#[test]
fn a_wake_between_tasks_fails_the_next_task() {
    let events = history(&format!(
        "WorkflowExecutionStarted | WorkflowTask | TimerStarted 1 | TimerFired 1 | {OPEN}"
    ));
    let wakes: [fn(Waker); 2] = [Waker::wake, |waker| {
        std::thread::spawn(move || waker.wake())
            .join()
            .expect("the thread only wakes");
    }];
    for wake in wakes {
        let slot = Rc::new(RefCell::new(None));
        let mut run = run_of(&leaky(slot.clone()).rc());
        assert_eq!(
            completion_text(&execute(&mut run, task(3), &events[..3], 9)),
            "StartTimer 1 60s"
        );
        wake(slot.take().expect("the code was polled"));
        let answer = completion_text(&execute(&mut run, task(8), &events[3..], 9));
        assert!(answer.contains(FOREIGN), "{answer}");
    }
    // A waker that is kept, but not used, is none of our business.
    let slot = Rc::new(RefCell::new(None));
    let mut run = run_of(&leaky(slot.clone()).rc());
    execute(&mut run, task(3), &events[..3], 9);
    let answer = completion_text(&execute(&mut run, task(8), &events[3..], 9));
    assert_eq!(answer, "CompleteWorkflowExecution fired");
    drop(slot);
}

#[test]
fn a_wake_after_the_run_is_gone_is_ignored() {
    let slot = Rc::new(RefCell::new(None));
    let mut run = run_of(&leaky(slot.clone()).rc());
    execute(
        &mut run,
        task(3),
        &history(&format!("WorkflowExecutionStarted | {OPEN}")),
        9,
    );
    drop(run);
    slot.take().expect("the code was polled").wake();
}

#[test]
fn a_run_that_waits_for_the_outside_alone_fails_at_once() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a runtime");
    let sleep = workflow(async |_| {
        tokio::time::sleep(Duration::from_secs(3600)).await;
        complete("slept")
    });
    let in_a_task = workflow(async |run| {
        run.ctx
            .spawn(async { tokio::time::sleep(Duration::from_secs(3600)).await })
            .await;
        complete("slept")
    });
    let yields = workflow(async |_| {
        tokio::task::yield_now().await;
        complete("yielded")
    });
    for main in [sleep, in_a_task, yields] {
        let events = history(&format!("WorkflowExecutionStarted | {OPEN}"));
        let workflow = main.without_messages().rc();
        // As in a worker: tokio itself is about to poll something else.
        let answer =
            runtime.block_on(async { execute(&mut run_of(&workflow), task(3), &events, 9) });
        assert!(completion_text(&answer).contains(FOREIGN), "{answer:?}");
    }
}

#[test]
fn waiting_for_messages_through_a_channel_is_no_foreign_wait() {
    let (sender, receiver) = mpsc::unbounded_channel::<String>();
    let receiver = Rc::new(Mutex::new(receiver));
    let main = workflow(async move |_| {
        let mut receiver = receiver.lock().await;
        complete(receiver.recv().await.expect("the sender is kept"))
    })
    .on_signal(move |_, signal| {
        sender.send(signal.name).expect("the receiver is kept");
        SignalDelivery::Done(TaskEnd::Done)
    });
    let mut run = run_of(&main.rc());
    let events = history(&format!(
        "WorkflowExecutionStarted | WorkflowTask | WorkflowExecutionSignaled a | {OPEN}"
    ));
    assert_eq!(
        completion_text(&execute(&mut run, task(3), &events[..3], 9)),
        "nothing"
    );
    let answer = completion_text(&execute(&mut run, task(7), &events[3..], 9));
    assert_eq!(answer, "CompleteWorkflowExecution a");
}

/// Runs waiting in every way that is the engine's own, in runs that take no messages.
#[test]
fn waiting_within_the_workflow_is_no_foreign_wait() {
    async fn never(ctx: Context) {
        let _ = ctx.wait_until(|| false).await;
    }
    let waits: Vec<ScriptedWorkflow> = vec![
        workflow(async |run| {
            run.ctx.canceled().await;
            complete("")
        }),
        workflow(async |run| {
            never(run.ctx.clone()).await;
            complete("")
        }),
        workflow(async |run| {
            let task = run.ctx.spawn(never(run.ctx.clone()));
            run.ctx.spawn(task).await;
            complete("")
        }),
        workflow(async |_| std::future::pending().await),
        // Stuck for good, but by its own doing.
        workflow(async |run| run.ctx.spawn(std::future::pending()).await),
        workflow(async |run| {
            let tasks = (0..40).map(|_| run.ctx.spawn(std::future::pending::<()>()));
            futures_util::future::join_all(tasks).await;
            complete("")
        }),
        workflow(async |run| {
            let mut all: FuturesUnordered<_> = (0..3)
                .map(|_| run.ctx.spawn(never(run.ctx.clone())))
                .collect();
            while all.next().await.is_some() {}
            complete("")
        }),
        workflow(async |run| {
            let (sender, receiver) = oneshot::channel();
            let ctx = run.ctx.clone();
            drop(run.ctx.spawn(async move {
                never(ctx).await;
                let _ = sender.send(());
            }));
            let _ = receiver.await;
            complete("")
        }),
    ];
    for (index, main) in waits.into_iter().enumerate() {
        let events = history(&format!("WorkflowExecutionStarted | {OPEN}"));
        let mut run = run_of(&main.without_messages().rc());
        let answer = execute(&mut run, task(3), &events, 9);
        assert_eq!(completion_text(&answer), "nothing", "workflow {index}");
        // Evicting it wakes nothing that anybody would miss.
        drop(run);
    }
}

#[test]
fn nested_wakers_are_as_good_as_the_engines_own() {
    let main = || {
        workflow(async |run| {
            let mut all: FuturesUnordered<_> = (0..3)
                .map(|number| {
                    let run = run.clone();
                    async move {
                        let result = said(run.activity(&format!("a{number}")).await);
                        let _ = run.timer(1).await;
                        result
                    }
                })
                .collect();
            while let Some(result) = all.next().await {
                run.note(result);
            }
            run.complete_with_log()
        })
        .without_messages()
    };
    check(
        &format!(
            "WorkflowExecutionStarted | WorkflowTask
             ActivityTaskScheduled 1 a0 | ActivityTaskScheduled 2 a1 | ActivityTaskScheduled 3 a2
             ActivityTaskCompleted 3 third | WorkflowTask | TimerStarted 1
             ActivityTaskCompleted 1 first | ActivityTaskCompleted 2 second | WorkflowTask
             TimerStarted 2 | TimerStarted 3 | TimerFired 2 | TimerFired 1 | WorkflowTask | TimerFired 3 | {OPEN}"
        ),
        main(),
        expect!["CompleteWorkflowExecution first,third,second"],
    );
}

/// Channels, mutexes and select between tasks of one run, all of them woken inside it.
#[test]
fn synchronization_between_tasks_of_a_run_is_its_own_business() {
    let main = workflow(async |run| {
        let (sender, mut receiver) = mpsc::channel::<u32>(1);
        let lock = Rc::new(Mutex::new(0));
        for number in 0..3 {
            let (run_, sender, lock) = (run.clone(), sender.clone(), lock.clone());
            drop(run.ctx.spawn(async move {
                let mut held = lock.lock().await;
                let _ = run_.timer(1).await;
                *held += 1;
                sender
                    .send(number * 10 + *held)
                    .await
                    .expect("the receiver is kept");
            }));
        }
        drop(sender);
        while let Some(number) = receiver.recv().await {
            run.note(number.to_string());
        }
        run.complete_with_log()
    })
    .without_messages();
    check(
        &format!(
            "WorkflowExecutionStarted | WorkflowTask | TimerStarted 1 | TimerFired 1 | WorkflowTask
             TimerStarted 2 | TimerFired 2 | WorkflowTask | TimerStarted 3 | TimerFired 3 | {OPEN}"
        ),
        main,
        expect!["CompleteWorkflowExecution 1,12,23"],
    );
}

#[test]
fn a_context_used_outside_of_its_run_is_reported() {
    let kept: Rc<RefCell<Option<Context>>> = Rc::default();
    let keep = kept.clone();
    let main = workflow(async move |run| {
        *keep.borrow_mut() = Some(run.ctx.clone());
        run.logged(1).await;
        complete("")
    });
    let events = history(&format!(
        "WorkflowExecutionStarted | WorkflowTask | WorkflowExecutionSignaled a | {OPEN}"
    ));
    let mut run = run_of(&main.rc());
    assert_eq!(
        completion_text(&execute(&mut run, task(3), &events[..3], 9)),
        "nothing"
    );
    let ctx = kept.take().expect("the code was polled");
    drop(ctx.start_timer(Duration::from_secs(1), None, std::panic::Location::caller()));
    let answer = completion_text(&execute(&mut run, task(7), &events[3..], 9));
    assert!(
        answer.contains("was used outside of the workflow: starting a timer at"),
        "{answer}"
    );
}
