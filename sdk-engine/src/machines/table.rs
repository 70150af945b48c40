//! Compares a machine with the table in its file's doc comment.

use std::fmt::Debug;

/// Checks every pair of `states` and `inputs` against the rows `| from | input | to | effects |`
/// in `source`'s `//!` lines. A pair without a row must have no transition.
pub(crate) fn check<S: Debug + Copy, I: Debug + Copy, E: Debug + 'static>(
    source: &str,
    states: &[S],
    inputs: &[I],
    next: impl Fn(S, I) -> Option<(S, &'static [E])>,
) {
    let rows: Vec<[String; 4]> = source
        .lines()
        .filter_map(|line| line.strip_prefix("//! | `"))
        .map(|row| {
            let mut cells = row
                .split('|')
                .map(|cell| cell.replace('`', "").trim().to_owned());
            std::array::from_fn(|_| cells.next().unwrap_or_default())
        })
        .collect();
    assert!(!rows.is_empty(), "the file has no table");
    let mut used = 0;
    for &state in states {
        for &input in inputs {
            let row = rows
                .iter()
                .find(|row| row[0] == format!("{state:?}") && row[1] == format!("{input:?}"));
            let found = next(state, input).map(|(to, effects)| {
                let effects: Vec<String> =
                    effects.iter().map(|effect| format!("{effect:?}")).collect();
                [format!("{to:?}"), effects.join(", ")]
            });
            let expected = row.map(|row| [row[2].clone(), row[3].clone()]);
            assert_eq!(found, expected, "{state:?} + {input:?}");
            used += usize::from(row.is_some());
        }
    }
    assert_eq!(
        used,
        rows.len(),
        "a row of the table names no state or input of the machine"
    );
}
