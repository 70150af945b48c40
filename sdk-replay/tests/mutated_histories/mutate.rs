//! Histories that no server would write, made of ones that a server wrote.

use durably_protos::temporal::api::history::v1::{History, HistoryEvent};
use prost::Message;

use crate::dice::Dice;
use crate::fields::change_field;

/// How long a history may become.
const MOST_EVENTS: usize = 120;

/// Changes a history in a few places; `other` is another one, of which it may get a part.
pub(crate) fn mutate(history: &mut History, other: &History, dice: &mut Dice) {
    for _ in 0..dice.below(3) + 1 {
        mutate_once(&mut history.events, &other.events, dice);
        history.events.truncate(MOST_EVENTS);
    }
    if dice.one_in(2) {
        // Ids that fit again, so that more is looked at than the ids.
        for (id, event) in (1..).zip(&mut history.events) {
            event.event_id = id;
        }
    }
}

fn mutate_once(events: &mut Vec<HistoryEvent>, others: &[HistoryEvent], dice: &mut Dice) {
    if events.is_empty() {
        events.extend_from_slice(others);
        return;
    }
    let length = events.len();
    let (at, other) = (dice.below(length), dice.below(length));
    match dice.below(16) {
        0 => drop(events.remove(at)),
        1 => events.insert(at, events[other].clone()),
        2 => events.swap(at, other),
        3 => events.swap(at, (at + 1) % length),
        4 => events.truncate(at + 1),
        5 => events[at].event_type = events[other].event_type,
        6 => events[at].attributes = events[other].attributes.clone(),
        7 => events[at].attributes = None,
        8 => splice(events, at, others, dice),
        9 => events[at].event_id = *dice.pick(&[0, -1, i64::MAX, i64::MIN, 3]),
        _ => {
            let changed = change_field(&events[at].encode_to_vec(), dice);
            if let Ok(event) = HistoryEvent::decode(&*changed) {
                events[at] = event;
            }
        }
    }
}

/// Puts some events of another history among these.
fn splice(events: &mut Vec<HistoryEvent>, at: usize, others: &[HistoryEvent], dice: &mut Dice) {
    let from = dice.below(others.len());
    let to = (from + 1 + dice.below(6)).min(others.len());
    let end = at + dice.below(events.len() - at);
    events.splice(at..end, others[from..to].iter().cloned());
}
