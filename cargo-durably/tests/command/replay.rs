//! `cargo durably replay` on the crate in `fixtures/parcels`, which it builds as a user's.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::common::{Ran, names};

/// Calls of Cargo on one folder wait for each other anyway, and say so.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// The crate, copied to a place that stays from run to run, so that it is built once.
struct Parcels {
    folder: PathBuf,
    _alone: MutexGuard<'static, ()>,
}

impl Parcels {
    fn new() -> Self {
        let alone = ONE_AT_A_TIME.lock();
        let package = Path::new(env!("CARGO_MANIFEST_DIR"));
        let repository = package.parent().unwrap();
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("parcels");
        copy(&package.join("tests/fixtures/parcels"), &folder, repository);
        if !folder.join("Cargo.lock").exists() {
            fs::copy(repository.join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
        }
        fs::create_dir_all(folder.join("empty")).unwrap();
        Self {
            folder,
            _alone: alone.unwrap_or_else(PoisonError::into_inner),
        }
    }

    fn replay(&self, line: &str) -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-durably"));
        command.args(["durably", "replay"]).args(line.split(' '));
        for (name, _) in std::env::vars_os() {
            let name = name.to_string_lossy();
            // No remains of the call of Cargo that runs this test.
            let is_of_cargo = name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_");
            if is_of_cargo || name.starts_with("TEMPORAL_") {
                command.env_remove(&*name);
            }
        }
        let output = command
            .env("CARGO_NET_OFFLINE", "true")
            .env("CARGO_TARGET_DIR", self.folder.join("target"))
            .env("RUST_BACKTRACE", "0")
            .env("DURABLY_REPLAY_TWICE", "true")
            .current_dir(&self.folder)
            .output()
            .unwrap();
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        Ran {
            code: output.status.code().unwrap(),
            output: text(&output.stdout),
            errors: text(&output.stderr),
        }
    }
}

/// Writes what differs: an unchanged file is not built anew.
fn copy(from: &Path, to: &Path, repository: &Path) {
    fs::create_dir_all(to).unwrap();
    for name in names(from) {
        let (from, to) = (from.join(&name), to.join(&name));
        if from.is_dir() {
            copy(&from, &to, repository);
            continue;
        }
        let repository = repository.to_str().unwrap().replace('\\', "/");
        let text = fs::read_to_string(&from).unwrap();
        let text = text.replace("{repository}", &repository);
        if fs::read_to_string(&to).ok().as_ref() != Some(&text) {
            fs::write(&to, text).unwrap();
        }
    }
}

#[test]
fn programs() {
    let parcels = Parcels::new();
    let ran = parcels.replay("tests/histories --bin replay");
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.output.starts_with("send_parcel  1 passed\n"), "{ran:?}");

    let ran = parcels.replay("tests/histories --bin replay_changed");
    assert_eq!(ran.code, 1, "{ran:?}");
    for part in [
        "FAIL  send_parcel  parcel-1\n      tests/histories/parcel-1.json, run ",
        "At event 5 history has activity \"pack\" (id 1); the code issues timer of 43200s (id 1).",
        "at         src/lib.rs:22\n",
        "history    event 5, ActivityTaskScheduled \"pack\" (id 1)\n",
    ] {
        assert!(ran.output.contains(part), "{part}: {ran:?}");
    }
    assert_eq!(ran.errors, "");

    // What is not asked for here is not taken from variables: `replay` sets one.
    let ran = parcels.replay("tests/histories --bin replay_unsteady");
    assert_eq!(ran.code, 0, "{ran:?}");
    let ran = parcels.replay("tests/histories --bin replay_unsteady --twice");
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(
        ran.output.contains("the code is not deterministic"),
        "{ran:?}"
    );

    let hidden = "tests/histories --bin replay_changed --format html --output page.html";
    for (line, shows) in [
        (hidden.to_owned(), false),
        (format!("{hidden} --show-payloads"), true),
    ] {
        let ran = parcels.replay(&line);
        assert_eq!((ran.code, &*ran.output), (1, ""), "{ran:?}");
        let page = fs::read_to_string(parcels.folder.join("page.html")).unwrap();
        assert_eq!(page.contains("order-1"), shows, "{line}");
    }
}

#[test]
fn tests() {
    let parcels = Parcels::new();
    for line in [
        "--test replay",
        "tests/histories/parcel-1.json --test replay",
    ] {
        let ran = parcels.replay(line);
        assert_eq!(ran.code, 0, "{ran:?}");
        assert!(ran.output.contains("send_parcel  1 passed\n"), "{ran:?}");
    }
    // It is the result of the replay that counts, not Cargo's 101.
    let ran = parcels.replay("empty --test replay");
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.output.contains("no history was found in "), "{ran:?}");
    let ran = parcels.replay("Cargo.toml --test replay");
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.output.contains("not a readable history"), "{ran:?}");
}

#[test]
fn what_does_not_replay_does_not_pass() {
    let parcels = Parcels::new();
    let nothing = |line: &str| {
        let ran = parcels.replay(line);
        assert_eq!(ran.code, 2, "{ran:?}");
        ran.errors
    };
    let errors = nothing("tests/histories --bin service");
    assert_eq!(
        errors,
        "error: nothing was replayed: `cargo run --quiet --bin service` ended well, but the program does not \
         call durably_replay::main\n"
    );
    let errors = nothing("empty --test replay_own_folder");
    assert_eq!(
        errors,
        "error: nothing was replayed: `cargo test --quiet --test replay_own_folder` ended well, but no test of \
         it calls durably_replay::test\n"
    );
    let errors = nothing("tests/histories --bin gone");
    assert!(errors.contains("no bin target named `gone`"), "{errors}");
    let last = "error: nothing was replayed: `cargo run --quiet --bin gone` failed with exit code 101; see above\n";
    assert!(errors.ends_with(last), "{errors}");

    assert_eq!(
        nothing("gone --bin replay"),
        "error: gone: there is no such file or folder\n"
    );
    assert_eq!(
        nothing("empty --bin replay"),
        "error: no history was found in empty\n"
    );
    assert_eq!(
        nothing("tests/*.json --bin replay"),
        "error: no history was found in tests/*.json\n"
    );
    let errors = nothing("tests/histories --bin replay --workflow-type nobody");
    assert!(errors.contains("1 of other workflow types"), "{errors}");
    let errors = nothing("tests/histories --bin replay --quick");
    assert!(errors.contains("unexpected argument '--quick'"), "{errors}");
    let errors = nothing("tests/histories");
    assert!(
        errors.contains("--bin <NAME>|--example <NAME>|--test <NAME>"),
        "{errors}"
    );
}
