//! Fields that are no messages, and what holds fields: `Option`, `Box`, `Vec`, maps.

use std::collections::BTreeMap;

use bytes::Bytes;

use super::{JsonError, JsonReader, ReadJson};
use crate::json::base64::decode_base64;
use crate::json::number::Numeric;

impl ReadJson for String {
    fn read_json(&mut self, json: &mut JsonReader<'_>) -> Result<(), JsonError> {
        *self = match json.peek()? {
            b'n' => {
                json.null()?;
                Self::new()
            }
            _ => json.string("text")?.into_owned(),
        };
        Ok(())
    }
}

impl ReadJson for bool {
    fn read_json(&mut self, json: &mut JsonReader<'_>) -> Result<(), JsonError> {
        *self = !json.null()? && json.boolean()?;
        Ok(())
    }
}

impl ReadJson for Bytes {
    fn read_json(&mut self, json: &mut JsonReader<'_>) -> Result<(), JsonError> {
        if json.null()? {
            *self = Self::new();
            return Ok(());
        }
        let start = json.at;
        let text = json.string("bytes in base64")?;
        *self = decode_base64(&text).map_err(|_| json.unexpected_at(start, "bytes in base64"))?;
        Ok(())
    }
}

macro_rules! numbers {
    ($($number:ty)*) => {$(
        impl ReadJson for $number {
            fn read_json(&mut self, json: &mut JsonReader<'_>) -> Result<(), JsonError> {
                *self = json.numeric()?;
                Ok(())
            }
        }
    )*};
}

numbers!(i32 i64 u32 u64 f32 f64);

impl JsonReader<'_> {
    /// A number, or the same as text.
    fn numeric<T: Numeric + Default>(&mut self) -> Result<T, JsonError> {
        let start = self.at;
        if let Some((integer, end)) = self.usual_integer()
            && let Some(value) = T::from_signed(integer)
        {
            self.at = end;
            return Ok(value);
        }
        let value = match self.peek()? {
            b'"' => T::from_text(&self.string(T::EXPECTED)?),
            b'-' | b'0'..=b'9' => {
                let text = self.number()?;
                // `1e3` is an integer too.
                T::from_text(text).or_else(|| T::from_float(text.parse().ok()?))
            }
            b'n' => return self.null().map(|_| T::default()),
            _ => None,
        };
        value.ok_or_else(|| self.unexpected_at(start, T::EXPECTED))
    }
}

impl JsonReader<'_> {
    /// `7` or `"7"`, as nearly all integers are written, and where it ends; none for any other form.
    fn usual_integer(&self) -> Option<(i64, usize)> {
        let bytes = self.text.as_bytes();
        let is_text = *bytes.get(self.at)? == b'"';
        let start = self.at + usize::from(is_text);
        let mut end = start;
        let mut integer = 0_i64;
        let digit = |byte: &u8| Some(byte.wrapping_sub(b'0')).filter(|digit| *digit < 10);
        while let Some(digit) = bytes.get(end).and_then(digit) {
            integer = integer.wrapping_mul(10).wrapping_add(digit.into());
            end += 1;
        }
        // Of eighteen digits, any number is an `i64`.
        if !(1..=18).contains(&(end - start)) {
            return None;
        }
        match (is_text, bytes.get(end)?) {
            (true, b'"') => Some((integer, end + 1)),
            (false, b',' | b'}' | b']' | b'\n' | b' ') => {
                let is_json = end == start + 1 || bytes[start] != b'0';
                is_json.then_some((integer, end))
            }
            _ => None,
        }
    }
}

impl<T: ReadJson> ReadJson for Option<T> {
    fn read_json(&mut self, json: &mut JsonReader<'_>) -> Result<(), JsonError> {
        *self = None;
        if !json.null()? {
            self.insert(T::default()).read_json(json)?;
        }
        Ok(())
    }
}

