//! What Cargo is called with.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::ValueEnum;

use super::{BuildArguments, ReplayArguments, ReplayCommandError, TargetArguments};
use crate::connection::replaced_by;

/// Every variable by which a replay program is told what to do. Those that are not set by this call
/// must not come from elsewhere.
const VARIABLES: [&str; 9] = [
    "DURABLY_REPLAY_HISTORIES",
    "DURABLY_REPLAY_QUERY",
    "DURABLY_REPLAY_WORKFLOW_TYPES",
    "DURABLY_REPLAY_FAIL_FAST",
    "DURABLY_REPLAY_THREADS",
    "DURABLY_REPLAY_TWICE",
    "DURABLY_REPLAY_SHOW_PAYLOADS",
    "DURABLY_REPLAY_FORMAT",
    "DURABLY_REPLAY_OUTPUT",
];

/// A call of Cargo.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Invocation {
    pub(super) arguments: Vec<OsString>,
    pub(super) variables: BTreeMap<OsString, OsString>,
    /// Variables of this process that the program must not see.
    pub(super) removed: Vec<OsString>,
}

impl Invocation {
    /// The call for these arguments, given in this folder.
    pub(super) fn of(
        arguments: &ReplayArguments,
        folder: &Path,
    ) -> Result<Self, ReplayCommandError> {
        let mut variables = arguments.connection.variables()?;
        let names = variables.keys().filter_map(|name| name.to_str());
        let mut removed: Vec<_> = names.filter_map(replaced_by).collect();
        removed.extend(VARIABLES.map(OsString::from));

        // Tests run in the folder of their package, other programs in this one.
        let in_place = |path: &Path| match arguments.target.test {
            Some(_) => folder.join(path),
            None => path.to_owned(),
        };
        if !arguments.histories.is_empty() {
            let paths = arguments
                .histories
                .iter()
                .map(|path| in_place(path.as_ref()));
            let paths = joined(&paths.collect::<Vec<_>>())?;
            variables.insert("DURABLY_REPLAY_HISTORIES".into(), paths);
        }
        let types = arguments.workflow_type.join(",");
        let format = arguments
            .format
            .and_then(|format| format.to_possible_value());
        let output = arguments.output.as_ref();
        let others = [
            (
                "DURABLY_REPLAY_QUERY",
                arguments.query.as_ref().map(Into::into),
            ),
            (
                "DURABLY_REPLAY_WORKFLOW_TYPES",
                (!types.is_empty()).then(|| types.into()),
            ),
            (
                "DURABLY_REPLAY_FAIL_FAST",
                arguments.fail_fast.then(|| "true".into()),
            ),
            (
                "DURABLY_REPLAY_TWICE",
                arguments.twice.then(|| "true".into()),
            ),
            (
                "DURABLY_REPLAY_SHOW_PAYLOADS",
                arguments.show_payloads.then(|| "true".into()),
            ),
            (
                "DURABLY_REPLAY_THREADS",
                arguments.threads.map(|it| it.to_string().into()),
            ),
            (
                "DURABLY_REPLAY_FORMAT",
                format.map(|format| format.get_name().into()),
            ),
            (
                "DURABLY_REPLAY_OUTPUT",
                output.map(|path| in_place(path).into()),
            ),
        ];
        for (name, value) in others {
            variables.extend(value.map(|value: OsString| (name.into(), value)));
        }
        Ok(Self {
            arguments: cargo_arguments(&arguments.target, &arguments.build),
            variables,
            removed,
        })
    }
}

/// The paths as in `PATH`.
fn joined(paths: &[PathBuf]) -> Result<OsString, ReplayCommandError> {
    std::env::join_paths(paths).map_err(|_| {
        let mut paths = paths.iter();
        let path = paths.find(|path| std::env::join_paths([path]).is_err());
        ReplayCommandError::Separator {
            path: path.cloned().unwrap_or_default(),
        }
    })
}

