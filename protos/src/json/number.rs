//! Numeric fields: a number, or the same as text (64-bit integers are always written so).

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error, Unexpected, Visitor};

/// A number read from either form.
#[derive(Default)]
pub(crate) struct Number<T>(pub(crate) T);

/// The numeric types of protobuf.
pub(crate) trait Numeric: Sized {
    /// What an error says is expected.
    const EXPECTED: &'static str;

    fn from_signed(value: i64) -> Option<Self>;
    fn from_unsigned(value: u64) -> Option<Self>;
    fn from_float(value: f64) -> Option<Self>;
    fn from_text(text: &str) -> Option<Self>;
}

impl<'de, T: Numeric> Deserialize<'de> for Number<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NumberOrText(PhantomData))
    }
}

struct NumberOrText<T>(PhantomData<T>);

impl<T: Numeric> Visitor<'_> for NumberOrText<T> {
    type Value = Number<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::EXPECTED)
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Number<T>, E> {
        read(&self, T::from_signed(value), Unexpected::Signed(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Number<T>, E> {
        read(&self, T::from_unsigned(value), Unexpected::Unsigned(value))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Number<T>, E> {
        read(&self, T::from_float(value), Unexpected::Float(value))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Number<T>, E> {
        read(&self, T::from_text(text), Unexpected::Str(text))
    }
}

fn read<T: Numeric, E: Error>(
    visitor: &NumberOrText<T>,
    value: Option<T>,
    unexpected: Unexpected<'_>,
) -> Result<Number<T>, E> {
    value
        .map(Number)
        .ok_or_else(|| E::invalid_value(unexpected, visitor))
}

macro_rules! integers {
    ($($integer:ty: $expected:literal,)*) => {$(
        impl Numeric for $integer {
            const EXPECTED: &'static str = $expected;

            fn from_signed(value: i64) -> Option<Self> {
                value.try_into().ok()
            }

            fn from_unsigned(value: u64) -> Option<Self> {
                value.try_into().ok()
            }

            fn from_float(value: f64) -> Option<Self> {
                // `1.0` and `1e3` are integers in JSON. By way of 128 bits, since the limits of 64 bits are no exact
                // floats: a cast to the type itself would take 2^63 for the largest `i64`.
                let integer = value as i128;
                (integer as f64 == value).then(|| integer.try_into().ok())?
            }

            fn from_text(text: &str) -> Option<Self> {
                text.parse().ok()
            }
        }
    )*};
}

integers! {
    i32: "a 32-bit integer",
    i64: "a 64-bit integer, as a number or text",
    u32: "an unsigned 32-bit integer",
    u64: "an unsigned 64-bit integer, as a number or text",
}

macro_rules! floats {
    ($($float:ty)*) => {$(
        impl Numeric for $float {
            const EXPECTED: &'static str = "a number";

            fn from_signed(value: i64) -> Option<Self> {
                Some(value as Self)
            }

            fn from_unsigned(value: u64) -> Option<Self> {
                Some(value as Self)
            }

            fn from_float(value: f64) -> Option<Self> {
                Some(value as Self)
            }

            fn from_text(text: &str) -> Option<Self> {
                // Among the texts that Rust reads are protobuf-JSON's `NaN`, `Infinity` and `-Infinity`.
                text.parse().ok()
            }
        }
    )*};
}

floats!(f32 f64);

#[cfg(test)]
mod tests {
    use super::*;

    fn read_json<T: Numeric>(json: &str) -> Option<T> {
        let read: Result<Number<T>, _> = serde_json::from_str(json);
        read.ok().map(|Number(value)| value)
    }

    #[test]
    fn integers_are_read_as_numbers_and_as_text() {
        assert_eq!(read_json("7"), Some(7_i64));
        assert_eq!(read_json("\"-7\""), Some(-7_i64));
        assert_eq!(read_json("1e3"), Some(1_000_i32));
        assert_eq!(read_json("\"9223372036854775807\""), Some(i64::MAX));
        assert_eq!(read_json("18446744073709551615"), Some(u64::MAX));
        assert_eq!(read_json("-2147483648.0"), Some(i32::MIN));
        assert_eq!(read_json("2147483647.0"), Some(i32::MAX));
    }

    #[test]
    fn what_does_not_fit_an_integer_is_refused() {
        for json in [
            "1.5",
            "2147483648",
            "-2147483649",
            "1e300",
            "\"\"",
            "\"x\"",
            "true",
            "[]",
        ] {
            assert_eq!(read_json::<i32>(json), None, "{json}");
        }
        for json in ["-1", "-1.0", "18446744073709551616"] {
            assert_eq!(read_json::<u64>(json), None, "{json}");
        }
        for json in ["9223372036854775808", "9223372036854775808.0", "1e300"] {
            assert_eq!(read_json::<i64>(json), None, "{json}");
        }
    }

    #[test]
    fn floats_are_read_as_numbers_and_as_text() {
        assert_eq!(read_json("2"), Some(2.0_f64));
        assert_eq!(read_json("\"-Infinity\""), Some(f64::NEG_INFINITY));
        assert_eq!(read_json("\"0.5\""), Some(0.5_f32));
        assert_eq!(read_json::<f64>("\"half\""), None);
    }
}
