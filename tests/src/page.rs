//! The page as a visitor sees it. The only place that knows its hooks.

use crate::browser::Window;
use crate::environment;
use crate::long_tasks::{self, step};
use fantoccini::Locator;
use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::elements::Element;
use fantoccini::key::Key;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Longest wait for anything to appear; a busy machine calibrates for some seconds.
const PATIENCE: Duration = Duration::from_secs(60);

/// The app in a window.
#[derive(Debug, Clone)]
pub struct Page {
    /// The window it is shown in.
    pub window: Window,
}

/// What is on the screen about the system's future; equal when two windows show the same.
#[derive(Debug, Clone, PartialEq)]
pub struct Figures {
    /// The headline.
    pub headline: String,
    /// The growth slider's figure.
    pub growth: String,
    /// Latency at that growth.
    pub latency: String,
    /// Spend at that growth.
    pub spend: String,
    /// All rows of the bottleneck table.
    pub bottlenecks: Vec<String>,
}

/// What a first visitor waited for; times in milliseconds from the start of loading.
#[derive(Debug, Clone, PartialEq)]
pub struct FirstView {
    /// The first text or picture was painted.
    pub painted: f64,
    /// What was looked for stood.
    pub usable: f64,
    /// Bytes over the wire until then, without the workers'.
    pub bytes: f64,
    /// Each file with its bytes.
    pub files: Vec<(String, f64)>,
}

/// A script for every new document: it notes when elements first stand that say that the page can be used.
#[must_use]
pub fn first_view_watch() -> String {
    let selectors = [("drop-zone", ""), ("headline", "×")].map(|(hook, word)| json!([hook, selector(hook), word]));
    format!(
        "const wanted = {}; const look = () => {{ for (const [hook, selector, word] of wanted) {{ \
         if (performance.getEntriesByName(`has ${{hook}}`).length) continue; \
         if (document.querySelector(selector)?.textContent.includes(word)) performance.mark(`has ${{hook}}`); }} }}; \
         new MutationObserver(look).observe(document, {{ childList: true, subtree: true, characterData: true }});",
        json!(selectors)
    )
}

impl Page {
    /// Waits for the first element with this hook.
    pub async fn find(&self, hook: &str) -> Element {
        let selector = selector(hook);
        let wait = self.window.client.wait().at_most(PATIENCE);
        match wait.for_element(Locator::Css(&selector)).await {
            Ok(element) => element,
            Err(cause) => panic!("no `{hook}` on the page: {cause}"),
        }
    }

    /// All elements with this hook right now.
    pub async fn all(&self, hook: &str) -> Vec<Element> {
        self.window.client.find_all(Locator::Css(&selector(hook))).await.expect("a list of elements")
    }

    /// Text of the first element with this hook, once there is any.
    pub async fn text(&self, hook: &str) -> String {
        self.until(&format!("`{hook}` has text"), || async {
            let text = self.find(hook).await.text().await.ok()?;
            (!text.trim().is_empty()).then(|| text.trim().to_owned())
        })
        .await
    }

    /// The headline, once it says a multiple.
    pub async fn headline(&self) -> String {
        self.until("the headline says a multiple", || async {
            let text = self.text("headline").await;
            text.contains('×').then_some(text)
        })
        .await
    }

    /// What was loaded until an element with this hook had text, by [`first_view_watch`], which must have been there from the start.
    pub async fn first_view_of(&self, hook: &str) -> FirstView {
        let script = "const [hook, done] = arguments; const look = () => { \
                      const usable = performance.getEntriesByName(`has ${hook}`)[0]?.startTime; \
                      const paint = performance.getEntriesByName('first-contentful-paint')[0]?.startTime; \
                      if (usable === undefined || paint === undefined) return setTimeout(look, 20); \
                      const all = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]; \
                      const files = all.filter(file => file.startTime < usable && !/(worker|importer|analyst)[._]/.test(file.name)); \
                      done([usable, paint, files.map(file => [file.name, file.transferSize])]); }; look();";
        let said = self.run_async(script, vec![json!(hook)]).await;
        let files: Vec<(String, f64)> = serde_json::from_value(said[2].clone()).expect("names and sizes");
        FirstView {
            usable: said[0].as_f64().expect("a time"),
            painted: said[1].as_f64().expect("a time"),
            bytes: files.iter().map(|file| file.1).sum(),
            files,
        }
    }

