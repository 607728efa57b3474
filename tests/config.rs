//! The configuration: what is refused, in which words, and that config.toml states the defaults.
#![cfg(feature = "crawl")]
#![allow(clippy::unwrap_used, reason = "a panic in a test is a failure that names its line")]

use gleaner::config::{Config, Missing, SiteSource};
use gleaner::extract::block::Boilerplate;
use std::collections::BTreeSet;
use std::path::Path;

const SHIPPED: &str = include_str!("../config.toml");
const SECTIONS: &[&str] = &["fetch", "crawl", "output", "duplicates", "raw", "status", "frontier", "extract"];

fn refused(source: &str) -> String {
    Config::parse(source, "my.toml").unwrap_err().to_string()
}

/// The keys that a table knows, as its own refusal of an unknown one lists them.
fn known_keys(section: Option<&str>) -> BTreeSet<String> {
    let header = section.map(|section| format!("[{section}]\n")).unwrap_or_default();
    let error = toml::from_str::<Config>(&format!("{header}\"?\" = 0")).unwrap_err();
    error.message().split('`').skip(1).step_by(2).filter(|key| *key != "?").map(str::to_owned).collect()
}

/// The keys that config.toml shows in a section, commented or not.
fn shown_keys(section: &str) -> BTreeSet<String> {
    let text = SHIPPED.split(&format!("\n[{section}]\n")).nth(1).unwrap_or_default();
    let lines = text.lines().take_while(|line| !line.starts_with('['));
    lines
        .filter_map(|line| line.trim_start_matches('#').split_once(" = "))
        .map(|(key, _)| key)
        .filter(|key| key.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'))
        .map(str::to_owned)
        .collect()
}

#[test]
fn shipped_file_states_the_defaults() {
    assert_eq!(Config::parse(SHIPPED, "config.toml").unwrap(), Config::default());
}

#[test]
fn shipped_file_shows_every_key_of_every_section() {
    for section in SECTIONS {
        let known = known_keys(Some(section));
        assert!(!known.is_empty(), "[{section}] knows no key");
        assert_eq!(shown_keys(section), known, "[{section}]");
    }
    let expected: BTreeSet<String> =
        SECTIONS.iter().chain(&["contact", "feed", "site"]).map(|&key| key.to_owned()).collect();
    assert_eq!(known_keys(None), expected);
}

#[test]
fn uncommented_examples_are_read_and_still_not_ready() {
    let source = SHIPPED.replace("\n#contact", "\ncontact").replace("\n#[[feed]]\n#url", "\n[[feed]]\nurl");
    let config = Config::parse(&source, "config.toml").unwrap();
    assert_eq!(config.feeds.len(), 1);
    let missing = config.ready_to_run().unwrap_err().missing;
    assert_eq!(missing, [Missing::RealContact { given: "you@example.org".into() }]);
}

#[test]
fn table_of_a_site_shows_every_key_and_the_examples_can_be_used() {
    let error = toml::from_str::<Config>("[[site]]\nhost = 'a.test'\n[site.fetch]\n\"?\" = 0").unwrap_err();
    let known: BTreeSet<String> = error.message().split('`').skip(1).step_by(2).map(str::to_owned).collect();
    let shown: Vec<&str> = SHIPPED.lines().skip_while(|line| *line != "#[site.fetch]").skip(1).collect();
    let shown: Vec<&str> = shown.into_iter().take_while(|line| line.starts_with('#')).collect();
    let examples: Vec<&str> =
        shown.iter().filter_map(|line| line.strip_prefix('#').filter(|it| !it.starts_with(' '))).collect();
    let keys: BTreeSet<String> =
        examples.iter().filter_map(|line| Some(line.split_once(" = ")?.0.to_owned())).collect();
    assert_eq!(&keys | &BTreeSet::from(["?".to_owned()]), known);
    let both_logins = examples.iter().filter(|line| !line.starts_with("bearer")).map(|line| format!("{line}\n"));
    let source = format!("[[site]]\nhost = 'example.org'\n[site.fetch]\n{}", both_logins.collect::<String>());
    let config = Config::parse(&source, "my.toml").unwrap();
    assert_eq!(config.fetch.sites.keys().collect::<Vec<_>>(), ["example.org"]);
}

#[test]
fn wrong_values_in_the_table_of_a_site_are_named_with_their_place() {
    let site = |text: &str| refused(&format!("[[site]]\nhost = \"www.Example.org\"\n[site.fetch]\n{text}\n"));
    assert_eq!(site("cookie = true"), "my.toml:4:1: unknown key in [site.fetch] `cookie`; did you mean `cookies`?");
    assert_eq!(
        site("cookies = true\ntotal_timeout_s = 0"),
        "my.toml:5:19: `total_timeout_s` is 0, but must be 1 to 3600"
    );
    let written_out = site("bearer = \"hunter2\"");
    assert!(written_out.starts_with("my.toml:4:10: `bearer` is written out"), "{written_out}");
    assert!(!written_out.contains("hunter2"), "{written_out}");
    assert!(site("cookies = 1").starts_with("my.toml:4:11: `cookies`: is the integer `1`, but must be true"));
}

#[test]
fn secrets_of_a_site_are_read_when_they_are_asked_for_and_not_before() {
    let source = "[[site]]\nhost = 'example.org'\nfetch = { bearer = { env = 'TOKEN' } }\n";
    let mut config = Config::parse(source, "my.toml").unwrap();
    let unread = gleaner::fetch::Fetcher::new(&config.fetch_options()).unwrap_err().to_string();
    assert_eq!(unread, "site example.org: `bearer` has not been read from where it stands");
    let unset = config.read_secrets(Path::new(""), &|_| None).unwrap_err().to_string();
    assert_eq!(unset, "[[site]] example.org: `bearer`: the environment variable TOKEN is not set");
    config.read_secrets(Path::new(""), &|name| (name == "TOKEN").then(|| "hunter2".to_owned())).unwrap();
    assert!(gleaner::fetch::Fetcher::new(&config.fetch_options()).is_ok());
    assert!(!format!("{config:?}").contains("hunter2"));
}

#[test]
fn unknown_key_is_named_with_its_place_and_the_nearest_known_one() {
    assert_eq!(
        refused("contact = \"a@b.test\"\n[crawl]\n# more\n  max_fetchs = 3\n"),
        "my.toml:4:3: unknown key in [crawl] `max_fetchs`; did you mean `max_fetches`?"
    );
    let other = refused("[crawl]\nzzz = 3\n");
    assert!(
        other.starts_with("my.toml:2:1: unknown key in [crawl] `zzz`") && !other.contains("did you mean"),
        "{other}"
    );
    let top = refused("contcat = \"a@b.test\"\n");
    assert!(top.contains("at the top level `contcat`; did you mean `contact`?"), "{top}");
    let table = refused("[[feed]]\nurl = \"http://a.test/\"\n\n[crwl]\nmax_fetches = 3\n");
    assert_eq!(table, "my.toml:4:2: unknown table `crwl`; did you mean `crawl`?");
    let feed = refused("[[feed]]\nurl = \"http://a.test/\"\ntitle = \"x\"\n");
    assert!(feed.starts_with("my.toml:3:1: unknown key in [[feed]] `title`"), "{feed}");
}

#[test]
fn bad_values_are_named_with_key_value_and_place() {
    for (source, place, words) in [
        ("[crawl]\nmax_fetches = \"many\"", "my.toml:2:15", &["max_fetches", "many"][..]),
        ("[crawl]\nmax_fetches = 0", "my.toml:2:15", &["max_fetches", "0", "1"]),
        ("[crawl]\npoll_interval_s = 5", "my.toml:2:19", &["poll_interval_s", "5", "60"]),
        ("[crawl]\nmax_held_bytes = 5", "my.toml:2:18", &["max_held_bytes", "1048576"]),
        ("[status]\nlisten = \"9464\"", "my.toml:2:10", &["`9464`", "127.0.0.1:9464"]),
        (
            "[[feed]]\nurl = \"https://a.org/\"\nfolder = \"../up\"",
            "my.toml:3:10",
            &["../up", "below the output folder"],
        ),
        ("[[feed]]\nurl = \"https://a.org/\"\nmax_age_days = 0", "my.toml:3:16", &["`0`", "1 to 36500"]),
        ("[[feed]]\nurl = \"https://a.org/\"\ninclude = [\"--\"]", "my.toml:3:11", &["`--`", "no letter"]),
        ("[[feed]]\nurl = \"https://a.org/\"\nlevel = \"no\"", "my.toml:3:9", &["`no` is none of `strict`"]),
        ("[[feed]]\nurl = \"https://a.org/\"\nformat = \"doc\"", "my.toml:3:10", &["doc", "`text`"]),
        ("[[feed]]\nurl = \"https://a.org/\"\nfront_matter = 1", "my.toml:3:16", &["front_matter", "true or false"]),
        (
            "[output]\nfolder = \"a\"\n[raw]\nkeep = true\nfolder = \"./a/raw\"",
            "my.toml:5:10",
            &["folders of their own", "is a"],
        ),
        ("[[feed]]\nurl = \"https://a.org/\"\nenable = true", "my.toml:3:1", &["`enable`", "`enabled`?"]),
        ("[fetch]\nconnect_timeout_s = 0", "my.toml:2:21", &["connect_timeout_s", "0"]),
        ("[fetch]\nallow_private = [\n  \"10.0.0.1/8\",\n]", "my.toml:2:17", &["allow_private", "10.0.0.1/8"]),
        ("[[feed]]\nurl = \"ftp://a.test/\"", "my.toml:2:7", &["url", "ftp://a.test/"]),
        ("[[feed]]\nurl = \"news\"", "my.toml:2:7", &["url", "news"]),
        ("[fetch]\nhost_pause_ms = 99999999999", "my.toml:2:17", &["host_pause_ms", "3600000"]),
        ("[frontier]\nlease_s = 1", "my.toml:2:11", &["lease_s", "1", "120", "total_timeout_s"]),
        (
            "[crawl]\npoll_interval_s = \"60\"",
            "my.toml:2:19",
            &["`poll_interval_s`: is the string \"60\"", "a whole number"],
        ),
        ("[extract]\nkeep = [\"zzzzzzzzzzzz\"]", "my.toml:2:9", &["docs/kinds.md"]),
        (
            "[[feed]]\nurl = \"http://a.test/f\"\n[[feed]]\nname = \"x\"\nurl = \"http://A.test/f?utm_source=b\"",
            "my.toml:5:7",
            &["http://a.test/f", "twice"],
        ),
        ("[[feed]]\nname = \"x\"", "my.toml:1:1", &["url"]),
        ("contact = \"me\"", "my.toml:1:11", &["contact", "me"]),
        ("[extract]\nkeep = [\"captoin\"]", "my.toml:2:9", &["captoin", "did you mean `caption`"]),
        ("[duplicates]\npolicy = \"drop\"", "my.toml:2:10", &["`policy`", "`drop` is none of `keep`, `mark`, `skip`"]),
        ("[output]\ntruncated = \"no\"", "my.toml:2:13", &["`truncated`", "`no` is none of `keep`, `skip`"]),
        ("[extract]\nlevel = \"no\"", "my.toml:2:9", &["level", "`no` is none of `strict`"]),
        ("[extract]\ntables = \"no\"", "my.toml:2:10", &["tables", "`no` is neither `keep` nor `drop`"]),
        (
            "[extract]\nkeep = [\"caption\"]\ndrop = [\"ad\", \"caption\"]",
            "my.toml:3:8",
            &["`caption` stands under `keep` and under `drop`"],
        ),
        ("[crawl\n", "my.toml:1:7", &[]),
    ] {
        let said = refused(source);
        assert!(said.starts_with(place), "{source}\n{said}");
        assert!(words.iter().all(|word| said.contains(word)), "{source}\n{said}");
        assert!(!said.contains('\n'), "one line: {said}");
    }
}

#[test]
fn what_is_missing_is_said_with_how_to_add_it() {
    let error = Config::default().ready_to_run().unwrap_err();
    assert_eq!(error.missing, [Missing::Contact, Missing::Feed]);
    let said = error.to_string();
    assert!(said.contains("contact = ") && said.contains("[[feed]]") && said.contains("url = "), "{said}");
    let ready = "contact = \"me@news.test\"\n[[feed]]\nurl = \"https://a.test/feed\"\n";
    Config::parse(ready, "my.toml").unwrap().ready_to_run().unwrap();
}

#[test]
fn kinds_to_keep_reach_the_extractor() {
    let config = Config::parse("[extract]\nkeep = [\"caption\"]", "my.toml").unwrap();
    assert_eq!(config.extract.options().keep, [Boilerplate::Caption]);
}

#[test]
fn relative_paths_are_relative_to_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("my.toml");
    std::fs::write(&file, "[output]\nfolder = \"texts\"\n[frontier]\nstore = \"/var/lib/news.db\"\n").unwrap();
    let config = Config::load(&file).unwrap();
    assert_eq!(config.output.folder, folder.path().join("texts"));
    assert_eq!(config.frontier.store, Path::new("/var/lib/news.db"));
    assert!(Config::load(&folder.path().join("none.toml")).unwrap_err().to_string().contains("none.toml"));
}

