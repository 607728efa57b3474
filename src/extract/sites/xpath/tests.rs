//! Expressions on pages of our own.

use super::*;
use crate::extract::dom::parse;
use proptest::prelude::*;

const PAGE: &str = r#"<html lang="en-GB"><head><title>Rain | The Sun</title>
    <meta property="og:title" content="Rain at last"><link rel="next" href="/rain?page=2"></head>
    <body class="page wide"><div id="top" class="story  main"><h1>Rain <i>at</i> last</h1>
    <p class="lead">One</p><p>Two <span class="ad">Buy</span></p><ul><li>a</li><li>b</li><li>c</li></ul></div>
    <div class="story-foot"><p>By Ann Lee | Harbour</p><fb:like>Like</fb:like><a href="/x">More &gt;</a></div></body></html>"#;

/// The values of what is found, white space single.
fn found(expression: &str) -> Vec<String> {
    let document = parse(PAGE).unwrap();
    let compiled = XPath::parse(expression).unwrap_or_else(|error| panic!("{expression}: {error}"));
    let found = compiled.find(&document, &Steps::new(100_000)).unwrap();
    let values = match found {
        Found::Text(text) => vec![text],
        Found::Nodes(items) => items.into_iter().map(|item| item.value(&document)).collect(),
    };
    values.iter().map(|value| value.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

#[track_caller]
fn check(cases: &[(&str, &[&str])]) {
    for (expression, expected) in cases {
        assert_eq!(found(expression), *expected, "{expression}");
    }
}

#[test]
fn paths_and_axes_find_nodes_in_document_order() {
    check(&[
        ("//li", &["a", "b", "c"]),
        ("/html/body/div/p", &["One", "Two Buy", "By Ann Lee | Harbour"]),
        ("//div[@id='top']/*[1]", &["Rain at last"]),
        ("//span/..", &["Two Buy"]),
        ("//span/parent::p/@class", &[]),
        ("//span/ancestor::div/@id", &["top"]),
        ("//i/ancestor-or-self::*[1]", &["at"]),
        ("//li[2]/following-sibling::li", &["c"]),
        ("//li[3]/preceding-sibling::li", &["a", "b"]),
        ("//li[3]/preceding-sibling::li[1]", &["b"]),
        ("//h1/following::li[1]", &["a"]),
        ("//a/preceding::p[1]", &["By Ann Lee | Harbour"]),
        ("//ul/descendant-or-self::*[self::ul or self::li][2]", &["a"]),
        ("//h1/descendant::text()", &["Rain", "at", "last"]),
        ("//meta/attribute::content", &["Rain at last"]),
        ("//a/@*", &["/x"]),
        ("//@href/..", &["", "More >"]),
        ("//fb:like", &["Like"]),
        ("//p/node()[self::text()]", &["One", "Two", "By Ann Lee | Harbour"]),
        ("//p | //i | //p", &["at", "One", "Two Buy", "By Ann Lee | Harbour"]),
        ("//comment() | //script", &[]),
        ("id('top')/p[1]", &["One"]),
        (".//i", &["at"]),
        ("//div//p[1]", &["One", "By Ann Lee | Harbour"]),
        ("(//div//p)[1]", &["One"]),
        ("(//p)[last()]", &["By Ann Lee | Harbour"]),
    ]);
}

#[test]
fn predicates_filter() {
    check(&[
        ("//li[last()]", &["c"]),
        ("//li[position() > 1 and position() != 3]", &["b"]),
        ("//li[position() mod 2 = 1]", &["a", "c"]),
        ("//p[not(@class)]", &["Two Buy", "By Ann Lee | Harbour"]),
        ("//p[@class='lead' or span]", &["One", "Two Buy"]),
        ("//div[contains(concat(' ', normalize-space(@class), ' '), ' story ')]/h1", &["Rain at last"]),
        ("//div[contains(@class, 'story')]/p[starts-with(., 'By')]", &["By Ann Lee | Harbour"]),
        ("//*[@class='ad' and text()='Buy']", &["Buy"]),
        ("//ul[count(li) = 3]/li[1]", &["a"]),
        ("//p[string-length(.) < 4]", &["One"]),
        ("//a[.='More >']", &["More >"]),
        ("//li[. = //li[2]]", &["b"]),
        ("//li[. != 'a'][1]", &["b"]),
        ("//p[lang('en')][1]/@class", &["lead"]),
        ("//*[name() = 'ul']/li[2]", &["b"]),
        ("//p[position() = last()]", &["Two Buy", "By Ann Lee | Harbour"]),
    ]);
}

#[test]
fn functions_give_texts_and_numbers() {
    check(&[
        ("substring-before(//title, ' | ')", &["Rain"]),
        ("substring-after(//title, '| ')", &["The Sun"]),
        ("substring-after(//title, 'nowhere')", &[""]),
        ("concat('https://m.example.org', //link[@rel=\"next\"]/@href)", &["https://m.example.org/rain?page=2"]),
        ("string(//meta[@property='og:title']/@content)", &["Rain at last"]),
        ("normalize-space(//h1)", &["Rain at last"]),
        ("translate('2026/03/06', '/', '-')", &["2026-03-06"]),
        ("translate('bar', 'abc', 'AB')", &["BAr"]),
        ("substring('12345', 2, 3)", &["234"]),
        ("substring('12345', 1.5, 2.6)", &["234"]),
        ("substring('12345', 0 div 0, 3)", &[""]),
        ("count(//li) * 2 - 1", &["5"]),
        ("7 mod 4 + 6 div 3", &["5"]),
        ("-(1) + --2", &["1"]),
        ("round(2.5) = 3 and floor(-0.5) = -1 and ceiling(0.2) = 1", &["true"]),
        ("boolean(//nothing) or false()", &["false"]),
        ("sum(//nothing)", &["0"]),
        ("number('x')", &["NaN"]),
        ("//nothing = 'a' or //nothing != 'a'", &["false"]),
    ]);
}

#[test]
fn what_cannot_be_run_is_told() {
    let cases: &[(&str, XPathError)] = &[
        ("", XPathError::Empty),
        ("//div[@class='a'", XPathError::End),
        ("//div[@class='a]", XPathError::Quote { at: 14 }),
        ("//div]", XPathError::unexpected(5, "]")),
        ("//div[contain(., 'a')]", XPathError::Function("contain".into())),
        ("//div[contains(.)]", XPathError::Arguments("contains".into(), 1)),
        ("//div/next::p", XPathError::Axis("next".into())),
        ("//div[$a]", XPathError::Variable),
        ("//div p", XPathError::unexpected(6, "p")),
        ("//", XPathError::End),
    ];
    for (expression, error) in cases {
        assert_eq!(XPath::parse(expression).unwrap_err(), *error, "{expression}");
    }
    assert_eq!(XPath::parse(&"(".repeat(1_000)).unwrap_err(), XPathError::TooDeep);
    assert_eq!(XPath::parse(&"1+".repeat(1_000)).unwrap_err(), XPathError::TooDeep);
    assert_eq!(XPath::parse(&"a".repeat(5_000)).unwrap_err(), XPathError::TooLong);
}

#[test]
fn hostile_pages_end_at_the_last_step() {
    let page = format!("{}{}", "<div class=x>".repeat(400), "<p>word <b>x</b>".repeat(5_000));
    let document = parse(&page).unwrap();
    let expressions = [
        "//*[contains(., 'nothing')]",
        "//div//div//div//p[following::p[preceding::p]]",
        "//p[count(preceding-sibling::p) = 7]",
        "//p[. = //p[. != //b]]",
        "//*[translate(., 'abcdefghijklmnopqrstuvwxyz', '') = 'q']",
    ];
    for expression in expressions {
        let found = XPath::parse(expression).unwrap().find(&document, &Steps::new(200_000));
        assert_eq!(found, Err(OutOfSteps), "{expression}");
    }
}

/// Expressions of pieces that mostly fit together.
fn expression() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "//",
        "/",
        "p",
        "div",
        "*",
        "@class",
        "[",
        "]",
        "(",
        ")",
        "1",
        "last()",
        "position()",
        "'x'",
        "=",
        "!=",
        "<",
        " and ",
        " or ",
        "|",
        "text()",
        ".",
        "..",
        "contains(",
        ",",
        "ancestor::",
        "following::",
        "not(",
        "count(",
        "concat(",
        "normalize-space()",
        "-",
        "+",
        " mod ",
        "substring(",
        "node()",
        "id(",
        "::",
        "translate(",
        "é",
    ]);
    prop::collection::vec(pieces, 0..14).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_expression_panics_or_runs_past_its_steps(expression in prop_oneof![expression(), ".{0,40}"]) {
        let document = parse(PAGE).unwrap();
        if let Ok(compiled) = XPath::parse(&expression) {
            let steps = Steps::new(20_000);
            let result = compiled.find(&document, &steps);
            prop_assert!(result.is_ok() || steps.left() == 0);
            let _ = compiled.holds(&document, &Steps::new(50));
        }
    }
}