    /// Milliseconds from the start of loading the page until the headline said a multiple; to be asked right after opening.
    pub async fn first_view(&self) -> f64 {
        let script = "const [selector, done] = arguments; const look = () => { \
                      const headline = document.querySelector(selector); \
                      if (headline && headline.innerText.includes('×')) done(performance.now()); \
                      else requestAnimationFrame(look); }; look();";
        self.run_async(script, vec![json!(selector("headline"))]).await.as_f64().expect("a time")
    }

    /// Milliseconds from each of many moves of the slider until the second frame after it: the first is drawn from the old
    /// state when the browser is late.
    pub async fn slider_redraws(&self) -> Vec<f64> {
        let script = "const slider = document.querySelector(arguments[0]); const done = arguments[1]; const times = []; \
                      const values = Array.from({length: 40}, (_, i) => 1 + i * 0.2); \
                      const move = () => { if (!values.length) return done(times); \
                        const start = performance.now(); slider.value = values.shift(); \
                        slider.dispatchEvent(new Event('input', {bubbles: true})); \
                        requestAnimationFrame(() => requestAnimationFrame(() => { \
                          times.push(performance.now() - start); move(); })); }; move();";
        let times = self.run_async(script, vec![json!(selector("growth-slider"))]).await;
        times.as_array().expect("a list").iter().filter_map(Value::as_f64).collect()
    }

    /// All messages on the screen; on the data page what is said of each import is one too.
    pub async fn messages(&self) -> Vec<String> {
        let mut all = self.texts("problem").await;
        all.extend(self.texts("news").await);
        all.extend(self.texts("import-row").await);
        all
    }

    /// Presses a key where the focus is.
    pub async fn press(&self, key: Key) {
        step(format!("press {key:?}"));
        let value = char::from(key);
        let keys = KeyActions::new("keyboard".to_owned()).then(KeyAction::Down { value }).then(KeyAction::Up { value });
        self.window.client.perform_actions(keys).await.expect("the key arrives");
    }

    /// Presses the key of a sign where the focus is.
    pub async fn type_sign(&self, value: char) {
        step(format!("press {value}"));
        let keys = KeyActions::new("keyboard".to_owned()).then(KeyAction::Down { value }).then(KeyAction::Up { value });
        self.window.client.perform_actions(keys).await.expect("the key arrives");
    }

    /// Presses a key with Shift (8) or Control (2) where the focus is: `ArrowRight` by its number 39, `a` by 65.
    pub async fn press_with(&self, modifiers: u8, key: &str, number: u8) {
        step(format!("press {key} with {modifiers}"));
        for kind in ["rawKeyDown", "keyUp"] {
            let event = json!({"type": kind, "modifiers": modifiers, "key": key, "windowsVirtualKeyCode": number});
            self.window.devtools("Input.dispatchKeyEvent", event).await;
        }
    }

    /// The hook of what has the focus.
    pub async fn focus(&self) -> String {
        let hook = self.run("return document.activeElement?.dataset.testid ?? ''", vec![]).await;
        hook.as_str().unwrap_or_default().to_owned()
    }

    /// Presses Tab until this has the focus; it must then be visible that it has.
    pub async fn tab_to(&self, hook: &str) {
        for _ in 0..150 {
            self.press(Key::Tab).await;
            if self.focus().await == hook {
                self.focus_is_seen(hook).await;
                return;
            }
        }
        panic!("Tab never reaches `{hook}`");
    }

    /// Whoever looks must see where the focus is: the picture changes when it goes.
    async fn focus_is_seen(&self, hook: &str) {
        let client = &self.window.client;
        let with = client.screenshot().await.expect("a picture");
        self.run("document.activeElement.blur()", vec![]).await;
        let without = client.screenshot().await.expect("a picture");
        assert!(with != without, "the focus on `{hook}` must be visible");
        let back = "document.querySelector(arguments[0]).focus({focusVisible: true})";
        self.run(back, vec![json!(selector(hook))]).await;
    }

    /// Texts of all elements with this hook right now.
    pub async fn texts(&self, hook: &str) -> Vec<String> {
        let script = "return Array.from(document.querySelectorAll(arguments[0]), e => e.innerText.trim())";
        let found = self.run(script, vec![json!(selector(hook))]).await;
        found.as_array().expect("a list").iter().map(|text| text.as_str().unwrap_or_default().to_owned()).collect()
    }

    /// Clicks the first element with this hook.
    pub async fn click(&self, hook: &str) {
        let element = self.find(hook).await;
        step(format!("click {hook}"));
        element.click().await.expect("it can be clicked");
    }

    /// Opens a tab by its name; the first time its content comes from the server.
    pub async fn tab(&self, name: &str) {
        self.click(&format!("tab-{name}")).await;
        self.until("the tab's content is there", || async { (!self.has("tab-waiting").await).then_some(()) }).await;
    }

