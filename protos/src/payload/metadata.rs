//! What is said of a payload's bytes, by names.

use std::borrow::Cow;
use std::fmt;
use std::ops::Index;

use bytes::Bytes;

/// The name that nearly every payload has, and most have no other.
pub(super) const ENCODING: &str = "encoding";

/// The metadata of a [`Payload`](crate::temporal::api::common::v1::Payload): values by names, in the order of the
/// names.
///
/// The value of `encoding` is kept without an allocation.
///
/// ```
/// use bytes::Bytes;
/// use durably_protos::Metadata;
///
/// let mut metadata = Metadata::from([("encoding", Bytes::from("json/protobuf"))]);
/// metadata.insert("messageType", "temporal.api.common.v1.Link".into());
/// assert_eq!(metadata["encoding"], "json/protobuf");
/// assert_eq!(metadata.get("type"), None);
/// let names: Vec<&str> = metadata.iter().map(|(name, _)| name).collect();
/// assert_eq!(names, ["encoding", "messageType"]);
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Metadata {
    encoding: Option<Bytes>,
    /// All others, by name.
    others: Vec<(Name, Bytes)>,
}

type Name = Cow<'static, str>;

impl Metadata {
    /// No metadata.
    pub const fn new() -> Self {
        Self {
            encoding: None,
            others: Vec::new(),
        }
    }

    /// How many names there are.
    pub fn len(&self) -> usize {
        usize::from(self.encoding.is_some()) + self.others.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.encoding.is_none() && self.others.is_empty()
    }

    /// The value of a name.
    pub fn get(&self, name: &str) -> Option<&Bytes> {
        if name == ENCODING {
            return self.encoding.as_ref();
        }
        let place = self.place(name).ok()?;
        Some(&self.others[place].1)
    }

    /// Sets the value of a name. Gives the one before.
    pub fn insert(&mut self, name: impl Into<Cow<'static, str>>, value: Bytes) -> Option<Bytes> {
        let name = name.into();
        if name == ENCODING {
            return self.encoding.replace(value);
        }
        match self.place(&name) {
            Ok(place) => Some(std::mem::replace(&mut self.others[place].1, value)),
            Err(place) => {
                self.others.insert(place, (name, value));
                None
            }
        }
    }

    /// Takes a name away. Gives its value.
    pub fn remove(&mut self, name: &str) -> Option<Bytes> {
        if name == ENCODING {
            return self.encoding.take();
        }
        let place = self.place(name).ok()?;
        Some(self.others.remove(place).1)
    }

    /// Names and values, in the order of the names.
    pub fn iter(&self) -> MetadataIter<'_> {
        let before = self.place(ENCODING).unwrap_or_else(|place| place);
        MetadataIter {
            encoding: self.encoding.as_ref(),
            others: &self.others,
            before,
        }
    }

    /// The values, to change them.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut Bytes> {
        let others = self.others.iter_mut().map(|(_, value)| value);
        self.encoding.iter_mut().chain(others)
    }

    /// Where a name is among the others, or would be.
    fn place(&self, name: &str) -> Result<usize, usize> {
        self.others
            .binary_search_by(|(other, _)| other.as_ref().cmp(name))
    }
}

/// Names and values of [`Metadata`]: [`Metadata::iter`].
#[derive(Debug, Clone)]
pub struct MetadataIter<'a> {
    encoding: Option<&'a Bytes>,
    others: &'a [(Name, Bytes)],
    /// How many of the others are before the encoding.
    before: usize,
}

impl<'a> Iterator for MetadataIter<'a> {
    type Item = (&'a str, &'a Bytes);

    fn next(&mut self) -> Option<Self::Item> {
        if self.before == 0
            && let Some(value) = self.encoding.take()
        {
            return Some((ENCODING, value));
        }
        let ((name, value), others) = self.others.split_first()?;
        self.others = others;
        self.before = self.before.saturating_sub(1);
        Some((name, value))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = usize::from(self.encoding.is_some()) + self.others.len();
        (left, Some(left))
    }
}

impl ExactSizeIterator for MetadataIter<'_> {}

impl<'a> IntoIterator for &'a Metadata {
    type Item = (&'a str, &'a Bytes);
    type IntoIter = MetadataIter<'a>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl Extend<(String, Bytes)> for Metadata {
    fn extend<I: IntoIterator<Item = (String, Bytes)>>(&mut self, entries: I) {
        for (name, value) in entries {
            self.insert(name, value);
        }
    }
}

impl FromIterator<(String, Bytes)> for Metadata {
    fn from_iter<I: IntoIterator<Item = (String, Bytes)>>(entries: I) -> Self {
        let mut metadata = Self::new();
        metadata.extend(entries);
        metadata
    }
}

impl<N: Into<Cow<'static, str>>, const COUNT: usize> From<[(N, Bytes); COUNT]> for Metadata {
    fn from(entries: [(N, Bytes); COUNT]) -> Self {
        let mut metadata = Self::new();
        for (name, value) in entries {
            metadata.insert(name, value);
        }
        metadata
    }
}

/// # Panics
/// There is no such name.
impl Index<&str> for Metadata {
    type Output = Bytes;

    fn index(&self, name: &str) -> &Bytes {
        match self.get(name) {
            Some(value) => value,
            None => panic!("the payload's metadata has no `{name}`, but {self:?}"),
        }
    }
}

impl fmt::Debug for Metadata {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_map().entries(self).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// Names before and behind `encoding`.
    const NAMES: [&str; 5] = ["", "a", "encoding", "encodings", "z"];

    #[test]
    fn it_is_a_map_in_the_order_of_names() {
        // Every set of names, put in forwards and backwards.
        for set in 0..1_u32 << NAMES.len() {
            let chosen = NAMES.iter().enumerate();
            let chosen = chosen.filter(|(place, _)| set & (1 << place) != 0);
            let entry = |(place, name): (usize, &&str)| {
                ((*name).to_owned(), Bytes::from(vec![place as u8]))
            };
            let map: BTreeMap<String, Bytes> = chosen.map(entry).collect();
            let forwards: Metadata = map.clone().into_iter().collect();
            let backwards: Metadata = map.clone().into_iter().rev().collect();
            assert_eq!(forwards, backwards);
            let expected: Vec<_> = map.iter().map(|(name, value)| (&**name, value)).collect();
            assert_eq!(forwards.iter().collect::<Vec<_>>(), expected);
            assert_eq!(forwards.iter().len(), map.len());
            assert_eq!(
                (forwards.len(), forwards.is_empty()),
                (map.len(), map.is_empty())
            );
            assert_eq!(format!("{forwards:?}"), format!("{map:?}"));
            for name in NAMES {
                assert_eq!(forwards.get(name), map.get(name), "{name}");
                let (mut without, mut map) = (forwards.clone(), map.clone());
                assert_eq!(without.remove(name), map.remove(name));
                assert_eq!(without, map.into_iter().collect());
            }
        }
    }

    #[test]
    fn the_last_value_of_a_name_counts() {
        let mut metadata = Metadata::new();
        for name in NAMES {
            assert_eq!(metadata.insert(name, "first".into()), None);
            assert_eq!(metadata.insert(name, "second".into()).unwrap(), "first");
        }
        assert_eq!(metadata.len(), NAMES.len());
        for value in metadata.values_mut() {
            assert_eq!(value, "second");
            *value = "third".into();
        }
        assert!(metadata.iter().all(|(_, value)| value == "third"));
    }
}
