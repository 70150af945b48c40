//! Protobuf's binary form, as far as events are counted in it before they take memory.

/// How many events are in the histories of a message, which are its field 1. Counting ends where the
/// bytes are no message, which decoding them reports.
pub(crate) fn count_events(message: &[u8]) -> usize {
    let histories = fields_1(message);
    histories.map(|history| fields_1(history).count()).sum()
}

/// The fields 1 of a message.
fn fields_1(message: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = message;
    let fields = std::iter::from_fn(move || field(&mut rest));
    fields.filter_map(|(number, content)| content.filter(|_| number == 1))
}

/// A field's number, and its content if it has a length.
fn field<'a>(rest: &mut &'a [u8]) -> Option<(u64, Option<&'a [u8]>)> {
    let tag = varint(rest)?;
    let content = match tag & 7 {
        0 => varint(rest).map(|_| None)?,
        1 => rest.split_off(..8).map(|_| None)?,
        2 => {
            let length = usize::try_from(varint(rest)?).ok()?;
            Some(rest.split_off(..length)?)
        }
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
}
