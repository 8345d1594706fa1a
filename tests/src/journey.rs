//! One journey from start to end.

use crate::browser::{Browser, Look, Window};
use crate::long_tasks;
use crate::page::Page;
use crate::server::Server;
use serde_json::json;
use std::future::Future;
use std::path::Path;
use std::sync::Arc;
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
    server: Arc<Mutex<Server>>,
    /// What the console may complain about.
    tolerated: Arc<std::sync::Mutex<Vec<String>>>,
}

impl Ground {
    /// Lets the console complain about something that the journey brings about, such as a refusal of the server: browsers log
    /// each of them.
    pub fn tolerate(&self, complaint: &str) {
        self.tolerated.lock().expect("no panic").push(complaint.to_owned());
    }

    /// Lets the page's processor be slower by a factor, 1 for as it is. What takes longer meanwhile is not held to the limit of tasks.
    pub async fn slow_down(&self, rate: f64) {
        long_tasks::slowed(rate > 1.0);
        self.window.devtools("Emulation.setCPUThrottlingRate", json!({ "rate": rate })).await;
    }

    /// Lets the server be replaced by one with another app, as an update does.
    pub async fn update(&self, app: &Path) {
        self.server.lock().await.replace(app).await;
    }

    /// Ends the server: for the page and its service worker the network is gone.
    pub async fn lose_network(&self) {
        self.server.lock().await.stop().await;
    }

    /// Ends the server, and lets a gateway before it answer 502 to everything.
    pub async fn lose_server(&self) {
        self.server.lock().await.fail().await;
    }

    /// Makes another window the current one, in the order in which they were opened.
    pub async fn switch_to(&self, number: usize) -> Page {
        let windows = self.window.client.windows().await.expect("a list of windows");
        self.window.client.switch_to_window(windows[number].clone()).await.expect("switch to it");
        Page { window: self.window.clone() }
    }

    /// Opens the app's start page.
    pub async fn open(&self) -> Page {
        self.open_at(&self.url).await
    }

    /// Opens an address, such as a copied link, from scratch: an address that differs only behind the `#` would otherwise
    /// not load anything.
    pub async fn open_at(&self, url: &str) -> Page {
        self.window.client.goto("about:blank").await.expect("an empty page");
        long_tasks::step("open");
        self.window.client.goto(url).await.expect("the page opens");
        Page { window: self.window.clone() }
    }

    /// Opens an address in a new window and makes that the current one.
    pub async fn open_in_new_window(&self, url: &str) -> Page {
        let client = &self.window.client;
        let opened = client.new_window(false).await.expect("a new window");
        client.switch_to_window(opened.handle).await.expect("switch to it");
        self.window.set_look(Look::DESKTOP).await;
        self.window.watch().await;
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
    journey_at(name, look, &[], walk).await;
}

/// The same with more options for the server.
pub async fn journey_at<F, R>(name: &str, look: Look, options: &[String], walk: F)
where
    F: FnOnce(Ground) -> R,
    R: Future<Output = ()> + Send + 'static,
{
    let _alone = ONE_AT_A_TIME.lock().await;
    let server = Server::start(options).await;
    let tolerated = Arc::<std::sync::Mutex<Vec<String>>>::default();
    let browser = Browser::start(look).await;
    let window = browser.window();
    window.watch().await;
    let url = format!("{}/", server.url);
    long_tasks::begin(&window, &format!("{url}healthz")).await;
    let server = Arc::new(Mutex::new(server));
    let ground = Ground { url, window: window.clone(), server, tolerated: Arc::clone(&tolerated) };
    // A task of its own: a failed assertion must not keep the browser from being closed.
    let walked = tokio::spawn(walk(ground)).await;

    let console = window.console().await;
    let tasks = if walked.is_ok() { long_tasks::found(name, &window, &console).await } else { Vec::new() };
    if walked.is_err() {
        window.screenshot(&format!("{name}-failed")).await;
    }
    browser.close().await;
    let tolerated = tolerated.lock().expect("no panic").clone();
    let is_tolerated = |text: &str| tolerated.iter().any(|known| text.contains(known.as_str()));
    let is_complaint = |level: &str| level == "SEVERE" || level == "WARNING";
    let complaints: Vec<&(String, String)> =
        console.iter().filter(|(level, text)| is_complaint(level) && !is_tolerated(text)).collect();
    if let Err(failure) = walked {
        eprintln!("console: {console:#?}");
        std::panic::resume_unwind(failure.into_panic());
    }
    long_tasks::judge(name, &tasks);
    assert!(complaints.is_empty(), "the console must be free of errors and warnings: {complaints:#?}");
}