    /// Chooses files with the file button.
    pub async fn choose_files(&self, files: &[PathBuf]) {
        let input = self.find("file-input").await;
        step("choose files");
        let paths: Vec<&str> = files.iter().map(|path| path.to_str().expect("utf-8")).collect();
        input.send_keys(&paths.join("\n")).await.expect("the files can be chosen");
    }

    /// Drops files on the drop zone. WebDriver cannot drag from outside, so the files come in through an input made for the
    /// purpose and are handed to the page's own handlers in the events a browser sends.
    pub async fn drop_files(&self, files: &[PathBuf]) {
        self.find("drop-zone").await;
        self.drop_on(files, &selector("drop-zone")).await;
    }

    /// Drops files on the page with a document open.
    pub async fn drop_on_page(&self, files: &[PathBuf]) {
        self.drop_on(files, "body").await;
    }

    async fn drop_on(&self, files: &[PathBuf], place: &str) {
        let make = "const input = document.createElement('input'); input.type = 'file'; input.multiple = true; \
                    input.id = 'e2e-drop'; document.body.append(input);";
        self.run(make, vec![]).await;
        let input = self.window.client.find(Locator::Id("e2e-drop")).await.expect("the input");
        let paths: Vec<&str> = files.iter().map(|path| path.to_str().expect("utf-8")).collect();
        input.send_keys(&paths.join("\n")).await.expect("the files can be chosen");
        step("drop files");
        let drop = "const input = document.getElementById('e2e-drop'); const held = new DataTransfer(); \
                    for (const file of input.files) held.items.add(file); input.remove(); \
                    const zone = document.querySelector(arguments[0]); \
                    for (const kind of ['dragenter', 'dragover', 'drop']) \
                      zone.dispatchEvent(new DragEvent(kind, {bubbles: true, cancelable: true, dataTransfer: held}));";
        self.run(drop, vec![json!(place)]).await;
    }

    /// Moves the growth slider to a value as a drag does (input events, then change).
    pub async fn set_growth(&self, value: f64) {
        self.find("growth-slider").await;
        step("move the slider");
        let script = "const slider = document.querySelector(arguments[0]); slider.value = arguments[1]; \
                      slider.dispatchEvent(new Event('input', {bubbles: true})); \
                      slider.dispatchEvent(new Event('change', {bubbles: true}));";
        self.run(script, vec![json!(selector("growth-slider")), json!(value.to_string())]).await;
    }

    /// What the page says right now about the system's future.
    pub async fn figures(&self) -> Figures {
        let (headline, growth) = (self.headline().await, self.text("growth-value").await);
        let (latency, spend) = (self.text("tile-latency").await, self.text("tile-spend").await);
        self.tab("bottlenecks").await;
        let table = self.text("bottleneck-table").await;
        Figures { headline, growth, latency, spend, bottlenecks: table.lines().map(str::to_owned).collect() }
    }

    /// The link that holds everything.
    pub async fn link(&self) -> String {
        self.click("share").await;
        self.until("the share link is there", || async {
            let link = self.find("share-link").await.prop("value").await.ok()??;
            link.contains('#').then_some(link)
        })
        .await
    }

    /// Value of a field, once it has one.
    pub async fn value(&self, hook: &str) -> String {
        self.until(&format!("`{hook}` has a value"), || async {
            let value = self.find(hook).await.prop("value").await.ok()??;
            (!value.is_empty()).then_some(value)
        })
        .await
    }

    /// Types into a field and leaves it.
    pub async fn fill(&self, hook: &str, text: &str) {
        self.find(hook).await;
        step(format!("fill {hook}"));
        let script = "const field = document.querySelector(arguments[0]); field.value = arguments[1]; \
                      for (const kind of ['input', 'change']) field.dispatchEvent(new Event(kind, {bubbles: true}));";
        self.run(script, vec![json!(selector(hook)), json!(text)]).await;
    }

