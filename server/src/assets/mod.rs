//! The app's files in memory: read once at start, then served without touching the disk.
//!
//! A path that was not read at start does not exist, so no trick with `..`, links or encodings can reach another file. The
//! app is a few megabytes; `FILE.br` and `FILE.gz` beside a file are its compressed forms, and a missing gzip form is made.

mod encoding;
mod policy;
mod read;

pub use encoding::Encoding;

use crate::error::Error;
use axum::body::Bytes;
use axum::http::HeaderValue;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;

/// What a page cannot say of itself: nobody shows it in a frame.
const NO_FRAMES: &str = "; frame-ancestors 'none'";

/// All files of the app by their path from the root, such as `/index.html`.
#[derive(Debug)]
pub struct Assets {
    files: BTreeMap<String, Asset>,
    policy: HeaderValue,
}

/// One file with its compressed forms.
#[derive(Debug)]
pub struct Asset {
    /// Its media type.
    pub content_type: HeaderValue,
    /// How long a browser may keep it unasked.
    pub cache_control: &'static str,
    plain: Form,
    gzip: Option<Form>,
    brotli: Option<Form>,
}

/// One encoding of a file.
#[derive(Debug)]
pub struct Form {
    /// The bytes as sent.
    pub bytes: Bytes,
    /// Tag of exactly these bytes.
    pub etag: HeaderValue,
}

impl Assets {
    /// Reads the folder of a built app.
    ///
    /// # Errors
    /// When the folder or a file cannot be read, or it holds no `index.html`.
    pub fn from_folder(folder: &Path) -> Result<Self, Error> {
        let files = read::folder(folder)?;
        if !files.contains_key("/index.html") {
            return Err(Error::NoIndex { path: folder.to_owned() });
        }
        Ok(Self::from_files(files))
    }

    /// The app from files that the program carries with it.
    #[must_use]
    pub fn carried(files: BTreeMap<String, Cow<'static, [u8]>>) -> Self {
        let bytes = |content| match content {
            Cow::Borrowed(content) => Bytes::from_static(content),
            Cow::Owned(content) => Bytes::from(content),
        };
        Self::from_files(files.into_iter().map(|(path, content)| (path, bytes(content))).collect())
    }

    /// The app from files already in memory: path from the root such as `/index.html`, content.
    #[must_use]
    pub fn from_files(mut files: BTreeMap<String, Bytes>) -> Self {
        let index = files.get("/index.html").map(|bytes| String::from_utf8_lossy(bytes).into_owned());
        let policy = policy::content_policy(index.as_deref().unwrap_or_default()) + NO_FRAMES;
        // Hashes and fixed text are plain ASCII, so this cannot fail; the strictest policy is the safe answer if it did.
        let policy = HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static("default-src 'none'"));
        let names: Vec<String> = files.keys().filter(|path| !is_form_of_another(path, &files)).cloned().collect();
        let mut assets = BTreeMap::new();
        for path in names {
            let brotli = files.remove(&format!("{path}.br"));
            let gzip = files.remove(&format!("{path}.gz"));
            if let Some(plain) = files.remove(&path) {
                assets.insert(path.clone(), Asset::new(&path, plain, gzip, brotli));
            }
        }
        Self { files: assets, policy }
    }

    /// The file at a request's path; `/` is `index.html`.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&Asset> {
        self.files.get(if path == "/" { "/index.html" } else { path })
    }

    /// The content security policy the page needs.
    #[must_use]
    pub fn policy(&self) -> &HeaderValue {
        &self.policy
    }
}

impl Asset {
    fn new(path: &str, plain: Bytes, gzip: Option<Bytes>, brotli: Option<Bytes>) -> Self {
        let gzip = gzip.or_else(|| encoding::gzip(&plain, path));
        let digest = Sha256::digest(&plain);
        let tag = URL_SAFE_NO_PAD.encode(&digest[..12]);
        let form = |bytes: Bytes, suffix: &str| {
            HeaderValue::from_str(&format!("\"{tag}{suffix}\"")).ok().map(|etag| Form { bytes, etag })
        };
        Self {
            content_type: content_type(path),
            cache_control: if is_hashed(path) { "public, max-age=31536000, immutable" } else { "no-cache" },
            gzip: gzip.and_then(|bytes| form(bytes, "-gz")),
            brotli: brotli.and_then(|bytes| form(bytes, "-br")),
            plain: form(plain.clone(), "").unwrap_or(Form { bytes: plain, etag: HeaderValue::from_static("\"0\"") }),
        }
    }

