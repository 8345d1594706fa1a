//! The link that holds everything: a scenario and what was set on screen, in the fragment of an address, which no server
//! ever sees.
//!
//! `s=1` and base64url of zlib (deflate with a checksum) of compact JSON `{"v":1,"view":{…},"scenario":{…}}`. The `1` is the
//! version of this packing; the scenario carries its own. What chat programs add around a link is taken off again, a
//! link that was cut opens with what can be read of it, and inflating ends at [`LARGEST`].

mod repair;
mod short;
mod view;

pub use short::Short;
pub use view::View;

use crate::Problem;
use crate::check::{self, Opened};
use crate::record::{Part, Tree};
use crate::seal::Cover;
use crate::v1::Scenario;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use miniz_oxide::inflate::{TINFLStatus, decompress_to_vec_zlib_with_limit};
use serde_json::Value;

/// The key of the link in the fragment.
const KEY: &str = "s=";
/// The version of the packing.
const PACKING: char = '1';
/// Bytes of JSON at most; more is a bomb or a mistake.
pub const LARGEST: usize = 8 * 1024 * 1024;
/// Characters beyond which some programs refuse or split a message that holds the link.
pub const LONG: usize = 2_000;
/// Characters beyond which mail and chat programs cut links or make them plain text; draws are left out before that.
pub const TOO_LONG: usize = 8_000;

/// A link's fragment, without `#`.
#[derive(Debug, Clone, PartialEq)]
pub struct Link {
    /// The fragment.
    pub fragment: String,
    /// Paths that were left out to keep it short.
    pub left_out: Vec<&'static str>,
    /// What the sender should know about its length.
    pub warning: Option<Problem>,
}

/// What a link held.
#[derive(Debug, Clone, PartialEq)]
pub struct Linked {
    /// The scenario with all that is wrong with it.
    pub opened: Opened,
    /// What was set on screen.
    pub view: View,
    /// What was lost, when the link was damaged.
    pub lost: Option<Problem>,
}

/// Packs a scenario and a view. Draws are left out when the link would otherwise be longer than [`TOO_LONG`].
///
/// # Errors
/// When the scenario cannot be written, or is larger than [`LARGEST`].
pub fn encode(scenario: &Scenario, view: &View) -> Result<Link, Problem> {
    let mut fragment = pack(scenario, view)?;
    let mut left_out = Vec::new();
    let draws = scenario.fit.as_ref().is_some_and(|fit| !fit.draws.is_empty());
    if fragment.len() > TOO_LONG && draws {
        let mut lighter = scenario.clone();
        lighter.fit = None;
        fragment = pack(&lighter, view)?;
        left_out.push("fit.draws");
    }
    let warning = warning(fragment.len());
    Ok(Link { fragment, left_out, warning })
}

fn pack(scenario: &Scenario, view: &View) -> Result<String, Problem> {
    let packed = compress(scenario, view, None)?;
    let mut fragment = format!("{KEY}{PACKING}");
    URL_SAFE_NO_PAD.encode_string(packed, &mut fragment);
    Ok(fragment)
}

/// The compressed payload.
pub(crate) fn compress(scenario: &Scenario, view: &View, cover: Option<&Cover>) -> Result<Vec<u8>, Problem> {
    let mut fields = vec![("v", Tree::Count(1)), ("view", view.tree()), ("scenario", scenario.tree())];
    fields.extend(cover.map(|cover| ("cover", cover.tree())));
    let json = Tree::Map(fields).text();
    if json.len() > LARGEST {
        let text = format!("the scenario has {} bytes, a link holds {LARGEST}", json.len());
        return Err(Problem::new("", text, "send the file instead"));
    }
    Ok(miniz_oxide::deflate::compress_to_vec_zlib(json.as_bytes(), 9))
}

/// The payload of [`compress`], and its cover as it stands there.
pub(crate) fn expand(packed: &[u8]) -> Result<(Linked, Option<Value>), Problem> {
    let json = decompress_to_vec_zlib_with_limit(packed, LARGEST).map_err(|_| no_document())?;
    let mut payload = payload(&json)?;
    let cover = payload.get_mut("cover").map(Value::take);
    Ok((unwrap(payload, None)?, cover))
}

fn warning(length: usize) -> Option<Problem> {
    if length > TOO_LONG {
        let text =
            format!("the link has {length} characters: mail and chat programs cut links of more than {TOO_LONG}");
        Some(Problem::new("", text, "send the file or a short link instead"))
    } else if length > LONG {
        let text = format!(
            "the link has {length} characters: some chats refuse messages over {LONG} (Discord) or split them at 4000 (Slack)"
        );
        Some(Problem::new("", text, "send it by mail, or send a short link"))
    } else {
        None
    }
}

