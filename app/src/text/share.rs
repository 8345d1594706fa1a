//! Texts of sharing.

pub const SUB: &str = "Whoever opens a link gets a copy of their own; nothing of theirs is overwritten.";
pub const LEAVE_OUT: &str = "Leave out";
pub const LEAVE_MONEY: &str = "prices and costs";
pub const LEAVE_NAMES: &str = "names and notes";
pub const LEAVE_NOTES: &str = "notes";
pub const LEAVE_IMPORTS: &str = "imported figures";
pub const LEFT: &str = "A reader learns: ";
pub const WHOLE: &str = "The link holds everything";
pub const WHOLE_SUB: &str = "Nothing is uploaded. It lives as long as the message it is in.";
pub const SHORT: &str = "A short link, stored encrypted";
pub const SHORT_SUB: &str =
    "Encrypted in this browser; the key is only in the link. The server keeps what it cannot read.";
pub const BUSY: &str = "Something else about links is under way";
pub const BUSY_REMEDY: &str = "wait until it is done, or cancel it, then try again";
pub const ASKING: &str = "Asking the server …";
pub const NO_SHARES: &str = "This server keeps no short links";
pub const NO_SHARES_REMEDY: &str = "use the link that holds everything, or save a file";
pub const NO_CRYPTO: &str = "Short links need https: over plain http browsers offer no encryption";
pub const NO_CRYPTO_REMEDY: &str = "open the app by its https address, or use the link that holds everything";
pub const UNREACHABLE: &str = "The server cannot be reached";
pub const UNREACHABLE_REMEDY: &str = "what you have is kept in this browser; try again when the network is back";
pub const OPENED_KEPT: &str = "The server cannot be reached: this is the copy kept in this browser";
pub const OPENED_KEPT_REMEDY: &str = "it may not be the newest version";
pub const LIVES: &str = "It lives";
pub const VERSION_NAME: &str = "Name of this version";
pub const CREATE: &str = "Make a short link";
pub const FORK: &str = "Share as a new link";
pub const PUBLISH: &str = "Publish as the next version";
pub const READ_LINK: &str = "To read";
pub const EDIT_LINK: &str = "To read and add versions";
pub const PRESENT_LINK: &str = "To present";
pub const MINE: &str = "My links";
pub const MINE_SUB: &str = "Kept in this browser only.";
pub const NO_LINKS: &str = "None yet.";
pub const OPEN: &str = "Open";
pub const UNKEPT: &str = "This browser's store refused the list: only this tab knows these links and their keys. Copy the edit link before you close it.";
pub const FORGET: &str = "Forget here";
pub const REALLY_FORGET: &str = "Forget it, with its keys";
pub const DELETE: &str = "Delete";
pub const REALLY_DELETE: &str = "Delete for everybody";
pub const PROLONG: &str = "Prolong";
pub const HISTORY: &str = "Versions and comments";
pub const LOAD_HISTORY: &str = "Show versions and comments";
pub const CHANGES: &str = "What changed";
pub const NO_CHANGES: &str = "Nothing but places on the canvas.";
pub const COMMENT_HINT: &str = "Say something to those who open the link";
pub const AUTHOR: &str = "Your name";
pub const ADD_COMMENT: &str = "Add";
pub const ROLE_OWNER: &str = "yours";
pub const ROLE_EDITOR: &str = "you may add versions";
pub const ROLE_READER: &str = "to read";
pub const MERGE: &str = "Merge";
pub const CONFLICT_TITLE: &str = "Somebody was faster";
pub const CONFLICT_SUB: &str = "Another version was added since yours began. Nothing of either is lost: choose.";
pub const YOURS: &str = "You changed";
pub const THEIRS: &str = "They changed";
pub const BOTH: &str = "Both changed";
pub const MERGE_MINE: &str = "Merge; where both changed, yours";
pub const MERGE_THEIRS: &str = "Merge; where both changed, theirs";
pub const OPEN_THEIRS: &str = "Open theirs beside yours";
pub const MERGED_PUBLISHED: &str = "Merged and published";
pub const PUBLISHED: &str = "Published";
pub const GONE_NOW: &str = "Deleted: the link opens for nobody any more";
pub const PROLONGED: &str = "Prolonged";
pub const COMMENTED: &str = "Comment added as a new version";
pub const PRESENTING: &str = "Presentation: nothing can be changed here.";
pub const MAKE_COPY: &str = "Work on a copy";
pub const COPY_BY_HAND: &str = "The browser did not take it: the link is selected, copy it by hand.";
pub const CHANGED_MEANWHILE: &str = "The scenario was changed while the two were merged";
pub const MERGE_AGAIN: &str = "merge again: nothing was published";
pub const REDACTED_CONFLICT: &str =
    "Another version was added first, and yours leaves things out, so they cannot be merged here";