    /// The form to send to a client with this `Accept-Encoding`.
    #[must_use]
    pub fn best(&self, accepted: &str) -> (Encoding, &Form) {
        let takes = |name| encoding::accepts(accepted, name);
        match (&self.brotli, &self.gzip) {
            (Some(form), _) if takes("br") => (Encoding::Brotli, form),
            (_, Some(form)) if takes("gzip") => (Encoding::Gzip, form),
            _ => (Encoding::Plain, &self.plain),
        }
    }
}

/// `a.js.br` beside `a.js` is a form of it; a lone `notes.gz` is a file of its own.
fn is_form_of_another(path: &str, files: &BTreeMap<String, Bytes>) -> bool {
    path.strip_suffix(".br").or_else(|| path.strip_suffix(".gz")).is_some_and(|plain| files.contains_key(plain))
}

/// Whether the name carries a hash of the content (Trunk: `app-0123456789abcdef_bg.wasm`), so that it can be kept forever.
fn is_hashed(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let hash_length = |part: &str| part.bytes().take_while(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')).count();
    name.match_indices('-').any(|(at, _)| {
        let rest = &name[at + 1..];
        let length = hash_length(rest);
        length >= 12 && matches!(rest.as_bytes().get(length), Some(b'.' | b'_'))
    })
}

fn content_type(path: &str) -> HeaderValue {
    let guess = mime_guess::from_path(path).first_or_octet_stream();
    let is_text = guess.type_() == mime_guess::mime::TEXT;
    let text = if is_text { format!("{guess}; charset=utf-8") } else { guess.to_string() };
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("application/octet-stream"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_a_hash_are_kept_forever() {
        let rows = [
            ("/app-0123456789abcdef.js", true),
            ("/app-0123456789abcdef_bg.wasm", true),
            ("/app-parts-0123456789abcdef.js", true),
            ("/part-shared-4-0123456789abcdef.wasm", true),
            ("/style-9d0f2c4b6a8e1357.css", true),
            ("/index.html", false),
            ("/worker.js", false),
            ("/worker_loader.js", false),
            ("/worker_bg.wasm", false),
            ("/icon-192.png", false),
            ("/icon-deadbeef.png", false),
            ("/0123456789abcdef/index.html", false),
        ];
        for (path, hashed) in rows {
            assert_eq!(is_hashed(path), hashed, "{path}");
        }
    }

    #[test]
    fn media_types() {
        let rows = [
            ("/a.wasm", "application/wasm"),
            ("/a.js", "text/javascript; charset=utf-8"),
            ("/index.html", "text/html; charset=utf-8"),
            ("/a.css", "text/css; charset=utf-8"),
            ("/a.svg", "image/svg+xml"),
            ("/manifest.webmanifest", "application/manifest+json"),
            ("/a.woff2", "font/woff2"),
            ("/LICENSE", "application/octet-stream"),
        ];
        for (path, expected) in rows {
            assert_eq!(content_type(path), expected, "{path}");
        }
    }

    #[test]
    fn compressed_forms_belong_to_their_file() {
        let file = |path: &str, content: &'static str| (path.to_owned(), Bytes::from_static(content.as_bytes()));
        let assets = Assets::from_files(BTreeMap::from([
            file("/index.html", "page"),
            file("/index.html.br", "brotli form"),
            file("/index.html.gz", "gzip form"),
            file("/data.gz", "a file of its own"),
        ]));
        assert!(assets.get("/index.html.br").is_none());
        assert!(assets.get("/data.gz").is_some());
        let index = assets.get("/").expect("index");
        for (accepted, content) in
            [("br, gzip", "brotli form"), ("gzip", "gzip form"), ("", "page"), ("br;q=0, gzip;q=0", "page")]
        {
            assert_eq!(index.best(accepted).1.bytes, content.as_bytes(), "{accepted}");
        }
    }
}
