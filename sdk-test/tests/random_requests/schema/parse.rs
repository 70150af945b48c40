//! Reads the messages of a source.

use std::collections::BTreeMap;

use super::tokens::{Token, tokens};
use super::{Field, Kind, Message, Schema};

/// Reads a source, which is the module of a package.
pub(super) fn read(schema: &mut Schema, package: &str, source: &str) {
    let mut reader = Reader {
        tokens: tokens(source),
        at: 0,
        module: package.split('.').map(str::to_owned).collect(),
        choices: BTreeMap::new(),
        wanted: Vec::new(),
    };
    reader.module_body(schema);
    // A choice stands behind the message it belongs to.
    for (message, choice) in reader.wanted {
        let fields = reader.choices.remove(&choice).expect("choices are defined");
        let message = schema.messages.get_mut(&message);
        message.expect("it was read before").choices.push(fields);
    }
}

struct Reader<'s> {
    tokens: Vec<Token<'s>>,
    at: usize,
    module: Vec<String>,
    choices: BTreeMap<String, Vec<Field>>,
    /// Messages, and the choices in them.
    wanted: Vec<(String, String)>,
}

/// What `#[prost(...)]` says.
#[derive(Debug, Default)]
struct Attribute<'s> {
    words: Vec<&'s str>,
    texts: BTreeMap<&'s str, &'s str>,
}

