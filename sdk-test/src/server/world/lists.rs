//! The runs of a namespace in the order of lists.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};
use std::ops::Bound;
use std::sync::Arc;

use super::{RunIndex, World};
use crate::server::run::Run;
use crate::server::time::Time;

/// Where a run stands in lists: open runs come first, then those that closed last; among those the ones that
/// started last.
///
/// A list goes on after the place of its last run, so that runs that begin meanwhile do not shift its pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    /// Absent while the run is open.
    pub(crate) closed: Option<Reverse<Time>>,
    pub(crate) started: Reverse<Time>,
    pub(crate) run: Reverse<RunIndex>,
}

/// The places of all runs, by the names of their namespaces.
#[derive(Debug, Default)]
pub(crate) struct Lists(HashMap<Arc<str>, BTreeSet<Place>>);

impl Lists {
    pub(super) fn insert(&mut self, namespace: &str, place: Place) {
        match self.0.get_mut(namespace) {
            Some(places) => places.insert(place),
            None => self.0.entry(namespace.into()).or_default().insert(place),
        };
    }

    pub(super) fn remove(&mut self, namespace: &str, place: Place) {
        if let Some(places) = self.0.get_mut(namespace) {
            places.remove(&place);
            if places.is_empty() {
                self.0.remove(namespace);
            }
        }
    }

    fn after(&self, namespace: &str, after: Option<Place>) -> impl Iterator<Item = &Place> {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let places = self.0.get(namespace).into_iter();
        places.flat_map(move |places| places.range((from, Bound::Unbounded)))
    }
}

impl World {
    /// The runs of a namespace in the order of lists, after a place in it.
    pub(crate) fn listed(
        &self,
        namespace: &str,
        after: Option<Place>,
    ) -> impl Iterator<Item = &Run> {
        let places = self.lists.after(namespace, after);
        places.filter_map(|place| self.run(place.run.0))
    }
}
