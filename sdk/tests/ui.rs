//! What the messages say about what does not compile. What does is in `tests/macros`.
//!
//! One mistake a file. After a change of a message: `TRYBUILD=overwrite cargo test -p durably
//! --test ui`, then read the difference. The wording of the compiler's own messages is that of the
//! toolchain the project pins.

#[test]
fn ui() {
    trybuild::TestCases::new().compile_fail("tests/ui/*/*.rs");
}
