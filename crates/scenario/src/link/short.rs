//! The short link: which stored share, and the key that opens it, in the fragment of an address. The server learns the id when
//! the share is asked for; the key and the right to edit stay behind the `#`.
//!
//! `k=ID.KEY` to read, `k=ID.KEY.EDIT` to add versions too; `&v=3` for one version instead of the newest, `&present` for
//! showing it without anything to change.

use crate::Problem;

/// The key of the link in the fragment.
const MARK: &str = "k=";
/// Characters of an id: 128 bits in base64url.
const ID: usize = 22;
/// Characters of a key: 256 bits in base64url.
const KEY: usize = 43;

/// A short link.
#[derive(Clone, PartialEq, Eq)]
pub struct Short {
    /// The share's id.
    pub id: String,
    /// Its key, in base64url ([`crate::seal::Key::from_text`]).
    pub key: String,
    /// The token that allows adding versions.
    pub edit: Option<String>,
    /// The version meant; the newest without it.
    pub version: Option<u32>,
    /// Whether it is to be shown only.
    pub present: bool,
}

impl std::fmt::Debug for Short {
    /// Keeps the key and the token out of logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Short({}…)", self.id.get(..4).unwrap_or_default())
    }
}

impl Short {
    /// The link's fragment, without `#`.
    #[must_use]
    pub fn fragment(&self) -> String {
        let mut text = format!("{MARK}{}.{}", self.id, self.key);
        if let Some(edit) = &self.edit {
            text.push('.');
            text.push_str(edit);
        }
        if let Some(version) = self.version {
            text.push_str(&format!("&v={version}"));
        }
        if self.present {
            text.push_str("&present");
        }
        text
    }

    /// Reads a whole address or its fragment; `None` where it is no short link at all.
    ///
    /// # Errors
    /// When it is one, but cut or changed.
    pub fn read(link: &str) -> Option<Result<Self, Problem>> {
        let kept = |c: &char| !c.is_whitespace() && !matches!(c, '\u{200b}' | '\u{feff}' | '\u{ad}' | '<' | '>');
        let fragment: String =
            link.rsplit_once('#').map_or(link, |(_, fragment)| fragment).chars().filter(kept).collect();
        let value = fragment.split('&').find_map(|part| part.strip_prefix(MARK))?;
        let parts: Vec<&str> =
            value.trim_end_matches(['.', ',', ';', ':', ')', ']', '"', '\'', '!']).split('.').collect();
        let cut = || {
            Some(Err(Problem::new(
                "",
                "the link was cut or changed",
                "copy it again, whole: from https to its last character",
            )))
        };
        let (id, key, edit) = match parts.as_slice() {
            [id, key] => (*id, *key, None),
            [id, key, edit] => (*id, *key, Some((*edit).to_owned())),
            _ => return cut(),
        };
        let fits = |text: &str, least: usize, most: usize| {
            (least..=most).contains(&text.len())
                && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
        };
        if !fits(id, ID, ID) || !fits(key, KEY, KEY) || edit.as_ref().is_some_and(|edit| !fits(edit, ID, 128)) {
            return cut();
        }
        let version = fragment.split('&').find_map(|part| part.strip_prefix("v=")?.parse().ok());
        let present = fragment.split('&').any(|part| part == "present");
        Some(Ok(Self { id: id.to_owned(), key: key.to_owned(), edit, version, present }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn short() -> Short {
        Short { id: "a".repeat(ID), key: "-".repeat(KEY), edit: None, version: None, present: false }
    }

    #[test]
    fn links_come_back() {
        let edit = Some("e_".repeat(11));
        let rows = [
            short(),
            Short { edit: edit.clone(), ..short() },
            Short { version: Some(3), ..short() },
            Short { edit, version: Some(12), present: true, ..short() },
        ];
        for row in rows {
            let fragment = row.fragment();
            for text in [
                fragment.clone(),
                format!("https://example.org/#{fragment}"),
                format!(" <https://example.org/#{fragment}> "),
                format!("{}\n{}", &fragment[..40], &fragment[40..]),
            ] {
                assert_eq!(Short::read(&text), Some(Ok(row.clone())), "{text}");
            }
        }
        assert_eq!(Short::read(&format!("https://example.org/#{}.", short().fragment())), Some(Ok(short())));
        assert!(!format!("{:?}", short()).contains('-'));
    }

    #[test]
    fn what_is_none_or_broken() {
        let whole = short().fragment();
        for none in ["", "https://example.org/", "s=1eJyr", "name=x&at=2", "{\"format\": \"headroom/1\"}"] {
            assert_eq!(Short::read(none), None, "{none}");
        }
        let broken = [
            &whole[..whole.len() - 1],
            &whole[..10],
            "k=",
            &whole.replace('.', ","),
            &format!("{whole}x"),
            &format!("{whole}.short"),
            &format!("{whole}.a.b"),
            &whole.replace("aaa", "a/a"),
        ];
        for link in broken {
            let problem = Short::read(link).unwrap().unwrap_err();
            assert!(problem.text.contains("cut or changed"), "{link}");
        }
    }
}
