//! The suite on a real PostgreSQL, and what only several servers on one database can do wrong.

#![allow(clippy::expect_used, reason = "a failed step of a test is its failure")]

#[path = "common/postgres.rs"]
#[allow(missing_docs, reason = "a helper of tests")]
mod database;
mod suite;

use axum::body::Bytes;
use database::Database;
use server::share::{NewShare, ShareId, TokenHash};
use server::store::{GRACE, Postgres, Store, StoreError};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, UnixStream};
use tokio::sync::Notify;

const NOW: i64 = 1_800_000_000;

fn new(number: u8) -> NewShare {
    NewShare {
        id: ShareId([number; 16]),
        owner: TokenHash::of("owner"),
        editor: None,
        expires: NOW + 1000,
        parent: None,
        content: Bytes::from_static(b"content"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_suite() {
    let database = Database::start();
    suite::run(Arc::new(Postgres::connect(&database.url(), None).await.expect("connected"))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn servers_that_start_at_once_make_one_schema() {
    let database = Database::start();
    let url = database.url();
    let servers = (0..6).map(|_| {
        let url = url.clone();
        tokio::spawn(async move { Postgres::connect(&url, None).await.map(|_| ()) })
    });
    for server in servers.collect::<Vec<_>>() {
        assert_eq!(server.await.expect("no panic"), Ok(()));
    }
    assert_eq!(database.psql("SELECT count(*), max(version) FROM headroom_schema"), "1|1");
    database.psql("INSERT INTO headroom_schema VALUES (99)");
    let newer = Postgres::connect(&url, None).await.map(|_| ()).expect_err("refused").to_string();
    assert!(newer.contains("newer version"), "{newer}");
}

/// Two servers, two editors each, one share: every version has one writer and none is lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn editors_of_two_servers_lose_nothing() {
    let database = Database::start();
    let one = Arc::new(Postgres::connect(&database.url(), None).await.expect("connected"));
    let two = Arc::new(Postgres::connect(&database.url(), None).await.expect("connected"));
    one.create(new(1), NOW).await.expect("created");
    let editors = [&one, &two, &one, &two].into_iter().enumerate().map(|(editor, store)| {
        let store = Arc::clone(store);
        tokio::spawn(async move {
            let mut won = 0_u8;
            while won < 25 {
                let latest = store.read(ShareId([1; 16]), None, NOW).await.expect("a version").info.number;
                let content = Bytes::from(vec![u8::try_from(editor).expect("small"), won]);
                match store.append(ShareId([1; 16]), TokenHash::of("owner"), latest.into(), content, NOW).await {
                    Ok(_) => won += 1,
                    Err(StoreError::Conflict { .. }) => {}
                    Err(other) => panic!("{other}"),
                }
            }
        })
    });
    for editor in editors.collect::<Vec<_>>() {
        editor.await.expect("no panic");
    }
    let mut seen = std::collections::BTreeSet::new();
    for number in 2..=101 {
        let version = two.read(ShareId([1; 16]), Some(number), NOW).await.expect("a version");
        assert!(seen.insert(version.content), "version {number} was stored twice");
    }
    assert_eq!(seen.len(), 100);
}

/// While the database is away every request is refused cleanly and soon; afterwards all goes on, and nothing acknowledged is
/// missing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_goes_and_comes_back() {
    let mut database = Database::start();
    let store = Arc::new(Postgres::connect(&database.url(), None).await.expect("connected"));
    let writer = {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            let (mut stored, mut refused) = (Vec::new(), 0);
            for number in 0..=255 {
                match store.create(new(number), NOW).await {
                    Ok(_) => stored.push(number),
                    Err(StoreError::Unavailable(_)) => refused += 1,
                    Err(other) => panic!("{other}"),
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            (stored, refused)
        })
    };
    tokio::time::sleep(Duration::from_millis(500)).await;
    database.stop();
    let asked = Instant::now();
    assert!(matches!(store.ready().await, Err(StoreError::Unavailable(_))));
    assert!(asked.elapsed() < Duration::from_secs(6), "{:?}", asked.elapsed());
    tokio::time::sleep(Duration::from_millis(500)).await;
    database.start_again();
    store.ready().await.expect("ready again");
    let (stored, refused) = writer.await.expect("no panic");
    assert!(stored.len() > 20 && refused > 5, "{} stored, {refused} refused", stored.len());
    for number in stored {
        store.read(ShareId([number; 16]), None, NOW).await.expect("what was acknowledged is there");
    }
}

/// A network that goes silent without closing anything: refused soon, not never.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_silent_network_is_not_waited_for() {
    let database = Database::start();
    let (socket, silence) = (database.socket(), Arc::new(Notify::new()));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let until = Arc::clone(&silence);
    tokio::spawn(async move {
        let mut open = Vec::new();
        loop {
            let (mut near, _) = listener.accept().await.expect("a connection");
            let mut far = UnixStream::connect(&socket).await.expect("the database");
            let until = Arc::clone(&until);
            open.push(tokio::spawn(async move {
                tokio::select! {
                    _ = copy_bidirectional(&mut near, &mut far) => {}
                    () = until.notified() => std::future::pending().await,
                }
            }));
        }
    });
    let url = format!("postgres://headroom@{address}/postgres?sslmode=disable");
    let store = Postgres::connect(&url, None).await.expect("connected");
    store.create(new(1), NOW).await.expect("created");
    silence.notify_waiters();
    let asked = Instant::now();
    let swept = tokio::time::timeout(Duration::from_secs(20), store.sweep(NOW, 10)).await.expect("an answer");
    assert!(matches!(swept, Err(StoreError::Unavailable(_))), "{swept:?}");
    assert!(asked.elapsed() < Duration::from_secs(9), "{:?}", asked.elapsed());
    // The silent connection is not used again.
    store.read(ShareId([1; 16]), None, NOW).await.expect("over a new connection");
}

/// A database that lets in and then says no more: the start fails soon, too.
#[tokio::test]
async fn a_start_does_not_wait_for_a_silent_database() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let database = tokio::spawn(async move {
        let mut open = Vec::new();
        loop {
            let (mut stream, _) = listener.accept().await.expect("a connection");
            // Everybody is welcome, and it is ready.
            stream.write_all(b"R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I").await.expect("written");
            open.push(stream);
        }
    });
    let url = format!("postgres://headroom@{address}/postgres?sslmode=disable");
    let asked = Instant::now();
    let started = tokio::time::timeout(Duration::from_secs(20), Postgres::connect(&url, None)).await;
    let refused = started.expect("an answer").map(|_| ()).expect_err("refused").to_string();
    assert!(refused.contains("does not answer"), "{refused}");
    assert!(asked.elapsed() < Duration::from_secs(9), "{:?}", asked.elapsed());
    database.abort();
}

/// What an operator sets in the address stays set.
#[tokio::test]
async fn options_of_the_address_are_kept() {
    let database = Database::start();
    database.psql("CREATE SCHEMA mine");
    let url = format!("{}?options=-c%20search_path%3Dmine", database.url());
    Postgres::connect(&url, None).await.expect("connected").create(new(1), NOW).await.expect("created");
    assert_eq!(database.psql("SELECT count(*) FROM mine.share"), "1");
}

/// However an identifier came to be remembered as gone while its share is there, the share can be deleted and ends.
#[tokio::test]
async fn a_share_that_is_remembered_as_gone_still_ends() {
    let database = Database::start();
    let store = Postgres::connect(&database.url(), None).await.expect("connected");
    for number in 1..=3 {
        store.create(new(number), NOW).await.expect("created");
    }
    database.psql("INSERT INTO gone SELECT id, 1, 5 FROM share");
    assert_eq!(store.delete(ShareId([1; 16]), TokenHash::of("owner"), NOW).await, Ok(()));
    assert_eq!(store.sweep(NOW + 1000 + GRACE, 10).await, Ok(2));
    assert_eq!(database.psql("SELECT count(*) FROM share"), "0");
    assert_eq!(database.psql("SELECT why, count(*) FROM gone GROUP BY why ORDER BY why"), "1|2\n2|1");
}

/// A damaged row is one lost share, and said so.
#[tokio::test]
async fn a_damaged_row_is_one_lost_share() {
    let database = Database::start();
    let store = Postgres::connect(&database.url(), None).await.expect("connected");
    for number in 1..=3 {
        store.create(new(number), NOW).await.expect("created");
    }
    database.psql("UPDATE version SET content = 'damaged' WHERE share = decode(repeat('02', 16), 'hex')");
    for (number, damaged) in [(1, false), (2, true), (3, false)] {
        let read = store.read(ShareId([number; 16]), None, NOW).await.map(|_| ());
        assert_eq!(read, if damaged { Err(StoreError::Corrupted) } else { Ok(()) }, "{number}");
    }
}

/// An encrypted connection is verified: by name and authority, not only encrypted.
#[tokio::test]
async fn encrypted_connections_are_verified() {
    let (_database, authority, port) = Database::start_encrypted();
    let wrong = authority.with_file_name("none.pem");
    std::fs::write(&wrong, "no certificate").expect("written");
    let url = |host: &str, mode: &str| format!("postgres://headroom@{host}:{port}/postgres?sslmode={mode}");
    // address, authority, connects
    let rows = [
        (url("localhost", "require"), Some(authority.as_path()), true),
        (url("localhost", "prefer"), Some(authority.as_path()), true),
        (url("localhost", "disable"), None, true),
        (url("localhost", "require"), None, false),
        (url("127.0.0.1", "require"), Some(authority.as_path()), false),
        (url("localhost", "require"), Some(wrong.as_path()), false),
    ];
    let started = Instant::now();
    for (url, authority, connects) in rows {
        loop {
            match Postgres::connect(&url, authority).await {
                Ok(store) => {
                    assert!(connects, "{url} {authority:?}");
                    store.ready().await.expect("ready");
                    break;
                }
                // It may still be starting.
                Err(_) if connects && started.elapsed() < Duration::from_secs(20) => {
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
                Err(error) => {
                    assert!(!connects, "{url} {authority:?}: {error}");
                    break;
                }
            }
        }
    }
}
