//! The checked-in code is what the generator writes.

use std::io::Write as _;

use super::*;
use source::SourceError;

#[test]
fn checked_in_code_is_what_the_generator_writes() {
    match check() {
        Ok(()) => {}
        // CI reaches the registry: skipping there would hide that nothing was compared.
        Err(ProtosError::Source(error @ SourceError::Unresolved { .. }))
            if std::env::var_os("CI").is_none() =>
        {
            // Not `eprintln!`, whose output the test harness keeps to itself.
            writeln!(
                std::io::stderr(),
                "skipped, with nothing to compare with: {error}"
            )
            .expect("stderr is open");
        }
        Err(error) => panic!("{error}"),
    }
}
