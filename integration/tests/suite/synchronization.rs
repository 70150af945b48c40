//! Locks, permits, queues and channels between a run's tasks and handlers.

use std::time::Duration;

use durably::client::{QueryError, ResultError};
use durably::prelude::*;
use durably::workflow::{Mutex, Queue, Receiver, Semaphore, Sender, channel, unbounded_channel};
use durably_integration::Test;
use durably_protos::temporal::api::enums::v1::EventType;

const SHORT: Duration = Duration::from_millis(10);

#[activity(start_to_close_timeout = "10s")]
async fn work(milliseconds: u64) -> ActivityResult<()> {
    tokio::time::sleep(Duration::from_millis(milliseconds)).await;
    Ok(())
}

/// An account from which signals withdraw.
struct Account {
    balance: Mutex<u64>,
    log: State<Vec<String>>,
}

#[workflow]
impl Account {
    #[init]
    fn new(balance: &u64) -> Self {
        Self {
            balance: Mutex::new(*balance),
            log: State::default(),
        }
    }

    #[run]
    async fn run(&self, ctx: &WorkflowContext, _balance: u64) -> WorkflowResult<Vec<String>> {
        ctx.wait_until(|| self.log.with(Vec::len) == 6).await?;
        let left = *ctx.until_canceled(self.balance.lock()).await?;
        self.note(format!("left {left}"));
        Ok(self.log.get())
    }

    /// Those that come later take less time, and yet must wait for those before.
    #[signal]
    async fn withdraw(&self, ctx: &WorkflowContext, sum: u64) -> WorkflowResult<()> {
        let mut balance = self.balance.lock().await;
        self.note(format!("{sum} of {balance}", balance = *balance));
        ctx.activity(work, sum).await?;
        *balance -= sum;
        self.note(format!("{sum} taken"));
        Ok(())
    }
}

impl Account {
    fn note(&self, line: String) {
        self.log.update(|log| log.push(line));
    }
}

#[tokio::test]
async fn a_mutex_lets_one_in_after_the_other() {
    let test = Test::begin().await;
    let handle = test.start(Account::run, 1_000).await;
    for sum in [200, 100, 1] {
        handle.signal(Account::withdraw, sum).await.unwrap();
    }
    let _worker = test.worker(|worker| worker.workflow(Account::run).activity(work));
    assert_eq!(
        test.result(&handle).await.unwrap(),
        [
            "200 of 1000",
            "200 taken",
            "100 of 800",
            "100 taken",
            "1 of 700",
            "1 taken",
            "left 699"
        ]
    );
}

#[workflow]
async fn in_turns(ctx: &WorkflowContext, tasks: u32, permits: usize) -> WorkflowResult<(u32, u32)> {
    let semaphore = Semaphore::new(permits);
    let active = std::rc::Rc::new(State::new((0_u32, 0_u32)));
    let mut handles = Vec::new();
    for _ in 0..tasks {
        let (active, semaphore) = (active.clone(), semaphore.clone());
        let context = ctx.clone();
        handles.push(ctx.spawn(async move {
            let _permit = semaphore.acquire().await;
            active.update(|(now, most)| {
                *now += 1;
                *most = (*most).max(*now);
            });
            context.activity(work, 5_u64).await?;
            active.update(|(now, _)| *now -= 1);
            Ok::<_, Failure>(())
        }));
    }
    let ended = try_join_all(handles).await?.len();
    if semaphore.available() != permits {
        return Err("permits were not given back".into());
    }
    Ok((u32::try_from(ended)?, active.get().1))
}

#[tokio::test]
async fn a_semaphore_limits_what_runs_at_a_time() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(in_turns).activity(work));
    assert_eq!(test.run(in_turns, (10, 3)).await, (10, 3));
}

/// Takes what signals leave for it; its queries do what queries must not.
struct Desk {
    letters: Queue<String>,
    lock: Mutex<u32>,
    permits: Semaphore,
    sender: Sender<u32>,
    receiver: Receiver<u32>,
}

#[workflow]
impl Desk {
    #[init]
    fn new() -> Self {
        let (sender, receiver) = unbounded_channel();
        Self {
            letters: Queue::new(),
            lock: Mutex::default(),
            permits: Semaphore::new(1),
            sender,
            receiver,
        }
    }

    #[run]
    async fn run(&self, ctx: &WorkflowContext) -> WorkflowResult<Vec<String>> {
        let mut read = Vec::new();
        loop {
            let letter = ctx.until_canceled(self.letters.pop()).await?;
            if letter == "the end" {
                return Ok(read);
            }
            ctx.sleep(SHORT).await?;
            read.push(letter);
        }
    }