#[test]
fn site_tables_are_compiled_and_their_faults_told_with_their_place() {
    let config = Config::parse("[[site]]\nhost = \".example.org\"\nbody = [\"article\"]", "my.toml").unwrap();
    assert!(config.site_rules.covers("news.example.org"));
    let told = refused("[[site]]\nhost = \"example.org\"\ndrop = [\"p\", \"p[\"]");
    assert!(told.starts_with("my.toml:3:14: drop: is no CSS selector: "), "{told}");
    assert_eq!(
        refused("[[site]]\nhost = \"a.org\"\n[[site]]\nhost = \"A.org\""),
        "my.toml:4:8: the site A.org is there twice; make one table of the two"
    );
    let told = refused("[[site]]\nhost = \"a.org\"\nbodi = []");
    assert!(told.starts_with("my.toml:3:1: unknown key in [[site]] `bodi`; did you mean `body`?"), "{told}");
    assert!(refused("[[site]]\nbody = []").contains("missing field `host`"));
    let (_, example) = SHIPPED.split_once("#[[site]]\n").unwrap();
    let lines = example.lines().take_while(|line| line.starts_with('#')).map(|line| &line[1..]);
    let example: String = ["[[site]]"].into_iter().chain(lines).flat_map(|line| [line, "\n"]).collect();
    assert_eq!(Config::parse(&example, "config.toml").unwrap().site_rules.hosts(), 1, "{example}");
}

