//! Waiting for several things at once: the first, all, as they end.

use std::collections::BTreeMap;
use std::time::Duration;

use durably::payload::FromPayload;
use durably::prelude::*;
use durably_integration::Test;
use durably_protos::temporal::api::enums::v1::EventType;
use durably_protos::temporal::api::history::v1::history_event::Attributes;

const SHORT: Duration = Duration::from_millis(10);
const LONG: Duration = Duration::from_secs(3600);

#[activity(start_to_close_timeout = "10s", retry(maximum_attempts = 1))]
async fn compute(number: u32, milliseconds: u64) -> ActivityResult<u32> {
    tokio::time::sleep(Duration::from_millis(milliseconds)).await;
    if number == 13 {
        return Err("thirteen".into());
    }
    Ok(number)
}

#[workflow]
async fn first(ctx: &WorkflowContext) -> WorkflowResult<Vec<String>> {
    let mut told = Vec::new();
    let mut left = 3;
    let mut late = ctx.sleep(LONG);
    while left > 0 {
        select! {
            number = ctx.activity(compute, (left, 1)) => {
                told.push(format!("number {}", number?));
                left -= 1;
            }
            // Borrowed: it is the same timer in each round.
            slept = &mut late => slept?,
            // Never begun, and so not recorded.
            _ = ctx.sleep(LONG), if left > 3 => told.push("guarded out".to_owned()),
        }
    }
    let last = select! {
        number = ctx.activity(compute, (1, 2_000)) => format!("number {}", number?),
        slept = ctx.sleep(SHORT) => slept.map(|()| "slept".to_owned())?,
    };
    told.push(last);
    drop(late);
    ctx.sleep(SHORT).await?;
    Ok(told)
}

#[tokio::test]
async fn select_takes_the_first_and_cancels_the_others() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(first).activity(compute));
    let handle = test.start(first, ()).await;
    assert_eq!(
        test.result(&handle).await.unwrap(),
        ["number 3", "number 2", "number 1", "slept"]
    );
    let events = test.events(&handle).await;
    assert_eq!(events.count(EventType::TimerStarted), 3);
    assert_eq!(events.count(EventType::TimerCanceled), 1);
    assert_eq!(events.count(EventType::ActivityTaskCancelRequested), 1);
}

#[workflow]
async fn all(ctx: &WorkflowContext) -> WorkflowResult<(u32, u32, String)> {
    let call = |value: u32, milliseconds: u64| ctx.activity(compute, (value, milliseconds));
    let (two, slept, one) = join!(call(2, 100), ctx.sleep(SHORT), call(1, 1));
    slept?;
    let failed = try_join!(call(13, 1), ctx.activity(compute, (3, 2_000)));
    let Err(failure) = failed else {
        return Err("thirteen is not a number".into());
    };
    ctx.sleep(SHORT).await?;
    let message = failure
        .application()
        .map(|failure| failure.message().to_owned());
    Ok((two?, one?, message.unwrap_or_default()))
}

#[tokio::test]
async fn join_waits_for_all_and_try_join_until_one_fails() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(all).activity(compute));
    let handle = test.start(all, ()).await;
    let (two, one, message) = test.result(&handle).await.unwrap();
    assert_eq!((two, one, message.as_str()), (2, 1, "thirteen"));
    let events = test.events(&handle).await;
    let scheduled: Vec<u32> = events
        .scheduled_activities()
        .map(|scheduled| {
            let input = scheduled.input.as_ref().unwrap();
            u32::from_payload(&input.payloads[0]).unwrap()
        })
        .collect();
    assert_eq!(scheduled, [2, 1, 13, 3], "as they are written");
    assert_eq!(events.count(EventType::ActivityTaskCancelRequested), 1);
}

#[workflow]
async fn many(ctx: &WorkflowContext, count: u32) -> WorkflowResult<u32> {
    let numbers = (100..100 + count).map(|value| ctx.activity(compute, (value, 1)));
    let numbers = try_join_all(numbers).await?;
    // Tasks and tasks of tasks can be waited for as well.
    let tasks = (0..count).map(|value| {
        let context = ctx.clone();
        ctx.spawn(async move {
            let inner = (0..3).map(|_| context.sleep(SHORT));
            let ended = join_all(inner).await;
            ended.iter().all(Result::is_ok).then_some(value)
        })
    });
    let ended = join_all(tasks).await.into_iter().flatten().count();
    if !numbers.iter().copied().eq(100..100 + count) {
        return Err("the results are not in the order of the calls".into());
    }
    Ok(u32::try_from(ended)?)
}

#[tokio::test]
async fn hundreds_are_waited_for_in_a_list() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(many).activity(compute));
    assert_eq!(test.run(many, 100).await, 100);
}

#[workflow]
async fn as_they_end(ctx: &WorkflowContext) -> WorkflowResult<Vec<u32>> {
    let mut waiting = vec![(5, 1), (4, 50), (3, 250), (2, 150), (1, 300)];
    let mut running = Unordered::new();
    let mut ended = Vec::new();
    while !(waiting.is_empty() && running.is_empty()) {
        while running.len() < 3
            && let Some(next) = waiting.pop()
        {
            running.push(ctx.activity(compute, next));
        }
        if let Some(number) = running.next().await {
            ended.push(number?);
        }
    }
    Ok(ended)
}

#[tokio::test]
async fn what_ends_is_taken_in_the_order_of_history() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(as_they_end).activity(compute));
    let handle = test.start(as_they_end, ()).await;
    let ended = test.result(&handle).await.unwrap();
    let events = test.events(&handle).await;
    let mut scheduled = BTreeMap::new();
    let mut completed = Vec::new();
    for event in events.iter() {
        match &event.attributes {
            Some(Attributes::ActivityTaskScheduledEventAttributes(attributes)) => {
                let input = &attributes.input.as_ref().unwrap().payloads[0];
                scheduled.insert(event.event_id, u32::from_payload(input).unwrap());
            }
            Some(Attributes::ActivityTaskCompletedEventAttributes(attributes)) => {
                completed.push(scheduled[&attributes.scheduled_event_id]);
            }
            _ => {}
        }
    }
    assert_eq!(ended, completed);
}

/// What the macro would refuse in a workflow's body.
async fn outside() {
    tokio::time::sleep(SHORT).await;
}

#[workflow]
async fn strays(ctx: &WorkflowContext) -> WorkflowResult<()> {
    join_all([outside(), outside()]).await;
    ctx.sleep(SHORT).await?;
    Ok(())
}

#[tokio::test]
async fn waits_for_something_outside_are_noticed_behind_a_list() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(strays));
    let handle = test.start(strays, ()).await;
    let events = test
        .until_event(&handle, EventType::WorkflowTaskFailed)
        .await;
    let message = &events.task_failure().unwrap().message;
    assert!(message.contains("outside the workflow"), "{message}");
    handle.terminate("never to end").await.unwrap();
}
