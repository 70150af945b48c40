//! The lines that are printed.

use std::time::Duration;

/// A line with the median of some times.
pub(crate) fn times(what: &str, mut times: Vec<Duration>) {
    times.sort();
    let median = times
        .get(times.len() / 2)
        .map_or(f64::NAN, Duration::as_secs_f64)
        * 1e3;
    println!("{what:<52} {median:>9.3} ms");
}

/// A line with a number of bytes.
pub(crate) fn bytes(what: &str, bytes: u64) {
    println!("{what:<52} {:>9} kB", bytes / 1024);
}

/// A line with any other figure.
pub(crate) fn figure(what: &str, figure: f64, unit: &str) {
    println!("{what:<52} {figure:>9.2} {unit}");
}
