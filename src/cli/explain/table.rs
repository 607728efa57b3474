//! Blocks as lines, aligned, in colours where they are shown.

use super::{Explained, other_evidence, summary};
use crate::article::Claim;
use crate::cli::terminal::plain;
use crate::extract::BlockVerdict;
use std::fmt::Write as _;

/// How much of a block's text is shown, in characters; JSON and HTML have all of it.
const SHOWN_CHARS: usize = 100;

/// Wider cells are cut.
const RULE_CHARS: usize = 36;

const KEPT: &str = "\x1b[32m";
const DROPPED: &str = "\x1b[31m";
const FAINT: &str = "\x1b[2m";
const BOLD: &str = "\x1b[1m";
const PLAIN: &str = "\x1b[0m";

/// A heading, a line for each block, a faint one below it with what else was said of it, and the counters.
pub(super) fn render(explained: &Explained, in_colours: bool) -> String {
    let paint = |colour: &str, text: &str| {
        if in_colours { format!("{colour}{text}{PLAIN}") } else { text.to_owned() }
    };
    let blocks = &explained.explanation.blocks;
    let kinds = blocks.iter().map(|block| kind(block).len()).max().unwrap_or(0);
    let rules = blocks.iter().map(|block| short(&block.rule, RULE_CHARS).chars().count()).max().unwrap_or(0);
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(out, "{}", paint(BOLD, &format!("{}: {}", explained.name, summary(&explained.explanation))));
    for (number, block) in blocks.iter().enumerate() {
        let (decision, colour) = if block.kept { ("keep", KEPT) } else { ("drop", DROPPED) };
        let score = block.score.map_or("   -".to_owned(), |score| format!("{score:.2}"));
        let rule = short(&block.rule, RULE_CHARS);
        let head = format!("{:>4}  {decision}  {:<kinds$}  {score}  {rule:<rules$}", number + 1, kind(block));
        let text = short(&block.text, SHOWN_CHARS);
        let text = if block.kept { text } else { paint(FAINT, &text) };
        let _ = writeln!(out, "{}  {text}", paint(colour, &head));
        let said = other_evidence(block);
        if !said.is_empty() {
            let indent = " ".repeat(12);
            let _ = writeln!(out, "{}", paint(FAINT, &format!("{indent}also: {}", plain(&said.join(", ")))));
        }
    }
    out.push_str(&counters(explained));
    push_claims(&mut out, &explained.explanation.extraction.article.metadata.claims, paint);
    out
}

/// What each source says of each field: the one that was taken first, what others say faintly below it.
fn push_claims(out: &mut String, claims: &[Claim], paint: impl Fn(&str, &str) -> String) {
    let fields = claims.chunk_by(|one, other| one.field == other.field);
    for claims in fields {
        let taken = claims.iter().filter(|claim| claim.chosen).map(|claim| (claim.field.id(), claim));
        let others = claims.iter().filter(|claim| !claim.chosen).map(|claim| ("", claim));
        for (name, claim) in taken.chain(others) {
            let line = format!("{name:<20}{:<14}  {}", claim.source.id(), short(&claim.value, SHOWN_CHARS));
            // Writing to a string cannot fail.
            let _ = writeln!(out, "{}", if claim.chosen { line } else { paint(FAINT, &line) });
        }
    }
}

fn kind(block: &BlockVerdict) -> &'static str {
    block.kind.map_or("-", |kind| kind.id())
}

/// How much was left out of each kind, most first.
fn counters(explained: &Explained) -> String {
    let mut counts: Vec<_> = explained.explanation.extraction.counters().into_iter().collect();
    if counts.is_empty() {
        return String::new();
    }
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(count.chars));
    let counts: Vec<String> =
        counts.iter().map(|(kind, count)| format!("{} {} ({})", kind.id(), count.blocks, count.chars)).collect();
    format!("left out, blocks (characters): {}\n", counts.join(", "))
}

/// The beginning of a text on one line that commands no terminal.
fn short(text: &str, chars: usize) -> String {
    let text = plain(text);
    match text.char_indices().nth(chars) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::explained;
    use super::*;

    const PAGE: &str = "<nav><a href=/>Home\x1b[2J</a> <a href=/b>Boats</a></nav><article><p>The ferry between the two islands \
        sails again from Monday, the harbour office said, after its engine had been repaired.</p></article>";

    #[test]
    fn lines_are_aligned() {
        let text = render(&explained(PAGE), false);
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[0].starts_with("page.html: ") && lines[0].contains("1 of 2 blocks kept"), "{text}");
        let blocks: Vec<&&str> =
            lines.iter().filter(|line| line.contains("keep  ") || line.contains("drop  ")).collect();
        let (nav, ferry) = (blocks[0], blocks[1]);
        assert!(nav.starts_with("   1  drop  nav  ") && ferry.starts_with("   2  keep  -    "), "{text}");
        assert_eq!(nav.find("Home"), ferry.find("The ferry"), "{text}");
        assert!(lines.last().is_some_and(|line| line.starts_with("left out, blocks (characters): nav 1 (")), "{text}");
    }

    #[test]
    fn what_sources_say_of_a_field_stands_below_what_was_taken() {
        let head = "<title>Boats \x1b[2J| Sun</title><meta property=og:title content='All boats'>";
        let text = render(&explained(&format!("{head}<h1>Boats</h1>{PAGE}")), false);
        let claims: Vec<&str> = text.lines().skip_while(|line| !line.starts_with("title")).collect();
        assert_eq!(
            claims,
            [
                "title               heading         Boats",
                "                    open_graph      All boats",
                "                    title_element   Boats [2J| Sun",
            ]
        );
    }

    #[test]
    fn only_our_own_escapes_reach_a_terminal() {
        assert!(!render(&explained(PAGE), false).contains('\x1b'));
        let coloured = render(&explained(PAGE), true);
        assert!(coloured.contains(KEPT) && coloured.contains(DROPPED) && !coloured.contains("\x1b[2J"), "{coloured}");
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        assert_eq!(short(&"ä".repeat(5), 4), "ääää…");
        assert_eq!(short("a\nb", 4), "a b");
    }
}
