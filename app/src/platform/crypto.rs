//! The browser's own cryptography (WebCrypto): AES-256-GCM over the same bytes as `scenario::seal`, so that no cipher has to be
//! part of the app.

use js_sys::{Array, Object, Reflect, Uint8Array};
use scenario::seal::{About, NONCE_BYTES, SEALING};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Crypto, CryptoKey, SubtleCrypto};

const CIPHER: &str = "AES-GCM";

/// Why sealed bytes were not opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unopened {
    /// A newer app sealed them.
    Newer,
    /// The key does not fit, or something was changed.
    Key,
}

fn crypto() -> Option<Crypto> {
    web_sys::window()?.crypto().ok()
}

fn subtle() -> Option<SubtleCrypto> {
    let subtle = crypto()?.subtle();
    (!subtle.is_undefined()).then_some(subtle)
}

/// Whether the browser encrypts at all: it does for pages that came over https or from this machine.
pub fn is_available() -> bool {
    subtle().is_some()
}

/// As many random bits (128 or 256) as base64url. The browser writes keys that way, and a random key is nothing else.
pub async fn random_text(bits: u32) -> Option<String> {
    let algorithm = object(&[("name", CIPHER.into()), ("length", bits.into())]);
    let usages = Array::of1(&"encrypt".into());
    let made = subtle()?.generate_key_with_object(&algorithm, true, &usages).ok()?;
    let key: CryptoKey = JsFuture::from(made).await.ok()?.unchecked_into();
    let exported = JsFuture::from(subtle()?.export_key("jwk", &key).ok()?).await.ok()?;
    Reflect::get(&exported, &"k".into()).ok()?.as_string()
}

/// Seals what `scenario::seal::pack` packed; `None` when the browser refuses.
pub async fn seal(packed: &[u8], about: &About, key: &str) -> Option<Vec<u8>> {
    let mut nonce = [0; NONCE_BYTES];
    crypto()?.get_random_values_with_u8_array(&mut nonce).ok()?;
    let key = import(key, "encrypt").await?;
    let data = Uint8Array::from(packed);
    let done = subtle()?.encrypt_with_object_and_buffer_source(&parameters(&nonce, about), &key, &data).ok()?;
    let text = Uint8Array::new(&JsFuture::from(done).await.ok()?);
    let mut sealed = vec![SEALING];
    sealed.extend(nonce);
    sealed.extend(text.to_vec());
    Some(sealed)
}

/// Opens what [`seal`], or `scenario::seal::seal`, sealed.
///
/// # Errors
/// When it cannot be opened.
pub async fn open(sealed: &[u8], about: &About, key: &str) -> Result<Vec<u8>, Unopened> {
    let (&sealing, rest) = sealed.split_first().ok_or(Unopened::Key)?;
    if sealing != SEALING {
        return Err(Unopened::Newer);
    }
    let (nonce, text) = rest.split_first_chunk::<NONCE_BYTES>().ok_or(Unopened::Key)?;
    decrypt(nonce, text, about, key).await.ok_or(Unopened::Key)
}

async fn decrypt(nonce: &[u8; NONCE_BYTES], text: &[u8], about: &About, key: &str) -> Option<Vec<u8>> {
    let key = import(key, "decrypt").await?;
    let data = Uint8Array::from(text);
    let done = subtle()?.decrypt_with_object_and_buffer_source(&parameters(nonce, about), &key, &data).ok()?;
    Some(Uint8Array::new(&JsFuture::from(done).await.ok()?).to_vec())
}

async fn import(key: &str, usage: &str) -> Option<CryptoKey> {
    let written = object(&[("kty", "oct".into()), ("alg", "A256GCM".into()), ("k", key.into())]);
    let usages = Array::of1(&usage.into());
    let imported = subtle()?.import_key_with_str("jwk", &written, CIPHER, false, &usages).ok()?;
    Some(JsFuture::from(imported).await.ok()?.unchecked_into())
}

fn parameters(nonce: &[u8; NONCE_BYTES], about: &About) -> Object {
    let beside = Uint8Array::from(about.authenticated().as_slice());
    let nonce = Uint8Array::from(nonce.as_slice());
    object(&[("name", CIPHER.into()), ("iv", nonce.into()), ("additionalData", beside.into())])
}

fn object(entries: &[(&str, JsValue)]) -> Object {
    let object = Object::new();
    for (name, value) in entries {
        let _ = Reflect::set(&object, &JsValue::from_str(name), value);
    }
    object
}
