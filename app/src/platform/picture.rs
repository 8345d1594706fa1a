//! Drawings as pictures: SVG text painted on a canvas and taken off as PNG.

use super::browser;
use js_sys::{Array, Function, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Blob, CanvasRenderingContext2d, HtmlCanvasElement, HtmlImageElement};

/// Pixels per CSS pixel: sharp on dense screens and in documents.
const SCALE: f64 = 2.0;

/// Saves a picture as PNG.
pub fn save_png(name: String, svg: String) {
    spawn_local(async move {
        if let Ok(blob) = png(&svg).await {
            browser::save_blob(&name, &blob);
        }
    });
}

/// Puts a picture on the clipboard.
pub fn copy_png(svg: String) {
    spawn_local(async move {
        // A browser without pictures on the clipboard leaves it as it was; saving still works.
        if let Ok(blob) = png(&svg).await {
            let _ = copy_blob(&blob).await;
        }
    });
}

async fn copy_blob(blob: &Blob) -> Result<(), JsValue> {
    let window = web_sys::window().ok_or(JsValue::NULL)?;
    let class: Function = Reflect::get(&window, &"ClipboardItem".into())?.dyn_into()?;
    let kinds = js_sys::Object::new();
    Reflect::set(&kinds, &"image/png".into(), blob)?;
    let item = Reflect::construct(&class, &Array::of1(&kinds))?;
    let clipboard = Reflect::get(&window.navigator(), &"clipboard".into())?;
    let write: Function = Reflect::get(&clipboard, &"write".into())?.dyn_into()?;
    let promise: Promise = write.call1(&clipboard, &Array::of1(&item))?.dyn_into()?;
    JsFuture::from(promise).await.map(drop)
}

async fn png(svg: &str) -> Result<Blob, JsValue> {
    let image = HtmlImageElement::new()?;
    let text: String = js_sys::encode_uri_component(svg).into();
    image.set_src(&format!("data:image/svg+xml;charset=utf-8,{text}"));
    JsFuture::from(image.decode()).await?;
    let (width, height) = (f64::from(image.width()) * SCALE, f64::from(image.height()) * SCALE);
    let document = web_sys::window().and_then(|window| window.document()).ok_or(JsValue::NULL)?;
    let canvas: HtmlCanvasElement = document.create_element("canvas")?.dyn_into()?;
    canvas.set_width(width as u32);
    canvas.set_height(height as u32);
    let context: CanvasRenderingContext2d = canvas.get_context("2d")?.ok_or(JsValue::NULL)?.dyn_into()?;
    context.draw_image_with_html_image_element_and_dw_and_dh(&image, 0.0, 0.0, width, height)?;
    let promise = Promise::new(&mut |resolve, reject| {
        let done = Closure::once_into_js(move |blob: JsValue| drop(resolve.call1(&JsValue::NULL, &blob)));
        if let Err(error) = canvas.to_blob(done.unchecked_ref()) {
            drop(reject.call1(&JsValue::NULL, &error));
        }
    });
    JsFuture::from(promise).await?.dyn_into()
}
