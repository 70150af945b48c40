//! History and code side by side, around the place where they part.

use serde::{Deserialize, Serialize};

use super::align::{Aligned, align};
use super::causes::Case;
use super::place::SourcePlace;

/// How many rows stand before the place where history and code part, and how many after.
const AROUND: usize = 3;

/// How the two sides of a row compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowMark {
    /// The code's command has its event.
    Same,
    /// The code issued something else than history has.
    Differs,
    /// History has it; the code has nothing for it.
    OnlyInHistory,
    /// The code issued it; history has nothing for it.
    OnlyInCode,
    /// History has it; the replay ended before the code could come to it.
    NotReached,
    /// A mark that the code may leave out without harm, or a local activity, which is replayed from
    /// its mark.
    NeedsNoCommand,
}

impl RowMark {
    /// A sign that tells it without colour.
    #[must_use]
    pub fn sign(self) -> &'static str {
        match self {
            Self::Same => "=",
            Self::Differs => "!",
            Self::OnlyInHistory => "-",
            Self::OnlyInCode => "+",
            Self::NotReached => "?",
            Self::NeedsNoCommand => "~",
        }
    }

    /// In words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Differs => "differs",
            Self::OnlyInHistory => "only in history",
            Self::OnlyInCode => "only in code",
            Self::NotReached => "not reached",
            Self::NeedsNoCommand => "needs no command",
        }
    }
}

/// History's side of a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowHistory {
    /// The event's id.
    pub event_id: i64,
    /// The event in Temporal's words: `ActivityTaskScheduled "charge" (id 2)`.
    pub event: String,
    /// In words that are the same for both sides: `activity "charge" (id 2)`.
    pub phrase: String,
}

/// The code's side of a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowCode {
    /// The command in Temporal's words: `ScheduleActivityTask "charge" (id 2)`.
    pub command: String,
    /// In words that are the same for both sides.
    pub phrase: String,
    /// The call that issued it.
    pub place: Option<SourcePlace>,
}

/// One row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// How the sides compare.
    pub mark: RowMark,
    /// Here code and history part.
    pub diverges: bool,
    /// What history has.
    pub history: Option<RowHistory>,
    /// What the code issued.
    pub code: Option<RowCode>,
    /// What else there is to see.
    pub note: Option<String>,
}

/// The rows around the place where history and code part.
pub(super) fn side_by_side(case: &Case<'_>) -> Vec<Row> {
    let mut rows = before(case);
    let first = divergence(case);
    let (left, right) = match &first {
        Some(row) => (
            usize::from(row.history.is_some()),
            usize::from(row.code.is_some()),
        ),
        None => (0, 0),
    };
    let diverges = first.is_some();
    rows.extend(first);
    let mut after = after(case, left, right);
    if !diverges && let Some(first) = after.first_mut() {
        first.diverges = true;
    }
    rows.extend(after);
    rows
}

fn before(case: &Case<'_>) -> Vec<Row> {
    let start = case.before.len().saturating_sub(AROUND);
    let rows = case.before[start..].iter().map(|step| {
        let confirmed = case.confirmed_by(step.event_id);
        Row {
            mark: match confirmed {
                Some(_) => RowMark::Same,
                None => RowMark::NeedsNoCommand,
            },
            diverges: false,
            history: Some(history_side(step)),
            code: confirmed.map(code_side),
            note: None,
        }
    });
    rows.collect()
}

/// The row at which both part, as the replay met it: without regard to what comes later.
fn divergence(case: &Case<'_>) -> Option<Row> {
    let (expected, issued) = (case.expected(), case.issued());
    let mark = match (expected, issued) {
        (Some(_), Some(_)) => RowMark::Differs,
        (Some(_), None) => RowMark::OnlyInHistory,
        (None, Some(_)) => RowMark::OnlyInCode,
        (None, None) => return None,
    };
    let note = match (issued, case.waiting()) {
        (None, Some(waiting)) => Some(format!("the code waits for {waiting}")),
        (None, None) => Some("the code issues nothing more".to_owned()),
        _ => None,
    };
    Some(Row {
        mark,
        diverges: true,
        history: expected.map(history_side),
        code: issued.map(code_side),
        note,
    })
}

fn after(case: &Case<'_>, left: usize, right: usize) -> Vec<Row> {
    let (history, code) = (&case.history[left..], &case.code[right..]);
    let aligned = align(history, code, |l, r| l.action.is_same(&r.action));
    let last = aligned
        .iter()
        .rposition(|it| !matches!(it, Aligned::Left(_)));
    let is_reached = |row: usize| last.is_some_and(|last| row < last);
    let rows = aligned.into_iter().enumerate().take(AROUND);
    let rows = rows.map(|(number, it)| match it {
        Aligned::Both(l, r) => Row {
            mark: RowMark::Same,
            diverges: false,
            history: Some(history_side(&history[l])),
            code: Some(code_side(&code[r])),
            note: None,
        },
        Aligned::Left(l) => {
            let step = &history[l];
            let issued = case.issued().filter(|it| it.action.is_alike(&step.action));
            Row {
                mark: match is_reached(number) {
                    true => RowMark::OnlyInHistory,
                    false => RowMark::NotReached,
                },
                diverges: false,
                history: Some(history_side(step)),
                code: None,
                note: issued.map(|_| {
                    let id = case.divergence.event_id;
                    format!("the code issues this at event {id}")
                }),
            }
        }
        Aligned::Right(r) => {
            let step = &code[r];
            let expected = case
                .expected()
                .filter(|it| it.action.is_alike(&step.action));
            Row {
                mark: RowMark::OnlyInCode,
                diverges: false,
                history: None,
                code: Some(code_side(step)),
                note: expected.map(|it| format!("history has this at event {}", it.event_id)),
            }
        }
    });
    rows.collect()
}

fn history_side(step: &super::steps::HistoryStep) -> RowHistory {
    RowHistory {
        event_id: step.event_id,
        event: step.words.clone(),
        phrase: step.action.phrase(),
    }
}

fn code_side(step: &super::steps::CodeStep) -> RowCode {
    RowCode {
        command: step.words.clone(),
        phrase: step.action.phrase(),
        place: step.place.clone(),
    }
}
