//! Which operations a scope cancels.
//!
//! The root scope is canceled once and reaches nearly everything, so the tables are searched for
//! it. Every other scope keeps the operations that were started in it and in the scopes within it
//! until they leave their tables: canceling many scopes, one after the other, costs no more than
//! what they cancel.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::Scope;

/// The table that an operation is in. Operations are canceled in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum OperationKind {
    Timer,
    Activity,
    LocalActivity,
    Child,
    Nexus,
    Signal,
    Cancel,
}

/// The operations of a scope by kind and number, which is their age. Allocates nothing while empty.
#[derive(Debug, Default)]
#[expect(
    clippy::box_collection,
    reason = "every run has a scope, few scopes have members: a pointer is a third of a set"
)]
pub(crate) struct Members(Option<Box<BTreeSet<(OperationKind, u32)>>>);

impl Members {
    pub(super) fn add(&mut self, kind: OperationKind, seq: u32) {
        self.0.get_or_insert_default().insert((kind, seq));
    }

    pub(super) fn remove(&mut self, kind: OperationKind, seq: u32) {
        if let Some(members) = &mut self.0 {
            members.remove(&(kind, seq));
            if members.is_empty() {
                self.0 = None;
            }
        }
    }

    fn of(&self, kind: OperationKind) -> impl Iterator<Item = u32> {
        let members = self.0.iter();
        let members = members.flat_map(move |all| all.range((kind, 0)..=(kind, u32::MAX)));
        members.map(|(_, seq)| *seq)
    }
}

/// How far a cancellation reaches.
#[derive(Debug)]
pub(crate) enum Reach {
    /// Everything that is not shielded from it.
    Root,
    /// The operations of one scope.
    Scope(Members),
}

impl Reach {
    /// The operations of a table that it cancels, in order of creation. `waiting` gives the scope
    /// of an operation for whose end code may still wait.
    pub(crate) fn within<T>(
        &self,
        kind: OperationKind,
        open: &BTreeMap<u32, T>,
        waiting: impl Fn(&T) -> Option<&Rc<Scope>>,
    ) -> Vec<u32> {
        let canceled = |one: &T| waiting(one).is_some_and(|scope| scope.is_canceled());
        match self {
            Self::Root => {
                let found = open.iter().filter(|(_, one)| canceled(one));
                found.map(|(seq, _)| *seq).collect()
            }
            Self::Scope(members) => {
                let found = members.of(kind);
                found
                    .filter(|seq| open.get(seq).is_some_and(canceled))
                    .collect()
            }
        }
    }
}
