//! What strangers write, in terminals, logs and file names.

use crate::loopback::{Reply, Server, failure, options};

#[tokio::test]
async fn what_servers_say_reaches_the_log_without_escapes() {
    let server = Server::start(|asked| match asked.target.as_str() {
        "/location" => Reply::redirect(302, "foo://\u{9b}31m\u{202e}red"),
        "/type" => Reply::with(200, &["Content-Type: text/\u{9b}31m"], b"\x01\x00binary"),
        _ => Reply::with(200, &["Content-Encoding: \u{9b}31m"], "x"),
    })
    .await;
    for path in ["/location", "/type", "/encoding"] {
        let said = failure(&options(), server.url(path)).await.to_string();
        assert!(!said.chars().any(|c| c.is_control() || c == '\u{202e}'), "{said:?}");
    }
}

/// A story whose headline is what an attacker makes of it.
#[cfg(feature = "cli")]
fn story(headline: &str) -> String {
    let paragraph = "The old ferry was taken out of service on Monday, and the council said that a new one would come in the \
                     spring, when the harbour has been dredged and the landing stage has been rebuilt for larger ships.";
    let text: String = (1..6).map(|number| format!("<p>{number}. {paragraph}</p>")).collect();
    format!(
        "<html><head><title>{headline}</title></head><body><article><h1>{headline}</h1>{text}</article></body></html>"
    )
}

#[cfg(feature = "cli")]
async fn run(folder: &std::path::Path, arguments: &[&str]) -> std::process::Output {
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_gleaner"));
    command.current_dir(folder).args(["extract", "--allow-private", "127.0.0.0/8"]).args(arguments);
    command.output().await.unwrap()
}

/// Titles that set the clipboard, make a link, change the window's title, hide what follows and turn it around.
#[cfg(feature = "cli")]
const ESCAPES: &str = "Ferry \u{1b}]52;c;aGk=\u{7} \u{1b}]8;;http://evil.example\u{1b}\\link\u{1b}]8;;\u{1b}\\ \u{9b}31m \u{202e}red\u{2066} \u{8}";

#[cfg(feature = "cli")]
#[tokio::test(flavor = "multi_thread")]
async fn escapes_of_a_page_reach_neither_terminal_nor_log() {
    let server = Server::start(|asked| match asked.target.as_str() {
        "/article" => Reply::html(&story(ESCAPES)),
        "/status" => Reply::with(404, &["X-Reason: \u{1b}[31m"], ESCAPES),
        "/location" => Reply::redirect(302, "foo://\u{9b}31m\u{202e}red"),
        _ => Reply::with(200, &["Content-Type: text/\u{9b}31m\u{1b}]0;x"], ESCAPES),
    })
    .await;
    let here = tempfile::tempdir().unwrap();
    for path in ["/article", "/status", "/location", "/type"] {
        for form in [&["-vv"][..], &["-vv", "--front-matter"], &["--format", "json"]] {
            let url = server.url(path);
            let output = run(here.path(), &[form, &["--ignore-robots", url.as_str()]].concat()).await;
            let [text, log] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
            let commands = |c: &char| c.is_control() && *c != '\n';
            let turns_around = |c: &char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
            // Marks of direction stand in honest texts of two directions; a log has no use for them.
            let logged: Vec<char> = log.chars().filter(|c| commands(c) || turns_around(c)).collect();
            let found: Vec<char> = text.chars().filter(commands).collect();
            assert!(found.is_empty() && logged.is_empty(), "{path} {form:?}: {found:?} {logged:?} in {text:?} {log:?}");
        }
    }
}

#[cfg(feature = "cli")]
#[tokio::test(flavor = "multi_thread")]
async fn files_stay_below_their_folder_whatever_a_page_calls_itself() {
    let headlines =
        ["../../../escaped", "..\\..\\escaped", "/etc/escaped", "CON", ".hidden", "a\u{0}b", "%2e%2e%2fescaped"];
    let server = Server::start(move |asked| {
        let number: usize = asked.target.rsplit('-').next().and_then(|it| it.parse().ok()).unwrap_or_default();
        Reply::html(&story(headlines[number]))
    })
    .await;
    let here = tempfile::tempdir().unwrap();
    let urls: Vec<String> = (0..headlines.len())
        .map(|number| server.url(&format!("/..%2f..%2fescaped/..;/-{number}")).to_string())
        .collect();
    let mut arguments = vec!["--ignore-robots", "--output", "texts"];
    arguments.extend(urls.iter().map(String::as_str));
    let output = run(here.path(), &arguments).await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let written = String::from_utf8(output.stdout).unwrap();
    assert_eq!(written.lines().count(), headlines.len(), "{written}");
    for path in written.lines() {
        let root = here.path().join("texts").canonicalize().unwrap();
        assert!(here.path().join(path).canonicalize().unwrap().starts_with(&root), "{path}");
        let name = path.rsplit('/').next().unwrap();
        assert!(!name.starts_with('.') && !path.contains("..") && !name.to_lowercase().starts_with("con."), "{path}");
    }
    let beside: Vec<_> = std::fs::read_dir(here.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(beside, ["texts"]);
}
