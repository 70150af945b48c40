//! The tokens of a query.

use super::word::{WordKind, kind_of};

/// A token and where it ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    /// The byte after it.
    pub(super) end: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// A word of the grammar, in lower case.
    Reserved(String),
    Name(String),
    Text(String),
    Integer(String),
    /// Any other literal: fractions, `0x10`, `x'41'`, `:name`, `?`.
    Number(String),
    /// Punctuation and operators.
    Symbol(&'static str),
    /// What no token begins or ends with; the text is what was read.
    Invalid(String),
    End,
}

/// Longer ones come before those that they begin with.
const SYMBOLS: [&str; 29] = [
    "<=>", "->>", "->", "<>", "<<", "<=", ">=", ">>", "!=", "&&", "||", "=", "<", ">", "!", "&",
    "|", ",", ";", "(", ")", "+", "-", "*", "/", "%", "^", "~", ".",
];

/// Reads tokens one by one, passing over blanks and comments.
#[derive(Debug)]
pub(super) struct Tokenizer<'a> {
    text: &'a str,
    position: usize,
}

impl<'a> Tokenizer<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, position: 0 }
    }

    pub(super) fn next(&mut self) -> Token {
        let kind = match self.skip_blanks() {
            Ok(()) => self.scan(),
            Err(comment) => TokenKind::Invalid(comment),
        };
        Token {
            kind,
            end: self.position,
        }
    }

    fn rest(&self) -> &'a str {
        &self.text[self.position..]
    }

    /// Fails with the text of a comment that has no end.
    fn skip_blanks(&mut self) -> Result<(), String> {
        loop {
            let rest = self.rest();
            let blank = rest.len() - rest.trim_start_matches([' ', '\n', '\r', '\t']).len();
            self.position += blank;
            let rest = self.rest();
            if rest.starts_with("--") || rest.starts_with("//") || rest.starts_with('#') {
                self.position += rest.find('\n').unwrap_or(rest.len());
            } else if let Some(comment) = rest.strip_prefix("/*") {
                let Some(length) = comment.find("*/") else {
                    self.position = self.text.len();
                    return Err(rest.to_owned());
                };
                self.position += length + 4;
            } else {
                return Ok(());
            }
        }
    }

    fn scan(&mut self) -> TokenKind {
        let rest = self.rest();
        let Some(first) = rest.chars().next() else {
            return TokenKind::End;
        };
        let second = rest.as_bytes().get(1);
        match first {
            'x' | 'X' | 'b' | 'B' if second == Some(&b'\'') => self.scan_bytes(),
            _ if is_letter(first) => self.scan_word(),
            '0'..='9' => self.scan_number(),
            '.' if second.is_some_and(u8::is_ascii_digit) => self.scan_number(),
            '\'' | '"' => self.scan_text(first),
            '`' => self.scan_quoted_name(),
            ':' => self.scan_variable(),
            '?' => {
                self.position += 1;
                TokenKind::Number(":v1".to_owned())
            }
            _ => self.scan_symbol(first),
        }
    }

    /// Takes characters as long as they are `wanted`.
    fn take(&mut self, wanted: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let length = rest.find(|c| !wanted(c)).unwrap_or(rest.len());
        self.position += length;
        &rest[..length]
    }

    fn scan_word(&mut self) -> TokenKind {
        let word = self.take(|c| is_letter(c) || c.is_ascii_digit());
        let lower = word.to_ascii_lowercase();
        match kind_of(&lower) {
            WordKind::Reserved => TokenKind::Reserved(lower),
            WordKind::LowerCaseName => TokenKind::Name(lower),
            WordKind::Name => TokenKind::Name(word.to_owned()),
        }
    }

    fn scan_number(&mut self) -> TokenKind {
        let start = self.position;
        if self.rest().starts_with("0x") || self.rest().starts_with("0X") {
            self.position += 2;
            self.take(|c| c.is_ascii_hexdigit());
        } else {
            self.take(|c| c.is_ascii_digit());
            if self.rest().starts_with('.') {
                self.position += 1;
                self.take(|c| c.is_ascii_digit());
            }
            if self.rest().starts_with(['e', 'E']) {
                self.position += 1;
                if self.rest().starts_with(['+', '-']) {
                    self.position += 1;
                }
                self.take(|c| c.is_ascii_digit());
            }
        }
        let number = self.text[start..self.position].to_owned();
        if self.rest().starts_with(is_letter) {
            TokenKind::Invalid(number)
        } else if number.bytes().all(|byte| byte.is_ascii_digit()) {
            TokenKind::Integer(number)
        } else {
            TokenKind::Number(number)
        }
    }

    /// `x'41'` or `b'01'`.
    fn scan_bytes(&mut self) -> TokenKind {
        self.position += 2;
        let digits = self.take(|c| c.is_ascii_hexdigit()).to_owned();
        if self.rest().starts_with('\'') {
            self.position += 1;
            TokenKind::Number(digits)
        } else {
            TokenKind::Invalid(digits)
        }
    }

    fn scan_variable(&mut self) -> TokenKind {
        let start = self.position;
        self.take(|c| c == ':');
        let name = self.take(|c| is_letter(c) || c.is_ascii_digit() || c == '.');
        let text = self.text[start..self.position].to_owned();
        if name.starts_with(is_letter) {
            TokenKind::Number(text)
        } else {
            TokenKind::Invalid(text)
        }
    }

    /// A text in quotes; a doubled quote stands for one, a backslash escapes.
    fn scan_text(&mut self, quote: char) -> TokenKind {
        let mut text = String::new();
        let mut characters = self.rest().char_indices().skip(1).peekable();
        while let Some((place, character)) = characters.next() {
            if character == '\\' {
                let Some((_, escaped)) = characters.next() else {
                    break;
                };
                text.push(unescaped(escaped));
            } else if character != quote {
                text.push(character);
            } else if characters.next_if(|(_, next)| *next == quote).is_some() {
                text.push(quote);
            } else {
                self.position += place + 1;
                return TokenKind::Text(text);
            }
        }
        self.position = self.text.len();
        TokenKind::Invalid(text)
    }

    /// A name in back-ticks; a doubled one stands for one.
    fn scan_quoted_name(&mut self) -> TokenKind {
        let mut name = String::new();
        let mut characters = self.rest().char_indices().skip(1).peekable();
        while let Some((place, character)) = characters.next() {
            if character != '`' || characters.next_if(|(_, next)| *next == '`').is_some() {
                name.push(character);
                continue;
            }
            self.position += place + 1;
            return if name.is_empty() {
                TokenKind::Invalid(name)
            } else {
                TokenKind::Name(name)
            };
        }
        self.position = self.text.len();
        TokenKind::Invalid(name)
    }

    fn scan_symbol(&mut self, first: char) -> TokenKind {
        let rest = self.rest();
        match SYMBOLS.iter().find(|symbol| rest.starts_with(*symbol)) {
            Some(symbol) => {
                self.position += symbol.len();
                TokenKind::Symbol(symbol)
            }
            None => {
                self.position += first.len_utf8();
                TokenKind::Invalid(first.to_string())
            }
        }
    }
}

fn is_letter(character: char) -> bool {
    character.is_ascii_alphabetic() || matches!(character, '_' | '@')
}

fn unescaped(character: char) -> char {
    match character {
        '0' => '\0',
        'b' => '\u{8}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'Z' => '\u{1a}',
        other => other,
    }
}
