//! One suite for every store: whoever keeps shares must keep these rules.
#![allow(dead_code, missing_docs, clippy::expect_used, reason = "a failed step of a test is its failure")]

use axum::body::Bytes;
use server::share::{Gone, NewShare, Seconds, ShareId, TokenHash};
use server::store::{Follows, GRACE, MOST_VERSIONS, REMEMBERED, Store, StoreError, Usage};
use std::sync::Arc;

const NOW: Seconds = 1_800_000_000;
const YEAR: Seconds = 365 * 24 * 3600;

fn id(number: u8) -> ShareId {
    ShareId([number; 16])
}

fn new(number: u8, content: &'static str) -> NewShare {
    NewShare {
        id: id(number),
        owner: TokenHash::of("owner"),
        editor: Some(TokenHash::of("editor")),
        expires: NOW + YEAR,
        parent: None,
        content: Bytes::from_static(content.as_bytes()),
    }
}

/// Runs the whole suite; the store must be empty.
pub async fn run(store: Arc<dyn Store>) {
    versions(store.as_ref()).await;
    tokens(store.as_ref()).await;
    ends(store.as_ref()).await;
    retention(store.as_ref()).await;
    limits(store.as_ref()).await;
    races(store).await;
}

async fn versions(store: &dyn Store) {
    let (owner, editor) = (TokenHash::of("owner"), TokenHash::of("editor"));
    let forked = NewShare { parent: Some((id(9), 3)), ..new(1, "first") };
    let share = store.create(forked, NOW).await.expect("created");
    assert_eq!((share.id, share.created, share.expires, share.latest), (id(1), NOW, NOW + YEAR, 1));
    assert_eq!(share.parent, Some((id(9), 3)));
    assert_eq!(store.create(new(1, "again"), NOW).await, Err(StoreError::Taken));

    let extended = store.extend(id(1), owner, NOW + 2 * YEAR, NOW).await.expect("extended");
    assert_eq!(extended.expires, NOW + 2 * YEAR);
    let appended =
        store.append(id(1), editor, 1.into(), Bytes::from_static(b"the second"), NOW + 5).await.expect("appended");
    assert_eq!((appended.latest, appended.created, appended.parent), (2, NOW, Some((id(9), 3))));

    // number asked for, number, stored at, sealed end, content
    let rows: [(Option<u32>, u32, Seconds, Seconds, &str); 3] = [
        (None, 2, NOW + 5, NOW + 2 * YEAR, "the second"),
        (Some(2), 2, NOW + 5, NOW + 2 * YEAR, "the second"),
        (Some(1), 1, NOW, NOW + YEAR, "first"),
    ];
    for (asked, number, created, sealed, content) in rows {
        let version = store.read(id(1), asked, NOW + 6).await.expect("a version");
        assert_eq!((version.info.number, version.info.created, version.info.sealed_expires), (number, created, sealed));
        assert_eq!((version.content.as_ref(), version.info.size), (content.as_bytes(), content.len() as u64));
        assert_eq!(version.share, appended);
    }
    for absent in [0, 3, u32::MAX] {
        assert_eq!(store.read(id(1), Some(absent), NOW).await, Err(StoreError::NoVersion), "{absent}");
    }
    assert_eq!(store.read(id(2), None, NOW).await, Err(StoreError::NotFound));

    let (share, list) = store.history(id(1), NOW).await.expect("history");
    assert_eq!(share, appended);
    let list: Vec<(u32, Seconds, u64)> = list.iter().map(|info| (info.number, info.created, info.size)).collect();
    assert_eq!(list, [(1, NOW, 5), (2, NOW + 5, 10)]);

    // The loser of a race hears which version won and nothing of the winner's is touched.
    let late = store.append(id(1), editor, 1.into(), Bytes::from_static(b"late"), NOW + 7).await;
    assert_eq!(late, Err(StoreError::Conflict { latest: 2 }));
    assert_eq!(store.read(id(1), None, NOW).await.expect("a version").content.as_ref(), b"the second");
    assert_eq!(store.usage().await.expect("usage"), Usage { shares: 1, bytes: 15 });
    // A version is sealed for an end; where the owner moved that meanwhile it would never open, so it is not taken.
    let moved = Follows { version: 2, expires: Some(NOW + YEAR) };
    let refused = store.append(id(1), editor, moved, Bytes::from_static(b"sealed for the old end"), NOW + 8).await;
    assert_eq!(refused, Err(StoreError::Moved { expires: NOW + 2 * YEAR }));
    let right = Follows { version: 2, expires: Some(NOW + 2 * YEAR) };
    let taken = store.append(id(1), editor, right, Bytes::from_static(b"3rd"), NOW + 9).await.expect("appended");
    assert_eq!(taken.latest, 3);
    store.delete(id(1), owner, NOW).await.expect("deleted");
    assert_eq!(store.usage().await.expect("usage"), Usage::default());
}

