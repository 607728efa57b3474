//! Both parsers make the same of a page, however its tags are mixed.

use super::super::prune::prune;
use super::super::{Agreement, agreement};
use proptest::prelude::*;

/// What pages are mixed of: what our parser has rules of its own for.
const PIECES: &[&str] = &[
    "<p>",
    "</p>",
    "<div class=a>",
    "</div>",
    "<section>",
    "</section>",
    "<span>",
    "</span>",
    "<b>",
    "</b>",
    "<b id=1>",
    "<i>",
    "</i>",
    "<a href=x>",
    "</a>",
    "<nobr>",
    "</nobr>",
    "<font size=1>",
    "</font>",
    "<ul>",
    "</ul>",
    "<li>",
    "</li>",
    "<dl>",
    "<dt>",
    "<dd>",
    "</dd>",
    "</dl>",
    "<h1>",
    "</h1>",
    "<h2>",
    "</h3>",
    "<table>",
    "</table>",
    "<caption>",
    "</caption>",
    "<colgroup>",
    "<col>",
    "</colgroup>",
    "<tbody>",
    "</tbody>",
    "<thead>",
    "<tr>",
    "</tr>",
    "<td>",
    "</td>",
    "<th>",
    "<form>",
    "</form>",
    "<input type=hidden>",
    "<input>",
    "<button>",
    "</button>",
    "<select>",
    "</select>",
    "<option>",
    "</option>",
    "<optgroup>",
    "<textarea>\n<b>x</textarea>",
    "<svg>",
    "</svg>",
    "<path/>",
    "<title>t &amp; <b></title>",
    "<desc>",
    "</desc>",
    "<math>",
    "<mi>",
    "</mi>",
    "</math>",
    "<foreignObject>",
    "</foreignobject>",
    "<script>a<b></script>",
    "<style>p{}</style>",
    "<noscript>",
    "</noscript>",
    "<br>",
    "</br>",
    "<hr>",
    "<img src=a>",
    "<image>",
    "<pre>\n",
    "\n\nx",
    "</pre>",
    "<ruby>",
    "<rt>",
    "<rp>",
    "<rtc>",
    "</ruby>",
    "<object>",
    "</object>",
    "<body id=b>",
    "</body>",
    "<html lang=en>",
    "</html>",
    "<head>",
    "</head>",
    "<meta name=m>",
    "<link>",
    "<xmp><i></xmp>",
    "<iframe><i></iframe>",
    "<x-tag>",
    "</x-tag>",
    "<template>",
    "</template>",
    " ",
    "\n",
    "word",
    "1 < 2 &amp; &lt;b> &copy2 &#x41;",
    "<p title='a>b' TITLE=c x=\"&quot;&amp=1\">",
    "<br/>",
    "<div/>",
    "<menu>",
    "</menu>",
    "<address>",
    "</address>",
    "<center>",
    "<main>",
    "<blockquote>",
    "</blockquote>",
    "<marquee>",
    "</marquee>",
    "<article>",
    "</article>",
    "<frame>",
    "<big>",
    "<listing>",
    "<ol>",
    "</ol>",
];

/// Whether both parsers agree on a page. The conforming one is never shown comments and scripts, which are cut out by a
/// scan that may find one in what is none (`</<!-- -->`); so they are cut out for both, until there are none.
fn agrees(html: &str) -> Result<(), TestCaseError> {
    let mut html = html.to_owned();
    while let Ok(pruned) = prune(&html).map(|pruned| pruned.into_owned())
        && pruned != html
    {
        html = pruned;
    }
    let found = agreement(&html);
    prop_assert!(matches!(found, Agreement::Same | Agreement::Guess(_)), "{html}\n{found:#?}");
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, ..ProptestConfig::default() })]

    #[test]
    fn both_parsers_build_the_same_document(
        doctype in prop::sample::select(&["", "<!doctype html>", "<!doctype>"][..]),
        pieces in prop::collection::vec(prop::sample::select(PIECES), 1..40),
    ) {
        agrees(&format!("{doctype}{}", pieces.concat()))?;
    }

    #[test]
    fn both_parsers_read_the_same_tags_out_of_any_bytes(html in "[a-c <>/!?\"'=&;#\n\t-]{0,60}") {
        agrees(&html)?;
    }
}

#[test]
fn what_would_be_a_guess_is_left_to_the_conforming_parser() {
    for (html, guess) in [
        ("<frameset><frame src=a></frameset>", "Frameset"),
        ("<p>a<plaintext>b", "Plaintext"),
        ("a\0b", "Nul"),
        ("<template><td><b>a</template>c", "Template"),
        ("<math><annotation-xml encoding=text/html><p>a", "Annotation"),
        ("<!doctype html public \"-//w3c//dtd html 4.0 transitional//en\"><p>a<table><tr><td>b", "Doctype"),
    ] {
        assert_eq!(agreement(html), Agreement::Guess(guess.into()), "{html}");
    }
}

#[test]
fn text_that_is_joined_again_and_again_costs_no_more_than_the_page() {
    let html = format!("<table>{}", "x<tr>&amp;</tr> ".repeat(20_000));
    let Ok(document) = super::parse(&html) else { panic!("a table") };
    let bytes = document.wording.len();
    assert!(bytes < 4 * html.len(), "{bytes} bytes of {}", html.len());
}