#[test]
fn folder_of_site_rules_stands_beside_the_configuration() {
    let here = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(here.path().join(name), text).unwrap();
    std::fs::create_dir(here.path().join("rules")).unwrap();
    write("my.toml", "[extract]\nsite_rules = \"rules\"\n[[site]]\nhost = \"b.org\"\nbody = [\"p\"]");
    write("rules/a.org.txt", "body: //p\nbody: //p[");
    write("rules/b.org.txt", "body: //p");
    write("rules/README.md", "no rules");
    let config = Config::load(&here.path().join("my.toml")).unwrap();
    let (options, faults) = config.extractor_options().unwrap();
    assert_eq!((options.sites.hosts(), options.sites.covers("www.a.org")), (2, true));
    assert_eq!(faults.len(), 1);
    assert!(faults[0].to_string().starts_with("a.org.txt:2: body: "), "{}", faults[0]);
    std::fs::remove_dir_all(here.path().join("rules")).unwrap();
    let told = config.extractor_options().unwrap_err().to_string();
    assert!(told.ends_with("rules: cannot read the site rules"), "{told}");
}

/// A folder with a configuration of one `[[site]]` table and two files of rules, as a daemon has read it.
struct Watched {
    here: tempfile::TempDir,
    source: SiteSource,
}

