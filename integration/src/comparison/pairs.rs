//! Which history of one server goes with which of the other, and how alike they are.

use super::Comparable;

/// How alike two histories are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Likeness {
    /// Equal event by event.
    Equal,
    /// The same happened to each thing; what came from outside came in another order.
    AnotherOrder,
    /// Something else happened.
    Different,
}

/// Two histories of the same test.
#[derive(Debug)]
pub struct Pair<'a> {
    /// How alike they are.
    pub likeness: Likeness,
    /// That of the first server.
    pub first: &'a Comparable,
    /// That of the second.
    pub second: &'a Comparable,
}

impl Pair<'_> {
    /// The strands that only one of the two has: first those of the first, then those of the second.
    pub fn differences(&self) -> (Vec<&[String]>, Vec<&[String]>) {
        (
            without(&self.first.strands, &self.second.strands),
            without(&self.second.strands, &self.first.strands),
        )
    }
}

/// Pairs the histories of a test, those that are most alike first. What is left over of the longer list
/// has no partner.
pub fn pair<'a>(first: &'a [Comparable], second: &'a [Comparable]) -> Vec<Pair<'a>> {
    let mut ones: Vec<_> = first.iter().collect();
    let mut others: Vec<_> = second.iter().collect();
    let mut pairs = Vec::new();
    for likeness in [Likeness::Equal, Likeness::AnotherOrder, Likeness::Different] {
        ones.retain(|one| {
            let is_alike = |other: &&Comparable| self::likeness(one, other) <= likeness;
            let found = others.iter().position(is_alike);
            pairs.extend(found.map(|index| Pair {
                likeness,
                first: one,
                second: others.remove(index),
            }));
            found.is_none()
        });
    }
    pairs
}

fn likeness(one: &Comparable, other: &Comparable) -> Likeness {
    if one.events == other.events {
        Likeness::Equal
    } else if one.strands == other.strands {
        Likeness::AnotherOrder
    } else {
        Likeness::Different
    }
}

fn without<'a>(all: &'a [Vec<String>], gone: &[Vec<String>]) -> Vec<&'a [String]> {
    let mut gone: Vec<_> = gone.iter().collect();
    let rest = all.iter().filter(|strand| {
        let found = gone.iter().position(|other| other == strand);
        found.map(|index| gone.swap_remove(index)).is_none()
    });
    rest.map(Vec::as_slice).collect()
}
