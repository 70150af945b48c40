//! Text from histories on a terminal: it may hold control characters that move the cursor, or worse.

use std::borrow::Cow;

/// The text on one line, with its control characters written out.
pub(crate) fn line(text: &str) -> Cow<'_, str> {
    escaped(text, |character| is_hostile(character) || character == '\n')
}

/// The text with its control characters written out, but for line feeds.
pub(crate) fn block(text: &str) -> Cow<'_, str> {
    escaped(text, is_hostile)
}

/// Control characters, and those that change the direction of text.
fn is_hostile(character: char) -> bool {
    let reorders = matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    (character.is_control() && character != '\n' && character != '\t') || reorders
}

fn escaped(text: &str, is_escaped: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&is_escaped) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        match is_escaped(character) {
            true => escaped.extend(character.escape_default()),
            false => escaped.push(character),
        }
    }
    Cow::Owned(escaped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_written_out() {
        assert_eq!(line("order-1 ö"), "order-1 ö");
        assert_eq!(line("a\nb\x1b[2J"), "a\\nb\\u{1b}[2J");
        assert_eq!(block("a\n\tb\r\u{202e}c"), "a\n\tb\\r\\u{202e}c");
    }
}
