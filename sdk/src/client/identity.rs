//! What this process calls itself.

use std::sync::OnceLock;

/// `pid@host`, the identity all SDKs use unless told otherwise.
pub(super) fn default_identity() -> String {
    format!("{}@{}", std::process::id(), host_name())
}

/// The machine's name; `unknown-host` where it cannot be told.
fn host_name() -> &'static str {
    static NAME: OnceLock<String> = OnceLock::new();
    NAME.get_or_init(|| {
        from_kernel()
            .or_else(from_environment)
            .or_else(from_command)
            .unwrap_or_else(|| "unknown-host".to_owned())
    })
}

fn from_kernel() -> Option<String> {
    not_empty(&std::fs::read_to_string("/proc/sys/kernel/hostname").ok()?)
}

fn from_environment() -> Option<String> {
    let names = ["HOSTNAME", "COMPUTERNAME"];
    names
        .into_iter()
        .find_map(|name| not_empty(&std::env::var(name).ok()?))
}

/// There is no other way in the standard library on systems without `/proc`.
fn from_command() -> Option<String> {
    let output = std::process::Command::new("hostname").output().ok()?;
    not_empty(&String::from_utf8(output.stdout).ok()?)
}

fn not_empty(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_identity_names_process_and_host() {
        let identity = default_identity();
        let (process, host) = identity.split_once('@').unwrap();
        assert_eq!(process, std::process::id().to_string());
        assert!(!host.is_empty() && !host.contains('\n'));
    }
}