impl Watched {
    fn new() -> Self {
        let here = tempfile::tempdir().unwrap();
        std::fs::create_dir(here.path().join("rules")).unwrap();
        write(&here, "my.toml", "[extract]\nsite_rules = \"rules\"\n[[site]]\nhost = \"a.org\"\nbody = [\"p\"]");
        write(&here, "rules/b.org.txt", "body: //p\nbody: //p[\ntest_url: http://b.org/1");
        write(&here, "rules/c.org.txt", "test_url: http://c.org/1");
        let path = here.path().join("my.toml");
        let (source, faults) = SiteSource::open(&path, &Config::load(&path).unwrap()).unwrap();
        assert_eq!(faults.len(), 1);
        Self { here, source }
    }

    /// What the next look takes, and refuses.
    fn look(&mut self) -> (usize, Vec<String>) {
        let changes = self.source.refresh();
        (changes.files, changes.refused.iter().map(ToString::to_string).collect())
    }

    fn config(&self) -> Config {
        Config::load(&self.here.path().join("my.toml")).unwrap()
    }

    fn test_urls(&self, host: &str) -> Vec<String> {
        self.source.rules().test_urls(host)
    }
}

fn write(here: &tempfile::TempDir, name: &str, text: &str) {
    std::fs::write(here.path().join(name), text).unwrap();
}

