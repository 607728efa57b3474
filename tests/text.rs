//! Texts without markup, by the library.
#![expect(clippy::unwrap_used, reason = "a test says what broke by failing there")]

use gleaner::article::Verdict;
use gleaner::extract::{Extractor, Options};
use gleaner::render;
use std::time::{Duration, Instant};

fn extractor() -> Extractor {
    Extractor::new(&Options::default()).unwrap()
}

const ARTICLE: &str = "The town of Kellow will pay every household that gives up its lawn, becoming the first in the \
valley to ration water by what grows in front of the door.\n\n\
Council members voted 7-2 on Monday for a one-off payment of 310 crowns, enough to cover gravel and a dozen hardy \
shrubs. Owners who keep their grass will be billed at a higher rate from July.\n\n\
What it costs\n\n\
\"Nobody is coming to dig up your garden,\" said Orla Penhallow, who chairs the water committee. \"We are saying that \
a lawn is a choice, and that choices have a price.\"\n\n\
Three things count:\n\n\
- how deep the roots go\n\
- what the shade is worth\n\n\
The reservoir above the town stood at 41 percent on Friday, its lowest level for the time of year since records began \
in 1962. Two of the four springs that feed it have run dry.\n\n\
Growers doubt that the plan goes far enough, and want the long-promised pipeline from Lake Isket built first.\n";

#[test]
fn a_text_that_is_all_article_comes_back_to_the_byte() {
    let extraction = extractor().extract_text(ARTICLE);
    assert_eq!(extraction.verdict, Verdict::Article);
    assert_eq!(render::body(&extraction.article), ARTICLE, "{:#?}", extraction.removals);
}

#[test]
fn every_line_is_accounted_for() {
    let text = format!("Home\nNews\nSubscribe\n{ARTICLE}\nComments\nNo comments yet\n* indicates required");
    let explanation = extractor().explain_text(&text);
    let told: Vec<&str> = explanation.blocks.iter().map(|block| block.text.as_str()).collect();
    let lines: Vec<&str> =
        text.lines().filter(|line| !line.is_empty()).map(|line| line.trim_start_matches("- ")).collect();
    assert_eq!(told, lines);
    assert_eq!(explanation.extraction, extractor().extract_text(&text));
    assert!(explanation.blocks.iter().all(|block| block.kept == block.kind.is_none() && !block.rule.is_empty()));
    assert_eq!(explanation.extraction.article.metadata.language.as_deref(), Some("en"));
}

#[test]
fn nothing_is_empty_and_too_much_is_hostile() {
    let extractor = extractor();
    for text in ["", " \n\t\r\n", "\u{feff}"] {
        assert_eq!(extractor.extract_text(text).verdict, Verdict::Empty, "{text:?}");
    }
    assert_eq!(extractor.extract_text(&"x\n".repeat(1_000_001)).verdict, Verdict::Hostile);
}

#[test]
fn takes_linear_time_on_hostile_texts() {
    let extractor = extractor();
    let line = ARTICLE.lines().next().unwrap();
    for (text, name) in [
        ("By Ann Lee\n".repeat(20_000), "bylines"),
        (format!("{line}\nCNBC\n21 minutes ago\n- CNBC\nA headline of five words\n{line}\n").repeat(1_000), "stories"),
        ("word ".repeat(400_000), "one line"),
        (format!("{ARTICLE}\nRelated Articles\n").repeat(200), "marks"),
        ("half of a sentence that was bro-\nken at its hyphen and goes on for so long-\n".repeat(10_000), "hyphens"),
        ("a\u{2028}".repeat(100_000), "separators"),
        ("{[(<&\0\u{feff}\u{ad}”\n".repeat(20_000), "signs"),
    ] {
        let started = Instant::now();
        extractor.extract_text(&text);
        assert!(started.elapsed() < Duration::from_secs(60), "{name}: {:?}", started.elapsed());
    }
}
