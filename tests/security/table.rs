//! docs/security.md names the test of each attack, and there is such a test.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// The attacks and faults of the study that concern fetching, as docs/security.md calls them.
const ATTACKS: [&str; 29] = [
    "SSRF",
    "DNS rebinding",
    "Parser differential",
    "Proxy bypass",
    "Bombs",
    "Slow drip",
    "1xx flood",
    "Header flood",
    "Huge feed",
    "Billion laughs",
    "XXE",
    "Scheme escape",
    "TLS downgrade",
    "robots bomb",
    "Secrets in logs",
    "Terminal escapes",
    "Paths",
    // The faults that are no attacks, by their numbers.
    "1: ",
    "2: ",
    "3: ",
    "4: ",
    "5: ",
    "6: ",
    "7: ",
    "8: ",
    "9: ",
    "10: ",
    "20: ",
    "HTTP/2",
];

fn tests_in(file: &str) -> BTreeSet<String> {
    let source = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap();
    let after_attribute = source.split("test").skip(1).filter_map(|rest| rest.split_once("fn ").map(|(_, rest)| rest));
    after_attribute.filter_map(|rest| rest.split_once('(')).map(|(name, _)| name.to_owned()).collect()
}

#[test]
fn every_attack_has_a_row_and_every_row_a_test() {
    let document = include_str!("../../docs/security.md");
    let rows: Vec<Vec<&str>> =
        document.lines().filter(|line| line.starts_with("| ")).map(|line| line.split(" | ").collect()).collect();
    for attack in ATTACKS {
        let row = rows.iter().find(|row| row[0].trim_start_matches("| ").starts_with(attack));
        let row = row.unwrap_or_else(|| panic!("docs/security.md has no row for {attack}"));
        let named: Vec<&str> = row.last().unwrap().split('`').skip(1).step_by(2).collect();
        assert!(!named.is_empty(), "{attack}: no test is named");
        for name in named {
            let (file, test) = name.split_once(": ").unwrap_or_else(|| panic!("{attack}: {name} is no `file: test`"));
            assert!(tests_in(file).contains(test), "{attack}: {file} has no test {test}");
        }
    }
}
