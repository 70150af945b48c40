//! The engine does no I/O, reads no clock, and draws no randomness of the machine's. What it depends
//! on proves it: none of these crates can do such a thing.

use std::collections::BTreeSet;
use std::process::Command;

/// All that the engine may depend on, directly or not, with what each is there for.
const ALLOWED: &[(&str, &str)] = &[
    ("base64", "payloads within markers of the Go SDK"),
    ("bytes", "payload data that is shared instead of copied"),
    (
        "durably-protos",
        "the messages of Temporal's API, without its gRPC and JSON features",
    ),
    ("prost", "the encoding of these messages"),
    (
        "rand_core",
        "the interface of random number generators, without one",
    ),
    ("rand_pcg", "a generator that is seeded by the run's id"),
    ("thiserror", "the impls of error types"),
    (
        "uuid",
        "UUIDs made from the run's generator; its own sources of randomness are features",
    ),
    // What follows runs in the compiler only.
    ("prost-derive", "macros"),
    ("thiserror-impl", "macros"),
    ("anyhow", "of prost-derive"),
    ("either", "of prost-derive"),
    ("itertools", "of prost-derive"),
    ("proc-macro2", "of the macros"),
    ("quote", "of the macros"),
    ("syn", "of the macros"),
    ("unicode-ident", "of the macros"),
    ("itoa", "numbers in the JSON of markers"),
    ("memchr", "strings in the JSON of markers"),
    ("serde", "the JSON of markers"),
    ("serde_core", "the JSON of markers"),
    ("serde_derive", "the JSON of markers"),
    ("serde_json", "the JSON of markers"),
    ("zmij", "numbers in the JSON of markers"),
];

/// Crates that would give the engine a runtime, a connection, a clock or the machine's randomness,
/// whatever the list above says.
const FORBIDDEN: &[&str] = &[
    "async-std",
    "chrono",
    "futures-timer",
    "getrandom",
    "hyper",
    "jiff",
    "libc",
    "mio",
    "rand",
    "reqwest",
    "rustix",
    "smol",
    "socket2",
    "time",
    "tokio",
    "tonic",
    "web-time",
];

/// The crates in the engine's closure, with the features that the engine itself asks for. (`cargo
/// metadata` cannot tell: it joins the features of all members of the workspace.)
fn closure() -> BTreeSet<String> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let output = Command::new(cargo)
        .args([
            "tree",
            "--package",
            "durably-engine",
            "--edges",
            "normal,build",
            "--target",
            "all",
        ])
        .args(["--prefix", "none", "--format", "{p}"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo can be run");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "cargo tree failed: {errors}");
    let tree = String::from_utf8(output.stdout).expect("cargo prints text");
    tree.lines()
        .filter_map(|line| line.split(' ').next())
        .map(str::to_owned)
        .collect()
}

#[test]
fn the_engine_depends_on_nothing_that_could_do_io() {
    let mut closure = closure();
    assert!(
        closure.remove("durably-engine"),
        "cargo tree lists the package itself"
    );
    for forbidden in FORBIDDEN {
        assert!(
            !closure.contains(*forbidden),
            "durably-engine depends on {forbidden}"
        );
    }
    let allowed: BTreeSet<String> = ALLOWED.iter().map(|(name, _)| (*name).to_owned()).collect();
    let new: Vec<_> = closure.difference(&allowed).collect();
    assert!(
        new.is_empty(),
        "durably-engine has new dependencies: {new:?}. If none of them does I/O, reads a clock or draws randomness, \
         add them to the list in {}, with what they are there for",
        file!()
    );
    let gone: Vec<_> = allowed.difference(&closure).collect();
    assert!(
        gone.is_empty(),
        "durably-engine no longer depends on {gone:?}: take them off the list"
    );
}
