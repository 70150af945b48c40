//! Values of any kind: passed over, or kept as text.

use super::{JsonError, JsonErrorKind, JsonReader};

impl JsonReader<'_> {
    /// Passes over a value.
    ///
    /// # Errors
    /// It is not JSON.
    pub fn skip(&mut self) -> Result<(), JsonError> {
        self.value(&mut None)
    }

    /// The text of a value, without white space.
    pub(super) fn compact(&mut self) -> Result<Vec<u8>, JsonError> {
        let mut text = Some(Vec::new());
        self.value(&mut text)?;
        Ok(text.unwrap_or_default())
    }

    /// Reads a value and adds its text to `out`.
    pub(super) fn value(&mut self, out: &mut Option<Vec<u8>>) -> Result<(), JsonError> {
        match self.peek()? {
            b'{' => {
                add(out, "{");
                let mut first = true;
                self.open(b'{', "an object")?;
                while self.peek()? != b'}' {
                    self.separator(&mut first, out)?;
                    self.raw_string(out)?;
                    if self.peek()? != b':' {
                        return Err(self.syntax("`:`"));
                    }
                    self.at += 1;
                    add(out, ":");
                    self.value(out)?;
                }
                self.close();
                add(out, "}");
            }
            b'[' => {
                add(out, "[");
                let mut first = true;
                self.open(b'[', "an array")?;
                while self.peek()? != b']' {
                    self.separator(&mut first, out)?;
                    self.value(out)?;
                }
                self.close();
                add(out, "]");
            }
            b'"' => self.raw_string(out)?,
            b't' => self.literal("true", out)?,
            b'f' => self.literal("false", out)?,
            b'n' => self.literal("null", out)?,
            b'-' | b'0'..=b'9' => add(out, self.number()?),
            _ => return Err(self.syntax("a value")),
        }
        Ok(())
    }

    /// The comma before every value but the first.
    fn separator(&mut self, first: &mut bool, out: &mut Option<Vec<u8>>) -> Result<(), JsonError> {
        if !std::mem::take(first) {
            if self.byte()? != b',' {
                return Err(self.syntax("`,`"));
            }
            self.at += 1;
            add(out, ",");
            self.skip_whitespace();
        }
        Ok(())
    }

    fn raw_string(&mut self, out: &mut Option<Vec<u8>>) -> Result<(), JsonError> {
        let start = self.at;
        if self.byte()? != b'"' {
            return Err(self.syntax("the name of a field in quotes"));
        }
        self.at += 1;
        while self.go_to_special()? != b'"' {
            self.at += 1;
            self.escape()?;
        }
        self.at += 1;
        add(out, &self.text[start..self.at]);
        Ok(())
    }

    fn literal(&mut self, word: &'static str, out: &mut Option<Vec<u8>>) -> Result<(), JsonError> {
        let rest = &self.text.as_bytes()[self.at..];
        if rest.starts_with(word.as_bytes()) {
            self.at += word.len();
            add(out, word);
            return Ok(());
        }
        Err(match word.as_bytes().starts_with(rest) {
            true => self.error(JsonErrorKind::Incomplete),
            false => self.syntax("a value"),
        })
    }

    /// Passes `null`, if it is there.
    #[inline(always)]
    pub(super) fn null(&mut self) -> Result<bool, JsonError> {
        match self.peek()? {
            b'n' => self.literal("null", &mut None).map(|()| true),
            _ => Ok(false),
        }
    }

    /// `true` or `false`.
    pub(super) fn boolean(&mut self) -> Result<bool, JsonError> {
        let value = self.peek()? == b't';
        match self.byte()? {
            b't' => self.literal("true", &mut None)?,
            b'f' => self.literal("false", &mut None)?,
            _ => return Err(self.unexpected("true or false")),
        }
        Ok(value)
    }

    /// The text of a number.
    pub(super) fn number(&mut self) -> Result<&str, JsonError> {
        let start = self.at;
        let bytes = self.text.as_bytes();
        while matches!(
            bytes.get(self.at),
            Some(b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E')
        ) {
            self.at += 1;
        }
        let text = &self.text[start..self.at];
        // The text could go on.
        self.byte()?;
        if !is_number(text) {
            self.at = start;
            return Err(self.syntax("a number"));
        }
        Ok(text)
    }
}

fn add(out: &mut Option<Vec<u8>>, text: &str) {
    if let Some(out) = out {
        out.extend_from_slice(text.as_bytes());
    }
}

/// Whether the text is a number as JSON writes it: `-1`, `0.5`, `1e3`.
fn is_number(text: &str) -> bool {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (integer, fraction) = match mantissa.split_once('.') {
        Some((integer, fraction)) => (integer, Some(fraction)),
        None => (mantissa, None),
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let exponent = exponent.map(|text| text.strip_prefix(['+', '-']).unwrap_or(text));
    digits(integer)
        && (integer == "0" || !integer.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent.is_none_or(digits)
}
