//! The store's file: opened once, migrated forward, refused where it is not ours.

use crate::{at, claim_one, feed, options, page, written};
use gleaner::frontier::{
    Frontier, FrontierError, FrontierOptions, Health, Key, Name, Outcome, RelativePath, SqliteFrontier, Validators,
};
use tempfile::TempDir;
use url::Url;

fn opened() -> (TempDir, FrontierOptions) {
    let folder = tempfile::tempdir().unwrap();
    let options = options(folder.path());
    (folder, options)
}

#[tokio::test]
async fn leases_of_a_killed_run_come_back_when_the_store_is_opened() {
    let (_folder, options) = opened();
    let frontier = SqliteFrontier::open(&options).unwrap();
    frontier.offer(&[page("http://a.test/")], at(0)).await.unwrap();
    let lost = claim_one(&frontier, at(0)).await;
    let path = RelativePath::of_parts(&["x"]);
    frontier.place(&lost, &path).await.unwrap();
    drop(frontier);
    let frontier = SqliteFrontier::open(&options).unwrap();
    let lease = claim_one(&frontier, at(0)).await;
    assert_eq!((lease.path, lease.attempt), (Some(path), 1));
}

#[test]
fn store_is_opened_once_at_a_time() {
    let (_folder, options) = opened();
    let first = SqliteFrontier::open(&options).unwrap();
    let refused = SqliteFrontier::open(&options).unwrap_err();
    assert!(matches!(refused, FrontierError::Busy { .. }), "{refused}");
    assert!(refused.to_string().contains("gleaner.db"), "{refused}");
    drop(first);
    SqliteFrontier::open(&options).unwrap();
}

#[test]
fn store_of_a_newer_format_is_refused() {
    let (_folder, options) = opened();
    drop(SqliteFrontier::open(&options).unwrap());
    let store = rusqlite::Connection::open(&options.store).unwrap();
    store.pragma_update(None, "user_version", 99).unwrap();
    let refused = SqliteFrontier::open(&options).unwrap_err();
    assert!(matches!(refused, FrontierError::Newer { found: 99, .. }), "{refused}");
}

#[test]
fn files_of_other_programs_are_refused() {
    let (_folder, options) = opened();
    std::fs::create_dir_all(options.store.parent().unwrap()).unwrap();
    std::fs::write(&options.store, "a plain text, long enough to be no empty file. ".repeat(40)).unwrap();
    assert!(matches!(SqliteFrontier::open(&options).unwrap_err(), FrontierError::Foreign { .. }));
    std::fs::remove_file(&options.store).unwrap();
    let other = rusqlite::Connection::open(&options.store).unwrap();
    other.execute_batch("CREATE TABLE recipes (name TEXT)").unwrap();
    drop(other);
    assert!(matches!(SqliteFrontier::open(&options).unwrap_err(), FrontierError::Foreign { .. }));
}

#[test]
fn folder_in_place_of_the_store_is_named() {
    let (_folder, options) = opened();
    std::fs::create_dir_all(&options.store).unwrap();
    let refused = SqliteFrontier::open(&options).unwrap_err();
    assert!(matches!(refused, FrontierError::Open { .. }) && refused.to_string().contains("gleaner.db"), "{refused}");
}

/// The store as its first version made it, with a feed, a page that waits and one that was written.
fn of_format_1(options: &FrontierOptions) {
    std::fs::create_dir_all(options.store.parent().unwrap()).unwrap();
    let store = rusqlite::Connection::open(&options.store).unwrap();
    store.execute_batch(include_str!("format_1.sql")).unwrap();
    let key = |url: &str| Key::of(&Url::parse(url).unwrap()).to_bits().cast_signed();
    for (url, target, state, attempts, etag) in [
        ("http://a.test/feed", 1, 0, 0, Some("\"old\"")),
        ("http://a.test/waiting", 0, 0, 3, None),
        ("http://a.test/written", 0, 2, 0, None),
    ] {
        store
            .execute(
                "INSERT INTO items (key, target, url, host, state, due, token, attempts, first_seen, etag)
                 VALUES (?, ?, ?, 'a.test', ?, 0, 1, ?, 0, ?)",
                rusqlite::params![key(url), target, url, state, attempts, etag],
            )
            .unwrap();
    }
    store.execute("INSERT INTO hosts (host, ready) VALUES ('a.test', 0)", []).unwrap();
}

#[tokio::test]
async fn store_of_an_older_format_is_brought_forward_with_all_it_knows() {
    let (_folder, options) = opened();
    of_format_1(&options);
    let frontier = SqliteFrontier::open(&options).unwrap();
    assert_eq!(frontier.offer(&[page("http://a.test/written")], at(0)).await.unwrap(), 0, "known");
    frontier.set_feeds(&[feed("http://a.test/feed")], false, at(0)).await.unwrap();
    let polled = claim_one(&frontier, at(1000)).await;
    assert_eq!(polled.validators, Validators { etag: Some("\"old\"".into()), last_modified: None });
    assert_eq!((polled.attempt, polled.failing_since), (1, None));
    frontier.finish(polled, Outcome::Unchanged { next: at(90_000) }, at(1000)).await.unwrap();
    let waiting = claim_one(&frontier, at(1000)).await;
    assert_eq!((waiting.url.path(), waiting.attempt), ("/waiting", 4));
    let name = Name { url: Url::parse("http://a.test/other").unwrap(), is_sure: true };
    frontier.unite(&waiting, &[name], None).await.unwrap();
    frontier.finish(waiting, written(), at(1001)).await.unwrap();
    let health = Health { failures: 1, rest_until: at(5), cause: "reset".into() };
    frontier.set_health(&crate::host("a.test"), Some(&health)).await.unwrap();
    drop(frontier);
    SqliteFrontier::open(&options).unwrap();
}

#[test]
fn old_store_brought_forward_has_the_tables_of_a_new_one() {
    let columns = |options: &FrontierOptions| -> Vec<(String, String)> {
        drop(SqliteFrontier::open(options).unwrap());
        let store = rusqlite::Connection::open(&options.store).unwrap();
        let query = "SELECT t.name, c.name || ' ' || c.type || ' ' || c.\"notnull\" || ' ' || ifnull(c.dflt_value, '')
            FROM sqlite_schema t, pragma_table_info(t.name) c WHERE t.type IN ('table', 'index') ORDER BY 1, 2";
        let mut select = store.prepare(query).unwrap();
        select.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect()
    };
    let ((_new_folder, new), (_old_folder, old)) = (opened(), opened());
    of_format_1(&old);
    assert_eq!(columns(&old), columns(&new));
}
