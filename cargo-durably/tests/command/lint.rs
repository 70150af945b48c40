//! `cargo durably lint` on the package in `fixtures/orders`.

use std::path::{Path, PathBuf};

use expect_test::expect;
use serde_json::Value;

use crate::common::{Ran, run};

fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/orders")
}

fn lint(words: &[&str]) -> Ran {
    run(&[&["lint"], words].concat(), &fixture())
}

#[test]
fn findings_with_their_chains() {
    let ran = lint(&[]);
    assert_eq!(ran.code, 1, "{ran:?}");
    expect![[r#"
        src/lib.rs:25:23: `draw` (`rand::random`) is not deterministic: it gives other values on replay; use `ctx.random()`, which is seeded by the run
            order_saga -> draw
        src/lib.rs:41:19: `uuid::Uuid::new_v4` is not deterministic: it gives another id on replay; use `ctx.uuid()`, which is seeded by the run
            order_saga -> discount -> uuid::Uuid::new_v4
        src/lib.rs:72:9: `std::thread::sleep` is not deterministic: it blocks the thread that runs this and other workflows, and is not recorded; use `ctx.sleep(duration)`, a durable timer
            Delivery::run -> Delivery::plan -> Delivery::plan_again -> std::thread::sleep
        src/lib.rs:77:13: `fastrand::u64` is not deterministic: it gives other values on replay; use `ctx.random()`, which is seeded by the run
            Delivery::run -> Delivery::route -> fastrand::u64
        src/pricing.rs:15:15: `Clock::now` (`std::time::SystemTime::now`) is not deterministic: it reads the clock of this machine, which a replay reads at another time; use `ctx.now()`
            order_saga -> compute_total -> Basket::surcharge (by its name) -> Clock::now
        src/pricing.rs:32:13: `Instant::now` is not deterministic: it reads the clock of this machine, which a replay reads at another time; use `ctx.now()`
            nightly -> never_reached -> Instant::now
        src/pricing.rs:38:9: `std::fs::read_to_string` is not deterministic: it uses this machine's files, which a replay finds changed or elsewhere; use an activity
            nightly -> total -> today -> std::fs::read_to_string
        src/pricing.rs:49:9: `fastrand::u64` is not deterministic: it gives other values on replay; use `ctx.random()`, which is seeded by the run
            nightly -> total -> Bank::percent -> fastrand::u64
        8 findings in what 3 workflows reach
    "#]].assert_eq(&ran.output);
    expect![[r#"
        warning: ./src/lib.rs: the file of `mod generated;` was not found, and not read
    "#]]
    .assert_eq(&ran.errors.replace(fixture().to_str().unwrap(), "."));
}

#[test]
fn annotations_and_json() {
    let ran = lint(&["--format", "github"]);
    let first = ran.output.lines().next().unwrap();
    assert!(first.starts_with("::error file=src/"), "{first}");
    let ran = lint(&["--format", "json"]);
    let json: Value = serde_json::from_str(&ran.output).unwrap();
    assert_eq!(json["workflows"], 3);
    let finding = &json["findings"][0];
    assert!(
        finding["line"].is_number() && finding["chain"][0]["byName"] == false,
        "{finding}"
    );
}

#[test]
fn what_to_read() {
    let ran = lint(&["src/clean.rs"]);
    assert_eq!(
        (ran.code, ran.output.as_str()),
        (0, "no workflows were found\n")
    );
    let by_name = lint(&["orders"]);
    assert_eq!(by_name.output, lint(&["."]).output);
    let ran = lint(&["order"]);
    assert_eq!(ran.code, 2);
    let problem =
        "error: \"order\" is no package of this workspace and no path; packages are orders\n";
    assert_eq!(ran.errors, problem);
    let ran = lint(&["broken.rs"]);
    assert_eq!(ran.code, 2);
    assert!(ran.errors.contains("broken.rs:2:"), "{ran:?}");
    let ran = lint(&["--clippy-config"]);
    assert!(
        ran.code == 0 && ran.output.contains("disallowed-methods = ["),
        "{ran:?}"
    );
}
