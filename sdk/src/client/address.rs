//! Where the server is.

use tonic::transport::Uri;

/// The server's address, and whether its scheme asks for TLS.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Address {
    /// Host and port.
    authority: String,
    /// What the scheme says; `None` without a scheme.
    pub(super) tls: Option<bool>,
}

/// An address that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{address}` is no server address: {problem}; write `host:port`, such as `localhost:7233`")]
pub struct InvalidAddress {
    /// The address.
    pub address: String,
    /// What is wrong with it.
    pub problem: &'static str,
}

impl Address {
    pub(super) fn parse(text: &str) -> Result<Self, InvalidAddress> {
        let invalid = |problem| InvalidAddress {
            address: text.to_owned(),
            problem,
        };
        let (tls, rest) = match text.split_once("://") {
            None => (None, text),
            Some(("http", rest)) => (Some(false), rest),
            Some(("https", rest)) => (Some(true), rest),
            Some(_) => return Err(invalid("its scheme is neither `http` nor `https`")),
        };
        let authority = rest.strip_suffix('/').unwrap_or(rest);
        let uri: Uri = format!("http://{authority}")
            .parse()
            .map_err(|_| invalid("it cannot be read"))?;
        if uri.path() != "/" || uri.query().is_some() {
            return Err(invalid("there is a path in it"));
        }
        if authority.contains('@') {
            return Err(invalid("there is a user in it"));
        }
        if uri.host().is_none_or(str::is_empty) {
            return Err(invalid("it has no host"));
        }
        if uri.port_u16().is_none() {
            return Err(invalid("it has no port"));
        }
        Ok(Self {
            authority: authority.to_owned(),
            tls,
        })
    }

    /// The address as tonic wants it.
    pub(super) fn url(&self, tls: bool) -> String {
        let scheme = if tls { "https" } else { "http" };
        format!("{scheme}://{}", self.authority)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_with_and_without_scheme() {
        for (text, tls) in [
            ("localhost:7233", None),
            ("http://localhost:7233", Some(false)),
            ("https://orders.a1b2c.tmprl.cloud:7233/", Some(true)),
            ("[::1]:7233", None),
        ] {
            assert_eq!(Address::parse(text).unwrap().tls, tls, "{text}");
        }
        let address = Address::parse("https://host:1/").unwrap();
        assert_eq!(address.url(true), "https://host:1");
    }

    #[test]
    fn other_text_is_refused_with_the_reason() {
        for (text, problem) in [
            ("", "it cannot be read"),
            ("localhost", "it has no port"),
            ("http://host:1/path", "there is a path in it"),
            ("user:secret@host:1", "there is a user in it"),
            ("grpc://host:1", "its scheme is neither `http` nor `https`"),
            ("two words:1", "it cannot be read"),
            ("host:99999", "it has no port"),
        ] {
            assert_eq!(Address::parse(text).unwrap_err().problem, problem, "{text}");
        }
    }
}
