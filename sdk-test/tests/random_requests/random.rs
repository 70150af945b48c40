//! Numbers from a seed.

use rand_core::{Rng, SeedableRng};
use rand_pcg::Pcg64;

#[derive(Debug)]
pub(crate) struct Random(Pcg64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Pcg64::seed_from_u64(seed))
    }

    pub(crate) fn number(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// A number in `0..bound`.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound).expect("lengths fit");
        usize::try_from(self.number() % bound).expect("it is below a usize")
    }

    /// True `percent` times in a hundred.
    pub(crate) fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub(crate) fn pick<'t, T>(&mut self, of: &'t [T]) -> &'t T {
        &of[self.below(of.len())]
    }

    /// One that came lately, rather.
    pub(crate) fn pick_late<'t, T>(&mut self, of: &'t [T]) -> &'t T {
        let back = self.below(of.len()).min(self.below(of.len()));
        &of[of.len() - 1 - back]
    }

    pub(crate) fn bytes(&mut self, longest: usize) -> Vec<u8> {
        let mut bytes = vec![0; self.below(longest + 1)];
        self.0.fill_bytes(&mut bytes);
        bytes
    }
}
