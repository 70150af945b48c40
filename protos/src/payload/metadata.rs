//! What is said of a payload's bytes, by names.

use std::borrow::Cow;
use std::collections::{BTreeMap, btree_map};
use std::fmt;
use std::ops::{Bound, Index};

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
    /// All others. A payload comes from anybody, with any number of them, in any order: inserting into a sorted
    /// vector would take time in proportion to their square.
    others: BTreeMap<Name, Bytes>,
}

type Name = Cow<'static, str>;

impl Metadata {
    /// No metadata.
    pub const fn new() -> Self {
        Self {
            encoding: None,
            others: BTreeMap::new(),
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
        match name {
            ENCODING => self.encoding.as_ref(),
            _ => self.others.get(name),
        }
    }

    /// The value of a name, to change it.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Bytes> {
        match name {
            ENCODING => self.encoding.as_mut(),
            _ => self.others.get_mut(name),
        }
    }

    /// Whether there is such a name.
    pub fn contains_key(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Sets the value of a name. Gives the one before.
    pub fn insert(&mut self, name: impl Into<Cow<'static, str>>, value: Bytes) -> Option<Bytes> {
        let name = name.into();
        match name.as_ref() {
            ENCODING => self.encoding.replace(value),
            _ => self.others.insert(name, value),
        }
    }

    /// Takes a name away. Gives its value.
    pub fn remove(&mut self, name: &str) -> Option<Bytes> {
        match name {
            ENCODING => self.encoding.take(),
            _ => self.others.remove(name),
        }
    }

    /// Names and values, in the order of the names.
    pub fn iter(&self) -> MetadataIter<'_> {
        let before = (Bound::Unbounded, Bound::Excluded(ENCODING));
        let behind = (Bound::Excluded(ENCODING), Bound::Unbounded);
        MetadataIter {
            before: self.others.range::<str, _>(before),
            encoding: self.encoding.as_ref(),
            behind: self.others.range::<str, _>(behind),
        }
    }

    /// The values, to change them: that of `encoding`, then the others in the order of their names.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut Bytes> {
        self.encoding.iter_mut().chain(self.others.values_mut())
    }
}

/// Names and values of [`Metadata`]: [`Metadata::iter`].
#[derive(Debug, Clone)]
pub struct MetadataIter<'a> {
    before: btree_map::Range<'a, Name, Bytes>,
    encoding: Option<&'a Bytes>,
    behind: btree_map::Range<'a, Name, Bytes>,
}

impl<'a> Iterator for MetadataIter<'a> {
    type Item = (&'a str, &'a Bytes);

    fn next(&mut self) -> Option<Self::Item> {
        if let Some((name, value)) = self.before.next() {
            return Some((name, value));
        }
        if let Some(value) = self.encoding.take() {
            return Some((ENCODING, value));
        }
        let (name, value) = self.behind.next()?;
        Some((name, value))
    }
}

impl IntoIterator for Metadata {
    type Item = (Cow<'static, str>, Bytes);
    type IntoIter = btree_map::IntoIter<Cow<'static, str>, Bytes>;

    fn into_iter(mut self) -> Self::IntoIter {
        if let Some(encoding) = self.encoding {
            self.others.insert(Cow::Borrowed(ENCODING), encoding);
        }
        self.others.into_iter()
    }
}

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
            let owned: Vec<_> = forwards.clone().into_iter().collect();
            let borrowed = owned.iter().map(|(name, value)| (name.as_ref(), value));
            assert_eq!(borrowed.collect::<Vec<_>>(), expected);
            assert_eq!(
                (forwards.len(), forwards.is_empty()),
                (map.len(), map.is_empty())
            );
            assert_eq!(format!("{forwards:?}"), format!("{map:?}"));
            for name in NAMES {
                assert_eq!(forwards.get(name), map.get(name), "{name}");
                assert_eq!(forwards.contains_key(name), map.contains_key(name));
                let (mut without, mut map) = (forwards.clone(), map.clone());
                assert_eq!(without.get_mut(name), map.get_mut(name));
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
