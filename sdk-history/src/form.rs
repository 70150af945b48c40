//! What a content is, by its first bytes.

/// The forms of content, after gzip.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Json,
    /// `temporal.api.history.v1.History`
    History,
    /// `temporal.api.workflowservice.v1.GetWorkflowExecutionHistoryResponse`
    Response,
    /// `temporal.api.export.v1.WorkflowExecutions`
    Export,
    Utf16,
    Empty,
    Unknown,
}

/// How many bytes are looked at.
pub(crate) const LOOKED_AT: usize = 64;

/// What gzip begins with.
pub(crate) const GZIP: [u8; 2] = [0x1f, 0x8b];

/// The mark of UTF-8, which some editors put first.
pub(crate) const UTF8_MARK: [u8; 3] = [0xef, 0xbb, 0xbf];

/// The form of content that begins so.
pub(crate) fn form(begins: &[u8]) -> Form {
    let text = begins.strip_prefix(&UTF8_MARK).unwrap_or(begins);
    let text = text.trim_ascii_start();
    match (begins, text) {
        ([], _) => Form::Empty,
        ([0xff, 0xfe, ..] | [0xfe, 0xff, ..], _) => Form::Utf16,
        (_, [b'{' | b'[', rest @ ..]) if begins_json(rest) => Form::Json,
        // White space alone: JSON without a value, which its reader reports.
        (_, []) => Form::Json,
        _ => binary_form(begins),
    }
}

/// Whether it goes on as JSON after the first bracket. In protobuf, a line feed and a brace are the
/// head of an event of 123 bytes, and the number 8 follows.
fn begins_json(rest: &[u8]) -> bool {
    matches!(
        rest.trim_ascii_start(),
        [] | [b'"' | b'{' | b'[' | b'}' | b']', ..]
    )
}

/// All three messages begin with their field 1, and so do the messages in it, down to an event,
/// whose field 1 is a number.
fn binary_form(bytes: &[u8]) -> Form {
    let mut rest = bytes;
    for form in [Form::History, Form::Response, Form::Export] {
        let Some(inner) = after_field_1(rest) else {
            return Form::Unknown;
        };
        if inner.first() == Some(&0x08) {
            return form;
        }
        rest = inner;
    }
    Form::Unknown
}

/// What follows the head of a field 1 that holds a message.
fn after_field_1(bytes: &[u8]) -> Option<&[u8]> {
    let rest = bytes.strip_prefix(&[0x0a])?;
    let length = rest.iter().take(10).position(|byte| byte & 0x80 == 0)?;
    rest.get(length + 1..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_told_apart() {
        for (begins, expected) in [
            (&b"{\"events\":[]}"[..], Form::Json),
            (b"\n{\n  \"events\"", Form::Json),
            (b"\n\n\n[\n{", Form::Json),
            (b"\xef\xbb\xbf[]", Form::Json),
            (b" \n", Form::Json),
            (b"\xff\xfe{\0", Form::Utf16),
            (b"", Form::Empty),
            (b"\x0a\x02\x08\x01", Form::History),
            (b"\x0a{\x08\x01", Form::History),
            (b"\x0a\x0a\x08\x01", Form::History),
            (b"\x0a\x04\x0a\x02\x08\x01", Form::Response),
            (b"\x0a\x06\x0a\x04\x0a\x02\x08\x01", Form::Export),
            (b"hello", Form::Unknown),
            (b"{8}", Form::Unknown),
            (b"\x0a", Form::Json),
            (b"\x0a\xff\xff", Form::Unknown),
        ] {
            assert_eq!(form(begins), expected, "{begins:?}");
        }
    }
}