    #[signal]
    fn post(&self, letter: String) {
        self.letters.push(letter);
    }

    #[query]
    fn locks(&self) -> bool {
        self.lock.try_lock().is_some()
    }

    #[query]
    fn acquires(&self) -> bool {
        self.permits.try_acquire().is_some()
    }

    #[query]
    fn pushes(&self) -> bool {
        self.letters.push("from a query".to_owned());
        true
    }

    #[query]
    fn pops(&self) -> Option<String> {
        self.letters.try_pop()
    }

    #[query]
    fn sends(&self) -> bool {
        self.sender.clone().try_send(1).is_ok()
    }

    #[query]
    fn looks(&self) -> (usize, usize, bool) {
        (
            self.letters.len() + self.receiver.len(),
            self.permits.available(),
            self.lock.is_locked(),
        )
    }
}

#[tokio::test]
async fn a_queue_hands_signals_to_run_in_their_order() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(Desk::run));
    let handle = test.start(Desk::run, ()).await;
    for letter in ["a", "b", "c", "the end"] {
        handle.signal(Desk::post, letter).await.unwrap();
    }
    assert_eq!(test.result(&handle).await.unwrap(), ["a", "b", "c"]);
}

#[tokio::test]
async fn queries_may_look_at_them_but_not_use_them() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(Desk::run));
    let handle = test.start(Desk::run, ()).await;
    let queries = [
        ("locks", "locking a Mutex"),
        ("acquires", "taking a permit of a Semaphore"),
        ("pushes", "putting something into a queue"),
        ("pops", "taking something out of a queue"),
        ("sends", "putting something into a queue"),
    ];
    for (query, what) in queries {
        match handle.query_by_name(query, vec![]).await {
            Err(QueryError::Failed { message, .. }) => {
                assert!(message.contains(what), "{query}: {message}");
            }
            other => panic!("{query}: a failed query, not {other:?}"),
        }
    }
    assert_eq!(handle.query(Desk::looks, ()).await.unwrap(), (0, 1, false));
    handle.signal(Desk::post, "a").await.unwrap();
    handle.signal(Desk::post, "the end").await.unwrap();
    assert_eq!(test.result(&handle).await.unwrap(), ["a"]);
}

#[tokio::test]
async fn a_cancellation_ends_the_wait_for_an_item() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(Desk::run));
    let handle = test.start(Desk::run, ()).await;
    test.until_event(&handle, EventType::WorkflowTaskCompleted)
        .await;
    handle.cancel("no more letters").await.unwrap();
    let error = test.result(&handle).await.unwrap_err();
    assert!(matches!(error, ResultError::Canceled { .. }), "{error:?}");
}

#[workflow]
async fn pipeline(ctx: &WorkflowContext, pages: u32) -> WorkflowResult<(u32, u32)> {
    let (sender, mut receiver) = channel(2);
    for reader in 0..2 {
        let (sender, context) = (sender.clone(), ctx.clone());
        ctx.spawn(async move {
            for page in (0..pages).filter(|page| page % 2 == reader) {
                context.sleep(SHORT).await?;
                sender.send(page).await?;
            }
            Ok::<_, WorkflowError>(())
        });
    }
    drop(sender);
    let (mut count, mut sum) = (0, 0);
    while let Some(page) = receiver.recv().await {
        ctx.activity(work, 1_u64).await?;
        count += 1;
        sum += page;
    }
    Ok((count, sum))
}

#[tokio::test]
async fn a_channel_ends_when_all_senders_are_through() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(pipeline).activity(work));
    assert_eq!(test.run(pipeline, 9).await, (9, 36));
}

#[workflow]
async fn locks_itself_out(_ctx: &WorkflowContext) -> WorkflowResult<()> {
    let mutex = Mutex::new(());
    let _first = mutex.lock().await;
    let _second = mutex.lock().await;
    Ok(())
}

#[tokio::test]
async fn a_lock_that_can_never_come_free_fails_the_task() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(locks_itself_out));
    let handle = test.start(locks_itself_out, ()).await;
    let events = test
        .until_event(&handle, EventType::WorkflowTaskFailed)
        .await;
    let message = &events.task_failure().unwrap().message;
    assert!(message.contains("wait for each other"), "{message}");
    handle.terminate("never to end").await.unwrap();
}
