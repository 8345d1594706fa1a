//! The built app inside the program: a release is one file to run.

use server::AppFiles;

/// The app that this program carries; none unless it was built with the feature `carries-app`.
#[cfg(not(feature = "carries-app"))]
pub(crate) const APP: Option<AppFiles> = None;

/// The app that this program carries.
#[cfg(feature = "carries-app")]
pub(crate) const APP: Option<AppFiles> = Some(AppFiles::Carried(files));

#[cfg(feature = "carries-app")]
fn files() -> std::collections::BTreeMap<String, std::borrow::Cow<'static, [u8]>> {
    use rust_embed::RustEmbed;

    #[derive(RustEmbed)]
    #[folder = "../../dist"]
    struct Dist;

    Dist::iter().filter_map(|path| Some((format!("/{path}"), Dist::get(&path)?.data))).collect()
}