/// Unpacks a link: a whole address, its fragment, or the fragment's value.
///
/// # Errors
/// When nothing can be read of it; the problem says what is wrong with the link.
pub fn decode(link: &str) -> Result<Linked, Problem> {
    let text = value(link);
    let Some(data) = text.strip_prefix(PACKING) else {
        return Err(match text.chars().next() {
            None => Problem::new("", "the link holds nothing", "copy it whole, from https to its last character"),
            Some(c) if c.is_ascii_digit() => {
                Problem::new("", "the link is of a newer version", "open it with a newer Headroom")
            }
            Some(_) => {
                Problem::new("", "this is no link to a scenario", "copy it whole, from https to its last character")
            }
        });
    };
    let (packed, cut) = from_base64(data)?;
    match decompress_to_vec_zlib_with_limit(&packed, LARGEST) {
        Ok(json) if !cut => unwrap(payload(&json)?, None),
        Ok(json) => partial(&json, "the end of the link is missing"),
        Err(failure) => match failure.status {
            TINFLStatus::HasMoreOutput => {
                let text = format!("the link unpacks to more than {LARGEST} bytes");
                Err(Problem::new("", text, "this is no link that Headroom made; do not use it"))
            }
            TINFLStatus::FailedCannotMakeProgress => partial(&failure.output, "the end of the link is missing"),
            TINFLStatus::Adler32Mismatch => partial(&failure.output, "the link was changed on its way"),
            _ => partial(&failure.output, "the link is damaged"),
        },
    }
}

/// The value of the link's key, freed from what programs put around links.
fn value(link: &str) -> String {
    let fragment = link.rsplit_once('#').map_or(link, |(_, fragment)| fragment);
    let value = fragment.split('&').find_map(|part| part.trim().strip_prefix(KEY)).unwrap_or(fragment);
    let kept = |c: &char| !c.is_whitespace() && !matches!(c, '\u{200b}' | '\u{feff}' | '\u{ad}');
    let value: String = value.chars().filter(kept).collect();
    value.trim_end_matches(['.', ',', ';', ':', ')', '>', ']', '"', '\'', '=', '!']).to_owned()
}

/// Decodes; true where the text ends in the middle of a byte.
fn from_base64(data: &str) -> Result<(Vec<u8>, bool), Problem> {
    // One character more than a multiple of four holds no whole byte.
    let cut = data.len() % 4 == 1;
    let data = if cut { data.get(..data.len() - 1).unwrap_or_default() } else { data };
    let lenient = base64::engine::GeneralPurposeConfig::new()
        .with_decode_padding_mode(base64::engine::DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    let engine = base64::engine::GeneralPurpose::new(&base64::alphabet::URL_SAFE, lenient);
    match engine.decode(data) {
        Ok(bytes) => Ok((bytes, cut)),
        Err(base64::DecodeError::InvalidByte(at, byte)) => {
            let text = format!("character {} of the link, {:?}, does not belong there", at + 1, char::from(byte));
            Err(Problem::new("", text, "copy the link again, whole and unchanged"))
        }
        Err(error) => {
            Err(Problem::new("", format!("the link is damaged: {error}"), "copy it again, whole and unchanged"))
        }
    }
}

fn payload(json: &[u8]) -> Result<Value, Problem> {
    let text = std::str::from_utf8(json).map_err(|_| no_document())?;
    crate::json::read(text).map_err(|_| no_document())
}

/// What can be read of the beginning of a document.
fn partial(json: &[u8], what: &str) -> Result<Linked, Problem> {
    let remedy = "what could be read is shown; ask the sender for the link again, or for the file";
    let value = repair::close(json).and_then(|text| crate::json::read(&text).ok());
    let scenario = value.as_ref().and_then(|value| value.get("scenario")).is_some();
    match value {
        Some(value) if scenario => unwrap(value, Some(Problem::new("", what, remedy))),
        _ => {
            Err(Problem::new("", what, "nothing can be read of it: ask the sender for the link again, or for the file"))
        }
    }
}

fn unwrap(mut payload: Value, lost: Option<Problem>) -> Result<Linked, Problem> {
    let view = View::read(payload.get("view"));
    let scenario = payload.get_mut("scenario").map(Value::take).ok_or_else(no_document)?;
    let opened = check::open_value(scenario)?;
    Ok(Linked { opened, view, lost })
}

fn no_document() -> Problem {
    Problem::new(
        "",
        "the link unpacks, but holds no scenario",
        "open it with the Headroom that made it, or a newer one",
    )
}
