//! A metrics server as the operator lists it.

use super::guard;
use reqwest::Url;
use std::fmt;
use std::net::IpAddr;

/// How this server shows itself to a metrics server. Never sent to a browser.
#[derive(Clone, PartialEq, Eq, Default)]
pub enum Credentials {
    /// It need not.
    #[default]
    None,
    /// `Authorization: Bearer`.
    Bearer(String),
    /// `Authorization: Basic`: user and password.
    Basic(String, String),
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(…)")
    }
}

/// A metrics server that visitors may query.
#[derive(Clone, PartialEq, Eq)]
pub struct Target {
    /// What visitors call it.
    pub name: String,
    /// Its address, under which `/api/v1/query` stands.
    pub(super) url: Url,
    /// How this server shows itself there.
    pub credentials: Credentials,
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Target").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Why an entry of the operator's list is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetError {
    /// What is wrong.
    pub what: &'static str,
    /// What to do.
    pub remedy: &'static str,
}

impl Target {
    /// An entry of the list.
    ///
    /// # Errors
    /// When the name or the address is not usable, or not safe to use.
    pub fn new(name: &str, url: &str, credentials: Credentials) -> Result<Self, TargetError> {
        let no = |what, remedy| Err(TargetError { what, remedy });
        let is_plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
        if name.is_empty() || name.len() > 64 || !is_plain {
            return no("a name has 1 to 64 letters, digits, -, _ or .", "choose such a name");
        }
        let Ok(mut url) = Url::parse(url) else {
            return no("this is no address", "give one such as https://prometheus.example:9090");
        };
        if !matches!(url.scheme(), "http" | "https") {
            return no("only http and https addresses are queried", "give an https address");
        }
        if !url.username().is_empty() || url.password().is_some() {
            return no(
                "an address must not hold credentials: it may end up in logs",
                "put them into a file of their own",
            );
        }
        if url.query().is_some() || url.fragment().is_some() {
            return no("an address has no ? and no #", "give the part before them");
        }
        if url.host().is_none() || literal(&url).is_some_and(guard::is_forbidden) {
            return no("no metrics server has this address", "give its real one");
        }
        if !url.path().ends_with('/') {
            let path = format!("{}/", url.path());
            url.set_path(&path);
        }
        Ok(Self { name: name.to_owned(), url, credentials })
    }

    /// Whether the operator means this machine itself.
    pub(super) fn is_local(&self) -> bool {
        self.url.host_str() == Some("localhost") || literal(&self.url).is_some_and(|address| address.is_loopback())
    }
}

/// The address, where it is written as numbers.
fn literal(url: &Url) -> Option<IpAddr> {
    url.host_str()?.trim_start_matches('[').trim_end_matches(']').parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_operator_may_list() {
        let rows = [
            ("prod", "https://prometheus.example:9090", true),
            ("prod-1.eu_west", "http://10.0.0.7:9090/select/0/prometheus", true),
            ("here", "http://127.0.0.1:9090", true),
            ("v6", "http://[fd00::7]:9090", true),
            ("", "http://a.example", false),
            ("a/b", "http://a.example", false),
            ("x", "a.example:9090", false),
            ("x", "file:///etc/passwd", false),
            ("x", "gopher://a.example", false),
            ("x", "http://user@a.example", false),
            ("x", "http://:secret@a.example", false),
            ("x", "http://a.example@evil.example", false),
            ("x", "http://a.example/?query=up", false),
            ("x", "http://a.example/#x", false),
            ("x", "http://", false),
            ("x", "http://169.254.169.254/latest/meta-data", false),
            ("x", "http://0xa9fea9fe/", false),
            ("x", "http://2852039166/", false),
            ("x", "http://[::ffff:169.254.169.254]/", false),
            ("x", "http://[fe80::1]/", false),
            ("x", "http://0.0.0.0:9090", false),
            ("x", "http://[::]:9090", false),
            ("x", "http://224.0.0.1", false),
        ];
        for (name, url, taken) in rows {
            assert_eq!(Target::new(name, url, Credentials::None).is_ok(), taken, "{name} {url}");
        }
        let secret = Target::new("a", "http://a.example", Credentials::Bearer("hush".into()));
        assert!(!format!("{secret:?}").contains("hush"));
    }
}
