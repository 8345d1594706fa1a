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

/// A file that cannot be read is not an identifier that is taken: only then would another try with a new one help.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_file_is_not_a_taken_identifier() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("shares.db");
    let store = Sqlite::open(&path).expect("opened");
    let create = |number| {
        let (owner, content) = (TokenHash::of("owner"), Bytes::from_static(b"content"));
        store.create(
            NewShare { id: ShareId([number; 16]), owner, editor: None, expires: 1000, parent: None, content },
            1,
        )
    };
    create(1).await.expect("created");
    let other = rusqlite::Connection::open(&path).expect("opened");
    for (statement, number, taken) in [
        ("ALTER TABLE gone RENAME TO away", 2, false),
        ("ALTER TABLE away RENAME TO gone", 1, true),
        ("UPDATE share SET owner = X'00'", 1, false),
    ] {
        other.execute(statement, []).expect("changed behind its back");
        match create(number).await {
            Err(StoreError::Taken) => assert!(taken, "{statement}"),
            Err(StoreError::Unavailable(_)) => assert!(!taken, "{statement}"),
            answer => panic!("{statement}: {answer:?}"),
        }
    }
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
