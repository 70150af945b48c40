//! The attributes that mark methods: `#[run]`, `#[signal]`, `#[activity]` and the others. They are no
//! macros of their own; the macro on the impl block consumes them.

use std::fmt;

use proc_macro2::TokenStream;
use syn::{Attribute, Meta};

use crate::errors::Errors;
use crate::item::Function;

/// What a method is marked as.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum MarkerKind {
    Activity,
    Run,
    Init,
    Signal,
    Query,
    Update,
    Validator,
}

const KINDS: [(&str, MarkerKind); 7] = [
    ("activity", MarkerKind::Activity),
    ("run", MarkerKind::Run),
    ("init", MarkerKind::Init),
    ("signal", MarkerKind::Signal),
    ("query", MarkerKind::Query),
    ("update", MarkerKind::Update),
    ("validator", MarkerKind::Validator),
];

impl MarkerKind {
    fn of(attribute: &Attribute) -> Option<Self> {
        let path = attribute.path();
        let last = path.segments.last()?;
        let kind = KINDS
            .iter()
            .find(|(name, _)| last.ident == name)
            .map(|(_, kind)| *kind)?;
        // `#[durably::activity]` is the marker too; `#[other::run]` is someone else's.
        (path.segments.len() == 1 || kind == Self::Activity).then_some(kind)
    }
}

/// As it is written.
impl fmt::Display for MarkerKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = KINDS
            .iter()
            .find(|(_, kind)| kind == self)
            .map_or("", |(name, _)| name);
        write!(formatter, "`#[{name}]`")
    }
}

/// A mark on a method.
pub(crate) struct Marker {
    pub(crate) kind: MarkerKind,
    pub(crate) attribute: Attribute,
}

impl Marker {
    /// What stands between its parentheses.
    pub(crate) fn options(&self, errors: &mut Errors) -> TokenStream {
        match &self.attribute.meta {
            Meta::Path(_) => TokenStream::new(),
            Meta::List(list) => list.tokens.clone(),
            Meta::NameValue(meta) => {
                errors.at(
                    meta,
                    format_args!(
                        "{0} takes its options in parentheses: `#[{1}(name = \"..\")]`",
                        self.kind,
                        meta.path
                            .segments
                            .last()
                            .map(|last| last.ident.to_string())
                            .unwrap_or_default()
                    ),
                );
                TokenStream::new()
            }
        }
    }
}

/// Takes the mark off a method. A second one is a mistake.
pub(crate) fn take_marker(function: &mut Function, errors: &mut Errors) -> Option<Marker> {
    let mut marker: Option<Marker> = None;
    function.attributes.retain(|attribute| {
        let Some(kind) = MarkerKind::of(attribute) else {
            return true;
        };
        match &marker {
            None => {
                marker = Some(Marker {
                    kind,
                    attribute: attribute.clone(),
                });
            }
            Some(first) => errors.at(
                attribute,
                format_args!(
                    "this method is marked {} already; a method has one part to play",
                    first.kind
                ),
            ),
        }
        false
    });
    marker
}
