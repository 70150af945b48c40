//! What compiles, and what the messages say about what does not.
//!
//! One mistake a file. After a change of a message: `TRYBUILD=overwrite cargo test -p durably-macros
//! --test ui`, then read the difference. The wording of the compiler's own messages is that of the
//! toolchain the project pins.

#[test]
fn ui() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/ui/*/pass/*.rs");
    cases.compile_fail("tests/ui/*/fail/*.rs");
}
