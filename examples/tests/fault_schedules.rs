//! The order saga under seeded trouble: calls and answers are lost, late or come twice, workers forget
//! their runs and are killed, and every order must end as it should.
//!
//! `DURABLY_FAULT_SCHEDULES` says how many schedules are run (200 otherwise), `DURABLY_FAULT_SEED` with
//! which seed they begin (1 otherwise), `DURABLY_FAULT_CONCURRENCY` how many run at once (16 otherwise).
//! A schedule that fails names its seed; it alone is run again by
//! `DURABLY_FAULT_SEED=<seed> DURABLY_FAULT_SCHEDULES=1`.

#[path = "../order_saga/saga.rs"]
mod saga;

use std::time::{Duration, Instant};

use durably::client::{SignalError, WorkflowHandle};
use durably::definition::WorkflowDefinition;
use durably_test::{Faults, TestEnv};
use saga::{
    Carrier, End, Order, OrderSaga, Status, charge, recall, refund, release, reserve, ship,
    thirty_days,
};
use tokio::task::JoinSet;

fn faults(seed: u64) -> Faults {
    Faults::seeded(seed)
        .drop_requests(0.02)
        .drop_answers(0.04)
        .delay(0.2, Duration::from_millis(20))
        .duplicate(0.05)
        .evict_caches(0.2)
        .kill_workers(Duration::from_secs(1))
}

/// What happens with an order, and how it ends.
fn scenario(seed: u64) -> (Order, bool, bool, End) {
    let (card, item, delivered, canceled, end) = match seed % 5 {
        0 => ("4000-1", "book", true, false, End::Delivered),
        1 => ("4000-1", "lamp", false, true, End::CanceledByCustomer),
        2 => ("expired", "chair", false, false, End::PaymentRefused),
        3 => ("4000-1", "unicorn", false, false, End::OutOfStock),
        _ => ("4000-1", "vase", false, false, End::NeverArrived),
    };
    let order = Order {
        id: item.to_owned(),
        customer: "Ada".to_owned(),
        card: card.to_owned(),
        item: item.to_owned(),
        quantity: 1,
        cents: 100,
        carrier: match seed % 2 {
            0 => Carrier::Reliable,
            _ => Carrier::Flaky,
        },
        delivery_wait_seconds: thirty_days(),
    };
    (order, delivered, canceled, end)
}

/// What an order that ended so has undone.
fn undone(end: End) -> usize {
    match end {
        End::Delivered | End::PaymentRefused => 0,
        End::OutOfStock => 1,
        End::CanceledByCustomer | End::NeverArrived => 3,
    }
}

async fn run(seed: u64) {
    let env = TestEnv::builder()
        .seed(seed)
        .faults(faults(seed))
        .start()
        .await;
    let _worker = env
        .worker("orders")
        .workflow(OrderSaga::run)
        .activity(charge)
        .activity(refund)
        .activity(reserve)
        .activity(release)
        .activity(ship)
        .activity(recall)
        .start();
    let (order, delivered, canceled, end) = scenario(seed);
    let start = env.client().start(OrderSaga::run, &order);
    let handle = start.workflow_id("order").task_queue("orders").await;
    let handle = handle.expect("the order is taken");
    // Nobody waits yet: the 30 days do not pass.
    if delivered || canceled {
        until_in_transit(&env, &handle).await;
    }
    if delivered {
        heard(handle.signal(OrderSaga::delivered, ()).await);
    }
    if canceled {
        heard(handle.signal(OrderSaga::cancel, "found it cheaper").await);
    }
    let receipt = handle.result().await.expect("the order ends");
    assert_eq!(receipt.end, end, "{receipt:?}");
    assert_eq!(receipt.undone.len(), undone(end), "{receipt:?}");
    env.finish().await;
}

/// A signal whose answer is lost is sent again, and may have ended the order meanwhile.
fn heard(told: Result<(), SignalError>) {
    match told {
        Ok(()) | Err(SignalError::NotFound { .. }) => {}
        Err(error) => panic!("the order does not hear: {error}"),
    }
}

async fn until_in_transit<W>(env: &TestEnv, handle: &WorkflowHandle<W>)
where
    W: WorkflowDefinition<Owner = OrderSaga>,
{
    loop {
        // A query is lost with the worker that has it; the next one is not.
        let asked = handle.query(OrderSaga::status, ());
        let answer = tokio::time::timeout(Duration::from_millis(500), asked.into_future()).await;
        if let Ok(Ok(Status::InTransit | Status::Closed)) = answer {
            return;
        }
        // The server's time: activities may wait for their next attempt.
        env.sleep(Duration::from_secs(1)).await;
    }
}

fn number(variable: &str, default: u64) -> u64 {
    let Ok(text) = std::env::var(variable) else {
        return default;
    };
    text.parse()
        .unwrap_or_else(|_| panic!("{variable} is \"{text}\", which is not a number"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fault_schedules() {
    let first = number("DURABLY_FAULT_SEED", 1);
    let schedules = number("DURABLY_FAULT_SCHEDULES", 200);
    let concurrency = number("DURABLY_FAULT_CONCURRENCY", 16);
    let begun = Instant::now();
    let mut seeds = first..first.saturating_add(schedules);
    let mut running = JoinSet::new();
    let mut wrong = Vec::new();
    let mut slowest = (Duration::ZERO, 0);
    loop {
        while u64::try_from(running.len()).is_ok_and(|running| running < concurrency)
            && let Some(seed) = seeds.next()
        {
            running.spawn(async move {
                let begun = Instant::now();
                let run = tokio::time::timeout(Duration::from_secs(120), run(seed));
                // A task of its own, so that a panic is told with its seed.
                let result = tokio::spawn(run).await;
                (seed, result, begun.elapsed())
            });
        }
        let Some(ended) = running.join_next().await else {
            break;
        };
        let (seed, result, took) = ended.expect("the schedules' own tasks do not panic");
        slowest = slowest.max((took, seed));
        match result {
            Ok(Ok(())) => {}
            Ok(Err(_)) => wrong.push((seed, "did not end within 120 s".to_owned())),
            Err(error) => wrong.push((seed, error.to_string())),
        }
    }
    let took = begun.elapsed();
    println!("{schedules} schedules took {took:.1?}; the slowest {slowest:?}");
    assert!(wrong.is_empty(), "seeds that went wrong: {wrong:?}");
}