pub const REDACTED_CONFLICT_REMEDY: &str = "share yours as a new link, or open the newest version";

pub const NOT_FOUND: &str = "There is no share at this link";
pub const COPY_AGAIN: &str = "copy the link again, whole";
pub const NO_VERSION: &str = "The share has no such version";
pub const OPEN_NEWEST: &str = "open the link without its &v=";
pub const EXPIRED: &str = "This link has expired";
pub const EXPIRED_REMEDY: &str = "its owner can bring it back for a week after its end, or share again";
pub const DELETED: &str = "This share was deleted by its owner";
pub const ASK_SENDER: &str = "ask the sender to share it again";
pub const CORRUPTED: &str = "This share is damaged on the server; others are not";
pub const WRONG_TOKEN: &str = "This link does not allow that";
pub const WRONG_TOKEN_REMEDY: &str = "ask the owner for the link to edit, or share as a new link";
pub const CONFLICT: &str = "Another version was added first";
pub const CONFLICT_REMEDY: &str = "open the newest version and add yours after it";
pub const TOO_LARGE: &str = "The scenario is larger than this server takes";
pub const TOO_LARGE_REMEDY: &str = "leave out imported figures";
pub const TOO_MANY_VERSIONS: &str = "This share has as many versions as one can have";
pub const FORK_INSTEAD: &str = "share it as a new link";
pub const TOO_MANY: &str = "Too many requests from here";
pub const FULL: &str = "The server has no room left";
pub const UNAVAILABLE: &str = "The server's store does not answer";
pub const WRONG_KEY: &str = "The key in the link does not fit this share, or the share was changed";
pub const WRONG_KEY_REMEDY: &str = "copy the link again, whole; if that does not help ask the sender for a new one";
pub const NEWER_SEAL: &str = "This share was made by a newer Headroom";
pub const NEWER_SEAL_REMEDY: &str = "reload the page; if that does not help the server's app is to be updated";
pub const ROLLED_BACK: &str = "The server gave an older version than the one this browser has seen";
pub const ROLLED_BACK_REMEDY: &str = "your own copy is untouched; ask whoever runs the server";

pub fn lifetime(days: u32) -> String {
    match days {
        1 => "for a day".into(),
        7 => "for a week".into(),
        30 => "for a month".into(),
        365 => "for a year".into(),
        days if days % 365 == 0 => format!("for {} years", days / 365),
        days => format!("for {days} days"),
    }
}

pub fn again_in(seconds: Option<u64>) -> String {
    match seconds {
        None => "try again later".into(),
        Some(seconds) if seconds < 120 => format!("try again in {seconds} s"),
        Some(seconds) => format!("try again in {} minutes", seconds.div_ceil(60)),
    }
}

pub fn refused(status: u16, detail: &str) -> String {
    if detail.is_empty() { format!("The server refused (status {status})") } else { detail.to_owned() }
}

pub fn bound(role: &str, version: u32, day: &str) -> String {
    format!("Shared, {role}: version {version}, until {day}.")
}

pub fn entry(number: u32, day: &str, name: &str) -> String {
    if name.is_empty() { format!("{number}: {day}") } else { format!("{number}: {name}, {day}") }
}

pub fn comment_head(author: &str, day: &str, version: Option<u64>) -> String {
    let on = version.map_or_else(String::new, |version| format!(", on version {version}"));
    let author = if author.is_empty() { "somebody" } else { author };
    format!("{author}, {day}{on}")
}

pub fn figure(what: &str, before: &str, after: &str) -> String {
    format!("{what}: {before} → {after}")
}

pub fn opened(version: u32) -> String {
    format!("Opened version {version} as a copy of your own")
}
