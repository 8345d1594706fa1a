//! The bridge to the workers: bytes out, bytes in, and a new worker when one breaks or hangs.

use js_sys::{Array, Uint8Array};
use leptos::prelude::set_timeout;
use std::cell::RefCell;
use std::time::Duration;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{ErrorEvent, Event, File, MessageEvent, Worker, WorkerOptions, WorkerType};
use worker::protocol::{Request, Role, Work, encode};

/// What the bridge tells the page.
pub enum News {
    /// An answer, as its bytes: what it says is read by the part of the page that it is for.
    Answer(Vec<u8>),
    /// A worker broke; a new one is started, which knows nothing.
    Broke(Role),
    /// A worker does not start, or breaks again and again: none is started any more until something is asked of it.
    Gone(Role),
    /// A worker stands.
    Stands(Role),
}

/// How often a worker that broke, or did not start, is started anew by itself; after that each request for it tries once.
const RESTARTS: u32 = 5;
/// Milliseconds before it is; twice as many the second time, and so on: a network may be gone for a moment.
const PAUSE: u64 = 250;
/// Requests that are kept for a solver that does not start.
const KEPT: usize = 4;

/// Further analysts at most, who play parts of a simulation.
const MOST_HELPERS: usize = 15;
/// Places of workers: one per role, then the helpers.
const PLACES: usize = Role::ALL.len() + MOST_HELPERS;

/// The role of the worker at a place.
fn role_at(place: usize) -> Role {
    Role::ALL.get(place).copied().unwrap_or(Role::Analyst)
}

/// One worker. It is started by the first request for it: the page's first picture waits for none but the solver.
#[derive(Default)]
struct Bridge {
    worker: Option<Worker>,
    ready: bool,
    waiting: Vec<Array>,
    restarts: u32,
    pulse: Pulse,
}

/// Whether a worker still answers, by questions at a steady pace. Counted, not timed: a page that slept has asked nothing.
#[derive(Default)]
struct Pulse {
    unanswered: u32,
}

/// Questions without an answer after which a worker hangs: a minute for the solver, whose slices are short. The others have
/// steps that cannot be cut (a fit with its back-test, a sensitivity), and a slow phone.
fn most_unanswered(role: Role) -> u32 {
    if role == Role::Solver { 6 } else { 30 }
}

/// Milliseconds between two questions.
const PACE: i32 = 10_000;

impl Pulse {
    /// The next question is due; whether the worker hangs.
    fn asks(&mut self, most: u32) -> bool {
        self.unanswered += 1;
        self.unanswered > most
    }

    /// Anything was heard.
    fn hears(&mut self) {
        self.unanswered = 0;
    }
}

/// Who hears the answers.
type Listener = Box<dyn Fn(News)>;

thread_local! {
    static BRIDGES: RefCell<[Bridge; PLACES]> = RefCell::default();
    static LISTENER: RefCell<Option<Listener>> = const { RefCell::new(None) };
}

/// Starts the solver; answers of all workers go to `listener`.
pub fn start(listener: impl Fn(News) + 'static) {
    LISTENER.set(Some(Box::new(listener)));
    spawn(Role::Solver as usize);
    let watch = Closure::<dyn Fn()>::new(|| (0..PLACES).for_each(watch));
    if let Some(window) = web_sys::window() {
        let pace = watch.as_ref().unchecked_ref();
        let _ = window.set_interval_with_callback_and_timeout_and_arguments_0(pace, PACE);
    }
    watch.forget();
}

/// Asks a worker whether it is there; one that hangs is replaced as one that broke.
fn watch(place: usize) {
    let hangs = with(place, |bridge| {
        let Some(worker) = &bridge.worker else { return false };
        // One that is on its way has nobody yet who would answer, and may not take for ever either.
        if bridge.ready {
            let _ = worker.post_message(&Array::new());
        }
        bridge.pulse.asks(most_unanswered(role_at(place)))
    });
    if hangs {
        broke(place);
    }
}

fn with<T>(place: usize, act: impl FnOnce(&mut Bridge) -> T) -> T {
    BRIDGES.with_borrow_mut(|bridges| act(&mut bridges[place]))
}

/// Analysts that may work at once: one per core.
pub fn analysts() -> u32 {
    let cores = web_sys::window().map_or(1.0, |window| window.navigator().hardware_concurrency());
    (cores as u32).clamp(1, 1 + MOST_HELPERS as u32)
}

/// Sends a request to one of the analysts, 0 being the one who gets all other requests.
pub fn send_to_analyst(number: u32, request: &Request) {
    let Ok(bytes) = encode(request) else { return };
    let place = if number == 0 { Role::Analyst as usize } else { Role::ALL.len() - 1 + number as usize };
    post(place.min(PLACES - 1), Array::of1(&Uint8Array::from(bytes.as_slice())));
}

