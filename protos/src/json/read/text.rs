//! White space and strings, eight bytes at a time.

use std::borrow::Cow;

use super::{JsonError, JsonErrorKind, JsonReader};

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = 0x8080_8080_8080_8080;
const SPACES: u64 = ONES * b' ' as u64;

impl<'a> JsonReader<'a> {
    /// Goes to the next byte that is not white space, or to the end of the text.
    pub fn skip_whitespace(&mut self) {
        let bytes = self.text.as_bytes();
        while let Some(byte) = bytes.get(self.at) {
            match byte {
                b' ' => self.at += spaces(&bytes[self.at..]),
                b'\n' | b'\r' | b'\t' => self.at += 1,
                _ => return,
            }
        }
    }

    /// Reads a string. What has no escapes is borrowed from the text.
    ///
    /// # Errors
    /// There is no string; `expected` says what it is.
    #[inline]
    pub fn string(&mut self, expected: &'static str) -> Result<Cow<'a, str>, JsonError> {
        if self.byte()? != b'"' {
            return Err(self.unexpected(expected));
        }
        let start = self.at + 1;
        self.at = start;
        match self.go_to_special()? {
            b'"' => {
                let text = &self.text[start..self.at];
                self.at += 1;
                Ok(Cow::Borrowed(text))
            }
            _ => self.escaped_string(start).map(Cow::Owned),
        }
    }

    /// The rest of a string that has an escape, at which the reader stands.
    #[cold]
    fn escaped_string(&mut self, start: usize) -> Result<String, JsonError> {
        let mut string = self.text[start..self.at].to_owned();
        loop {
            // At a backslash.
            self.at += 1;
            string.push(self.escape()?);
            let start = self.at;
            let special = self.go_to_special()?;
            string.push_str(&self.text[start..self.at]);
            if special == b'"' {
                self.at += 1;
                return Ok(string);
            }
        }
    }

    /// Goes to the quote that ends a string, or to the next escape.
    #[inline]
    pub(super) fn go_to_special(&mut self) -> Result<u8, JsonError> {
        let bytes = self.text.as_bytes();
        let mut at = self.at;
        while let Some(chunk) = bytes.get(at..).and_then(<[u8]>::first_chunk::<8>) {
            let word = u64::from_le_bytes(*chunk);
            let found = zeros(word ^ (ONES * u64::from(b'"')))
                | zeros(word ^ (ONES * u64::from(b'\\')))
                | (word.wrapping_sub(SPACES) & !word & HIGHS);
            if found != 0 {
                at += found.trailing_zeros() as usize / 8;
                break;
            }
            at += 8;
        }
        loop {
            self.at = at;
            match self.byte()? {
                special @ (b'"' | b'\\') => return Ok(special),
                0..b' ' => return Err(self.syntax("no control character in a string")),
                _ => at += 1,
            }
        }
    }

    /// The character of an escape, whose backslash was read.
    pub(super) fn escape(&mut self) -> Result<char, JsonError> {
        let character = match self.byte()? {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.unicode_escape(),
            _ => return Err(self.syntax("an escape such as `\\n`")),
        };
        self.at += 1;
        Ok(character)
    }

    /// `u` and four digits, twice for a character beyond the first plane.
    fn unicode_escape(&mut self) -> Result<char, JsonError> {
        let start = self.at;
        let invalid = "a Unicode character as `\\u0041`";
        let first = self.unicode_unit()?;
        let code = match first {
            0xd800..0xdc00 => {
                for expected in [b'\\', b'u'] {
                    if self.byte()? != expected {
                        return Err(self.syntax(invalid));
                    }
                    self.at += 1;
                }
                self.at -= 1;
                let second = self.unicode_unit()?;
                match second {
                    0xdc00..0xe000 => 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00),
                    _ => first,
                }
            }
            code => code,
        };
        char::from_u32(code).ok_or_else(|| {
            self.at = start;
            self.syntax(invalid)
        })
    }

    /// The number of `u0041`.
    fn unicode_unit(&mut self) -> Result<u32, JsonError> {
        let digits = self.at + 1..self.at + 5;
        let Some(digits) = self.text.as_bytes().get(digits) else {
            return Err(self.error(JsonErrorKind::Incomplete));
        };
        let mut unit = 0;
        for digit in digits {
            match char::from(*digit).to_digit(16) {
                Some(digit) => unit = unit * 16 + digit,
                None => return Err(self.syntax("four hexadecimal digits")),
            }
        }
        self.at += 5;
        Ok(unit)
    }
}

/// How many spaces the bytes begin with, of the first eight.
fn spaces(bytes: &[u8]) -> usize {
    match bytes.first_chunk::<8>() {
        Some(chunk) => (u64::from_le_bytes(*chunk) ^ SPACES).trailing_zeros() as usize / 8,
        None => 1,
    }
}

/// The high bit of each byte that is zero, exactly so up to the lowest of them.
fn zeros(word: u64) -> u64 {
    word.wrapping_sub(ONES) & !word & HIGHS
}
