//! The browser shell around a [`Session`]: bytes in, bytes out, files streamed chunk by chunk, work in short slices.
//!
//! A message is an array: the request's bytes, then the files of an import. An empty one asks whether anybody is there, and is
//! answered at once with no bytes: a worker that does not answer hangs.

use js_sys::{Array, Date, Promise, Reflect, Uint8Array};
use std::{cell::RefCell, rc::Rc};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{DedicatedWorkerGlobalScope, File, MessageChannel, MessageEvent, ReadableStreamDefaultReader};
use worker::protocol::{Request, Response, decode, encode};
use worker::session::Session;

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
        let import = session.borrow().import();
        for file in files {
            read(&session, import, &file).await;
        }
        session.borrow_mut().import_end(import);
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

async fn read(session: &Shared<impl Session>, import: u64, file: &File) {
    session.borrow_mut().file_begin(import, &file.name(), file.size());
    // The browser reads ahead of this thread: three times as fast as asking for slices.
    let reader: ReadableStreamDefaultReader = file.stream().get_reader().unchecked_into();
    while session.borrow().wants_more(import) {
        let part = next(&reader).await;
        if part.is_err() {
            session.borrow_mut().file_unreadable(import);
        }
        let Ok(Some(bytes)) = part else { break };
        session.borrow_mut().file_chunk(import, &bytes);
        flush(session);
        pause().await;
    }
    let _ = reader.cancel();
    session.borrow_mut().file_end(import);
}

async fn next(reader: &ReadableStreamDefaultReader) -> Result<Option<Vec<u8>>, JsValue> {
    let part = JsFuture::from(reader.read()).await?;
    let bytes = Reflect::get(&part, &"value".into())?.dyn_into::<Uint8Array>().ok();
    Ok(bytes.map(|bytes| bytes.to_vec()))
}

/// Lets waiting messages in: a microtask would not, and a timer that starts the next one waits 4 ms, a quarter of the time.
async fn pause() {
    let Ok(channel) = MessageChannel::new() else { return };
    let heard = Promise::new(&mut |resolve, _| channel.port1().set_onmessage(Some(&resolve)));
    let _ = channel.port2().post_message(&JsValue::NULL);
    let _ = JsFuture::from(heard).await;
    channel.port1().close();
}
