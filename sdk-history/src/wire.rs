//! Protobuf's binary form, as far as events and elements are counted in it before they take memory.

/// How many events are in the histories of a message, which are its field 1. Counting ends where the
/// bytes are no message, which decoding them reports.
pub(crate) fn count_events(message: &[u8]) -> usize {
    let histories = fields_1(message);
    histories.map(|history| fields_1(history).count()).sum()
}

/// As deep as prost decodes.
const DEEPEST: usize = 100;

/// What a message holds that takes more memory than it has bytes: two bytes are an empty payload.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Elements {
    /// Messages within it, at any depth.
    pub(crate) messages: u64,
    /// Fields that the message they are in has more than once: elements of arrays and maps.
    pub(crate) repeated: u64,
}

impl Elements {
    /// Counts what a message holds. Without its schema a text may be taken for a message, if it happens
    /// to be one: few are. Bytes that are no message hold nothing, which decoding them reports.
    pub(crate) fn of(message: &[u8]) -> Self {
        Self::within(message, DEEPEST).unwrap_or_default()
    }

    fn within(message: &[u8], depth: usize) -> Option<Self> {
        let mut elements = Self::default();
        let mut rest = message;
        // A bit for each number; some share one.
        let mut seen = 0_u128;
        while !rest.is_empty() {
            let (number, content) = field(&mut rest)?;
            let Some(content) = content else {
                continue;
            };
            let bit = 1_u128 << (number % 128);
            elements.repeated += u64::from(seen & bit != 0);
            seen |= bit;
            if depth > 0
                && let Some(inner) = Self::within(content, depth - 1)
            {
                elements.add(inner);
                elements.messages += 1;
            }
        }
        Some(elements)
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.messages += other.messages;
        self.repeated += other.repeated;
    }
}

/// The fields 1 of a message.
fn fields_1(message: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = message;
    let fields = std::iter::from_fn(move || field(&mut rest));
    fields.filter_map(|(number, content)| content.filter(|_| number == 1))
}

/// A field's number, and its content if it has a length. The fields of a group, which nothing has today,
/// are taken for those of the message around it.
fn field<'a>(rest: &mut &'a [u8]) -> Option<(u64, Option<&'a [u8]>)> {
    let tag = varint(rest)?;
    if tag >> 3 == 0 {
        return None;
    }
    let content = match tag & 7 {
        0 => varint(rest).map(|_| None)?,
        1 => rest.split_off(..8).map(|_| None)?,
        2 => {
            let length = usize::try_from(varint(rest)?).ok()?;
            Some(rest.split_off(..length)?)
        }
        3 | 4 => None,
        5 => rest.split_off(..4).map(|_| None)?,
        _ => return None,
    };
    Some((tag >> 3, content))
}

fn varint(rest: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let byte = rest.split_off_first()?;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_of_all_histories_are_counted() {
        // Two histories of two and one event, another field between.
        let message = [
            0x0a, 4, 0x0a, 0, 0x0a, 0, 0x10, 0x96, 1, 0x0a, 4, 0x0a, 2, 8, 1,
        ];
        assert_eq!(count_events(&message), 3);
        assert_eq!(count_events(&message[..message.len() - 1]), 2);
        assert_eq!(count_events(&[0xff; 20]), 0);
    }

    #[test]
    fn elements_are_counted_at_every_depth() {
        let of = |message: &[u8]| {
            let Elements { messages, repeated } = Elements::of(message);
            (messages, repeated)
        };
        assert_eq!(of(&[0x0a, 0, 0x0a, 0, 0x0a, 0]), (3, 2));
        // Others between them do not hide them, nor does a group around them.
        assert_eq!(of(&[0x0a, 0, 0x10, 1, 0x0a, 0, 0x12, 0]), (3, 1));
        assert_eq!(of(&[0x7b, 0x0a, 0, 0x0a, 0, 0x7c]), (2, 1));
        // Three within one.
        assert_eq!(of(&[0x1a, 6, 0x0a, 0, 0x0a, 0, 0x0a, 0]), (4, 2));
        // Texts are no messages.
        assert_eq!(of(b"\x0a\x0ajson/plain\x12\x07order-7"), (0, 0));
        assert_eq!(of(&[0x0a, 5, 0x0a, 0]), (0, 0));
        let nested = (0..200).fold(Vec::new(), |inner: Vec<u8>, _| {
            let length = u16::try_from(inner.len()).unwrap();
            let head = [0x0a, length as u8 | 0x80, (length >> 7) as u8];
            [&head[..], &inner[..]].concat()
        });
        assert_eq!(of(&nested).0, 100, "as deep as prost decodes");
    }
}
