//! The browser shell around a [`Session`]: bytes in, bytes out, files streamed chunk by chunk, work in short slices.
//!
//! A message is an array: the request's bytes, then the files of an import. An empty one asks whether anybody is there, and is
//! answered at once with no bytes: a worker that does not answer hangs.

use js_sys::{Array, Date, Function, Promise, Uint8Array};
use std::{cell::RefCell, rc::Rc};
use wasm_bindgen::{JsCast, JsValue, UnwrapThrowExt, closure::Closure};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Blob, DedicatedWorkerGlobalScope, File, MessageChannel, MessageEvent};
use worker::protocol::{Request, Response, decode, encode};
use worker::session::Session;

/// Bytes read at once: some milliseconds of parsing.
const CHUNK: f64 = 1024.0 * 1024.0;
/// Length of a slice of work in milliseconds, after which waiting messages get their turn.
const SLICE: f64 = 12.0;

type Shared<S> = Rc<RefCell<S>>;

/// Answers the page with a session of this kind until the page closes.
pub fn run<S: Session + 'static>() {
    let session: Shared<S> = Rc::default();
    let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
        let parts: Array = event.data().unchecked_into();
        match parts.length() {
            0 => drop(scope().post_message(&Uint8Array::new_with_length(0))),
            _ => spawn_local(serve(Rc::clone(&session), Uint8Array::new(&parts.get(0)).to_vec(), parts)),
        }
    });
    scope().set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    on_message.forget();
    post(&Response::Ready);
}

fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

fn post(response: &Response) {
    if let Ok(bytes) = encode(response) {
        let data = Uint8Array::from(bytes.as_slice());
        // A closed page is the only reason for a failure, and then nobody listens.
        let _ = scope().post_message_with_transfer(&data, &Array::of1(&data.buffer()));
    }
}

fn flush(session: &Shared<impl Session>) {
    session.borrow_mut().desk().take_answers().iter().for_each(post);
}

async fn serve<S: Session>(session: Shared<S>, bytes: Vec<u8>, parts: Array) {
    match decode::<Request>(&bytes) {
        Ok(request) => session.borrow_mut().handle(request),
        Err(error) => session.borrow_mut().misunderstood(&error),
    }
    let files: Vec<File> = parts.iter().skip(1).filter_map(|part| part.dyn_into().ok()).collect();
    if !files.is_empty() {
        for file in files {
            read(&session, &file).await;
        }
        session.borrow_mut().import_end();
    }
    flush(&session);
    // Only one loop works at a time: the first one in goes on until nothing is left.
    if !session.borrow_mut().desk().claim() {
        return;
    }
    loop {
        let more = session.borrow_mut().work(Date::now, SLICE);
        flush(&session);
        if !more {
            break;
        }
        pause().await;
    }
    session.borrow_mut().desk().release();
}

async fn read(session: &Shared<impl Session>, file: &File) {
    let size = file.size();
    session.borrow_mut().file_begin(&file.name(), size);
    let mut from = 0.0;
    let mut next = chunk(file, from);
    while from < size && !session.borrow_mut().is_cancelled() && session.borrow_mut().wants_more() {
        // The browser fetches one while this thread parses the one before.
        from += CHUNK;
        let now = std::mem::replace(&mut next, chunk(file, from));
        let read = async { Ok::<_, JsValue>(Uint8Array::new(&now?.await?).to_vec()) };
        let Ok(bytes) = read.await else {
            session.borrow_mut().file_unreadable();
            break;
        };
        session.borrow_mut().file_chunk(&bytes);
        flush(session);
    }
    session.borrow_mut().file_end();
}

fn chunk(file: &Blob, from: f64) -> Result<JsFuture, JsValue> {
    Ok(JsFuture::from(file.slice_with_f64_and_f64(from, from + CHUNK)?.array_buffer()))
}

// A channel from here to here.
thread_local!(static CHANNEL: MessageChannel = MessageChannel::new().unwrap_throw());

/// Lets waiting messages in: a microtask would not, and a timer that starts the next one waits 4 ms, a quarter of the time.
async fn pause() {
    let post = |channel: &MessageChannel, resolve: &Function| {
        channel.port1().set_onmessage(Some(resolve));
        let _ = channel.port2().post_message(&JsValue::NULL);
    };
    let _ = JsFuture::from(Promise::new(&mut |resolve, _| CHANNEL.with(|channel| post(channel, &resolve)))).await;
}
