//! Fields that are no messages, and what holds fields: `Option`, `Box`, `Vec`, maps.

use std::collections::BTreeMap;

use bytes::Bytes;

use super::{JsonError, JsonReader, ReadJson};
use crate::json::base64::decode_base64;
use crate::json::number::Numeric;

impl ReadJson for String {
    fn read_json(&mut self, json: &mut JsonReader<'_>) -> Result<(), JsonError> {
        *self = match json.null()? {
            true => Self::new(),
            false => json.string("text")?.into_owned(),
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
        *self = decode_base64(&text)
            .map_err(|_| json.unexpected_at(start, "bytes in base64"))?
            .into();
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
            self.push(value);
            Ok(())
        })
    }
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
