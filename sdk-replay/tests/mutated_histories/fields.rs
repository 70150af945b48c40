//! Changes of any field of a message, at any depth, in its binary form.

use crate::dice::Dice;

/// A field by its number.
type Field = (u64, Value);

#[derive(Clone)]
enum Value {
    Number(u64),
    Bytes(Vec<u8>),
    Fixed(u8, Vec<u8>),
}

/// Numbers at the limits of ids, enums, counts and times.
const NUMBERS: [u64; 14] = [
    0,
    1,
    2,
    3,
    u64::MAX,
    i64::MAX as u64,
    i64::MAX as u64 - 1,
    i64::MIN as u64,
    i32::MAX as u64,
    i32::MIN as i64 as u64,
    999_999_999,
    1_000_000_000,
    315_576_000_000,
    253_402_300_800,
];

/// Texts that are names, JSON that is none, and what no text should have.
const TEXTS: [&[u8]; 22] = [
    b"",
    b"1",
    b"2",
    b"echo",
    b"null",
    b"{}",
    b"[]",
    b"\"",
    b"{\"seq\":-1,\"attempt\":4294967296}",
    b"{\"seq\":18446744073709551616}",
    b"9223372036854775807",
    b"-1",
    b"1e999",
    b"[[[[[[[[[[[[[[[[",
    b"core_patch",
    b"core_local_activity",
    b"Version",
    b"SideEffect",
    b"LocalActivity",
    b"json/plain",
    b"<script>\r\n::error::\x1b[2J",
    b"\xc3\x28\xff",
];

/// The message with one field changed; as it is if it is no message.
pub(crate) fn change_field(message: &[u8], dice: &mut Dice) -> Vec<u8> {
    let Some(mut fields) = parse(message) else {
        return message.to_vec();
    };
    change(&mut fields, dice);
    write(&fields)
}

fn change(fields: &mut Vec<Field>, dice: &mut Dice) {
    if fields.is_empty() {
        fields.push((1 + dice.next() % 20, Value::Number(*dice.pick(&NUMBERS))));
        return;
    }
    let (at, other) = (dice.below(fields.len()), dice.below(fields.len()));
    if let Value::Bytes(bytes) = &mut fields[at].1
        && !dice.one_in(4)
        && let Some(mut inner) = parse(bytes).filter(|inner| !inner.is_empty())
    {
        change(&mut inner, dice);
        *bytes = write(&inner);
        return;
    }
    match dice.below(12) {
        0 => drop(fields.remove(at)),
        1 => fields.push(fields[at].clone()),
        2 => fields[at].1 = fields[other].1.clone(),
        3 => fields.swap(at, other),
        4 => fields[at].0 = 1 + dice.next() % 40,
        _ => change_value(&mut fields[at].1, dice),
    }
}

fn change_value(value: &mut Value, dice: &mut Dice) {
    match value {
        Value::Number(number) => match dice.below(4) {
            0 => *number = number.wrapping_add(1),
            1 => *number = number.wrapping_sub(1),
            2 => *number = dice.next() % 64,
            _ => *number = *dice.pick(&NUMBERS),
        },
        Value::Bytes(bytes) => change_bytes(bytes, dice),
        Value::Fixed(_, bytes) => bytes.fill(*dice.pick(&[0, 0xff, 0x7f, 0x80])),
    }
}

fn change_bytes(bytes: &mut Vec<u8>, dice: &mut Dice) {
    let at = dice.below(bytes.len());
    match dice.below(6) {
        0 => bytes.truncate(at),
        1 if !bytes.is_empty() => bytes[at] ^= 1 << dice.below(7),
        2 if !bytes.is_empty() => drop(bytes.remove(at)),
        3 => bytes.insert(at, *dice.pick(b"\"{}[]:,-09.eE\\ \0\x80")),
        _ => *bytes = dice.pick(&TEXTS).to_vec(),
    }
}

/// The fields of a message; none if the bytes are none.
fn parse(mut bytes: &[u8]) -> Option<Vec<Field>> {
    let mut fields = Vec::new();
    while !bytes.is_empty() {
        let key = varint(&mut bytes)?;
        let value = match key & 7 {
            0 => Value::Number(varint(&mut bytes)?),
            2 => {
                let length = usize::try_from(varint(&mut bytes)?).ok()?;
                Value::Bytes(bytes.split_off(..length)?.to_vec())
            }
            wire @ 1 => Value::Fixed(wire as u8, bytes.split_off(..8)?.to_vec()),
            wire @ 5 => Value::Fixed(wire as u8, bytes.split_off(..4)?.to_vec()),
            _ => return None,
        };
        (key >> 3 != 0).then(|| fields.push((key >> 3, value)))?;
    }
    Some(fields)
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let byte = bytes.split_off_first()?;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

fn write(fields: &[Field]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (number, value) in fields {
        match value {
            Value::Number(value) => {
                write_varint(number << 3, &mut bytes);
                write_varint(*value, &mut bytes);
            }
            Value::Bytes(value) => {
                write_varint(number << 3 | 2, &mut bytes);
                write_varint(value.len() as u64, &mut bytes);
                bytes.extend_from_slice(value);
            }
            Value::Fixed(wire, value) => {
                write_varint(number << 3 | u64::from(*wire), &mut bytes);
                bytes.extend_from_slice(value);
            }
        }
    }
    bytes
}

fn write_varint(mut value: u64, bytes: &mut Vec<u8>) {
    while value > 0x7f {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}
