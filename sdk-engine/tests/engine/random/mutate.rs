//! Histories that were damaged: whatever comes, the engine answers and does not panic.

use durably_engine::{Completion, Run, RunError, Workflow};
use durably_protos::temporal::api::history::v1::{History, HistoryEvent};
use prost::Message;
use std::rc::Rc;

use super::dice::Dice;
use super::{history_of, seeds, with_query};
use crate::support::check::run_of;
use crate::support::fixture::RUN_ID;

/// Damages the encoded history: flips, inserts, removes bytes. None when it cannot be decoded.
fn damage_bytes(events: &[HistoryEvent], dice: &mut Dice) -> Option<Vec<HistoryEvent>> {
    let history = History {
        events: events.to_vec(),
    };
    let mut bytes = history.encode_to_vec();
    for _ in 0..dice.below(4) + 1 {
        let at = dice.below(bytes.len());
        match dice.below(4) {
            0 => bytes.insert(at, dice.next().to_le_bytes()[0]),
            1 => drop(bytes.remove(at)),
            _ => bytes[at] ^= 1 << dice.below(8),
        }
    }
    History::decode(&*bytes).ok().map(|history| history.events)
}

/// Damages the history event by event.
fn damage_events(events: &[HistoryEvent], dice: &mut Dice) -> Vec<HistoryEvent> {
    let mut events = events.to_vec();
    for _ in 0..dice.below(3) + 1 {
        let (at, other) = (dice.below(events.len()), dice.below(events.len()));
        match dice.below(9) {
            0 => drop(events.remove(at)),
            1 => events.swap(at, other),
            2 => events.insert(at, events[other].clone()),
            3 => events[at].event_id = events[other].event_id,
            4 => events[at].event_type = events[other].event_type,
            5 => events[at].attributes = None,
            6 => events[at].attributes = events[other].attributes.clone(),
            7 => events[at].worker_may_ignore = true,
            _ => events[at].event_time = None,
        }
        if events.is_empty() {
            break;
        }
        if dice.one_in(2) {
            // Ids that fit again, so that more is looked at than the ids.
            (1..)
                .zip(&mut events)
                .for_each(|(id, event)| event.event_id = id);
        }
    }
    events
}

fn try_everything(workflow: &Rc<dyn Workflow>, events: &[HistoryEvent], dice: &mut Dice) {
    let mut run = run_of(workflow);
    let started = events.last().map_or(0, |event| event.event_id);
    let task = if dice.one_in(2) {
        with_query(started)
    } else {
        with_query(0)
    };
    run.begin(task);
    let size = dice.below(9) + 1;
    for page in events.chunks(size) {
        if let Err(error) = run.push_events(page.to_vec()) {
            assert_no_panic(&error);
            break;
        }
    }
    check_answer(&run.finish());
    if dice.one_in(4) {
        run.discard_speculative_task(started - dice.below(5) as i64);
        run.begin(with_query(started + 2));
        run.push_last_events(events.to_vec());
        check_answer(&run.finish());
    }
    let mut run = Run::new(workflow.clone(), "default", "workflow", RUN_ID);
    if let Err(error) = run
        .push_events(events.to_vec())
        .and_then(|()| run.finish_replay())
    {
        assert_no_panic(&error);
    }
}

fn check_answer(completion: &Completion) {
    if let Completion::Failed(failed) = completion {
        assert!(
            !failed.failure.message.contains("panicked"),
            "{}",
            failed.failure.message
        );
    }
}

fn assert_no_panic(error: &RunError) {
    assert!(!matches!(error, RunError::Panic { .. }), "{error}");
}

#[test]
fn damaged_histories_never_panic() {
    for seed in seeds() {
        let (events, workflow) = history_of(seed);
        let mut dice = Dice::new(seed ^ 0xdead_beef);
        for _ in 0..20 {
            let damaged = if dice.one_in(2) {
                damage_bytes(&events, &mut dice)
            } else {
                Some(damage_events(&events, &mut dice))
            };
            if let Some(damaged) = damaged {
                try_everything(&workflow, &damaged, &mut dice);
            }
        }
    }
}
