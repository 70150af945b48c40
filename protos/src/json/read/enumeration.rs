//! Enums: `EVENT_TYPE_TIMER_STARTED`, `TimerStarted` (which older tools wrote), or a number.

use super::{JsonError, JsonReader};

const EXPECTED: &str = "the name of an enum, or its number";

/// The number of a name in full.
type ByName = fn(&str) -> Option<i32>;

impl JsonReader<'_> {
    /// Reads an enum whose names begin with `prefix`.
    pub(crate) fn enumeration(
        &mut self,
        value: &mut i32,
        prefix: &str,
        by_name: ByName,
    ) -> Result<(), JsonError> {
        *value = match self.peek()? {
            b'"' => {
                let name = self.string(EXPECTED)?;
                let known = by_name(&name).or_else(|| by_name(&full_name(prefix, &name)));
                known.unwrap_or_else(|| {
                    if prefix == "EVENT_TYPE_" {
                        self.note_unknown_event_type(&name);
                    }
                    0
                })
            }
            b'-' | b'0'..=b'9' | b'n' => {
                use super::ReadJson;
                let mut number = 0;
                number.read_json(self)?;
                number
            }
            _ => return Err(self.unexpected(EXPECTED)),
        };
        Ok(())
    }

    /// Reads an array of enums.
    pub(crate) fn enumerations(
        &mut self,
        values: &mut Vec<i32>,
        prefix: &str,
        by_name: ByName,
    ) -> Result<(), JsonError> {
        values.clear();
        if self.null()? {
            return Ok(());
        }
        self.elements(|_, json| {
            let mut value = 0;
            json.enumeration(&mut value, prefix, by_name)?;
            values.push(value);
            Ok(())
        })
    }
}

/// `EVENT_TYPE_` and `TimerStarted` make `EVENT_TYPE_TIMER_STARTED`; so does `TIMER_STARTED`.
fn full_name(prefix: &str, name: &str) -> String {
    let mut full = prefix.to_owned();
    let mut after_lower = false;
    for c in name.chars() {
        if c.is_uppercase() && after_lower {
            full.push('_');
        }
        after_lower = c.is_lowercase() || c.is_ascii_digit();
        full.extend(c.to_uppercase());
    }
    full
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_names_become_full_names() {
        for (prefix, name, full) in [
            (
                "EVENT_TYPE_",
                "WorkflowExecutionStarted",
                "EVENT_TYPE_WORKFLOW_EXECUTION_STARTED",
            ),
            ("TASK_QUEUE_KIND_", "Normal", "TASK_QUEUE_KIND_NORMAL"),
            (
                "TIMEOUT_TYPE_",
                "START_TO_CLOSE",
                "TIMEOUT_TYPE_START_TO_CLOSE",
            ),
        ] {
            assert_eq!(full_name(prefix, name), full);
        }
    }
}
