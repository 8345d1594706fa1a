//! The suite on the stores that need nothing but this process.

#![allow(clippy::expect_used, reason = "a failed step of a test is its failure")]

mod suite;

use server::store::{Memory, Sqlite};
use std::sync::Arc;

#[tokio::test]
async fn memory() {
    suite::run(Arc::new(Memory::default())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("new/folder/shares.db");
    suite::run(Arc::new(Sqlite::open(&path).expect("opened"))).await;
}
