//! How large the text of a failure may become.

/// The most causes a failure goes out with.
pub const MAX_CAUSES: usize = 20;
/// The longest message of a failure made in this process.
pub const MAX_MESSAGE_BYTES: usize = 32 * 1024;
/// The longest stack trace of a failure made in this process.
pub const MAX_STACK_TRACE_BYTES: usize = 16 * 1024;

/// Cuts a text to at most `limit` bytes, at a character's boundary, and says that it did.
pub(super) fn cut(mut text: String, limit: usize) -> String {
    if text.len() <= limit {
        return text;
    }
    let note = format!(" ... (cut, {} bytes in all)", text.len());
    let mut end = limit.saturating_sub(note.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
    text.push_str(&note);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_text_stays_and_long_text_fits() {
        assert_eq!(cut("short".into(), 10), "short");
        let text = cut("é".repeat(100), 80);
        assert!(
            text.len() <= 80 && text.ends_with("é ... (cut, 200 bytes in all)"),
            "{text}"
        );
    }
}
