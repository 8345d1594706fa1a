//! The bridge to the worker: bytes out, bytes in, and a new worker when one breaks.

use js_sys::{Array, Uint8Array};
use std::cell::RefCell;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{ErrorEvent, Event, File, MessageEvent, Worker, WorkerOptions, WorkerType};
use worker::protocol::{Request, Response, decode, encode};

/// What the bridge tells the page.
pub enum News {
    /// An answer.
    Answer(Box<Response>),
    /// The worker broke; a new one was started and knows nothing.
    Broke,
}

/// How often a broken worker is started anew before giving up.
const RESTARTS: u32 = 5;

struct Bridge {
    worker: Option<Worker>,
    ready: bool,
    waiting: Vec<Array>,
    restarts: u32,
    listener: Box<dyn Fn(News)>,
}

thread_local! {
    static BRIDGE: RefCell<Option<Bridge>> = const { RefCell::new(None) };
}

/// Starts the worker; answers go to `listener`.
pub fn start(listener: impl Fn(News) + 'static) {
    let bridge = Bridge { worker: None, ready: false, waiting: Vec::new(), restarts: 0, listener: Box::new(listener) };
    BRIDGE.set(Some(bridge));
    spawn();
}

/// Sends a request, and the files of an import beside it.
pub fn send(request: &Request, files: &[File]) {
    let Ok(bytes) = encode(request) else { return };
    let message = Array::of1(&Uint8Array::from(bytes.as_slice()));
    for file in files {
        message.push(file);
    }
    BRIDGE.with_borrow_mut(|bridge| {
        let Some(bridge) = bridge else { return };
        match &bridge.worker {
            Some(worker) if bridge.ready => drop(worker.post_message(&message)),
            _ => bridge.waiting.push(message),
        }
    });
}

fn spawn() {
    let options = WorkerOptions::new();
    options.set_type(WorkerType::Module);
    let Ok(worker) = Worker::new_with_options("/worker_loader.js", &options) else { return };
    let on_message = Closure::<dyn Fn(MessageEvent)>::new(|event: MessageEvent| received(&event));
    let on_error = Closure::<dyn Fn(Event)>::new(|event: Event| {
        // The worker's own text goes to the console already; the page says what it means.
        if let Some(event) = event.dyn_ref::<ErrorEvent>() {
            event.prevent_default();
        }
        broke();
    });
    worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
    on_message.forget();
    on_error.forget();
    BRIDGE.with_borrow_mut(|bridge| {
        if let Some(bridge) = bridge {
            bridge.worker = Some(worker);
            bridge.ready = false;
        }
    });
}

fn received(event: &MessageEvent) {
    let bytes = Uint8Array::new(&event.data()).to_vec();
    let Ok(response) = decode::<Response>(&bytes) else { return };
    if response == Response::Ready {
        let waiting = BRIDGE.with_borrow_mut(|bridge| {
            let bridge = bridge.as_mut()?;
            bridge.ready = true;
            Some((bridge.worker.clone()?, std::mem::take(&mut bridge.waiting)))
        });
        if let Some((worker, waiting)) = waiting {
            for message in waiting {
                drop(worker.post_message(&message));
            }
        }
    }
    tell(News::Answer(Box::new(response)));
}

fn broke() {
    let again = BRIDGE.with_borrow_mut(|bridge| {
        let Some(bridge) = bridge else { return false };
        if let Some(worker) = bridge.worker.take() {
            worker.terminate();
        }
        bridge.restarts += 1;
        bridge.waiting.clear();
        bridge.restarts <= RESTARTS
    });
    if again {
        spawn();
    }
    tell(News::Broke);
}

/// The listener may send at once, so the bridge is not borrowed while it runs.
fn tell(news: News) {
    let listener = BRIDGE.with_borrow_mut(|bridge| {
        bridge.as_mut().map(|bridge| std::mem::replace(&mut bridge.listener, Box::new(|_| {})))
    });
    if let Some(listener) = listener {
        listener(news);
        BRIDGE.with_borrow_mut(|bridge| {
            if let Some(bridge) = bridge {
                bridge.listener = listener;
            }
        });
    }
}
