//! The suite on the stores that need nothing but this process.

#![allow(clippy::expect_used, reason = "a failed step of a test is its failure")]

mod suite;

use axum::body::Bytes;
use server::share::{NewShare, ShareId, TokenHash};
use server::store::{Memory, Sqlite, Store, StoreError};
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

/// A damaged row is one lost share, and said so; the others are as they were.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_row_is_one_lost_share() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("shares.db");
    let store = Sqlite::open(&path).expect("opened");
    for number in 1..=3 {
        let owner = TokenHash::of("owner");
        let content = Bytes::from(format!("content of share {number}"));
        let new = NewShare { id: ShareId([number; 16]), owner, editor: None, expires: 1000, parent: None, content };
        store.create(new, 1).await.expect("created");
    }
    // Behind its back, as a failing disk would.
    let other = rusqlite::Connection::open(&path).expect("opened");
    let damaged = other.execute("UPDATE version SET content = X'64616d61676564' WHERE share = ?1", [[2_u8; 16]]);
    assert_eq!(damaged, Ok(1));
    for (number, expected) in [(1, Ok(())), (2, Err(StoreError::Corrupted)), (3, Ok(()))] {
        assert_eq!(store.read(ShareId([number; 16]), None, 2).await.map(|_| ()), expected, "{number}");
    }
}