fn cargo_arguments(target: &TargetArguments, build: &BuildArguments) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = Vec::new();
    let mut add = |words: &[&str]| arguments.extend(words.iter().map(OsString::from));
    match target {
        TargetArguments {
            test: Some(test), ..
        } => add(&["test", "--quiet", "--test", test]),
        TargetArguments { bin: Some(bin), .. } => add(&["run", "--quiet", "--bin", bin]),
        TargetArguments { example, .. } => {
            let example = example.as_deref().unwrap_or_default();
            add(&["run", "--quiet", "--example", example]);
        }
    }
    if let Some(package) = &build.package {
        add(&["--package", package]);
    }
    let flags = [
        (build.release, "--release"),
        (build.all_features, "--all-features"),
        (build.no_default_features, "--no-default-features"),
        (build.locked, "--locked"),
    ];
    for (_, flag) in flags.into_iter().filter(|(is_set, _)| *is_set) {
        add(&[flag]);
    }
    for features in &build.features {
        add(&["--features", features]);
    }
    if let Some(path) = &build.manifest_path {
        arguments.extend(["--manifest-path".into(), path.into()]);
    }
    arguments
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Called {
        #[command(flatten)]
        arguments: ReplayArguments,
    }

    fn invocation(line: &str) -> Invocation {
        let words = std::iter::once("replay").chain(line.split(' '));
        let called = Called::try_parse_from(words).unwrap_or_else(|error| panic!("{error}"));
        Invocation::of(&called.arguments, Path::new("/home/me")).unwrap()
    }

    fn variables(invocation: &Invocation) -> Vec<String> {
        let variables = invocation.variables.iter();
        let text = |text: &OsString| text.to_str().unwrap().to_owned();
        variables
            .map(|(name, value)| format!("{}={}", text(name), text(value)))
            .collect()
    }

    #[test]
    fn a_binary() {
        let line = "histories /abs/*.json --bin replay -p orders --release --features a,b --fail-fast \
                    --twice --show-payloads --workflow-type A --workflow-type B --format junit --output r.xml --threads 2";
        let invocation = invocation(line);
        let expected = "run --quiet --bin replay --package orders --release --features a,b";
        assert_eq!(
            invocation.arguments,
            expected.split(' ').collect::<Vec<_>>()
        );
        let paths = std::env::join_paths(["histories", "/abs/*.json"]).unwrap();
        let expected = [
            "DURABLY_REPLAY_FAIL_FAST=true".to_owned(),
            "DURABLY_REPLAY_FORMAT=junit".to_owned(),
            format!("DURABLY_REPLAY_HISTORIES={}", paths.to_str().unwrap()),
            "DURABLY_REPLAY_OUTPUT=r.xml".to_owned(),
            "DURABLY_REPLAY_SHOW_PAYLOADS=true".to_owned(),
            "DURABLY_REPLAY_THREADS=2".to_owned(),
            "DURABLY_REPLAY_TWICE=true".to_owned(),
            "DURABLY_REPLAY_WORKFLOW_TYPES=A,B".to_owned(),
        ];
        assert_eq!(variables(&invocation), expected);
    }

    #[test]
    fn a_test_with_a_query() {
        let invocation =
            invocation("--test replay --query A=1 --address here:1 --tls-cert-path /c.pem");
        assert_eq!(
            invocation.arguments,
            ["test", "--quiet", "--test", "replay"]
        );
        let expected = [
            "DURABLY_REPLAY_QUERY=A=1",
            "TEMPORAL_ADDRESS=here:1",
            "TEMPORAL_TLS_CLIENT_CERT_PATH=/c.pem",
        ];
        assert_eq!(variables(&invocation), expected);
        let replaced = "TEMPORAL_TLS_CLIENT_CERT_DATA";
        assert!(invocation.removed.contains(&replaced.into()));
    }

    #[test]
    fn a_test_runs_in_another_folder() {
        let invocation = invocation("histories /abs/b.json --test replay --output r.xml");
        let paths = std::env::join_paths(["/home/me/histories", "/abs/b.json"]).unwrap();
        let expected = [
            format!("DURABLY_REPLAY_HISTORIES={}", paths.to_str().unwrap()),
            "DURABLY_REPLAY_OUTPUT=/home/me/r.xml".to_owned(),
        ];
        assert_eq!(variables(&invocation), expected);
    }

    #[cfg(unix)]
    #[test]
    fn a_path_with_the_separator_is_named() {
        let words = ["replay", "a.json", "order:7.json", "--bin", "replay"];
        let called = Called::try_parse_from(words).unwrap();
        let error = Invocation::of(&called.arguments, Path::new("/home/me")).unwrap_err();
        assert!(error.to_string().starts_with("order:7.json: "), "{error}");
    }

    #[test]
    fn mistakes() {
        let refused = |line: &str| {
            let words = std::iter::once("replay").chain(line.split(' '));
            Called::try_parse_from(words).unwrap_err().to_string()
        };
        assert!(refused("a.json").contains("<--bin <NAME>|--example <NAME>|--test <NAME>>"));
        assert!(refused("--bin a").contains("required"));
        assert!(refused("a.json --bin a --test b").contains("cannot be used with"));
        assert!(refused("a.json --query x --bin a").contains("cannot be used with"));
        assert!(refused("a --bin b --workflow-type A,B").contains("one at a time"));
    }
}