#[test]
fn files_of_rules_are_read_again_when_they_change_come_or_go() {
    let mut watched = Watched::new();
    assert_eq!(watched.look(), (0, vec![]));
    write(&watched.here, "rules/c.org.txt", "test_url: http://c.org/second");
    write(&watched.here, "rules/d.org.txt", "test_url: http://d.org/1\nbodies: //p");
    std::fs::remove_file(watched.here.path().join("rules/b.org.txt")).unwrap();
    assert_eq!(watched.look(), (3, vec![]), "what is new is used as far as it can be");
    assert_eq!(watched.test_urls("c.org"), ["http://c.org/second"]);
    assert_eq!(watched.test_urls("d.org"), ["http://d.org/1"]);
    let rules = watched.source.rules();
    assert_eq!(["a.org", "b.org"].map(|host| rules.covers(host)), [true, false]);
}

#[test]
fn file_that_no_longer_loads_keeps_its_rules_and_the_others_are_read() {
    let mut watched = Watched::new();
    write(&watched.here, "rules/b.org.txt", "body: //p\nbody: //p[\ntest_url: http://b.org/second\nbodies: //p");
    write(&watched.here, "rules/c.org.txt", "test_url: http://c.org/second");
    let (files, refused) = watched.look();
    assert_eq!((files, refused.len()), (1, 2), "{refused:?}");
    assert!(refused[0].starts_with("b.org.txt:2: body: ") && refused[1].starts_with("b.org.txt:4: bodies: "));
    assert_eq!(watched.test_urls("b.org"), ["http://b.org/1"]);
    assert_eq!(watched.test_urls("c.org"), ["http://c.org/second"]);
    assert_eq!(watched.look(), (0, vec![]), "told once");
    assert_eq!(watched.source.renew(&watched.config()).unwrap().refused.len(), 2, "and again to whoever asks");
    write(&watched.here, "rules/b.org.txt", "body: //p\nbody: //p[\ntest_url: http://b.org/third");
    assert_eq!(watched.look(), (1, vec![]), "no more is wrong with it than before");
    assert_eq!(watched.test_urls("b.org"), ["http://b.org/third"]);
}

