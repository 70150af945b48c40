//! Messages as bytes.

use super::random::Random;

/// A field as it stands in a message: its number, and what is in it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Part {
    pub(crate) tag: u32,
    pub(crate) value: Value,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Varint(u64),
    Fixed64([u8; 8]),
    Fixed32([u8; 4]),
    Bytes(Vec<u8>),
}

pub(crate) fn encode(parts: &[Part]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for Part { tag, value } in parts {
        let kind = match value {
            Value::Varint(_) => 0,
            Value::Fixed64(_) => 1,
            Value::Bytes(_) => 2,
            Value::Fixed32(_) => 5,
        };
        varint(&mut bytes, u64::from(*tag) << 3 | kind);
        match value {
            Value::Varint(number) => varint(&mut bytes, *number),
            Value::Fixed64(eight) => bytes.extend(eight),
            Value::Fixed32(four) => bytes.extend(four),
            Value::Bytes(inner) => {
                varint(&mut bytes, inner.len() as u64);
                bytes.extend(inner);
            }
        }
    }
    bytes
}

/// Reads the fields of a message; `None` if it is none.
pub(crate) fn decode(mut bytes: &[u8]) -> Option<Vec<Part>> {
    let mut parts = Vec::new();
    while !bytes.is_empty() {
        let key = read_varint(&mut bytes)?;
        let value = match key & 7 {
            0 => Value::Varint(read_varint(&mut bytes)?),
            1 => Value::Fixed64(take(&mut bytes, 8)?.try_into().ok()?),
            2 => {
                let length = usize::try_from(read_varint(&mut bytes)?).ok()?;
                Value::Bytes(take(&mut bytes, length)?.to_vec())
            }
            5 => Value::Fixed32(take(&mut bytes, 4)?.try_into().ok()?),
            _ => return None,
        };
        let tag = u32::try_from(key >> 3).ok().filter(|tag| *tag > 0)?;
        parts.push(Part { tag, value });
    }
    Some(parts)
}

fn varint(bytes: &mut Vec<u8>, mut number: u64) {
    while number > 0x7f {
        bytes.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

fn read_varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}

fn take<'b>(bytes: &mut &'b [u8], length: usize) -> Option<&'b [u8]> {
    let (taken, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    Some(taken)
}

/// Changes something somewhere in a message: fields go, come twice, or get other values.
pub(crate) fn mutate(random: &mut Random, message: &[u8]) -> Vec<u8> {
    let Some(mut parts) = decode(message).filter(|parts| !parts.is_empty()) else {
        return mutate_bytes(random, message);
    };
    let place = random.below(parts.len());
    match random.below(8) {
        0 => drop(parts.remove(place)),
        1 => parts.push(parts[place].clone()),
        2 => {
            let other = random.below(parts.len());
            parts[place].value = parts[other].value.clone();
        }
        3 => parts[place].tag = 1 + u32::try_from(random.below(30)).expect("it is small"),
        _ => match &mut parts[place].value {
            Value::Varint(number) => *number = odd_number(random),
            Value::Fixed64(eight) => *eight = random.number().to_le_bytes(),
            Value::Fixed32(four) => *four = (random.number() as u32).to_le_bytes(),
            Value::Bytes(inner) => *inner = mutate(random, inner),
        },
    }
    encode(&parts)
}

/// Numbers at the ends of what fits, and just beyond.
pub(crate) fn odd_number(random: &mut Random) -> u64 {
    let odd = [
        0,
        1,
        2,
        -1,
        99,
        i64::MIN,
        i64::MAX,
        -1000,
        1 << 31,
        (1 << 31) - 1,
        -(1 << 31),
        1 << 40,
    ];
    match random.below(odd.len() + 1) {
        place if place < odd.len() => odd[place].cast_unsigned(),
        _ => random.number(),
    }
}

/// Changes bytes, whatever they are.
pub(crate) fn mutate_bytes(random: &mut Random, bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    if bytes.is_empty() {
        return random.bytes(20);
    }
    let place = random.below(bytes.len());
    match random.below(4) {
        0 => bytes.truncate(place),
        1 => bytes[place] ^= 1 << random.below(8),
        2 => bytes.insert(place, random.number() as u8),
        _ => drop(bytes.remove(place)),
    }
    bytes
}
