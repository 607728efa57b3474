//! What the data promises, held against the data.

mod cases;

use super::*;
use crate::extract::dom::{self, Attr, Tag, Telling};
use crate::extract::segment;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/extract/data");

static BUILT_IN: LazyLock<Lexicon> = LazyLock::new(|| Lexicon::built_in().unwrap());

fn lexicon() -> &'static Lexicon {
    &BUILT_IN
}

fn words(value: &str) -> Vec<(Boilerplate, Strength)> {
    named(&[value]).iter().map(|hit| (hit.kind, hit.strength)).collect()
}

/// What the words of an element's values name.
fn named(values: &[&str]) -> Vec<WordHit<'static>> {
    let values = values.iter().map(|value| Telling { attr: Attr::Class, value, id: None });
    Memo::default().words(lexicon(), values)
}

/// The kinds that the text alone proves: a label counts if what follows it is no sentence.
fn proven(lexicon: &Lexicon, line: &str, language: Option<&str>) -> BTreeSet<Boilerplate> {
    let hits = [false, true].into_iter().flat_map(|is_heading| lexicon.phrases(line, is_heading, language));
    hits.filter(|hit| hit.form != Form::Label || !has_sentence_end(&line[hit.rest_from..]))
        .map(|hit| hit.kind)
        .collect()
}

#[test]
fn every_language_holds_together_and_no_phrase_is_for_longer_blocks_than_are_searched() {
    let lexicon = Lexicon::compile(KINDS, PHRASES).unwrap();
    let longest = lexicon.languages.iter().map(Language::longest).max();
    assert_eq!(longest, u32::try_from(LONGEST).ok());
}

