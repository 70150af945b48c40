//! The reader: a place in a text, and how objects and arrays are gone through.

use std::borrow::Cow;

use super::{JsonError, JsonErrorKind, ReadJson};

/// How deep objects and arrays may be nested. A failure's cause is one level; SDKs cut the chain of
/// causes at twenty or so.
pub(super) const DEEPEST: u32 = 128;

/// How much of the text an error quotes.
const QUOTED: usize = 40;

/// How much of a name an error has. The longest name of a field has 53 characters.
const LONGEST_NAME: usize = 80;

/// A place in JSON text.
#[derive(Debug)]
pub struct JsonReader<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
    depth: u32,
    /// How many more elements of arrays and maps may be read.
    elements_left: u64,
    unknown_event_type: Option<String>,
}

/// The text between two members, from the comma up to the quote of the second one's name, if two words of eight
/// bytes, which may overlap, hold it.
struct Between {
    first: [u8; 8],
    last: [u8; 8],
    /// Where `last` begins.
    last_at: usize,
}

impl Between {
    fn new(text: &[u8]) -> Option<Self> {
        let last_at = text.len().checked_sub(8).filter(|place| *place <= 8)?;
        Some(Self {
            first: *text.first_chunk()?,
            last: *text.last_chunk()?,
            last_at,
        })
    }
}

