//! `gleaner explain --format html` in a real browser, where there is one: Chromium, without a window.

use super::site::{Reply, Site};
use super::{article, folder, run_in};
use scraper::{Html, Selector};
use std::fs;
use std::path::Path;
use std::process::Command;

/// The names that distributions give it.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// What the browser makes of a file, as markup, after its scripts have had two seconds; `None` where there
/// is no browser.
fn shown(file: &Path, profile: &Path) -> Option<String> {
    let installed = |name: &str| Command::new(name).arg("--version").output().is_ok_and(|ended| ended.status.success());
    let browser = NAMES.iter().find(|name| installed(name))?;
    // Its own sandbox does not work for root, and not in every container; the page is ours.
    let ended = Command::new(browser)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"])
        .args(["--virtual-time-budget=2000", "--dump-dom"])
        .arg(format!("--user-data-dir={}", profile.display()))
        .arg(format!("file://{}", file.display()))
        .output()
        .unwrap();
    let shown = String::from_utf8(ended.stdout).unwrap();
    assert!(ended.status.success() && !shown.is_empty(), "{}", String::from_utf8_lossy(&ended.stderr));
    Some(shown)
}

fn title(html: &str) -> String {
    Html::parse_document(html)
        .select(&Selector::parse("title").unwrap())
        .map(|it| it.text().collect::<String>())
        .collect()
}

/// A news page whose text, attributes and title try to break out of whatever repeats them.
fn hostile(site: &Site) -> String {
    let beacon = site.url("/beacon");
    let attacks = [
        "<script>document.title='owned'</script>".to_owned(),
        format!("<img src={beacon} onerror=\"document.title='owned'\">"),
        "\" autofocus onfocus=\"document.title='owned'\" x=\"".to_owned(),
        "' autofocus onfocus='document.title=`owned`' x='".to_owned(),
        format!("</style></title></main><iframe src={beacon}></iframe>"),
        format!("<style>@import '{beacon}';</style><link rel=stylesheet href={beacon}>"),
        format!("<meta http-equiv=refresh content='0;url={beacon}'><base href={beacon}>"),
        "<!-- <svg onload=\"document.title='owned'\">".to_owned(),
    ];
    let escaped = |attack: &String| attack.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
    let told: String = attacks.iter().map(|attack| format!("<p>{0} {0}</p>", escaped(attack))).collect();
    let classes: String = attacks
        .iter()
        .map(|attack| format!("<div class=\"newsletter {}\"><p>Sign up</p></div>", escaped(attack)))
        .collect();
    let alive = "<p>x</p><script>document.title = 'owned';</script>";
    let titled = article("The quay").replacen("<title>", &format!("<title>{}", escaped(&attacks[0])), 1);
    titled.replace("</article>", &format!("{told}</article>{classes}{alive}"))
}

#[test]
fn a_hostile_page_is_text_to_a_browser_and_nothing_else() {
    let here = folder();
    let site = Site::new(&[("/beacon", Reply::html("<p>x</p>".to_owned()))]);
    fs::write(here.path().join("page.html"), hostile(&site)).unwrap();
    let explained = run_in(&here, &["explain", "--format", "html", "page.html"]).stdout;
    fs::write(here.path().join("explained.html"), &explained).unwrap();
    let profile = here.path().join("profile");
    let Some(raw) = shown(&here.path().join("page.html"), &profile) else {
        eprintln!("skipped: no Chromium here");
        return;
    };
    assert_eq!(title(&raw), "owned", "the browser runs the scripts of the page itself");
    let dom = shown(&here.path().join("explained.html"), &profile).unwrap();
    assert_eq!(title(&dom), title(&explained));
    assert!(!title(&dom).is_empty() && title(&dom) != "owned");
    let allowed = ["html", "head", "meta", "title", "style", "body", "h1", "p", "input", "label", "main", "div"];
    let known = [
        "class",
        "dir",
        "tabindex",
        "title",
        "id",
        "for",
        "type",
        "checked",
        "lang",
        "charset",
        "name",
        "content",
        "http-equiv",
    ];
    for element in Html::parse_document(&dom).select(&Selector::parse("*").unwrap()) {
        let strange: Vec<&str> =
            element.value().attrs().map(|(name, _)| name).filter(|name| !known.contains(name)).collect();
        assert!(allowed.contains(&element.value().name()) && strange.is_empty(), "{}", element.html());
    }
    assert!(!site.was_asked("/beacon"), "nothing is fetched");
}