impl<T: ReadJson> ReadJson for Box<T> {
    fn read_json(&mut self, json: &mut JsonReader<'_>) -> Result<(), JsonError> {
        json.count_element()?;
        self.as_mut().read_json(json)
    }
}

impl<T: ReadJson> ReadJson for Vec<T> {
    fn read_json(&mut self, json: &mut JsonReader<'_>) -> Result<(), JsonError> {
        self.clear();
        if json.null()? {
            return Ok(());
        }
        json.elements(|_, json| {
            let mut value = T::default();
            value.read_json(json)?;
            push(self, value);
            Ok(())
        })
    }
}

/// Adds a value, with no room for more behind the first: most arrays of a history have one.
pub(super) fn push<T>(values: &mut Vec<T>, value: T) {
    if values.is_empty() {
        values.reserve_exact(1);
    }
    values.push(value);
}

impl<T: ReadJson> ReadJson for BTreeMap<String, T> {
    fn read_json(&mut self, json: &mut JsonReader<'_>) -> Result<(), JsonError> {
        self.clear();
        if json.null()? {
            return Ok(());
        }
        json.members(|name, json| {
            json.count_element()?;
            let mut value = T::default();
            value.read_json(json)?;
            self.insert(name.to_owned(), value);
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::number::Number;

    /// Numbers near every limit, with and without quotes, and what is none.
    fn texts() -> Vec<String> {
        let mut numbers: Vec<String> = [
            "", "-", "-0", "-1", "00", "007", "0.0", "1.0", "1.5", "1e3", "1E-3", "+1", "1_0",
            " 1", "1 ", "a", "1a",
        ]
        .map(str::to_owned)
        .into();
        numbers.extend((0..22).map(|digits| "1234567890123456789012"[..digits].to_owned()));
        for limit in [0, 1 << 31, 1 << 32, 1_i128 << 63, 1 << 64, 10_i128.pow(18)] {
            numbers.extend((-2..=2).map(|off| (limit + off).to_string()));
        }
        let quoted: Vec<String> = numbers.iter().map(|text| format!("\"{text}\"")).collect();
        numbers.extend(quoted);
        numbers
    }

    fn by_serde<T: Numeric>(text: &str) -> Option<T> {
        let number = serde_json::from_str::<Number<T>>(text);
        number.ok().map(|number| number.0)
    }

    /// serde_json rounds long numbers down.
    fn rounded<T: Numeric + std::str::FromStr>(text: &str) -> Option<T> {
        by_serde::<T>(text)?;
        text.trim_matches(['"', ' ']).parse().ok()
    }

    fn check<T>(text: &str, expected: Option<T>)
    where
        T: ReadJson + Numeric + PartialEq + std::fmt::Debug,
    {
        // At the end of the text a number could go on.
        for behind in [",", "}", "]", "\n", " ", ":"] {
            let text = format!("{text}{behind}");
            let mut json = JsonReader::new(&text);
            json.skip_whitespace();
            let mut read = T::default();
            let result = read.read_json(&mut json).map(|()| (read, json.offset()));
            match (&expected, result) {
                (Some(expected), Ok((read, end))) => {
                    assert_eq!(
                        (&read, text[end..].trim()),
                        (expected, behind.trim()),
                        "{text:?}"
                    );
                }
                (None, Err(_)) => {}
                // Digits and then what is no number: the next to be read is wrong.
                (None, Ok((_, end))) => assert_ne!(text[end..].trim(), behind.trim(), "{text:?}"),
                (Some(_), Err(error)) => panic!("{text:?}: {error}"),
            }
        }
    }

    #[test]
    fn numbers_are_read_in_every_form() {
        for text in texts() {
            check::<i32>(&text, by_serde(&text));
            check::<i64>(&text, by_serde(&text));
            check::<u32>(&text, by_serde(&text));
            check::<u64>(&text, by_serde(&text));
            check::<f32>(&text, rounded(&text));
            check::<f64>(&text, rounded(&text));
        }
    }
}
