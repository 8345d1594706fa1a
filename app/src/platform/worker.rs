//! The bridge to the workers: bytes out, bytes in, and a new worker when one breaks.

use js_sys::{Array, Uint8Array};
use std::cell::RefCell;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{ErrorEvent, Event, File, MessageEvent, Worker, WorkerOptions, WorkerType};
use worker::protocol::{Request, Role, encode};

/// What the bridge tells the page.
pub enum News {
    /// An answer, as its bytes: what it says is read by the part of the page that it is for.
    Answer(Vec<u8>),
    /// A worker broke; a new one was started and knows nothing.
    Broke(Role),
}

/// How often a broken worker is started anew before giving up.
const RESTARTS: u32 = 5;

/// One worker. It is started by the first request for it: the page's first picture waits for none but the solver.
#[derive(Default)]
struct Bridge {
    worker: Option<Worker>,
    ready: bool,
    waiting: Vec<Array>,
    restarts: u32,
}

/// Who hears the answers.
type Listener = Box<dyn Fn(News)>;

thread_local! {
    static BRIDGES: RefCell<[Bridge; Role::ALL.len()]> = RefCell::default();
    static LISTENER: RefCell<Option<Listener>> = const { RefCell::new(None) };
}

/// Starts the solver; answers of all workers go to `listener`.
pub fn start(listener: impl Fn(News) + 'static) {
    LISTENER.set(Some(Box::new(listener)));
    spawn(Role::Solver);
}

fn with<T>(role: Role, act: impl FnOnce(&mut Bridge) -> T) -> T {
    BRIDGES.with_borrow_mut(|bridges| act(&mut bridges[role as usize]))
}

/// Sends a request to the worker it is for, and the files of an import beside it.
pub fn send(request: &Request, files: &[File]) {
    let Ok(bytes) = encode(request) else { return };
    let message = Array::of1(&Uint8Array::from(bytes.as_slice()));
    for file in files {
        message.push(file);
    }
    match request.role() {
        Some(role) => post(role, message),
        // For whoever is at work; a worker that was never needed is not.
        None => Role::ALL.into_iter().filter(|role| is_running(*role)).for_each(|role| post(role, message.clone())),
    }
}

fn is_running(role: Role) -> bool {
    role != Role::Solver && with(role, |bridge| bridge.worker.is_some())
}

fn post(role: Role, message: Array) {
    let missing = with(role, |bridge| {
        match &bridge.worker {
            Some(worker) if bridge.ready => drop(worker.post_message(&message)),
            _ => bridge.waiting.push(message),
        }
        bridge.worker.is_none() && bridge.restarts <= RESTARTS
    });
    if missing {
        spawn(role);
    }
}

fn spawn(role: Role) {
    let options = WorkerOptions::new();
    options.set_type(WorkerType::Module);
    let Ok(worker) = Worker::new_with_options(&format!("/{}_loader.js", role.name()), &options) else { return };
    let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| received(role, &event));
    let on_error = Closure::<dyn Fn(Event)>::new(move |event: Event| {
        // The worker's own text goes to the console already; the page says what it means.
        if let Some(event) = event.dyn_ref::<ErrorEvent>() {
            event.prevent_default();
        }
        broke(role);
    });
    worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
    on_message.forget();
    on_error.forget();
    with(role, |bridge| {
        bridge.worker = Some(worker);
        bridge.ready = false;
    });
}

fn received(role: Role, event: &MessageEvent) {
    let bytes = Uint8Array::new(&event.data()).to_vec();
    // Its first word is that it stands.
    let first = with(role, |bridge| {
        let first = !bridge.ready;
        bridge.ready = true;
        if let Some(worker) = &bridge.worker {
            bridge.waiting.drain(..).for_each(|message| drop(worker.post_message(&message)));
        }
        first
    });
    if !first {
        tell(News::Answer(bytes));
    }
}

fn broke(role: Role) {
    let again = with(role, |bridge| {
        if let Some(worker) = bridge.worker.take() {
            worker.terminate();
        }
        bridge.restarts += 1;
        bridge.waiting.clear();
        bridge.restarts <= RESTARTS
    });
    if again {
        spawn(role);
    }
    tell(News::Broke(role));
}

/// The listener may send at once; it is out of its place while it runs.
fn tell(news: News) {
    if let Some(listener) = LISTENER.take() {
        listener(news);
        LISTENER.set(Some(listener));
    }
}
