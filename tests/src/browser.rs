//! Chromium under chromedriver: one fresh profile per journey.

use crate::environment;
use crate::long_tasks;
use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use std::net::TcpListener;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::process::{Child, Command};

/// What the visitor's device is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// Width of the page in CSS pixels.
    pub width: u32,
    /// Height of the page in CSS pixels.
    pub height: u32,
    /// Whether the system asks for dark colours.
    pub dark: bool,
    /// Whether it is a phone (touch, mobile viewport).
    pub phone: bool,
}

impl Look {
    /// A laptop in light colours.
    pub const DESKTOP: Self = Self { width: 1440, height: 900, dark: false, phone: false };
    /// A laptop in dark colours.
    pub const DARK: Self = Self { dark: true, ..Self::DESKTOP };
    /// A phone.
    pub const PHONE: Self = Self { width: 390, height: 844, dark: false, phone: true };
}

/// A browser with its driver, both ended with it.
pub(crate) struct Browser {
    driver: Child,
    _profile: TempDir,
    client: Client,
}

/// One window or tab; commands always go to the one that was made current last.
#[derive(Debug, Clone)]
pub struct Window {
    /// The WebDriver session.
    pub client: Client,
}

impl Browser {
    /// Starts a fresh browser.
    pub(crate) async fn start(look: Look) -> Self {
        let port = free_port();
        let driver = Command::new(environment::chromedriver())
            .arg(format!("--port={port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .expect("chromedriver starts");
        let profile = tempfile::tempdir().expect("folder for the profile");
        let capabilities = capabilities(profile.path());
        let client = connect(&format!("http://127.0.0.1:{port}"), capabilities).await;
        let browser = Self { driver, _profile: profile, client };
        browser.window().set_look(look).await;
        browser
    }

    /// The first window.
    pub(crate) fn window(&self) -> Window {
        Window { client: self.client.clone() }
    }

    /// Ends the browser and its driver.
    pub(crate) async fn close(mut self) {
        let _ = self.client.clone().close().await;
        let _ = self.driver.kill().await;
    }
}

impl Drop for Browser {
    /// When a journey was cut off: the driver's process group holds the browser too.
    fn drop(&mut self) {
        if let Some(id) = self.driver.id() {
            let _ =
                std::process::Command::new("kill").args(["-9", "--", &format!("-{id}")]).stderr(Stdio::null()).status();
        }
    }
}

impl Window {
    /// Sets size, colour scheme and kind of the device.
    pub async fn set_look(&self, look: Look) {
        let metrics =
            json!({ "width": look.width, "height": look.height, "deviceScaleFactor": 1, "mobile": look.phone });
        self.devtools("Emulation.setDeviceMetricsOverride", metrics).await;
        let scheme = if look.dark { "dark" } else { "light" };
        let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.devtools("Emulation.setEmulatedMedia", features).await;
        self.devtools("Emulation.setTouchEmulationEnabled", json!({ "enabled": look.phone })).await;
    }

    /// Lets every document that is opened in it from now on tell of its long tasks.
    pub(crate) async fn watch(&self) {
        self.devtools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": long_tasks::WATCH })).await;
    }

    /// A command of Chromium's own protocol.
    pub async fn devtools(&self, command: &str, parameters: Value) -> Value {
        self.post("goog/cdp/execute", json!({ "cmd": command, "params": parameters })).await
    }

    /// Lets a worker of the page hang for good: an endless loop in it, as a bug of ours would be. `script` is part of its address.
    pub async fn hang_worker(&self, script: &str) {
        let found = self.devtools("Target.getTargets", json!({ "filter": [{}] })).await;
        let targets = found["targetInfos"].as_array().expect("a list").clone();
        let is_it = |target: &&Value| {
            target["type"] == "worker" && target["url"].as_str().is_some_and(|url| url.contains(script))
        };
        let target = targets.iter().find(is_it).expect("the worker runs");
        let attach = json!({ "targetId": target["targetId"], "flatten": false });
        let session = self.devtools("Target.attachToTarget", attach).await;
        let message = json!({ "id": 1, "method": "Runtime.evaluate", "params": { "expression": "for (;;) {}" } });
        let sent = json!({ "sessionId": session["sessionId"], "message": message.to_string() });
        self.devtools("Target.sendMessageToTarget", sent).await;
    }

    /// What the console said since the last look: level and text.
    pub async fn console(&self) -> Vec<(String, String)> {
        let entries = self.post("se/log", json!({ "type": "browser" })).await;
        let field = |entry: &Value, name: &str| entry[name].as_str().unwrap_or_default().to_owned();
        let entries = entries.as_array().expect("a list").clone();
        entries.iter().map(|entry| (field(entry, "level"), field(entry, "message"))).collect()
    }

    /// What Chromium traced since the last look, event by event: nothing where it does not trace.
    pub(crate) async fn trace(&self) -> Vec<Value> {
        if !environment::traced() {
            return Vec::new();
        }
        let read = |entry: &Value| {
            let mut said: Value = serde_json::from_str(entry["message"].as_str()?).ok()?;
            let said = &mut said["message"];
            (said["method"] == "Tracing.dataCollected").then(|| said["params"].take())
        };
        let mut all = Vec::new();
        loop {
            let entries = self.post("se/log", json!({ "type": "performance" })).await;
            let entries = entries.as_array().map_or(&[][..], Vec::as_slice);
            all.extend(entries.iter().filter_map(read));
            // It hands out so many at most at once; what it has traced since the last look is a handful.
            if entries.len() < 50_000 {
                return all;
            }
        }
    }

    /// Writes a picture of the window to `target/e2e/NAME.png`.
    pub async fn screenshot(&self, name: &str) {
        let picture = self.client.screenshot().await.expect("a picture");
        std::fs::write(environment::results().join(format!("{name}.png")), picture).expect("target can be written");
    }

    async fn post(&self, path: &'static str, body: Value) -> Value {
        self.client.issue_cmd(Extension { path, body }).await.expect("chromedriver answers")
    }
}

/// A chromedriver command that the WebDriver standard does not have.
#[derive(Debug)]
struct Extension {
    path: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for Extension {
    fn endpoint(&self, base: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(self.body.to_string()))
    }
}

fn capabilities(profile: &Path) -> serde_json::Map<String, Value> {
    let mut arguments: Vec<String> = [
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--force-color-profile=srgb",
        "--hide-scrollbars",
    ]
    .map(str::to_owned)
    .to_vec();
    arguments.push(format!("--user-data-dir={}", profile.display()));
    let mut options = json!({ "args": arguments });
    let mut logged = json!({ "browser": "ALL" });
    if environment::traced() {
        let prefs = json!({ "enableNetwork": false, "enablePage": false, "traceCategories": long_tasks::TRACED });
        options["perfLoggingPrefs"] = prefs;
        logged["performance"] = json!("ALL");
    }
    if let Some(chromium) = environment::chromium() {
        options["binary"] = json!(chromium);
    }
    let all = json!({ "goog:chromeOptions": options, "goog:loggingPrefs": logged });
    all.as_object().expect("an object").clone()
}

/// Chromedriver needs a moment before it listens.
async fn connect(url: &str, capabilities: serde_json::Map<String, Value>) -> Client {
    let started = Instant::now();
    loop {
        let mut builder = ClientBuilder::new(HttpConnector::new());
        match builder.capabilities(capabilities.clone()).connect(url).await {
            Ok(client) => return client,
            Err(cause) => assert!(started.elapsed() < Duration::from_secs(30), "no browser session: {cause}"),
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address").port()
}