/// Sends a request to the worker it is for, and the files of an import beside it.
pub fn send(request: &Request, files: &[File]) {
    let Ok(bytes) = encode(request) else { return };
    let message = Array::of1(&Uint8Array::from(bytes.as_slice()));
    for file in files {
        message.push(file);
    }
    match request.role() {
        // Nobody there has anything to forget.
        Some(role) if matches!(request, Request::Forget | Request::Drop { .. }) && !is_running(role as usize) => {}
        Some(role) => post(role as usize, message),
        // For whoever is at work; a worker that was never needed is not.
        None => (0..PLACES).filter(|place| is_running(*place)).for_each(|place| post(place, message.clone())),
    }
}

/// Stops all analysts, and nobody else.
pub fn cancel_analysts() {
    let Ok(bytes) = encode(&Request::Cancel(Work::Analysis)) else { return };
    let message = Array::of1(&Uint8Array::from(bytes.as_slice()));
    let analysts = (0..PLACES).filter(|place| role_at(*place) == Role::Analyst && is_running(*place));
    analysts.for_each(|place| post(place, message.clone()));
}

fn is_running(place: usize) -> bool {
    role_at(place) != Role::Solver && with(place, |bridge| bridge.worker.is_some())
}

fn post(place: usize, message: Array) {
    let missing = with(place, |bridge| {
        match &bridge.worker {
            Some(worker) if bridge.ready => drop(worker.post_message(&message)),
            _ => bridge.waiting.push(message),
        }
        bridge.worker.is_none()
    });
    if missing {
        spawn(place);
    }
}

fn spawn(place: usize) {
    let options = WorkerOptions::new();
    options.set_type(WorkerType::Module);
    let Ok(worker) = Worker::new_with_options(&format!("/{}_loader.js", role_at(place).name()), &options) else {
        return;
    };
    let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| received(place, &event));
    let on_error = Closure::<dyn Fn(Event)>::new(move |event: Event| {
        // The worker's own text goes to the console already; the page says what it means.
        if let Some(event) = event.dyn_ref::<ErrorEvent>() {
            event.prevent_default();
        }
        broke(place);
    });
    worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
    on_message.forget();
    on_error.forget();
    with(place, |bridge| {
        bridge.worker = Some(worker);
        bridge.ready = false;
    });
}

fn received(place: usize, event: &MessageEvent) {
    let bytes = Uint8Array::new(&event.data()).to_vec();
    // Its first word is that it stands.
    let first = with(place, |bridge| {
        bridge.pulse.hears();
        let first = !bridge.ready;
        if !first && !bytes.is_empty() {
            bridge.restarts = 0;
        }
        bridge.ready = true;
        if let Some(worker) = &bridge.worker {
            bridge.waiting.drain(..).for_each(|message| drop(worker.post_message(&message)));
        }
        first
    });
    if first {
        tell(News::Stands(role_at(place)));
    } else if !bytes.is_empty() {
        tell(News::Answer(bytes));
    }
}

fn broke(place: usize) {
    let (restarts, stood) = with(place, |bridge| {
        if let Some(worker) = bridge.worker.take() {
            worker.terminate();
        }
        bridge.restarts += 1;
        bridge.pulse.hears();
        let stood = std::mem::take(&mut bridge.ready);
        // What one that never stood was to be asked is for the next: a link is not opened twice by whoever followed it.
        let kept = if role_at(place) == Role::Solver { KEPT } else { 0 };
        bridge.waiting.truncate(if bridge.restarts > RESTARTS { kept } else { usize::MAX });
        (bridge.restarts, stood)
    });
    if restarts > RESTARTS {
        return tell(News::Gone(role_at(place)));
    }
    let again = move || {
        // A request may have been faster.
        if with(place, |bridge| bridge.worker.is_none()) {
            spawn(place);
        }
    };
    set_timeout(again, Duration::from_millis(PAUSE * u64::from(restarts)));
    if stood {
        tell(News::Broke(role_at(place)));
    }
}

/// The listener may send at once; it is out of its place while it runs.
fn tell(news: News) {
    if let Some(listener) = LISTENER.take() {
        listener(news);
        LISTENER.set(Some(listener));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_long_silence_is_a_hang() {
        let mut pulse = Pulse::default();
        for round in 0..3 {
            for question in 1..=6 {
                assert!(!pulse.asks(6), "round {round}, question {question}");
            }
            if round < 2 {
                pulse.hears();
            }
        }
        assert!(pulse.asks(6));
    }
}