#[test]
fn folder_that_is_gone_keeps_its_rules_and_is_told_once() {
    let mut watched = Watched::new();
    std::fs::rename(watched.here.path().join("rules"), watched.here.path().join("elsewhere")).unwrap();
    let (files, refused) = watched.look();
    assert!(files == 0 && refused.len() == 1 && refused[0].ends_with("cannot read the site rules"), "{refused:?}");
    assert_eq!(watched.look(), (0, vec![]));
    assert!(watched.source.rules().covers("b.org"));
}

#[test]
fn site_tables_are_read_again_and_broken_ones_keep_the_old() {
    let mut watched = Watched::new();
    let head = "[extract]\nsite_rules = \"rules\"\n[[site]]\n";
    write(&watched.here, "my.toml", &format!("{head}host = \"e.org\"\nbody = [\"p\"]"));
    assert_eq!(watched.look(), (1, vec![]));
    let covered = |watched: &Watched| ["a.org", "b.org", "e.org"].map(|host| watched.source.rules().covers(host));
    assert_eq!(covered(&watched), [false, true, true]);
    write(&watched.here, "my.toml", &format!("{head}host = \"a.org\"\nbody = [\"p[\"]"));
    let (files, refused) = watched.look();
    assert!(files == 0 && refused.len() == 1 && refused[0].contains("my.toml:5:9: body: "), "{refused:?}");
    assert_eq!(covered(&watched), [false, true, true]);
    write(&watched.here, "my.toml", &format!("{head}host = \"e.org\"\n[crawl]\nmax_fetches = 2"));
    assert!(watched.source.refresh().wants_reload, "what else is new is not taken in silence");
}

#[test]
fn new_way_to_ask_a_site_wants_a_reload_and_secrets_that_were_read_do_not() {
    let here = tempfile::tempdir().unwrap();
    let with = |selector: &str, fetch: &str| {
        format!("[[site]]\nhost = 'a.org'\nbody = ['{selector}']\nfetch = {{ {fetch} }}\n")
    };
    let secrets = "bearer = { env = 'TOKEN' }, headers = { Accept-Language = ' de ' }";
    let path = here.path().join("my.toml");
    write(&here, "my.toml", &with("p", secrets));
    let mut config = Config::load(&path).unwrap();
    config.read_secrets(here.path(), &|_| Some("hunter2".to_owned())).unwrap();
    let (mut source, _) = SiteSource::open(&path, &config).unwrap();
    write(&here, "my.toml", &with("article p", secrets));
    let changes = source.refresh();
    assert_eq!((changes.files, changes.wants_reload), (1, false), "only the rules are new");
    write(&here, "my.toml", &with("article p", "bearer = { env = 'OTHER_TOKEN' }"));
    let changes = source.refresh();
    assert_eq!((changes.files, changes.wants_reload), (1, true));
}

#[test]
fn template_of_names_that_cannot_be_is_told_with_its_place_and_what_could_be() {
    let said = refused("[output]\nnames = \"{host}/{title}\"");
    assert!(said.starts_with("my.toml:2:9: `names`: `{title}` stands for nothing; there are {host}, "), "{said}");
    let said = refused("[output]\nnames = \"../{slug}\"");
    assert!(said.contains("`../{slug}` is no path below the output folder"), "{said}");
}

#[test]
fn policy_of_copies_is_one_of_three() {
    use gleaner::config::DuplicatePolicy;
    let policy = |text: &str| Config::parse(text, "my.toml").unwrap().duplicates.policy;
    assert_eq!(policy("[duplicates]\npolicy = \"skip\""), DuplicatePolicy::Skip);
    assert_eq!(policy(""), DuplicatePolicy::Keep);
    let said = refused("[duplicates]\npolicy = \"skipp\"");
    assert!(said.contains("`skipp`") && said.contains("`skip`"), "{said}");
}