/// Reads one field of a message; false if the message has no field of that name.
type ReadField<M> = fn(&mut M, &str, &mut JsonReader<'_>) -> Result<bool, JsonError>;

impl<'a> JsonReader<'a> {
    /// A reader at the beginning of a text.
    pub fn new(text: &'a str) -> Self {
        Self::at(text, 0)
    }

    /// A reader at a byte of a text, which must be the first of a character.
    pub fn at(text: &'a str, offset: usize) -> Self {
        Self {
            text,
            at: offset,
            depth: 0,
            elements_left: u64::MAX,
            unknown_event_type: None,
        }
    }

    /// Reads no more elements of arrays and maps than these, all in all. A payload of two bytes of
    /// text takes hundreds of bytes of memory, so that the length of a text alone is no bound.
    #[must_use]
    pub fn with_elements(mut self, elements: u64) -> Self {
        self.elements_left = elements;
        self
    }

    /// How many more elements of arrays and maps may be read.
    pub fn elements_left(&self) -> u64 {
        self.elements_left
    }

    /// The byte of the text that is read next.
    pub fn offset(&self) -> usize {
        self.at
    }

    /// The `eventType` of the event that was read last, if it was a name that this version of the
    /// API does not know. The event has then the type `Unspecified`.
    pub fn unknown_event_type(&mut self) -> Option<String> {
        self.unknown_event_type.take()
    }

    /// The next byte that is not white space.
    ///
    /// # Errors
    /// The text ends.
    #[inline]
    pub fn peek(&mut self) -> Result<u8, JsonError> {
        match self.text.as_bytes().get(self.at) {
            Some(byte) if *byte > b' ' => Ok(*byte),
            _ => {
                self.skip_whitespace();
                self.byte()
            }
        }
    }

    /// Goes through an object: `member` is called with each name, and reads the value.
    ///
    /// # Errors
    /// There is no object, or `member` fails; the error then names the member.
    #[inline]
    pub fn members(
        &mut self,
        mut member: impl FnMut(&str, &mut Self) -> Result<(), JsonError>,
    ) -> Result<(), JsonError> {
        self.open(b'{', "an object")?;
        if self.peek()? != b'}' {
            // What writes one member in a line writes the same text between all members of an object.
            let mut between = None;
            loop {
                let name = self.name()?;
                if let Err(error) = member(&name, self) {
                    return Err(error.within(&name));
                }
                let start = self.at;
                if let Some(between) = &between
                    && self.passes(between)
                {
                    continue;
                }
                match self.peek()? {
                    b',' => self.at += 1,
                    b'}' => break,
                    _ => return Err(self.syntax("`,` or `}`")),
                }
                if self.peek()? == b'"' {
                    between = Between::new(&self.text.as_bytes()[start..=self.at]);
                }
            }
        }
        self.close();
        Ok(())
    }

    /// Goes to the quote at the end of the text between two members, if it is the same as before.
    #[inline]
    fn passes(&mut self, between: &Between) -> bool {
        let rest = &self.text.as_bytes()[self.at..];
        let (first, last) = (rest.first_chunk(), rest.get(between.last_at..));
        let is_same = first == Some(&between.first)
            && last.and_then(<[u8]>::first_chunk) == Some(&between.last);
        if is_same {
            self.at += between.last_at + between.last.len() - 1;
        }
        is_same
    }

    /// Goes through an array: `element` reads the value with an index.
    ///
    /// # Errors
    /// There is no array, or `element` fails; the error then names the index.
    #[inline]
    pub fn elements(
        &mut self,
        mut element: impl FnMut(usize, &mut Self) -> Result<(), JsonError>,
    ) -> Result<(), JsonError> {
        self.open(b'[', "an array")?;
        if self.peek()? != b']' {
            for index in 0.. {
                self.count_element()?;
                if let Err(error) = element(index, self) {
                    return Err(error.within(&format!("[{index}]")));
                }
                match self.peek()? {
                    b',' => self.at += 1,
                    b']' => break,
                    _ => return Err(self.syntax("`,` or `]`")),
                }
                self.skip_whitespace();
            }
        }
        self.close();
        Ok(())
    }

    /// Counts an element that takes memory of its own.
    #[inline]
    pub(super) fn count_element(&mut self) -> Result<(), JsonError> {
        match self.elements_left.checked_sub(1) {
            Some(left) => {
                self.elements_left = left;
                Ok(())
            }
            None => Err(self.error(JsonErrorKind::TooMany)),
        }
    }

    /// Reads an object into a message. Members that the message has no field for are passed over.
    pub(crate) fn message<M>(
        &mut self,
        message: &mut M,
        read_field: ReadField<M>,
    ) -> Result<(), JsonError> {
        self.members(|name, json| {
            if read_field(message, name, json)? {
                return Ok(());
            }
            if is_snake(name) && read_field(message, &lower_camel(name), json)? {
                return Ok(());
            }
            json.skip()
        })
    }

    /// Reads one of the fields that exclude each other. `null` is none of them.
    pub(crate) fn one_of<T: ReadJson, E>(
        &mut self,
        field: &mut Option<E>,
        variant: fn(T) -> E,
    ) -> Result<(), JsonError> {
        if !self.null()? {
            let mut value = T::default();
            value.read_json(self)?;
            *field = Some(variant(value));
        }
        Ok(())
    }

    /// The name of a member, and the `:` behind it.
    #[inline]
    fn name(&mut self) -> Result<Cow<'a, str>, JsonError> {
        let start = self.at;
        if self.text.as_bytes().get(start) == Some(&b'"')
            && let Some(name) = self.plain_string()
        {
            if let [b':', b' ', b'!'..=b'~', ..] = self.text.as_bytes()[self.at..] {
                self.at += 2;
                return Ok(Cow::Borrowed(name));
            }
            self.at = start;
        }
        self.other_name()
    }

    /// A name with escapes, or with other white space behind it.
    fn other_name(&mut self) -> Result<Cow<'a, str>, JsonError> {
        let name = "the name of a field in quotes";
        if self.byte()? != b'"' {
            return Err(self.syntax(name));
        }
        let name = self.string(name)?;
        if self.peek()? != b':' {
            return Err(self.syntax("`:`"));
        }
        self.at += 1;
        self.peek()?;
        Ok(name)
    }

    #[inline]
    pub(super) fn open(&mut self, bracket: u8, expected: &'static str) -> Result<(), JsonError> {
        if self.peek()? != bracket {
            return Err(self.unexpected(expected));
        }
        if self.depth == DEEPEST {
            return Err(self.error(JsonErrorKind::TooDeep { limit: DEEPEST }));
        }
        self.depth += 1;
        self.at += 1;
        self.skip_whitespace();
        Ok(())
    }

    /// Passes the closing bracket, at which the reader stands.
    pub(super) fn close(&mut self) {
        self.depth -= 1;
        self.at += 1;
    }

    /// Goes back to a place of the same depth as `depth` was noted at.
    pub(super) fn go_to(&mut self, offset: usize, depth: u32) {
        self.at = offset;
        self.depth = depth;
    }

    pub(super) fn depth(&self) -> u32 {
        self.depth
    }

    pub(super) fn note_unknown_event_type(&mut self, name: &str) {
        // Links name event types too, further in.
        if self.depth == 1 {
            self.unknown_event_type = Some(shortened(name).into_owned());
        }
    }

    #[inline]
    pub(super) fn byte(&self) -> Result<u8, JsonError> {
        match self.text.as_bytes().get(self.at) {
            Some(byte) => Ok(*byte),
            None => Err(self.error(JsonErrorKind::Incomplete)),
        }
    }

    #[cold]
    pub(super) fn syntax(&self, expected: &'static str) -> JsonError {
        let found = self.quote(self.at);
        self.error(JsonErrorKind::Syntax { expected, found })
    }

    /// The error of a value of the wrong kind, at which the reader stands.
    pub(super) fn unexpected(&self, expected: &'static str) -> JsonError {
        self.unexpected_at(self.at, expected)
    }

    #[cold]
    pub(super) fn unexpected_at(&self, offset: usize, expected: &'static str) -> JsonError {
        let found = self.quote(offset);
        JsonError::new(JsonErrorKind::Value { expected, found }, offset)
    }

    #[cold]
    pub(super) fn error(&self, kind: JsonErrorKind) -> JsonError {
        JsonError::new(kind, self.at)
    }

    /// The beginning of what stands at a place: a string with its quotes, or up to the next white
    /// space.
    fn quote(&self, offset: usize) -> String {
        let rest = self.text.get(offset..).unwrap_or_default();
        let is_end = |(index, c): (usize, char)| match rest.starts_with('"') {
            true => index > 0 && c == '"',
            false => index > 0 && (c.is_whitespace() || matches!(c, ',' | '}' | ']')),
        };
        let end = rest.char_indices().take(QUOTED).find(|at| is_end(*at));
        match end {
            Some((end, '"')) => rest[..=end].to_owned(),
            Some((end, _)) => rest[..end].to_owned(),
            None => rest.chars().take(QUOTED).collect(),
        }
    }
}

/// What of a name from a text is kept for an error.
pub(super) fn shortened(name: &str) -> Cow<'_, str> {
    match name.char_indices().nth(LONGEST_NAME) {
        Some((end, _)) => format!("{}..", &name[..end]).into(),
        None => name.into(),
    }
}

/// Whether it is a name in `snake_case`: `eventId__` and `event_Id` are other names than `event_id`.
fn is_snake(name: &str) -> bool {
    name.contains('_')
        && !name.ends_with('_')
        && !name.contains("__")
        && !name.contains(char::is_uppercase)
}

fn lower_camel(snake: &str) -> String {
    let mut camel = String::with_capacity(snake.len());
    let mut upper = false;
    for c in snake.chars() {
        if c == '_' {
            upper = true;
        } else if upper {
            camel.extend(c.to_uppercase());
            upper = false;
        } else {
            camel.push(c);
        }
    }
    camel
}