async fn tokens(store: &dyn Store) {
    let (owner, editor, stranger) = (TokenHash::of("owner"), TokenHash::of("editor"), TokenHash::of("stranger"));
    store.create(new(2, "x"), NOW).await.expect("created");
    store.create(NewShare { editor: None, ..new(3, "read only") }, NOW).await.expect("created");
    let more = Bytes::from_static(b"more");
    // share, token, may append, may extend, may delete
    let rows = [
        (2, stranger, false, false, false),
        (3, editor, false, false, false),
        (2, editor, true, false, false),
        (2, owner, true, true, true),
        (3, owner, true, true, true),
    ];
    for (number, token, appends, extends, deletes) in rows {
        let latest = store.read(id(number), None, NOW).await.expect("a version").info.number;
        let appended = store.append(id(number), token, latest.into(), more.clone(), NOW).await.map(|_| ());
        assert_eq!(appended, if appends { Ok(()) } else { Err(StoreError::Forbidden) }, "append {number}");
        let extended = store.extend(id(number), token, NOW + YEAR, NOW).await.map(|_| ());
        assert_eq!(extended, if extends { Ok(()) } else { Err(StoreError::Forbidden) }, "extend {number}");
        let deleted = store.delete(id(number), token, NOW).await;
        assert_eq!(deleted, if deletes { Ok(()) } else { Err(StoreError::Forbidden) }, "delete {number}");
    }
    let deleted = Err(StoreError::Gone(Gone::Deleted));
    assert_eq!(store.read(id(2), None, NOW).await.map(|_| ()), deleted);
    assert_eq!(store.append(id(2), owner, 2.into(), more, NOW).await.map(|_| ()), deleted);
    assert_eq!(store.extend(id(2), owner, NOW + YEAR, NOW).await.map(|_| ()), deleted);
    assert_eq!(store.delete(id(2), owner, NOW).await, deleted);
    assert_eq!(store.create(new(2, "reused"), NOW).await.map(|_| ()), Err(StoreError::Taken));
}

async fn ends(store: &dyn Store) {
    let owner = TokenHash::of("owner");
    let end = NOW + YEAR;
    store.create(new(4, "x"), NOW).await.expect("created");
    assert!(store.read(id(4), None, end - 1).await.is_ok());
    let expired = Err(StoreError::Gone(Gone::Expired));
    assert_eq!(store.read(id(4), None, end).await.map(|_| ()), expired);
    assert_eq!(store.history(id(4), end).await.map(|_| ()), expired);
    assert_eq!(store.append(id(4), owner, 1.into(), Bytes::from_static(b"y"), end).await.map(|_| ()), expired);
    // Within the grace time the owner can bring it back.
    assert_eq!(store.sweep(end + GRACE - 1, 100).await, Ok(0));
    store.extend(id(4), owner, end + YEAR, end).await.expect("extended");
    assert!(store.read(id(4), None, end).await.is_ok());
    store.delete(id(4), owner, NOW).await.expect("deleted");
}

async fn retention(store: &dyn Store) {
    for number in 10..15 {
        store.create(NewShare { expires: NOW + 100, ..new(number, "x") }, NOW).await.expect("created");
    }
    store.create(new(15, "stays"), NOW).await.expect("created");
    let over = NOW + 100 + GRACE;
    assert_eq!(store.sweep(over - 1, 100).await, Ok(0));
    assert_eq!(store.sweep(over, 3).await, Ok(3));
    assert_eq!(store.sweep(over, 100).await, Ok(2));
    assert_eq!(store.usage().await.expect("usage"), Usage { shares: 1, bytes: 5 });
    assert_eq!(store.read(id(12), None, over).await.map(|_| ()), Err(StoreError::Gone(Gone::Expired)));
    assert_eq!(store.sweep(over + REMEMBERED, 100).await, Ok(1), "the one that stayed has ended too");
    assert_eq!(store.read(id(12), None, over).await.map(|_| ()), Err(StoreError::NotFound));
}

async fn limits(store: &dyn Store) {
    let owner = TokenHash::of("owner");
    store.create(new(20, ""), NOW).await.expect("created");
    for latest in 1..MOST_VERSIONS {
        store.append(id(20), owner, latest.into(), Bytes::new(), NOW).await.expect("appended");
    }
    let one_more = store.append(id(20), owner, MOST_VERSIONS.into(), Bytes::new(), NOW).await;
    assert_eq!(one_more, Err(StoreError::TooManyVersions));
    let large = Bytes::from(vec![0xa5; 3 << 20]);
    store.create(NewShare { content: large.clone(), ..new(21, "") }, NOW).await.expect("created");
    assert_eq!(store.read(id(21), None, NOW).await.expect("a version").content, large);
    for number in [20, 21] {
        store.delete(id(number), owner, NOW).await.expect("deleted");
    }
    store.ready().await.expect("ready");
}

/// Editors that all start from the same version: each step has exactly one winner, and no update is lost.
async fn races(store: Arc<dyn Store>) {
    store.create(new(30, "start"), NOW).await.expect("created");
    let editors = (0..8_u8).map(|editor| {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            let mut won = Vec::new();
            while won.len() < 10 {
                let latest = store.read(id(30), None, NOW).await.expect("a version").info.number;
                let content = Bytes::from(vec![editor, u8::try_from(won.len()).expect("small")]);
                match store.append(id(30), TokenHash::of("editor"), latest.into(), content.clone(), NOW).await {
                    Ok(share) => won.push((share.latest, content)),
                    Err(StoreError::Conflict { .. }) => {}
                    Err(other) => panic!("{other}"),
                }
            }
            won
        })
    });
    let mut winners = Vec::new();
    for editor in editors.collect::<Vec<_>>() {
        winners.extend(editor.await.expect("no panic"));
    }
    winners.sort();
    let numbers: Vec<u32> = winners.iter().map(|(number, _)| *number).collect();
    assert_eq!(numbers, (2..=81).collect::<Vec<u32>>());
    for (number, content) in winners {
        assert_eq!(store.read(id(30), Some(number), NOW).await.expect("a version").content, content);
    }
    // Creators of the same identifier: one wins.
    let creators = (0..8).map(|_| {
        let store = Arc::clone(&store);
        tokio::spawn(async move { store.create(new(31, "mine"), NOW).await })
    });
    let mut created = 0;
    for creator in creators.collect::<Vec<_>>() {
        match creator.await.expect("no panic") {
            Ok(_) => created += 1,
            Err(refused) => assert_eq!(refused, StoreError::Taken),
        }
    }
    assert_eq!(created, 1);
}
