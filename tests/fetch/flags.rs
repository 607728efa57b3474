//! The flags of the command line that are about fetching, and the secrets of a configuration.

use crate::loopback::{Reply, Server};
use std::path::Path;
use tokio::process::Command;

struct Run {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

async fn gleaner(folder: &Path, arguments: &[&str], variable: Option<(&str, &str)>) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gleaner"));
    command.current_dir(folder).args(arguments).envs(variable);
    let output = command.output().await.unwrap();
    let [stdout, stderr] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    Run { code: output.status.code(), stdout, stderr }
}

async fn extract(folder: &Path, arguments: &[&str]) -> Run {
    gleaner(folder, &[&["extract", "--allow-private", "127.0.0.0/8"], arguments].concat(), None).await
}

fn story(number: usize) -> String {
    let paragraph = "The old ferry was taken out of service on Monday, and the council said that a new one would come in the \
                     spring, when the harbour has been dredged and the landing stage has been rebuilt for larger ships.";
    let text: String = (1..6).map(|it| format!("<p>{it}. {paragraph}</p>")).collect();
    format!(
        "<html><head><title>Edition {number}</title></head><body><article><h1>Edition {number}</h1>{text}</article></body></html>"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn cache_is_shared_by_one_command_and_the_next_and_passed_by_on_demand() {
    let count = std::sync::atomic::AtomicUsize::new(0);
    let server = Server::start(move |asked| match asked.target.as_str() {
        "/robots.txt" => Reply::not_found(),
        _ => {
            let number = count.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            Reply::with(200, &["Content-Type: text/html", "Cache-Control: max-age=600"], story(number))
        }
    })
    .await;
    let here = tempfile::tempdir().unwrap();
    let url = server.url("/story");
    for (flags, edition) in [
        (&["--cache", "kept"][..], 0),
        (&["--cache", "kept"], 0),
        (&["--cache", "kept", "--refetch"], 1),
        (&["--cache", "kept"], 1),
        (&[], 2),
    ] {
        let run = extract(here.path(), &[flags, &[url.as_str()]].concat()).await;
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        assert!(run.stdout.starts_with(&format!("Edition {edition}\n")), "{flags:?}: {}", run.stdout);
    }
    let alone = extract(here.path(), &["--refetch", url.as_str()]).await;
    assert!(alone.code == Some(2) && alone.stderr.contains("--cache"), "{}", alone.stderr);
    std::fs::write(here.path().join("file"), "").unwrap();
    let unusable = extract(here.path(), &["--cache", "file", url.as_str()]).await;
    assert!(
        unusable.code == Some(2) && unusable.stderr.contains("file: cannot keep a cache there"),
        "{}",
        unusable.stderr
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn ignoring_robots_txt_is_said_aloud() {
    let server = Server::start(|asked| match asked.target.as_str() {
        "/robots.txt" => Reply::with(200, &[], "User-agent: *\nDisallow: /\n"),
        _ => Reply::html(&story(0)),
    })
    .await;
    let here = tempfile::tempdir().unwrap();
    let url = server.url("/story");
    let polite = extract(here.path(), &[url.as_str()]).await;
    assert!(polite.code == Some(6) && polite.stderr.contains("robots.txt disallows it"), "{}", polite.stderr);
    let rude = extract(here.path(), &["--ignore-robots", url.as_str()]).await;
    assert!(rude.code == Some(0) && rude.stderr.contains("WARN --ignore-robots"), "{}", rude.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_come_from_variables_and_their_absence_is_told_at_the_start() {
    let here = tempfile::tempdir().unwrap();
    let config = "contact = 'bot@gleaner.test'\n[[feed]]\nurl = 'https://example.org/feed'\n\
                  [[site]]\nhost = 'example.org'\nfetch = { bearer = { env = 'GLEANER_TEST_TOKEN' } }\n";
    std::fs::write(here.path().join("config.toml"), config).unwrap();
    let unset = gleaner(here.path(), &["check"], None).await;
    let said = "config.toml: [[site]] example.org: `bearer`: the environment variable GLEANER_TEST_TOKEN is not set";
    assert!(unset.code == Some(2) && unset.stderr.contains(said), "{}", unset.stderr);
    let set = gleaner(here.path(), &["check"], Some(("GLEANER_TEST_TOKEN", "hunter2"))).await;
    assert!(set.code == Some(0) && !set.stderr.contains("hunter2"), "{} {}", set.stdout, set.stderr);
    std::fs::write(here.path().join("config.toml"), format!("{config}[fetch]\nca_file = 'absent.pem'\n")).unwrap();
    let absent = gleaner(here.path(), &["check"], Some(("GLEANER_TEST_TOKEN", "hunter2"))).await;
    let said = "config.toml: `ca_file` absent.pem: cannot be read";
    assert!(absent.code == Some(2) && absent.stderr.contains(said), "{} {}", absent.stdout, absent.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn article_on_several_pages_is_followed_by_rel_next_and_ends_where_it_says_nothing_new() {
    let server = Server::start(|asked| {
        let subject = match asked.target.as_str() {
            "/ferry" => "ferry",
            "/ferry/2" => "bridge",
            // The last page once more, under another number, as some do for ever.
            _ => "tunnel",
        };
        let number: usize = asked.target.strip_prefix("/ferry/").and_then(|it| it.parse().ok()).unwrap_or(1);
        let row: String = (1..=number + 1).map(|it| format!("<a href='/ferry/{it}'>{it}</a> ")).collect();
        let article = "<script type='application/ld+json'>{\"@type\": \"NewsArticle\"}</script>";
        let next = format!("<link rel='next' href='/ferry/{}'>{article}", number + 1);
        let page = story(0).replace("ferry", subject).replace("<head>", &format!("<head>{next}"));
        Reply::html(&page.replace("</article>", &format!("</article><nav><a href='/ferry'>1</a> {row}</nav>")))
    })
    .await;
    let here = tempfile::tempdir().unwrap();
    let run = extract(here.path(), &["--ignore-robots", server.url("/ferry").as_str()]).await;
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    for (subject, times) in [("old ferry", 5), ("old bridge", 5), ("old tunnel", 5)] {
        assert_eq!(run.stdout.matches(subject).count(), times, "{subject}: {}", run.stdout);
    }
    assert_eq!(server.targets(), ["/ferry", "/ferry/2", "/ferry/3", "/ferry/4"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn check_asks_a_site_as_the_daemon_would() {
    let server = Server::start(|asked| match asked.header("authorization") {
        Some("Bearer hunter2") => Reply::html(&story(0)),
        _ => Reply::with(401, &[], ""),
    })
    .await;
    let here = tempfile::tempdir().unwrap();
    let origin = server.url("").to_string();
    let config = format!(
        "[[site]]\nhost = '127.0.0.1'\nbody = ['article']\n\
         [site.fetch]\norigin = '{origin}'\nbearer = {{ env = 'GLEANER_TEST_TOKEN' }}\n"
    );
    std::fs::write(here.path().join("config.toml"), config).unwrap();
    let url = server.url("/story");
    let arguments = ["check", "--site", url.as_str(), "--ignore-robots", "--allow-private", "127.0.0.0/8"];
    let run = gleaner(here.path(), &arguments, Some(("GLEANER_TEST_TOKEN", "hunter2"))).await;
    assert!(run.code == Some(0) && run.stdout.contains("with all of them: article"), "{} {}", run.stdout, run.stderr);
}
