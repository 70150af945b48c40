//! What is expected of a mutant, as its source says it.
//!
//! A mutant is a function under `#[workflow(..)]`, and the first line of its documentation says what
//! was changed. Where the change breaks running workflows, the line that the report must name has a
//! comment at its end: `// <- ActivityTaskScheduled charge = changed_name` names the event and the
//! first cause; `(code_failed)` behind it a kind of finding other than `divergence`. On a line of its
//! own the comment speaks of the next line, which may be the function's. A mutant without such a
//! comment must pass.

use serde::de::DeserializeOwned;

use durably_replay::report::{CauseKind, FindingKind};

const MARKER: &str = "// <- ";

/// A mutant's source.
#[derive(Debug)]
pub(crate) struct Described {
    pub(crate) name: String,
    /// What was changed.
    pub(crate) change: String,
    /// What must be found, if something must be.
    pub(crate) expected: Option<Expected>,
}

/// What must be found.
#[derive(Debug)]
pub(crate) struct Expected {
    pub(crate) line: u32,
    /// The line without its comment.
    pub(crate) code: String,
    /// The event in the words of [`event_id`](crate::events::event_id); `any` if it differs, empty if there is none.
    pub(crate) event: String,
    pub(crate) kind: FindingKind,
    pub(crate) cause: CauseKind,
}

/// The mutants of a source file.
pub(crate) fn described(source: &str) -> Vec<Described> {
    let lines: Vec<_> = source.lines().collect();
    let mut mutants: Vec<Described> = Vec::new();
    let (mut documentation, mut is_workflow) = (String::new(), false);
    let mut of_function = None;
    for (index, line) in lines.iter().enumerate() {
        if let Some(text) = line.strip_prefix("/// ") {
            documentation = text.trim_end_matches('.').to_owned();
        } else if line.starts_with("#[workflow") {
            is_workflow = true;
        } else if let Some(text) = line.strip_prefix("pub(crate) async fn ") {
            if std::mem::take(&mut is_workflow) {
                let end = text.find(['(', '<']).expect("a function has parameters");
                mutants.push(Described {
                    name: text[..end].to_owned(),
                    change: std::mem::take(&mut documentation),
                    expected: of_function.take(),
                });
            }
        } else if let Some((code, words)) = line.split_once(MARKER) {
            let at = index + usize::from(code.trim().is_empty());
            let expected = expected(at, lines[at], words);
            if is_workflow {
                of_function = Some(expected);
                continue;
            }
            let mutant = mutants.last_mut().expect("a marker stands in a mutant");
            assert!(mutant.expected.is_none(), "{} is marked twice", mutant.name);
            mutant.expected = Some(expected);
        }
    }
    mutants
}

fn expected(index: usize, line: &str, words: &str) -> Expected {
    let (event, causes) = words.split_once(" = ").expect("a marker names a cause");
    let (cause, kind) = match causes.split_once(" (") {
        Some((cause, kind)) => (cause, kind.trim_end_matches(')')),
        None => (causes, "divergence"),
    };
    let code = line.split(MARKER).next().unwrap_or(line);
    Expected {
        line: u32::try_from(index + 1).expect("few lines"),
        code: code.trim().to_owned(),
        event: event.trim_matches('-').to_owned(),
        kind: of_name(kind),
        cause: of_name(cause),
    }
}

fn of_name<T: DeserializeOwned>(name: &str) -> T {
    serde_json::from_value(name.into()).unwrap_or_else(|error| panic!("{name}: {error}"))
}
