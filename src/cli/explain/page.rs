//! An explanation as one page for the browser: no script, nothing from elsewhere, and nothing of the
//! explained page in it but text.

use super::{Explained, other_evidence, summary};
use crate::extract::BlockVerdict;
use crate::extract::block::Boilerplate;
use std::fmt::Write as _;

/// Forbids everything but the page's own style.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

const STYLE: &str = "
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 50rem; margin: 1rem auto; padding: 0 1rem; color: #111; background: #fff; }
label { display: inline-block; margin-right: .8rem; white-space: nowrap; }
.block { margin: .4rem 0; padding: .1rem .5rem; border-left: .4rem solid transparent; white-space: pre-wrap; overflow-wrap: anywhere; }
.out { font-size: .85rem; border-left-color: var(--kind); background: color-mix(in srgb, var(--kind) 15%, #fff); }
.h1, .h2, .h3 { font-weight: bold; }
.li { margin-left: 1.5rem; }
.pre { font-family: monospace; }
.why { display: none; font-size: .75rem; color: #444; white-space: normal; }
.block:hover .why, .block:focus .why { display: block; }
.block:focus { outline: 2px solid #06c; }
";

/// The whole page.
pub(super) fn render(explained: &Explained) -> String {
    let extraction = &explained.explanation.extraction;
    let blocks = &explained.explanation.blocks;
    let kinds: Vec<(Boilerplate, usize)> =
        extraction.counters().into_iter().map(|(kind, count)| (kind, count.blocks)).collect();
    let title = extraction.article.metadata.title.as_deref().unwrap_or(&explained.name);
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = write!(
        out,
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
         <meta name=\"viewport\" content=\"width=device-width\"><meta name=\"referrer\" content=\"no-referrer\">\n\
         <title>{} – explained</title>\n<style>{STYLE}{}</style></head><body>\n",
        escaped(title),
        kinds.iter().map(|(kind, _)| rules(*kind)).collect::<String>(),
    );
    let _ = writeln!(out, "<h1 dir=\"auto\">{}</h1>", escaped(title));
    let _ = writeln!(out, "<p dir=\"auto\">{}</p>", escaped(&explained.name));
    if let Some(url) = &explained.url {
        let _ = writeln!(out, "<p dir=\"auto\">{}</p>", escaped(url.as_str()));
    }
    let _ = writeln!(out, "<p>{}</p>", escaped(&summary(&explained.explanation)));
    out.push_str(&kinds.iter().map(|(kind, blocks)| switch(*kind, *blocks)).collect::<String>());
    out.push_str("<main>\n");
    for block in blocks {
        push_block(&mut out, block);
    }
    out.push_str("</main>\n");
    for claim in &extraction.article.metadata.claims {
        let sign = if claim.chosen { "✓ " } else { "" };
        let line = format!("{sign}{} ({}): {}", claim.field.id(), claim.source.id(), claim.value);
        let _ = writeln!(out, "<p dir=\"auto\">{}</p>", escaped(&line));
    }
    out.push_str("</body></html>\n");
    out
}

/// The colour of a kind, and that its blocks are gone where its switch is off.
fn rules(kind: Boilerplate) -> String {
    let id = kind.id();
    // Steps of the golden angle keep neighbours in the list apart.
    let hue = (kind as u32 * 137) % 360;
    format!(
        ".k-{id} {{ --kind: hsl({hue} 70% 45%); }}\n#s-{id}:not(:checked) ~ main .k-{id} {{ display: none; }}\n\
         #s-{id} + label {{ border-bottom: .2rem solid hsl({hue} 70% 45%); }}\n"
    )
}

/// The switch of a kind; a sibling of `main`, which is how it works without a script.
fn switch(kind: Boilerplate, blocks: usize) -> String {
    let id = kind.id();
    format!("<input type=\"checkbox\" id=\"s-{id}\" checked><label for=\"s-{id}\">{id} {blocks}</label>\n")
}

fn push_block(out: &mut String, block: &BlockVerdict) {
    let why = escaped(&why(block));
    let class = match block.kind {
        Some(kind) => format!("block {} out k-{}", block.tag, kind.id()),
        None => format!("block {}", block.tag),
    };
    // Writing to a string cannot fail.
    let _ = writeln!(
        out,
        "<div class=\"{class}\" dir=\"auto\" tabindex=\"0\" title=\"{why}\">{}<div class=\"why\" dir=\"ltr\">{why}</div></div>",
        escaped(&block.text)
    );
}

/// Why a block stayed or went: `nav (tag:nav), score 0.02; also: share (word:social)`.
fn why(block: &BlockVerdict) -> String {
    let decided = match block.kind {
        Some(kind) => format!("{} ({})", kind.id(), block.rule),
        None => format!("kept ({})", block.rule),
    };
    let score = block.score.map_or(String::new(), |score| format!(", score {score:.2}"));
    let said = other_evidence(block);
    let also = if said.is_empty() { String::new() } else { format!("; also: {}", said.join(", ")) };
    format!("{decided}{score}{also}")
}

/// Text as it may stand in an element or in a quoted attribute: without what opens a tag, an entity or
/// closes a quotation, and without control characters but tabs and line ends.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '`' => out.push_str("&#96;"),
            '\n' | '\t' => out.push(c),
            _ if c.is_control() => out.push('\u{fffd}'),
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::tests::explained;
    use super::*;

    const STORY: &str = "<p>The ferry between the two islands sails again from Monday, the harbour office said, after its engine \
        had been repaired for the third time this year.</p>";

    /// The page's tags, by their names, in order.
    fn tags(html: &str) -> Vec<&str> {
        let opened = html.split('<').skip(1).filter(|rest| !rest.starts_with(['/', '!']));
        opened.map(|rest| rest.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default()).collect()
    }

    #[test]
    fn hostile_text_is_text() {
        let attacks = [
            "&lt;script&gt;alert(1)&lt;/script&gt;",
            "\" onfocus=\"alert(1)\" autofocus x=\"",
            "' style='x",
            "&lt;/style&gt;&lt;img src=//evil.example/x onerror=alert(1)&gt;",
            "&lt;!--",
            "&lt;/main&gt;&lt;iframe srcdoc=x&gt;",
        ];
        let items: String = attacks.iter().map(|attack| format!("<p>{attack} {attack}</p>")).collect();
        let class = "<div class='newsletter\"><script>alert(2)</script>'><p>Sign up <b>now</b></p></div>";
        let html = format!("<title>&lt;/title&gt;&lt;script&gt;x</title><article>{STORY}{items}</article>{class}");
        let page = render(&explained(&html));
        let allowed = ["html", "head", "meta", "title", "style", "body", "h1", "p", "input", "label", "main", "div"];
        let strange: Vec<&str> = tags(&page).into_iter().filter(|tag| !allowed.contains(tag)).collect();
        assert_eq!(strange, [""; 0], "{page}");
        assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"), "the text is shown: {page}");
        for line in page.lines().filter(|line| line.starts_with("<div")) {
            // class, dir, tabindex, title and those of the reason: no attribute was added.
            assert_eq!(line.matches('"').count(), 12, "{line}");
        }
        assert!(!page.contains("<!--"), "{page}");
    }

    #[test]
    fn the_policy_comes_before_all_text_and_allows_no_script() {
        let page = render(&explained(STORY));
        let policy = page.find("Content-Security-Policy").unwrap();
        assert!(policy < page.find("<title>").unwrap());
        assert!(page.contains("default-src 'none'") && !page.contains("script-src") && !page.contains("<script"));
        assert!(!page.contains("http://") && !page.contains("https://"), "nothing from elsewhere: {page}");
    }

    #[test]
    fn every_block_stands_there_with_its_reason_and_a_switch_for_its_kind() {
        let page = render(&explained(&format!(
            "<nav><a href=/>Home</a> <a href=/b>Boats</a></nav><article>{STORY}</article>"
        )));
        assert!(page.contains("id=\"s-nav\" checked") && page.contains("#s-nav:not(:checked) ~ main .k-nav"), "{page}");
        assert!(page.contains("out k-nav\" dir=\"auto\" tabindex=\"0\" title=\"nav (tag:nav), score"), "{page}");
        assert!(page.contains("<div class=\"block p\"") && page.contains("title=\"kept ("), "{page}");
    }

    #[test]
    fn control_characters_are_shown_as_such() {
        assert_eq!(escaped("a\u{0}b\u{1b}\nc'\"<>&`"), "a\u{fffd}b\u{fffd}\nc&#39;&quot;&lt;&gt;&amp;&#96;");
    }
}
