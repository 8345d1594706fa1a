//! One journey from start to end.

use crate::browser::{Browser, Look, Window};
use crate::page::Page;
use crate::server::Server;
use std::future::Future;
use tokio::sync::Mutex;

/// Two browsers at once on a small machine only disturb each other's times.
static ONE_AT_A_TIME: Mutex<()> = Mutex::const_new(());

/// Where a journey takes place.
#[derive(Debug, Clone)]
pub struct Ground {
    /// The page's address.
    pub url: String,
    /// The browser's window.
    pub window: Window,
}

impl Ground {
    /// Opens the app's start page.
    pub async fn open(&self) -> Page {
        self.open_at(&self.url).await
    }

    /// Opens an address, such as a copied link, from scratch: an address that differs only behind the `#` would otherwise
    /// not load anything.
    pub async fn open_at(&self, url: &str) -> Page {
        self.window.client.goto("about:blank").await.expect("an empty page");
        self.window.client.goto(url).await.expect("the page opens");
        Page { window: self.window.clone() }
    }

    /// Opens an address in a new window and makes that the current one.
    pub async fn open_in_new_window(&self, url: &str) -> Page {
        let client = &self.window.client;
        let opened = client.new_window(false).await.expect("a new window");
        client.switch_to_window(opened.handle).await.expect("switch to it");
        self.window.set_look(Look::DESKTOP).await;
        client.goto(url).await.expect("the page opens");
        Page { window: self.window.clone() }
    }
}

/// Runs a journey with a fresh server and browser; afterwards the console must be free of errors and warnings. A failed
/// journey leaves a picture and the console behind.
pub async fn journey<F, R>(name: &str, look: Look, walk: F)
where
    F: FnOnce(Ground) -> R,
    R: Future<Output = ()> + Send + 'static,
{
    let _alone = ONE_AT_A_TIME.lock().await;
    let server = Server::start().await;
    let browser = Browser::start(look).await;
    let window = browser.window();
    let ground = Ground { url: format!("{}/", server.url), window: window.clone() };
    // A task of its own: a failed assertion must not keep the browser from being closed.
    let walked = tokio::spawn(walk(ground)).await;

    let console = window.console().await;
    if walked.is_err() {
        window.screenshot(&format!("{name}-failed")).await;
    }
    browser.close().await;
    let complaints: Vec<&(String, String)> =
        console.iter().filter(|(level, _)| level == "SEVERE" || level == "WARNING").collect();
    if let Err(failure) = walked {
        eprintln!("console: {console:#?}");
        std::panic::resume_unwind(failure.into_panic());
    }
    assert!(complaints.is_empty(), "the console must be free of errors and warnings: {complaints:#?}");
}
