//! Randomness of a run: seeded by its identity, the same on every replay.
//!
//! Part of the replay contract, never to be changed: the seed is FNV-1a (128 bit) over
//! `original_execution_run_id`, the generator is PCG-64 MCG (protocol 4.14).

use std::cell::RefCell;
use std::convert::Infallible;
use std::rc::Rc;

use rand_core::{Rng, TryRng};
use rand_pcg::Pcg64Mcg;

use crate::step::{ReadOnly, refuse_write};

const FNV_OFFSET: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
const FNV_PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;

fn seed(run_id: &str) -> u128 {
    run_id.bytes().fold(FNV_OFFSET, |hash, byte| {
        (hash ^ u128::from(byte)).wrapping_mul(FNV_PRIME)
    })
}

/// A run's generator. `WorkflowExecutionStarted` seeds it, a reset seeds it anew.
#[derive(Debug)]
pub(crate) struct RunRandom {
    generator: Pcg64Mcg,
    /// What queries and validators draw from, whose draws are refused: it decides nothing.
    refused: Pcg64Mcg,
}

impl RunRandom {
    pub(crate) fn new(run_id: &str) -> Self {
        Self {
            generator: Pcg64Mcg::new(seed(run_id)),
            refused: Pcg64Mcg::new(seed("refused")),
        }
    }

    /// The generator to draw from. Drawing changes the run, so queries must not.
    fn generator(&mut self) -> &mut Pcg64Mcg {
        match refuse_write(|| "drawing a random number".to_owned()) {
            Ok(()) => &mut self.generator,
            Err(ReadOnly) => &mut self.refused,
        }
    }
}

/// Random numbers for workflow code: the same on every replay, nothing is recorded.
///
/// It implements the traits of `rand_core`, so the `rand` crate's distributions work with it.
/// Queries and validators must not draw; a query that does fails.
#[derive(Debug, Clone)]
pub struct WorkflowRandom(pub(crate) Rc<RefCell<RunRandom>>);

impl WorkflowRandom {
    /// A number from all of `u64`.
    #[must_use]
    pub fn u64(&self) -> u64 {
        self.0.borrow_mut().generator().next_u64()
    }

    /// A number in `0.0..1.0`.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit an f64 exactly")]
    pub fn f64(&self) -> f64 {
        (self.u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A number in `0..bound`, each equally likely; 0 when `bound` is 0.
    #[must_use]
    pub fn below(&self, bound: u64) -> u64 {
        // Multiply-and-shift with rejection: no bias for any bound.
        let threshold = bound.wrapping_neg().checked_rem(bound).unwrap_or(0);
        loop {
            let wide = u128::from(self.u64()) * u128::from(bound);
            // The two halves of the product, each a u64.
            let [high, low] = [(wide >> 64) as u64, wide as u64];
            if low >= threshold {
                return high;
            }
        }
    }

    /// `true` or `false`, equally likely.
    #[must_use]
    pub fn bool(&self) -> bool {
        self.u64() >> 63 == 1
    }
}

impl TryRng for WorkflowRandom {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        self.0.borrow_mut().generator().try_next_u32()
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        self.0.borrow_mut().generator().try_next_u64()
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.0.borrow_mut().generator().try_fill_bytes(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_of_a_run_id_is_pinned() {
        let mut random = RunRandom::new("0198f1c2-1111-7000-8000-000000000001");
        let stream: Vec<u64> = (0..3).map(|_| random.generator().next_u64()).collect();
        let mut again = RunRandom::new("0198f1c2-1111-7000-8000-000000000001");
        assert_eq!(
            stream,
            (0..3)
                .map(|_| again.generator().next_u64())
                .collect::<Vec<_>>()
        );
        assert_eq!(stream, PINNED);
    }

    /// Computed apart from this code, from the two algorithms' definitions.
    const PINNED: [u64; 3] = [
        9_918_675_058_761_276_615,
        3_939_747_105_299_732_016,
        16_791_315_923_341_790_525,
    ];

    #[test]
    fn below_stays_below() {
        let random = WorkflowRandom(Rc::new(RefCell::new(RunRandom::new("run"))));
        assert_eq!(random.below(0), 0);
        assert_eq!(random.below(1), 0);
        let mut seen = [false; 6];
        for _ in 0..200 {
            seen[usize::try_from(random.below(6)).unwrap()] = true;
        }
        assert_eq!(seen, [true; 6]);
    }
}