    /// Waits until the text of something with this hook contains this.
    pub async fn says(&self, hook: &str, words: &str) -> String {
        let started = Instant::now();
        loop {
            let texts = self.texts(hook).await;
            if let Some(text) = texts.iter().find(|text| text.contains(words)) {
                return text.clone();
            }
            assert!(started.elapsed() < PATIENCE, "`{hook}` never says {words:?}, only {texts:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Chooses in a list.
    pub async fn choose(&self, hook: &str, value: &str) {
        self.find(hook).await;
        step(format!("choose {value} in {hook}"));
        let script = "const list = document.querySelector(arguments[0]); list.value = arguments[1]; \
                      list.dispatchEvent(new Event('change', {bubbles: true}));";
        self.run(script, vec![json!(selector(hook)), json!(value)]).await;
    }

    /// Drags the mouse over something, from one share of its width to another, at half its height.
    pub async fn drag_across(&self, hook: &str, from: f64, to: f64) {
        self.find(hook).await;
        let script = "const e = document.querySelector(arguments[0]); e.scrollIntoView({block: 'center'}); \
                      const r = e.getBoundingClientRect(); return [r.x, r.y, r.width, r.height]";
        let found = self.run(script, vec![json!(selector(hook))]).await;
        let [x, y, width, height] = [0, 1, 2, 3].map(|index| found[index].as_f64().expect("a number"));
        step(format!("drag across {hook}"));
        let mouse = |kind: &str, share: f64| json!({"type": kind, "x": x + share * width, "y": y + height / 2.0, "button": "left", "buttons": 1, "clickCount": 1});
        self.window.devtools("Input.dispatchMouseEvent", mouse("mousePressed", from)).await;
        for part in 1..=8 {
            let share = from + (to - from) * f64::from(part) / 8.0;
            self.window.devtools("Input.dispatchMouseEvent", mouse("mouseMoved", share)).await;
        }
        self.window.devtools("Input.dispatchMouseEvent", mouse("mouseReleased", to)).await;
    }

    /// Opens the share dialog and waits until short links can be made.
    pub async fn share(&self) {
        self.click("share").await;
        self.find("share-create").await;
    }

    /// Whether something with this hook is there right now.
    pub async fn has(&self, hook: &str) -> bool {
        !self.all(hook).await.is_empty()
    }

    /// Asks again and again until there is an answer.
    pub async fn until<T, R: Future<Output = Option<T>>>(&self, what: &str, ask: impl Fn() -> R) -> T {
        self.until_within(PATIENCE, what, ask).await
    }

    /// The same with another patience.
    pub async fn until_within<T, R: Future<Output = Option<T>>>(
        &self,
        patience: Duration,
        what: &str,
        ask: impl Fn() -> R,
    ) -> T {
        let started = Instant::now();
        loop {
            if let Some(answer) = ask().await {
                return answer;
            }
            assert!(started.elapsed() < patience, "waited in vain until {what}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// A property of the first element with this hook, as text.
    pub async fn prop(&self, hook: &str, name: &str) -> String {
        self.find(hook).await.prop(name).await.expect("a property").unwrap_or_default()
    }

    /// Waits for the first element that a selector finds.
    pub async fn find_by(&self, selector: &str) -> Element {
        let wait = self.window.client.wait().at_most(PATIENCE);
        wait.for_element(Locator::Css(selector)).await.expect("it is on the page")
    }

    /// What axe finds wrong with the page as it is now; nothing may be.
    pub async fn axe(&self, name: &str) {
        let file = environment::vendored("axe-core/axe.min.js");
        let source = std::fs::read_to_string(file).expect("the checker");
        let aside = long_tasks::ASIDE;
        self.run(&format!("{aside} if (!window.axe) {{ {source} }} setTimeout(e2eBack)"), vec![]).await;
        let script = "const answer = arguments[0], done = found => { e2eBack(); answer(found) }; axe.run(document, {resultTypes: ['violations']}).then(found => done( \
                      found.violations.map(v => `${v.id} (${v.impact}): ${v.nodes.slice(0, 4).map(n => n.target.join(' ') + ' ' + (n.any[0]?.message ?? n.all[0]?.message ?? n.none[0]?.message ?? '')).join(' | ')}`)), \
                      error => done([String(error)]))";
        let found = self.run_async(&format!("{aside} {script}"), vec![]).await;
        assert_eq!(found, json!([]), "axe finds something wrong in {name}");
    }

    /// Runs a script in the page.
    pub async fn run(&self, script: &str, arguments: Vec<Value>) -> Value {
        self.window.client.execute(script, arguments).await.expect("the script runs")
    }

    /// The same for one that is work of its own: the time it takes is not the page's.
    pub async fn run_aside(&self, script: &str, arguments: Vec<Value>) -> Value {
        let aside = long_tasks::ASIDE;
        self.run(&format!("{aside} try {{ {script} }} finally {{ setTimeout(e2eBack) }}"), arguments).await
    }

    /// Runs a script that calls its last argument when it is done.
    pub async fn run_async(&self, script: &str, arguments: Vec<Value>) -> Value {
        self.window.client.execute_async(script, arguments).await.expect("the script runs")
    }
}

fn selector(hook: &str) -> String {
    format!("[data-testid=\"{hook}\"]")
}
