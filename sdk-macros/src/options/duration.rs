//! Durations, written as people say them: `"30s"`, `"1m30s"`, `"500ms"`, `"2h"`, `"1d"`.

use std::time::Duration;

use syn::{Lit, LitStr};

use super::Entry;

const UNITS: [(&str, u64); 5] = [
    ("ms", 1),
    ("s", 1_000),
    ("m", 60_000),
    ("h", 3_600_000),
    ("d", 86_400_000),
];

/// `key = "30s"`.
pub(crate) fn duration(entry: &Entry) -> syn::Result<Duration> {
    let tokens = entry.assigned("\"30s\"")?;
    let literal = syn::parse2::<LitStr>(tokens.clone()).map_err(|_| not_text(entry, tokens))?;
    parse(&literal.value()).map_err(|problem| {
        let key = &entry.key;
        syn::Error::new(
            literal.span(),
            format_args!(
                "{problem} (`{key}` is a duration such as \"30s\", \"1m30s\" or \"500ms\")"
            ),
        )
    })
}

fn not_text(entry: &Entry, tokens: &proc_macro2::TokenStream) -> syn::Error {
    let key = &entry.key;
    let message = match syn::parse2::<Lit>(tokens.clone()) {
        Ok(Lit::Int(number)) => {
            format!(
                "a duration needs a unit: write `{key} = \"{}s\"`",
                number.base10_digits()
            )
        }
        _ => format!("`{key}` is a duration as text with a unit: `{key} = \"30s\"`"),
    };
    syn::Error::new_spanned(tokens, message)
}

/// Whole numbers, each with a unit, from the largest unit to the smallest.
fn parse(text: &str) -> Result<Duration, String> {
    let mut rest = text;
    let mut total = 0_u64;
    let mut smallest = u64::MAX;
    if rest.is_empty() {
        return Err("the duration is empty".to_owned());
    }
    while !rest.is_empty() {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (number, after) = rest.split_at(digits);
        let letters = after.len()
            - after
                .trim_start_matches(|c: char| c.is_ascii_alphabetic())
                .len();
        let (unit, after) = after.split_at(letters);
        if number.is_empty() {
            return Err(format!("expected a whole number at `{rest}`"));
        }
        if unit.is_empty() {
            return Err(match after.chars().next() {
                None => {
                    format!("`{number}` has no unit; the units are `ms`, `s`, `m`, `h` and `d`")
                }
                Some(found) => format!(
                    "unexpected `{found}` after `{number}`; use whole numbers of a smaller unit"
                ),
            });
        }
        let Some((_, milliseconds)) = UNITS.iter().find(|(name, _)| *name == unit) else {
            return Err(format!(
                "unknown unit `{unit}`; the units are `ms`, `s`, `m`, `h` and `d`"
            ));
        };
        if *milliseconds >= smallest {
            return Err(format!(
                "`{number}{unit}` must come before the smaller units, and each unit once"
            ));
        }
        smallest = *milliseconds;
        total = number
            .parse::<u64>()
            .ok()
            .and_then(|number| number.checked_mul(*milliseconds))
            .and_then(|part| total.checked_add(part))
            .filter(|total| *total <= MAXIMUM_MILLISECONDS)
            .ok_or_else(|| format!("`{text}` is longer than the protocol can say (10000 years)"))?;
        rest = after;
    }
    if total == 0 {
        return Err("the duration is zero; leave the option out instead".to_owned());
    }
    Ok(Duration::from_millis(total))
}

/// `google.protobuf.Duration` goes to 315,576,000,000 seconds.
const MAXIMUM_MILLISECONDS: u64 = 315_576_000_000 * 1_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refused(text: &str, expected: &str) {
        let problem = parse(text).expect_err("the text is no duration");
        assert!(problem.contains(expected), "{problem}");
    }

    #[test]
    fn durations_as_people_say_them() {
        let cases = [
            ("30s", 30_000),
            ("1m30s", 90_000),
            ("500ms", 500),
            ("2h", 7_200_000),
            ("1d", 86_400_000),
            ("1d2h3m4s5ms", 93_784_005),
            ("0h5s", 5_000),
        ];
        for (text, milliseconds) in cases {
            assert_eq!(
                parse(text),
                Ok(Duration::from_millis(milliseconds)),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_no_duration() {
        refused("", "is empty");
        refused("s", "expected a whole number at `s`");
        refused("30", "`30` has no unit");
        refused("1.5s", "unexpected `.` after `1`");
        refused("30 s", "unexpected ` ` after `30`");
        refused("-30s", "expected a whole number at `-30s`");
        refused("3sec", "unknown unit `sec`");
        refused("30s1m", "must come before");
        refused("1s1s", "must come before");
        refused("0s", "is zero");
        refused("99999999999999999999d", "longer than the protocol");
        refused("18446744073709551615ms", "longer than the protocol");
    }
}
