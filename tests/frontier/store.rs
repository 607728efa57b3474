//! The store's file: opened once, migrated forward, refused where it is not ours.

use crate::{at, claim_one, feed, options, page, written};
use gleaner::frontier::{
    Cause, Frontier, FrontierError, FrontierOptions, Health, Key, Name, Outcome, RelativePath, SqliteFrontier,
    Validators,
};
use gleaner::trouble::Trouble;
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
fn lock_that_a_dead_process_has_left_keeps_nobody_out() {
    let (_folder, options) = opened();
    std::fs::create_dir_all(options.store.parent().unwrap()).unwrap();
    std::fs::write(options.store.with_file_name("gleaner.db.lock"), "4194304\n").unwrap();
    SqliteFrontier::open(&options).unwrap();
}

#[tokio::test]
async fn store_that_another_program_holds_is_waited_for() {
    let (_folder, options) = opened();
    let frontier = SqliteFrontier::open(&options).unwrap();
    let other = rusqlite::Connection::open(&options.store).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let offered = tokio::spawn(async move { (frontier.offer(&[page("http://a.test/")], at(0)).await, frontier) });
    std::thread::sleep(std::time::Duration::from_millis(200));
    assert!(!offered.is_finished());
    other.execute_batch("COMMIT").unwrap();
    let (offered, frontier) = offered.await.unwrap();
    assert_eq!(offered.unwrap(), 1);
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let refused = frontier.offer(&[page("http://a.test/2")], at(0)).await.unwrap_err();
    assert!(matches!(refused, FrontierError::Locked(_)), "{refused}");
    assert!(refused.to_string().contains("another program holds the store"), "{refused}");
    assert_eq!(refused.trouble(), Some(Trouble::Failing));
    other.execute_batch("COMMIT").unwrap();
    assert_eq!(frontier.offer(&[page("http://a.test/2")], at(0)).await.unwrap(), 1, "it goes on afterwards");
}

#[test]
fn store_is_opened_once_at_a_time() {
    let (_folder, options) = opened();
    let first = SqliteFrontier::open(&options).unwrap();
    let refused = SqliteFrontier::open(&options).unwrap_err();
    assert!(matches!(refused, FrontierError::Busy { .. }), "{refused}");
    assert!(refused.to_string().contains("gleaner.db"), "{refused}");
    assert!(refused.to_string().contains(&format!("(process {})", std::process::id())), "{refused}");
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
    frontier.unite(&waiting, &[name], None, None).await.unwrap();
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

#[test]
fn store_of_format_2_keeps_every_row_and_column() {
    let (_folder, options) = opened();
    std::fs::create_dir_all(options.store.parent().unwrap()).unwrap();
    let store = rusqlite::Connection::open(&options.store).unwrap();
    store.execute_batch(include_str!("format_2.sql")).unwrap();
    store.execute_batch(include_str!("rows_2.sql")).unwrap();
    let dump = |store: &rusqlite::Connection| -> Vec<String> {
        let tables = [
            "items (id key target url host state due leased_until token attempts failing_since title published feed \
             first_seen finished path hash verdict cause etag last_modified learnt sighted sightings)",
            "hosts (host blocked_until failures rest_until cause ready)",
            "aliases (key page is_sure title)",
        ];
        tables
            .iter()
            .flat_map(|table| {
                let (name, columns) = table.split_once(" (").unwrap();
                let columns = columns.trim_end_matches(')').split_whitespace().collect::<Vec<_>>().join(", ");
                let query = format!("SELECT json_array({columns}) FROM {name} ORDER BY 1");
                let mut select = store.prepare(&query).unwrap();
                select.query_map([], |row| row.get::<_, String>(0)).unwrap().map(Result::unwrap).collect::<Vec<_>>()
            })
            .collect()
    };
    let before = dump(&store);
    assert_eq!(before.len(), 6);
    drop(store);
    drop(SqliteFrontier::open(&options).unwrap());
    let store = rusqlite::Connection::open(&options.store).unwrap();
    assert_eq!(dump(&store), before);
    assert_eq!(store.query_row("PRAGMA user_version", [], |row| row.get::<_, i64>(0)).unwrap(), 4);
}

#[test]
fn class_of_a_failure_is_kept_until_a_success() {
    let (_folder, options) = opened();
    let class = |options: &FrontierOptions| -> (Option<String>, Option<String>) {
        let store = rusqlite::Connection::open(&options.store).unwrap();
        store.query_row("SELECT class, cause FROM items", [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap()
    };
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let frontier = SqliteFrontier::open(&options).unwrap();
        frontier.offer(&[page("http://a.test/")], at(0)).await.unwrap();
        let lease = claim_one(&frontier, at(0)).await;
        let cause = Cause { class: Some("slow"), said: "403".into() };
        frontier.finish(lease, Outcome::Retry { next: at(1), cause }, at(0)).await.unwrap();
        assert_eq!(class(&options), (Some("slow".into()), Some("403".into())));
        let lease = claim_one(&frontier, at(1)).await;
        frontier.finish(lease, written(), at(1)).await.unwrap();
        assert_eq!(class(&options), (None, None));
    });
}
