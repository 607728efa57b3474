//! Texts without markup, by the library.
#![expect(clippy::unwrap_used, reason = "a test says what broke by failing there")]

use gleaner::article::Verdict;
use gleaner::extract::block::Boilerplate;
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
fn a_dateline_is_told_and_goes_from_the_text_where_its_kind_is_dropped() {
    let text = format!("KELLOW (Lake News) – {ARTICLE}");
    let told = extractor().extract_text(&text).article;
    let dateline = told.metadata.dateline.clone().unwrap();
    assert_eq!((dateline.place.as_deref(), dateline.agency.as_deref()), (Some("KELLOW"), Some("Lake News")));
    assert_eq!(render::body(&told), text);
    let options = Options { drop: vec![Boilerplate::Dateline], ..Options::default() };
    let with_more = format!("Home\nNews\n{text}\nNewsletter\nSign up for our newsletter\n");
    let without = Extractor::new(&options).unwrap().extract_text(&with_more);
    assert_eq!(without.article.metadata.dateline, Some(dateline));
    assert_eq!(render::body(&without.article), ARTICLE);
    let removed: Vec<_> = without.removals.iter().map(|removal| removal.text.as_str()).collect();
    assert_eq!(removed, ["Home", "News", "KELLOW (Lake News)", "Newsletter", "Sign up for our newsletter"]);
    assert_eq!(without.removals[2].kind, Boilerplate::Dateline);
}

#[test]
fn headlines_below_a_heading_of_related_stories_are_of_its_kind_though_no_link_is_known() {
    let text = format!("{ARTICLE}\nRelated Articles\nThe well that nobody wanted\nFour bridges and one toll\n");
    let explanation = extractor().explain_text(&text);
    for headline in ["The well that nobody wanted", "Four bridges and one toll"] {
        let block = explanation.blocks.iter().find(|block| block.text == headline).unwrap();
        assert!(!block.kept, "{block:?}");
        assert!(block.evidence.iter().any(|it| it.rule.starts_with("after:en:related")), "{block:?}");
    }
}

#[test]
fn what_readers_say_below_an_article_goes_though_it_is_on_its_topic() {
    let comment = |name: &str, text: &str| format!("{name} March 4, 2026, 9:4{} am\n{text}\n", name.len() % 10);
    let said = [
        comment(
            "Mo Reyes",
            "The council should have asked the growers about the reservoir before it voted on the gravel.",
        ),
        comment(
            "Ann Lee",
            "A lawn is no choice for households that have children, whatever the committee says of its price.",
        ),
        comment(
            "Jo Tamm",
            "The springs that feed the reservoir ran dry before, and the town did not ration any water then.",
        ),
    ];
    let text = format!(
        "{ARTICLE}3 comments on “The town that pays for gravel where other towns let their lawns grow”\n{}",
        said.concat()
    );
    assert_eq!(render::body(&extractor().extract_text(&text).article), ARTICLE);
}

#[test]
fn a_line_that_an_article_says_twice_stays_and_a_copy_of_the_article_goes() {
    let refrain =
        "Council members have until the first of July to say whether they will pay for the gravel themselves.";
    let text = ARTICLE.replace("What it costs", refrain).replace("Growers", &format!("{refrain}\n\nGrowers"));
    let count = |text: &str| render::body(&extractor().extract_text(text).article).matches(refrain).count();
    assert_eq!(count(&text), 2);
    assert_eq!(count(&format!("{text}\n{text}")), 2, "the copy's lines come in a run");
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
