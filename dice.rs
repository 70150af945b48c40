//! Chance that follows from a seed.

use std::time::Duration;

/// The chances of one call (or one life of a worker): numbers that follow from a seed, what it is about,
/// and how often that came before.
#[derive(Debug)]
pub(in crate::env) struct Dice(u64);

impl Dice {
    pub(in crate::env) fn new(seed: u64, what: &str, number: u64) -> Self {
        let named = what.bytes().fold(mix(seed), |hash, byte| {
            mix(hash ^ u64::from(byte))
        });
        Self(mix(named ^ number))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mix(self.0)
    }

    /// A number from 0 to 1.
    fn unit(&mut self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "53 bits fit the mantissa")]
        let number = (self.next() >> 11) as f64;
        number / 9_007_199_254_740_992.0
    }

    /// Whether something of this chance happens.
    pub(in crate::env) fn happens(&mut self, chance: f64) -> bool {
        self.unit() < chance
    }

    /// A time of up to this.
    pub(in crate::env) fn up_to(&mut self, longest: Duration) -> Duration {
        longest.mul_f64(self.unit())
    }
}

/// Every bit of the result depends on every bit of the number (the finalizer of `SplitMix64`).
fn mix(mut number: u64) -> u64 {
    number = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    number = (number ^ (number >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    number ^ (number >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_seeds_are_equal_and_chances_hold() {
        let roll = |seed, number| Dice::new(seed, "Poll", number).unit();
        assert!((roll(1, 2) - roll(1, 2)).abs() < f64::EPSILON);
        assert!((roll(1, 2) - roll(2, 2)).abs() > f64::EPSILON);
        let happened = (0..10_000).filter(|number| Dice::new(3, "Poll", *number).happens(0.1));
        let happened = happened.count();
        assert!((900..1_100).contains(&happened), "{happened}");
        assert!((0..1_000).all(|number| !Dice::new(3, "Poll", number).happens(0.0)));
    }
}
