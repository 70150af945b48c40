//! Everything that is known of one divergence.

use durably::replay::{Divergence, Nondeterminism, TracedReplay};
use durably_protos::temporal::api::history::v1::HistoryEvent;

use crate::report::action::Action;
use crate::report::examination::Examination;
use crate::report::place::SourcePlace;
use crate::report::steps::{CodeStep, HistoryStep, code_steps, history_steps};
use crate::report::trace_difference::TraceDifference;

/// A divergence with both sides around it.
#[derive(Debug)]
pub(in crate::report) struct Case<'a> {
    pub(in crate::report) divergence: &'a Nondeterminism,
    pub(in crate::report) events: &'a [HistoryEvent],
    pub(in crate::report) traced: &'a TracedReplay,
    /// The command events before the divergence.
    pub(in crate::report) before: Vec<HistoryStep>,
    /// The command events from the divergence on.
    pub(in crate::report) history: Vec<HistoryStep>,
    /// The commands that events confirmed.
    confirmed: Vec<CodeStep>,
    /// The commands that no event confirmed, in order: the first is the one in question.
    pub(in crate::report) code: Vec<CodeStep>,
    /// Where a second replay went another way.
    pub(super) difference: Option<&'a TraceDifference>,
}

impl<'a> Case<'a> {
    pub(in crate::report) fn new(
        examination: &Examination<'a>,
        divergence: &'a Nondeterminism,
        difference: Option<&'a TraceDifference>,
    ) -> Self {
        let events = &examination.history.events[..];
        let (before, history) = history_steps(events)
            .into_iter()
            .partition(|step| step.event_id < divergence.event_id);
        let steps = code_steps(examination.traced);
        let (confirmed, code) = steps.into_iter().partition(|step| step.event_id.is_some());
        Self {
            divergence,
            events,
            traced: examination.traced,
            before,
            history,
            confirmed,
            code,
            difference,
        }
    }

    /// The command event at which both part; none if they part at another event.
    pub(in crate::report) fn expected(&self) -> Option<&HistoryStep> {
        let id = self.divergence.event_id;
        let is_extra = matches!(self.divergence.divergence, Divergence::ExtraCommand { .. });
        self.history
            .first()
            .filter(|step| step.event_id == id && !is_extra)
    }

    /// The command at which both part; none if the code issued none.
    pub(in crate::report) fn issued(&self) -> Option<&CodeStep> {
        match self.divergence.divergence {
            Divergence::OtherCommand { .. }
            | Divergence::OtherIdentity { .. }
            | Divergence::ExtraCommand { .. } => self.code.first(),
            _ => None,
        }
    }

    /// What history has, and what the code issued instead.
    pub(super) fn both(&self) -> Option<(&HistoryStep, &CodeStep)> {
        Some((self.expected()?, self.issued()?))
    }

    /// The command that an event confirmed.
    pub(in crate::report) fn confirmed_by(&self, event_id: i64) -> Option<&CodeStep> {
        let place = self
            .confirmed
            .binary_search_by_key(&Some(event_id), |step| step.event_id);
        place.ok().map(|place| &self.confirmed[place])
    }

    /// Where history has an action again after the divergence: how many command events later.
    pub(super) fn later_in_history(&self, action: &Action) -> Option<(usize, &HistoryStep)> {
        let skipped = usize::from(self.expected().is_some());
        let later = self.history.iter().enumerate().skip(skipped);
        let mut later = later.filter(|(_, step)| step.action.is_alike(action));
        later.next()
    }

    /// Where the code issued an action after the command in question.
    pub(super) fn later_in_code(&self, action: &Action) -> Option<(usize, &CodeStep)> {
        let skipped = usize::from(self.issued().is_some());
        let later = self.code.iter().enumerate().skip(skipped);
        let mut later = later.filter(|(_, step)| step.action.is_alike(action));
        later.next()
    }

    /// The code issued no more than the command in question, and waits.
    pub(super) fn code_waits(&self) -> bool {
        self.code.len() <= 1
    }

    /// For what the code waits first: `a condition at src/orders.rs:12`.
    pub(in crate::report) fn waiting(&self) -> Option<String> {
        let wait = self.traced.waits.first()?;
        Some(match wait.place.map(SourcePlace::from) {
            Some(place) => format!("{} at {place}", wait.what),
            None => wait.what.to_string(),
        })
    }

    /// The code ended the run, whether history knows of it or not.
    pub(super) fn has_ended(&self) -> bool {
        let mut all = self.code.iter().chain(&self.confirmed);
        all.any(|step| step.action.kind.is_end())
    }

    /// Where in the code it is: the command's place, or that of what the code waits for.
    pub(in crate::report) fn place(&self) -> Option<SourcePlace> {
        let issued = self.issued().and_then(|step| step.place.clone());
        issued.or_else(|| self.waiting_place())
    }

    /// The call that made what the code waits for at the end.
    pub(super) fn waiting_place(&self) -> Option<SourcePlace> {
        let mut places = self.traced.waits.iter().filter_map(|wait| wait.place);
        let waiting = places.next().map(SourcePlace::from);
        let last = || self.code.iter().chain(&self.confirmed).rev();
        waiting.or_else(|| last().find_map(|step| step.place.clone()))
    }
}