#[test]
fn every_test_line_gets_the_kind_that_it_states() {
    let lexicon = lexicon();
    let mut wrong = Vec::new();
    for language in &lexicon.languages {
        for (line, expected) in language.tests() {
            let kinds = proven(lexicon, line, Some(&language.code));
            let is_right = if expected.is_empty() {
                kinds.is_empty()
            } else {
                Boilerplate::from_id(expected).is_some_and(|kind| kinds.contains(&kind))
            };
            if !is_right {
                wrong.push(format!("{}: {line:?} = {expected:?}, but is {kinds:?}", language.code));
            }
        }
    }
    assert!(wrong.is_empty(), "{} lines:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_kept_line_is_kept_when_the_language_is_unknown() {
    let lexicon = lexicon();
    for language in &lexicon.languages {
        for (line, _) in language.tests().iter().filter(|(_, expected)| expected.is_empty()) {
            assert_eq!(proven(lexicon, line, None), BTreeSet::new(), "{}: {line:?}", language.code);
        }
    }
}

/// A line that must stay belongs to the kinds whose words it uses.
#[test]
fn every_kind_of_a_phrase_file_has_a_line_to_drop_and_one_to_keep() {
    let mut missing = Vec::new();
    for language in &lexicon().languages {
        let kinds: BTreeSet<Boilerplate> = language.telling_words().map(|(kind, _)| kind).collect();
        let kept: Vec<String> =
            language.tests().iter().filter(|(_, kind)| kind.is_empty()).map(|(line, _)| fold(line)).collect();
        for kind in kinds {
            if !language.tests().values().any(|expected| expected == kind.id()) {
                missing.push(format!("{}: {} has no line to drop", language.code, kind.id()));
            }
            let mut phrases = language.telling_words().filter(|(other, _)| *other == kind);
            if !phrases.any(|(_, phrase)| kept.iter().any(|line| shares_a_word(line, phrase))) {
                missing.push(format!("{}: {} has no line to keep", language.code, kind.id()));
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

fn shares_a_word(line: &str, phrase: &str) -> bool {
    let is_telling = |word: &&str| word.chars().count() >= 4 || word.chars().any(pattern::is_spaceless);
    phrase
        .split_whitespace()
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()))
        .filter(is_telling)
        .any(|word| line.contains(word))
}

#[test]
fn every_data_file_is_registered() {
    let on_disk: BTreeSet<String> = std::fs::read_dir(Path::new(DATA).join("phrases"))
        .unwrap()
        .map(|entry| format!("phrases/{}", entry.unwrap().file_name().to_str().unwrap()))
        .collect();
    let registered: BTreeSet<String> = PHRASES.iter().map(|(file, _)| (*file).to_owned()).collect();
    assert_eq!(on_disk, registered);
    for language in &lexicon().languages {
        assert!(registered.contains(&format!("phrases/{}.toml", language.code)), "{}", language.code);
    }
}

#[test]
fn the_docs_list_every_kind() {
    let docs = include_str!("../../../docs/kinds.md");
    let listed: Vec<&str> = docs.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect();
    let ids: Vec<&str> = Boilerplate::ALL.iter().map(|kind| kind.id()).collect();
    assert_eq!(listed, ids);
}

#[test]
fn the_docs_list_every_language() {
    let docs = include_str!("../../../docs/kinds.md");
    for language in &lexicon().languages {
        let row = format!("| {} | ", language.code);
        assert!(docs.contains(&row), "{}: run `eval/phrases.py --seen` for its row", language.code);
    }
}

#[test]
fn the_docs_state_the_default_of_every_kind() {
    let docs = include_str!("../../../docs/kinds.md");
    let lexicon = lexicon();
    for kind in Boilerplate::ALL {
        let row = docs.lines().find(|line| line.starts_with(&format!("| `{}`", kind.id()))).unwrap();
        let default = row.split('|').nth(3).unwrap().trim();
        let expected = match lexicon.kind(*kind).action {
            Action::Drop => "dropped",
            Action::Keep => "kept",
            Action::Metadata => "metadata",
        };
        assert_eq!(default, expected, "{row}");
    }
}

#[test]
fn words_match_tokens_never_parts_of_tokens() {
    assert_eq!(words("bg-gradient thread header shareholder"), []);
    assert_eq!(words("ad"), [(Boilerplate::Ad, Strength::Likely)]);
    assert_eq!(words("share-bar"), [(Boilerplate::Share, Strength::Sure)]);
    assert_eq!(words("RelatedPosts"), [(Boilerplate::RelatedList, Strength::Sure)]);
}

#[test]
fn a_longer_word_hides_the_shorter_one() {
    assert_eq!(words("comment-form"), [(Boilerplate::CommentForm, Strength::Sure)]);
    assert_eq!(words("newsletter_form"), [(Boilerplate::Newsletter, Strength::Sure)]);
}

#[test]
fn neighbours_stand_in_one_value() {
    assert_eq!(named(&["related-posts"]).len(), 1);
    assert_eq!(named(&["related-posts"])[0].word, "related-posts");
    assert_eq!(named(&["related posts"])[0].word, "related", "two names");
    assert_eq!(named(&["related", "posts"])[0].word, "related", "two values");
}

#[test]
fn a_not_word_takes_its_kind_back() {
    assert_eq!(words("newsletter-post typography"), []);
    assert_eq!(words("single newsletter newsletter-post share"), [(Boilerplate::Share, Strength::Sure)]);
}

#[test]
fn a_value_says_the_same_again_and_in_any_company() {
    let page = "<p class=newsletter id=share><p class=newsletter id=newsletter-post>";
    let (memo, document) = (Memo::default(), dom::parse(page).unwrap());
    let kinds = |node| memo.words(lexicon(), document.telling(node)).iter().map(|hit| hit.kind).collect::<Vec<_>>();
    for _ in 0..2 {
        let named: Vec<Vec<Boilerplate>> = document.elements(Tag::P).map(kinds).collect();
        assert_eq!(named[0], [Boilerplate::Newsletter, Boilerplate::Share]);
        assert_eq!(named[1], [], "one value takes back what the other says");
    }
}

#[test]
fn a_text_that_stands_again_says_the_same() {
    let page = "<p>Sign up for our newsletter<p>The ferry is late<p>Sign up for our newsletter<p>Share this";
    let (memo, blocks) = (Memo::default(), segment::segment(&dom::parse(page).unwrap()));
    assert_eq!(memo.originals(&blocks), [0, 1, 0, 3]);
    let folded = [0, 1, 2, 3].map(|id| memo.folded(&blocks, id));
    assert_eq!(folded, ["sign up for our newsletter", "the ferry is late", "sign up for our newsletter", "share this"]);
    let kinds = |id| memo.phrases(&blocks, lexicon(), Some("en"), id).map(|hit| hit.kind).collect::<BTreeSet<_>>();
    assert_eq!(kinds(0), BTreeSet::from([Boilerplate::Newsletter]));
    assert_eq!((kinds(1), kinds(2)), (BTreeSet::new(), kinds(0)));
    assert_eq!(kinds(3), BTreeSet::from([Boilerplate::Share]));
}

#[test]
fn tokens_that_say_nothing_are_skipped() {
    assert_eq!(words("has-comments no-sidebar font-caption"), []);
    assert_eq!(words("js-share"), [(Boilerplate::Share, Strength::Sure)]);
    assert_eq!(words("has share"), words("share"), "the next name speaks again");
}

#[test]
fn measured_losers_are_no_words() {
    let losers =
        "list card header summary hidden sidebar paywall premium teaser widget media next info more tag meta box";
    for word in losers.split(' ') {
        assert_eq!(words(word), [], "{word}");
    }
    assert!(words("toc").iter().all(|(_, strength)| *strength == Strength::Likely));
}

#[test]
fn tags_and_roles_speak_for_a_kind() {
    let lexicon = lexicon();
    assert_eq!(lexicon.tag_kind("nav"), Some(Boilerplate::Nav));
    assert_eq!(lexicon.tag_kind("figcaption"), Some(Boilerplate::Caption));
    assert_eq!(lexicon.tag_kind("p"), None);
    assert_eq!(lexicon.role_kind("navigation"), Some(Boilerplate::Nav));
    assert_eq!(lexicon.role_kind("list"), None);
}

fn with_phrases(text: &'static str) -> Result<Lexicon, LexiconError> {
    Lexicon::compile(KINDS, &[("phrases/xx.toml", text)])
}

fn message(result: Result<Lexicon, LexiconError>) -> String {
    result.err().map(|error| error.to_string()).unwrap_or_default()
}

#[test]
fn mistakes_in_phrase_files_name_the_file_and_the_value() {
    for (text, value) in [
        ("language = 'xx'\nscript = 'latin'\n[test]\n[newsleter]\nblock = []", "newsleter"),
        ("language = 'xx'\nscript = 'latin'\n[test]\n[newsletter]\nblok = []", "blok"),
        ("language = 'xx'\nscript = 'latin'\n[test]\n[byline]\nstart = ['by {who}']", "by {who}"),
        ("language = 'xx'\nscript = 'latin'\n[test]\n[byline]\nhas = { max = 9, any = ['{n} x'] }", "{n} x"),
        ("language = 'xx'\nscript = 'runes'\n[test]", "runes"),
        ("language = 'xx'\nscript = 'latin'", "test"),
        ("language = ", "TOML"),
    ] {
        let message = message(with_phrases(text));
        assert!(message.contains("phrases/xx.toml") && message.contains(value), "{text:?}: {message:?}");
    }
}

#[test]
fn mistakes_in_kinds_name_the_file_and_the_value() {
    for (from, to, value) in [
        ("id = \"ticker\"", "id = \"tickr\"", "tickr"),
        ("id = \"ticker\"", "id = \"nav\"", "nav"),
        ("schema = 1", "schema = 2", "2"),
        ("ends_article = true", "ends_articles = true", "ends_articles"),
        ("action = \"keep\"", "action = \"hold\"", "hold"),
        ("likely = [\"aside\"]", "likely = [\"Aside\"]", "Aside"),
        ("likely = [\"aside\"]", "likely = [\"share\"]", "share"),
    ] {
        assert!(KINDS.1.contains(from), "{from}");
        let message = message(Lexicon::compile(("kinds.toml", &KINDS.1.replacen(from, to, 1)), &[]));
        assert!(message.contains("kinds.toml") && message.contains(value), "{to}: {message:?}");
    }
    let without_last = &KINDS.1[..KINDS.1.rfind("[[kind]]").unwrap()];
    assert!(message(Lexicon::compile(("kinds.toml", without_last), &[])).contains("unclassified"));
}

#[test]
fn the_rest_of_a_label_begins_after_its_colon() {
    let lexicon = lexicon();
    let text = " READ\u{a0}ALSO: \u{201c}Énergie\u{201d} prices fall";
    let hits = lexicon.phrases(text, false, Some("en"));
    let hit = hits.iter().find(|hit| hit.form == Form::Label).unwrap();
    assert_eq!((hit.kind, hit.language), (Boilerplate::ReadAlso, "en"));
    assert_eq!(&text[hit.rest_from..], "\u{201c}Énergie\u{201d} prices fall");
    let alone = lexicon.phrases("Read also:", false, Some("en"));
    assert!(alone.iter().any(|hit| hit.form == Form::Label && hit.rest_from == "Read also:".len()));
}

#[test]
fn what_is_quoted_is_no_phrase_of_the_page() {
    let lexicon = lexicon();
    for quoted in [
        "\u{201c}Sign up for our weekly newsletter and be happy,\u{201d} said the sign",
        "\u{201c}Subscribe now, and get the first month for two marks.\u{201d} (The Tide Table)",
        "The phrase \u{201c}already a subscriber? Log in\u{201d} was hated most",
        "\u{ab}Підтримайте нас сьогодні\u{bb}, писали вони на кожній сторінці",
    ] {
        assert_eq!(lexicon.phrases(quoted, false, None), [], "{quoted}");
    }
    assert!(!lexicon.phrases("\u{201c}Read more\u{201d}", false, None).is_empty(), "whole block");
}

#[test]
fn the_most_telling_hit_comes_first() {
    let lexicon = lexicon();
    let hits = lexicon.phrases("Das könnte Sie auch interessieren", true, Some("de"));
    assert_eq!((hits[0].kind, hits[0].form), (Boilerplate::RelatedList, Form::Heading));
    assert!(hits.is_sorted_by_key(|hit| hit.form));
}

#[test]
fn both_forms_of_norwegian_find_their_phrases() {
    let lexicon = lexicon();
    for declared in ["no", "nb", "nn", "NB-no"] {
        let hits = lexicon.phrases("Mest lese saker", false, Some(declared));
        assert!(hits.iter().any(|hit| hit.language == "no"), "{declared}");
    }
}

#[test]
fn headings_are_phrases_of_headings_only() {
    let lexicon = lexicon();
    assert!(lexicon.phrases("You might also like", true, None).iter().any(|hit| hit.form == Form::Heading));
    assert!(lexicon.phrases("You might also like", false, None).iter().all(|hit| hit.form != Form::Heading));
}

/// The kinds and forms that a text has for a file of one language with some phrases.
fn hits_of(file: &'static str, text: &str, is_heading: bool) -> Vec<(Boilerplate, Form)> {
    let lexicon = with_phrases(file).unwrap();
    lexicon.phrases(text, is_heading, Some("xx")).iter().map(|hit| (hit.kind, hit.form)).collect()
}

#[test]
fn labels_without_spaces_need_a_mark_or_a_space_behind_them() {
    let file = "language = 'xx'\nscript = 'han'\n[test]\n[read_also]\nlabel = ['相关阅读']\n[ad]\nblock = ['广告']";
    let label = [(Boilerplate::ReadAlso, Form::Label)];
    assert_eq!(hits_of(file, "相关阅读：港口的新航线", false), label);
    assert_eq!(hits_of(file, "▶ 相关阅读 港口的新航线", false), label);
    assert_eq!(hits_of(file, "【相关阅读】港口的新航线", false), label);
    assert_eq!(hits_of(file, "相关阅读量增加了一倍", false), []);
    assert_eq!(hits_of(file, "（广告）", false), [(Boilerplate::Ad, Form::Block)]);
    assert_eq!(hits_of(file, "广告业在港口城市增长", false), []);
}

#[test]
fn one_pass_finds_what_each_language_finds() {
    let lexicon = lexicon();
    let lines = || lexicon.languages.iter().flat_map(|language| language.tests().keys());
    for line in lines() {
        let folded = Folded::new(line);
        let chars = line.chars().count() as u32;
        let text = Searched::new(&folded, chars, true, &lexicon.engine.name_particles);
        let sorted =
            |hits: Vec<PhraseHit<'_>>| -> BTreeSet<String> { hits.iter().map(|hit| format!("{hit:?}")).collect() };
        let written = Scripts::of(line);
        let each =
            lexicon.languages.iter().filter(|language| language.code == COMMON || written.may_hold(language.script));
        let mut found = Found::default();
        each.for_each(|language| {
            found.seen.clear();
            language.find(&text, &mut found);
        });
        let each = found.hits.into_iter().map(|hit| lexicon.told(hit)).collect();
        let (mut room, mut any) = (Vec::new(), Vec::new());
        room.resize_with(lexicon.languages.len(), Found::default);
        lexicon.find_any(&text, written, &mut room, &mut any);
        let any = any.into_iter().map(|hit| lexicon.told(hit)).collect();
        assert_eq!(sorted(any), sorted(each), "{line}");
    }
    assert!(lines().count() > 100);
}

#[test]
fn stops_of_a_phrase_end_no_sentence() {
    let file = "language = 'xx'\nscript = 'latin'\n[test]\n[caption]\nstart = ['fot. {name}']";
    assert_eq!(hits_of(file, "fot. Anna Lis / Harbour", false), [(Boilerplate::Caption, Form::Start)]);
    assert_eq!(hits_of(file, "Fot. Anna Lis went home. Nobody saw her.", false), []);
}

#[test]
fn korean_nouns_carry_their_particles() {
    let file = "language = 'xx'\nscript = 'hangul'\n[test]\n[newsletter]\nblock = ['뉴스레터']\nstart = ['뉴스레터']\nhas = { max = 60, any = ['이메일 주소'] }";
    assert_eq!(hits_of(file, "뉴스레터를 받아 보세요", false), [(Boilerplate::Newsletter, Form::Start)]);
    assert_eq!(hits_of(file, "지금 이메일 주소를 입력하세요", false), [(Boilerplate::Newsletter, Form::Has)]);
    assert_eq!(hits_of(file, "뉴스레터광고가 늘었다", false), []);
    assert_eq!(hits_of(file, "뉴스레터", true)[0], (Boilerplate::Newsletter, Form::Block));
}

#[test]
fn arabic_words_carry_what_is_written_before_them() {
    let file = "language = 'xx'\nscript = 'arabic'\n[test]\n[newsletter]\nblock = ['النشرة البريدية']\nhas = { max = 60, any = ['نشرة الميناء', 'اشترك في'] }\n[read_also]\nlabel = ['اقرأ أيضا']";
    assert_eq!(hits_of(file, "سجل الآن واشترك في القناة", false), [(Boilerplate::Newsletter, Form::Has)]);
    assert_eq!(hits_of(file, "بنشرة الميناء كل صباح", false), [(Boilerplate::Newsletter, Form::Has)]);
    assert_eq!(hits_of(file, "إقرأ أيضًا: خط جديد إلى الجزيرة", false), [(Boilerplate::ReadAlso, Form::Label)]);
    assert_eq!(hits_of(file, "قال إن المشترك في الحادث هرب", false), []);
}

#[test]
fn hindi_words_end_behind_their_signs() {
    let file = "language = 'xx'\nscript = 'devanagari'\n[test]\n[read_also]\nlabel = ['यह भी पढ़ें']\n[newsletter]\nblock = ['न्यूज़लेटर']\nhas = { max = 60, any = ['न्यूज'] }";
    assert_eq!(hits_of(file, "यह भी पढें: बंदरगाह का नया किराया", false), [(Boilerplate::ReadAlso, Form::Label)]);
    assert_eq!(hits_of(file, "न्यूजलेटर", false), [(Boilerplate::Newsletter, Form::Block)], "no news in it");
}

#[test]
fn sentences_end_with_a_stop_after_a_word() {
    for text in [
        "It rained. Then it stopped",
        "He left for good.",
        "\u{201c}He left.\u{201d}",
        "雨が降った。",
        "बारिश रुक गई। फिर",
    ] {
        assert!(has_sentence_end(text), "{text}");
    }
    for text in [
        "Dr. J. R. Lee Jr.",
        "U.S. and E.U. meet",
        "Why now?",
        "More to come...",
        "Version 2.1 is out",
        "vol. 3",
        "5 m. sausio 5 d. Ona Kalnė",
    ] {
        assert!(!has_sentence_end(text), "{text}");
    }
}

#[test]
fn long_texts_take_linear_time() {
    let lexicon = lexicon();
    let long = "Sign up for our newsletter and read also this. ".repeat(5_000_000 / 47);
    let begun = Instant::now();
    assert_eq!(lexicon.phrases(&long, false, None), []);
    assert!(begun.elapsed() < Duration::from_millis(50), "a long text is no phrase: {:?}", begun.elapsed());
    let begun = Instant::now();
    assert!(!fold(&long).is_empty());
    assert_eq!(words::tokens(&long).count(), 5_000_000 / 47 * 9);
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
}