impl<'s> Reader<'s> {
    fn peek(&self) -> Option<Token<'s>> {
        self.tokens.get(self.at).copied()
    }

    fn next(&mut self) -> Option<Token<'s>> {
        self.at += 1;
        self.tokens.get(self.at - 1).copied()
    }

    fn word(&mut self) -> &'s str {
        match self.next() {
            // A raw identifier, `r#type`.
            Some(Token::Word("r")) if self.peek() == Some(Token::Sign('#')) => {
                self.at += 1;
                self.word()
            }
            Some(Token::Word(word)) => word,
            other => panic!("{other:?} instead of a word"),
        }
    }

    /// The tokens between a bracket, which comes next, and its partner.
    fn bracketed(&mut self) -> Vec<Token<'s>> {
        let (mut depth, start) = (0, self.at + 1);
        loop {
            match self.next() {
                Some(Token::Sign('(' | '[' | '{')) => depth += 1,
                Some(Token::Sign(')' | ']' | '}')) => depth -= 1,
                Some(_) => {}
                None => panic!("a bracket is open at the end"),
            }
            if depth == 0 {
                return self.tokens[start..self.at - 1].to_vec();
            }
        }
    }

    fn module_body(&mut self, schema: &mut Schema) {
        while let Some(token) = self.next() {
            match token {
                Token::Sign('#') => drop(self.bracketed()),
                Token::Word("mod") => {
                    let name = self.word().to_owned();
                    self.module.push(name);
                    self.at += 1;
                    self.module_body(schema);
                    self.module.pop();
                }
                Token::Word("impl") => {
                    while self.peek() != Some(Token::Sign('{')) {
                        self.at += 1;
                    }
                    self.bracketed();
                }
                Token::Word("struct") => {
                    let path = self.path_here();
                    self.message(schema, path);
                }
                Token::Word("enum") => {
                    let path = self.path_here();
                    self.enumeration(schema, path);
                }
                Token::Sign('}') => return,
                _ => {}
            }
        }
    }

    fn path_here(&mut self) -> String {
        let name = self.word();
        format!("{}::{name}", self.module.join("::"))
    }

    fn message(&mut self, schema: &mut Schema, path: String) {
        assert_eq!(self.next(), Some(Token::Sign('{')));
        let mut message = Message::default();
        let mut attribute = Attribute::default();
        loop {
            match self.next() {
                Some(Token::Sign('#')) => self.attribute(&mut attribute),
                Some(Token::Word("pub")) => {
                    let name = self.word();
                    let kind = self.type_of_field();
                    let attribute = std::mem::take(&mut attribute);
                    if let Some(choice) = attribute.texts.get("oneof") {
                        let choice = self.resolve(choice);
                        self.wanted.push((path.clone(), choice));
                    } else {
                        message.fields.push(self.field(name, &attribute, &kind));
                    }
                }
                Some(Token::Sign('}')) => break,
                other => panic!("{other:?} in {path}"),
            }
        }
        schema.messages.insert(path, message);
    }

    /// An enum, or the choice between fields.
    fn enumeration(&mut self, schema: &mut Schema, path: String) {
        assert_eq!(self.next(), Some(Token::Sign('{')));
        let (mut fields, mut values) = (Vec::new(), Vec::new());
        let mut attribute = Attribute::default();
        loop {
            match self.next() {
                Some(Token::Sign('#')) => self.attribute(&mut attribute),
                Some(Token::Word(name)) if self.peek() == Some(Token::Sign('(')) => {
                    let kind = self.bracketed();
                    let attribute = std::mem::take(&mut attribute);
                    fields.push(self.field(name, &attribute, &kind));
                }
                Some(Token::Word(name)) => {
                    assert_eq!(self.next(), Some(Token::Sign('=')));
                    let value = self.word().parse().expect("values are numbers");
                    values.push((name.to_owned(), value));
                }
                Some(Token::Sign(',')) => {}
                Some(Token::Sign('}')) => break,
                other => panic!("{other:?} in {path}"),
            }
        }
        if fields.is_empty() {
            schema.enums.insert(path, values);
        } else {
            self.choices.insert(path, fields);
        }
    }

    /// Adds what the attribute says, if it is one of prost's.
    fn attribute(&mut self, attribute: &mut Attribute<'s>) {
        let inner = self.bracketed();
        if inner.first() != Some(&Token::Word("prost")) {
            return;
        }
        for (place, token) in inner.iter().enumerate() {
            match (token, inner.get(place + 1), inner.get(place + 2)) {
                (Token::Word(word), Some(Token::Sign('=')), Some(Token::Text(text))) => {
                    attribute.texts.insert(word, text);
                }
                (Token::Word(word), _, _) => attribute.words.push(word),
                _ => {}
            }
        }
    }

    /// The tokens of a field's type, up to the comma behind it.
    fn type_of_field(&mut self) -> Vec<Token<'s>> {
        assert_eq!(self.next(), Some(Token::Sign(':')));
        let (mut depth, start) = (0, self.at);
        loop {
            match self.next() {
                Some(Token::Sign('<')) => depth += 1,
                Some(Token::Sign('>')) => depth -= 1,
                Some(Token::Sign(',')) if depth == 0 => {
                    return self.tokens[start..self.at - 1].to_vec();
                }
                Some(_) => {}
                None => panic!("a field is open at the end"),
            }
        }
    }

    fn field(&self, name: &str, attribute: &Attribute<'_>, kind: &[Token<'_>]) -> Field {
        let tag = attribute.texts.get("tag").expect("fields have tags");
        let is = |word: &str| attribute.words.contains(&word);
        let message = || Kind::Message(self.resolve(&last_path(kind)));
        let kind = if let Some(map) = attribute.texts.get("btree_map") {
            let (key, value) = map.split_once(", ").expect("maps have two types");
            let value = match value {
                "message" => message(),
                other => match other.strip_prefix("enumeration(") {
                    Some(path) => Kind::Enum(self.resolve(path.trim_end_matches(')'))),
                    None => scalar(other),
                },
            };
            Kind::Map(Box::new(scalar(key)), Box::new(value))
        } else if let Some(path) = attribute.texts.get("enumeration") {
            Kind::Enum(self.resolve(path))
        } else if attribute.texts.contains_key("bytes") {
            Kind::Bytes
        } else if is("message") {
            message()
        } else {
            let word = attribute.words.iter().find(|word| **word != "prost");
            scalar(word.expect("fields have types"))
        };
        Field {
            name: snake_case(name),
            tag: tag.parse().expect("tags are numbers"),
            kind,
            repeated: is("repeated"),
        }
    }

    /// The full path of one that is written here.
    fn resolve(&self, written: &str) -> String {
        let mut path = self.module.clone();
        for part in written.split("::") {
            match part {
                "super" => drop(path.pop()),
                "crate" => path.clear(),
                part => path.push(part.to_owned()),
            }
        }
        path.join("::")
    }
}

/// The last path in a type, which is that of what the wrappers hold.
fn last_path(kind: &[Token<'_>]) -> String {
    let mut path = Vec::new();
    for (place, token) in kind.iter().enumerate() {
        match token {
            Token::Word(word) => path.push(*word),
            Token::Sign(':') => {}
            Token::Sign('>' | ',')
                if kind[place + 1..]
                    .iter()
                    .all(|t| !matches!(t, Token::Word(_))) =>
            {
                break;
            }
            _ => path.clear(),
        }
    }
    path.join("::")
}

fn scalar(name: &str) -> Kind {
    match name {
        "bool" => Kind::Bool,
        "int32" | "int64" | "uint32" | "uint64" => Kind::Integer,
        "float" => Kind::Float,
        "double" => Kind::Double,
        "string" => Kind::String,
        "bytes" => Kind::Bytes,
        other => panic!("a field of type {other}"),
    }
}

pub(crate) fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    for (place, c) in name.chars().enumerate() {
        if c.is_uppercase() && place > 0 {
            snake.push('_');
        }
        snake.extend(c.to_lowercase());
    }
    snake
}
