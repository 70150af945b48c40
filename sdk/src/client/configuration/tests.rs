use std::path::PathBuf;

use super::*;
use crate::client::TlsOptions;
use crate::client::connect_options::{HeaderValue, TlsChoice};

fn environment(variables: &[(&str, &str)]) -> Environment {
    let pairs = variables
        .iter()
        .map(|(name, value)| (name.into(), value.into()));
    Environment::new(pairs, None).unwrap()
}

fn options(variables: &[(&str, &str)]) -> Result<ConnectOptions, ConfigurationError> {
    ConnectOptions::from_environment(&environment(variables))
}

fn error(variables: &[(&str, &str)]) -> String {
    options(variables).unwrap_err().to_string()
}

/// A file that is removed with the test's end.
struct TestFile(PathBuf);

impl TestFile {
    fn new(name: &str, content: &str) -> Self {
        let path = std::env::temp_dir().join(format!("durably-{}-{name}", std::process::id()));
        std::fs::write(&path, content).unwrap();
        Self(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for TestFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

#[test]
fn without_anything_the_defaults_hold() {
    let options = options(&[("TEMPORAL_ADDRESS", "")]).unwrap();
    assert_eq!(options.address, "localhost:7233");
    assert_eq!(options.namespace, "default");
    assert_eq!(options.tls, TlsChoice::Default);
}

#[test]
fn variables_set_everything() {
    let options = options(&[
        ("TEMPORAL_ADDRESS", "host:1"),
        ("TEMPORAL_NAMESPACE", "orders"),
        ("TEMPORAL_API_KEY", "key"),
        ("TEMPORAL_TLS_CLIENT_CERT_DATA", "certificate"),
        ("TEMPORAL_TLS_CLIENT_KEY_DATA", "key pem"),
        ("TEMPORAL_TLS_SERVER_CA_CERT_DATA", "ca"),
        ("TEMPORAL_TLS_SERVER_NAME", "name"),
        ("TEMPORAL_GRPC_META_SOME_NAME", "value"),
    ])
    .unwrap();
    assert_eq!(options.address, "host:1");
    assert_eq!(options.namespace, "orders");
    assert_eq!(options.api_key.as_deref(), Some("key"));
    let tls = TlsOptions::new()
        .client_certificate("certificate", "key pem")
        .server_ca_certificate("ca")
        .server_name("name");
    assert_eq!(options.tls, TlsChoice::On(tls));
    let header = ("some-name".to_owned(), HeaderValue::Text("value".into()));
    assert!(options.headers == [header]);
}

#[test]
fn tls_can_be_forced_on_and_off() {
    let on = options(&[("TEMPORAL_TLS", "true")]).unwrap();
    assert_eq!(on.tls, TlsChoice::On(TlsOptions::new()));
    let off = [
        ("TEMPORAL_TLS", "false"),
        ("TEMPORAL_TLS_SERVER_NAME", "name"),
    ];
    assert_eq!(options(&off).unwrap().tls, TlsChoice::Off);
}

#[test]
fn a_file_gives_profiles_which_variables_override() {
    let pem = TestFile::new("ca.pem", "ca from file");
    let toml = format!(
        r#"
        [profile.default]
        address = "default-host:1"

        [profile.production]
        address = "file-host:1"
        namespace = "file-namespace"
        something_newer = [1, 2]
        [profile.production.tls]
        server_ca_cert_path = {path:?}
        server_name = "file-name"
        [profile.production.codec]
        endpoint = "http://codec"
        [profile.production.grpc_meta]
        Some_Name = "file"
        other = "file"
        "#,
        path = pem.path()
    );
    let file = TestFile::new("temporal.toml", &toml);
    let config = ("TEMPORAL_CONFIG_FILE", file.path());

    assert_eq!(options(&[config]).unwrap().address, "default-host:1");
    let production = ("TEMPORAL_PROFILE", "production");
    let from_file = options(&[config, production]).unwrap();
    let tls = TlsOptions::new()
        .server_ca_certificate("ca from file")
        .server_name("file-name");
    assert_eq!(from_file.tls, TlsChoice::On(tls));

    let overridden = options(&[
        config,
        production,
        ("TEMPORAL_ADDRESS", "host:2"),
        ("TEMPORAL_TLS_SERVER_CA_CERT_DATA", "ca from variable"),
        ("TEMPORAL_GRPC_META_SOME_NAME", "variable"),
    ])
    .unwrap();
    assert_eq!(overridden.address, "host:2");
    assert_eq!(overridden.namespace, "file-namespace");
    let tls = TlsOptions::new()
        .server_ca_certificate("ca from variable")
        .server_name("file-name");
    assert_eq!(overridden.tls, TlsChoice::On(tls));
    let text = |name: &str, value: &str| (name.to_owned(), HeaderValue::Text(value.to_owned()));
    assert!(overridden.headers == [text("other", "file"), text("some-name", "variable")]);

    let unknown = error(&[config, ("TEMPORAL_PROFILE", "staging")]);
    assert_eq!(
        unknown,
        "there is no profile `staging`, which TEMPORAL_PROFILE names; the configuration file has: \
         default, production"
    );
}

#[test]
fn what_cannot_be_used_is_named() {
    let data = ("TEMPORAL_TLS_CLIENT_CERT_DATA", "x");
    let both = error(&[data, ("TEMPORAL_TLS_CLIENT_CERT_PATH", "x")]);
    assert!(
        both.starts_with("both client_cert_path and client_cert_data are set"),
        "{both}"
    );
    assert!(error(&[data]).starts_with("client_cert is set without client_key"));
    let path = error(&[("TEMPORAL_TLS_SERVER_CA_CERT_PATH", "/no/such/file")]);
    assert!(
        path.starts_with("cannot read /no/such/file, which tls.server_ca_cert_path"),
        "{path}"
    );
    assert_eq!(
        error(&[("TEMPORAL_TLS", "maybe")]),
        "the environment variable TEMPORAL_TLS is neither `true` nor `false`"
    );
    let verification = error(&[("TEMPORAL_TLS_DISABLE_HOST_VERIFICATION", "true")]);
    assert!(verification.contains("not supported"), "{verification}");
    let file = error(&[("TEMPORAL_CONFIG_FILE", "/no/such/file.toml")]);
    assert!(
        file.starts_with("cannot read /no/such/file.toml, which TEMPORAL_CONFIG_FILE"),
        "{file}"
    );
}

#[test]
fn a_broken_file_is_reported_with_its_place() {
    let file = TestFile::new("broken.toml", "[profile.default]\naddress = 5");
    let broken = error(&[("TEMPORAL_CONFIG_FILE", file.path())]);
    assert!(
        broken.contains("is no configuration file: ") && broken.contains("address"),
        "{broken}"
    );
}
