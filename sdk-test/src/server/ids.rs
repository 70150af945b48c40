//! The ids the server makes up: from a seed, so that a test can have the same ones again.

use rand_core::{Rng, SeedableRng};
use rand_pcg::Pcg64;
use uuid::Builder;

/// A source of UUIDs and other random numbers.
#[derive(Debug)]
pub(crate) struct Ids(Pcg64);

impl Ids {
    pub(crate) fn seeded(seed: u64) -> Self {
        Self(Pcg64::seed_from_u64(seed))
    }

    /// A random (version 4) UUID as text.
    pub(crate) fn uuid(&mut self) -> String {
        let mut bytes = [0; 16];
        self.0.fill_bytes(&mut bytes);
        Builder::from_random_bytes(bytes).into_uuid().to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_seeds_give_equal_ids() {
        let (mut one, mut same, mut other) = (Ids::seeded(1), Ids::seeded(1), Ids::seeded(2));
        let first = one.uuid();
        assert_eq!(first, same.uuid());
        assert_ne!(first, other.uuid());
        assert_ne!(first, one.uuid());
    }
}
