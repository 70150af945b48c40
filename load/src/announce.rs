//! The line by which a worker says that it polls.

use std::io::{self, Write};

/// Prints the line `ready`.
///
/// # Errors
/// Standard output cannot be written to.
pub fn ready() -> io::Result<()> {
    let mut output = io::stdout().lock();
    output.write_all(b"ready\n")?;
    output.flush()
}
