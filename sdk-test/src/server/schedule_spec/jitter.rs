//! The delay after a nominal time.

use jiff::{SignedDuration, Timestamp};

/// `nominal` and a delay below `max_milliseconds`, which is a function of `seed` and `nominal` only.
pub(super) fn with_jitter(seed: &str, nominal: Timestamp, max_milliseconds: u32) -> Timestamp {
    let hash = hash(seed, nominal.as_second());
    // A product of 32 by 32 bits, whose upper half is below the maximum.
    let delay = ((hash >> 32) * u64::from(max_milliseconds)) >> 32;
    let delay = SignedDuration::from_millis(i64::try_from(delay).unwrap_or(0));
    nominal.checked_add(delay).unwrap_or(nominal)
}

/// FNV-1a, and a mix so that neighbouring seconds differ in the upper bits, too.
fn hash(seed: &str, second: i64) -> u64 {
    let bytes = second.to_be_bytes().into_iter().chain(seed.bytes());
    let mut hash = bytes.fold(0xcbf2_9ce4_8422_2325u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    hash ^ (hash >> 33)
}
