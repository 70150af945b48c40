//! Text from histories within HTML.

use std::fmt;

/// Text as an element's content or within a quoted attribute. Control characters and marks of
/// writing direction, which would turn the text around them, are replaced.
pub(super) struct Text<'a>(pub(super) &'a str);

impl fmt::Display for Text<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        use fmt::Write;
        for letter in self.0.chars() {
            match letter {
                '&' => formatter.write_str("&amp;")?,
                '<' => formatter.write_str("&lt;")?,
                '>' => formatter.write_str("&gt;")?,
                '"' => formatter.write_str("&quot;")?,
                '\'' => formatter.write_str("&#39;")?,
                '\n' | '\t' => formatter.write_char(letter)?,
                '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                    formatter.write_char('\u{fffd}')?;
                }
                letter if letter.is_control() => formatter.write_char('\u{fffd}')?,
                letter => formatter.write_char(letter)?,
            }
        }
        Ok(())
    }
}

/// A sentence, in which what stands between backticks is code.
pub(super) struct Prose<'a>(pub(super) &'a str);

impl fmt::Display for Prose<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<_> = self.0.split('`').collect();
        let is_balanced = parts.len() % 2 == 1;
        if !is_balanced {
            return Text(self.0).fmt(formatter);
        }
        for (number, part) in parts.iter().enumerate() {
            match number % 2 {
                0 => Text(part).fmt(formatter)?,
                _ => write!(formatter, "<code>{}</code>", Text(part))?,
            }
        }
        Ok(())
    }
}

/// A duration as people say it.
pub(super) fn span(millis: u64) -> String {
    let seconds = millis / 1000;
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) if millis < 1000 => format!("{millis} ms"),
        #[expect(clippy::cast_precision_loss, reason = "below a minute all are exact")]
        (0, 0, 0) => format!("{:.1} s", millis as f64 / 1000.0),
        (0, 0, minutes) => format!("{minutes} min {} s", seconds % 60),
        (0, hours, minutes) => format!("{hours} h {minutes} min"),
        (days, hours, _) => format!("{days} d {hours} h"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_stays_text() {
        let text = "</script><img src=x onerror='a'>\"&\u{202e}\u{0}";
        let expected =
            "&lt;/script&gt;&lt;img src=x onerror=&#39;a&#39;&gt;&quot;&amp;\u{fffd}\u{fffd}";
        assert_eq!(Text(text).to_string(), expected);
    }

    #[test]
    fn code_in_sentences_is_set_as_code() {
        assert_eq!(
            Prose("`a` is <b>").to_string(),
            "<code>a</code> is &lt;b&gt;"
        );
        assert_eq!(Prose("one ` alone").to_string(), "one ` alone");
    }

    #[test]
    fn durations_read_well() {
        assert_eq!(span(250), "250 ms");
        assert_eq!(span(1500), "1.5 s");
        assert_eq!(span(65_000), "1 min 5 s");
        assert_eq!(span(30 * 86_400_000), "30 d 0 h");
    }
}
