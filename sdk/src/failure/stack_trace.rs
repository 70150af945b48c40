//! Stack traces as people read them.

use std::backtrace::{Backtrace, BacktraceStatus};

use super::limits::{MAX_STACK_TRACE_BYTES, cut};

/// The stack trace of the caller, if the environment asks for one (`RUST_BACKTRACE`); capturing
/// costs nothing otherwise.
pub(crate) fn captured() -> String {
    text(&Backtrace::capture())
}

/// A backtrace as text; empty if none was captured.
///
/// Frames of the standard library and of crates from a registry (runtimes, this SDK) are left out
/// unless nothing else is there: they say nothing of the user's code, and the server throws away
/// the failure of a pending activity that is larger than 4 KiB.
pub(crate) fn text(backtrace: &Backtrace) -> String {
    match backtrace.status() {
        BacktraceStatus::Captured => cut(own_frames(&backtrace.to_string()), MAX_STACK_TRACE_BYTES),
        _ => String::new(),
    }
}

/// The frames of the user's own code, as they are written in the backtrace.
fn own_frames(backtrace: &str) -> String {
    // A frame is a line with its number and symbol, followed by one with its place.
    let mut own = String::new();
    let mut symbol = "";
    for line in backtrace.lines() {
        let Some(place) = line.trim_start().strip_prefix("at ") else {
            symbol = line;
            continue;
        };
        let foreign = place.starts_with("/rustc/")
            || ["/registry/src/", "\\registry\\src\\", "/git/checkouts/"]
                .iter()
                .any(|folder| place.contains(folder));
        if !foreign {
            for line in [symbol, line] {
                own.push_str(line);
                own.push('\n');
            }
        }
    }
    if own.is_empty() {
        return backtrace.to_owned();
    }
    own
}

#[cfg(test)]
mod tests {
    use super::*;

    const BACKTRACE: &str = "\
   0: std::backtrace::Backtrace::create
             at /rustc/59807616/library/std/src/backtrace.rs:331:13
   1: durably::failure::from_error::failure_from_error
             at /root/.cargo/registry/src/index.crates.io-1949cf8c/durably-0.1.0/src/failure/from_error.rs:21:5
   2: shop::charge::{{closure}}
             at ./src/main.rs:12:9
   3: no_place_known
   4: tokio::runtime::task::raw::poll
             at /root/.cargo/git/checkouts/tokio-1/src/runtime/task/raw.rs:1:1
   5: shop::main
             at /home/ada/shop/src/main.rs:40:5
";

    #[test]
    fn only_own_frames_are_told() {
        let expected = "   2: shop::charge::{{closure}}
             at ./src/main.rs:12:9
   5: shop::main
             at /home/ada/shop/src/main.rs:40:5
";
        assert_eq!(own_frames(BACKTRACE), expected);
    }

    #[test]
    fn without_own_frames_all_are_told() {
        let stripped = "   0: <unknown>\n   1: <unknown>\n";
        assert_eq!(own_frames(stripped), stripped);
    }
}
