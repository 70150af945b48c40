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
        while let Some(byte) = bytes.get(self.at)
            && *byte <= b' '
            && matches!(byte, b'\n' | b' ' | b'\r' | b'\t')
        {
            self.at += 1;
            while let Some(chunk) = bytes[self.at..].first_chunk() {
                let spaces = spaces(*chunk);
                self.at += spaces;
                if spaces < chunk.len() {
                    break;
                }
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
        match self.plain_string() {
            Some(text) => Ok(Cow::Borrowed(text)),
            None => self.other_string(),
        }
    }

    /// The string at whose quote the reader stands, if it has no escapes and is complete. Nearly all
    /// have none.
    pub(super) fn plain_string(&mut self) -> Option<&'a str> {
        let text: &'a str = self.text;
        let start = self.at + 1;
        let mut end = start;
        for chunk in text.as_bytes().get(start..)?.as_chunks().0 {
            let found = specials(*chunk);
            if found != 0 {
                end += found.trailing_zeros() as usize / 8;
                break;
            }
            end += 8;
        }
        // The last bytes of a text are fewer than a chunk: they go the other way.
        if *text.as_bytes().get(end)? != b'"' {
            return None;
        }
        self.at = end + 1;
        text.get(start..end)
    }

    /// A string that has an escape, or that the text ends in.
    #[cold]
    fn other_string(&mut self) -> Result<Cow<'a, str>, JsonError> {
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
    pub(super) fn go_to_special(&mut self) -> Result<u8, JsonError> {
        let rest = &self.text.as_bytes()[self.at..];
        for chunk in rest.as_chunks().0 {
            let found = specials(*chunk);
            if found != 0 {
                self.at += found.trailing_zeros() as usize / 8;
                break;
            }
            self.at += 8;
        }
        loop {
            match self.byte()? {
                special @ (b'"' | b'\\') => return Ok(special),
                0..b' ' => return Err(self.syntax("no control character in a string")),
                _ => self.at += 1,
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

/// The high bit of each byte that is a quote, a backslash or a control character, exactly so up to the
/// lowest of them.
#[inline]
fn specials(chunk: [u8; 8]) -> u64 {
    let word = u64::from_le_bytes(chunk);
    let quotes = word ^ (ONES * u64::from(b'"'));
    let backslashes = word ^ (ONES * u64::from(b'\\'));
    // A byte that is smaller than what is taken from it gets a high bit, if it had none. All three words have
    // the same high bits.
    let smaller =
        quotes.wrapping_sub(ONES) | backslashes.wrapping_sub(ONES) | word.wrapping_sub(SPACES);
    smaller & !word & HIGHS
}

/// How many spaces the bytes begin with.
#[inline]
fn spaces(bytes: [u8; 8]) -> usize {
    (u64::from_le_bytes(bytes) ^ SPACES).trailing_zeros() as usize / 8
}
