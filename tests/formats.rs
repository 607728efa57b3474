//! Pages through the whole way to Markdown and HTML, by the library: structure that survives, and attacks that do not.
#![expect(clippy::unwrap_used, reason = "a test says what broke by failing there")]

use gleaner::article::{Article, Mark, Role, Verdict};
use gleaner::extract::{Extractor, Options};
use gleaner::page::Page;
use gleaner::render::{self, About};
use std::sync::LazyLock;
use unicode_normalization::is_nfc;
use url::Url;

static EXTRACTOR: LazyLock<Extractor> = LazyLock::new(|| Extractor::new(&Options::default()).unwrap());

static WITH_ALL: LazyLock<Extractor> =
    LazyLock::new(|| Extractor::new(&Options { with_links: true, with_images: true, ..Options::default() }).unwrap());

const FERRY: &str = "The ferry between the two islands sails again from Monday, the harbour office said, after its engine \
                     had been repaired for the third time this year by a yard on the mainland.";
const TICKETS: &str = "Tickets cost what they cost before, and children travel free as long as they bring a grown-up who \
                       does not, the office said on Thursday in a letter to all households.";
const ENGINE: &str = "The old engine goes to the museum, where it will stand beside the one before it, and the one before \
                      that, in a hall that has to be made longer every few years.";

/// A page whose article has `body` between its paragraphs.
fn page(body: &str) -> Page {
    let html = format!(
        "<!doctype html><html lang=en><head><title>The ferry sails again</title></head><body><nav><a href=/>Home</a> \
         <a href=/b>Boats</a></nav><main><article><h1>The ferry sails again</h1><p>{FERRY}</p>{body}<p>{TICKETS}</p>\
         <p>{ENGINE}</p></article></main><footer><p>© 2026 The Harbour Post</p></footer></body></html>"
    );
    Page { url: Url::parse("https://post.example/news/ferry").ok(), ..Page::from_bytes(html) }
}

fn extract(extractor: &Extractor, body: &str) -> Article {
    let extraction = extractor.extract(&page(body));
    assert_eq!(extraction.verdict, Verdict::Article, "{body}");
    extraction.article
}

/// What stands in the text between the first paragraph and the second.
fn between(body: &str) -> String {
    let text = render::body(&extract(&EXTRACTOR, body));
    let inner = text.strip_prefix(FERRY).and_then(|rest| rest.split_once(TICKETS));
    inner.unwrap_or_else(|| panic!("{text}")).0.trim_matches('\n').to_owned()
}

#[test]
fn empty_and_wide_cells_keep_the_columns_of_a_table() {
    let table = "<table><thead><tr><th></th><th>Summer</th><th>Winter</th></tr></thead><tbody>\
        <tr><td>Sailings a day</td><td>9</td><td>4</td></tr><tr><td colspan=3>Only on Sundays</td></tr>\
        <tr><td colspan=2>Last one back</td><td>18:00</td></tr><tr><td>Bicycles</td><td></td><td>yes</td></tr><tr><td>Dogs</td><td></td><td></td></tr></tbody></table>";
    let expected =
        "\tSummer\tWinter\nSailings a day\t9\t4\nOnly on Sundays\nLast one back\t\t18:00\nBicycles\t\tyes\nDogs";
    assert_eq!(between(table), expected);
    let roles: Vec<Role> = extract(&EXTRACTOR, table).blocks.iter().map(|block| block.role).collect();
    let row = |is_header, opens_table| Role::Row { is_header, opens_table };
    assert_eq!(
        roles[1..6],
        [row(true, true), row(false, false), row(false, false), row(false, false), row(false, false)]
    );
    let markdown = render::markdown(&extract(&EXTRACTOR, table));
    assert!(
        markdown.contains("\n|  | Summer | Winter |\n| --- | --- | --- |\n| Sailings a day | 9 | 4 |\n"),
        "{markdown}"
    );
}

#[test]
fn a_cell_of_several_lines_is_one_and_tables_in_a_row_stay_two() {
    let table = "<table><tr><td>Pier</td><td>North<br><br>or South</td></tr><tr><td>Boat</td><td>Old</td></tr></table>\
        <table><tr><td>Crew</td><td>Four</td></tr></table>";
    let article = extract(&EXTRACTOR, table);
    let rows: Vec<_> = article.blocks[1..4].iter().map(|block| (block.text.as_str(), block.role)).collect();
    let row = |opens_table| Role::Row { is_header: false, opens_table };
    assert_eq!(rows, [("Pier\tNorth or South", row(true)), ("Boat\tOld", row(false)), ("Crew\tFour", row(true))]);
}

#[test]
fn a_column_that_lays_a_page_out_is_no_table() {
    let layout = "<table><tr><td></td><td>The crew of four has been with the ferry since the year in which it was built.</td></tr></table>";
    assert_eq!(between(layout), "The crew of four has been with the ferry since the year in which it was built.");
}

#[test]
fn code_keeps_its_lines_and_its_indentation() {
    let code = "<pre><code>def sail(ferry):\n\tif ferry.broken:\n\t    return  None\n\n  # &lt;done&gt;\n</code></pre>";
    assert_eq!(between(code), "def sail(ferry):\n\tif ferry.broken:\n\t    return  None\n\n  # <done>");
    let html = render::html(&extract(&EXTRACTOR, code));
    assert!(
        html.contains(
            "<pre><code>def sail(ferry):\n\tif ferry.broken:\n\t    return  None\n\n  # &lt;done&gt;</code></pre>"
        ),
        "{html}"
    );
}

#[test]
fn nested_lists_nest_and_keep_their_numbers() {
    let list = "<ol start=3><li>Cast off<ul><li>the bow line</li><li>the stern line</li></ul></li><li>Sail</li></ol>";
    assert_eq!(between(list), "3. Cast off\n  - the bow line\n  - the stern line\n4. Sail");
    let article = extract(&EXTRACTOR, list);
    let markdown = render::markdown(&article);
    assert!(markdown.contains("\n3. Cast off\n   - the bow line\n   - the stern line\n4. Sail\n"), "{markdown}");
    let html = render::html(&article);
    let nested = "<ol start=\"3\">\n<li>Cast off\n<ul>\n<li>the bow line</li>\n<li>the stern line</li>\n</ul>\n</li>\n<li>Sail</li>\n</ol>";
    assert!(html.contains(nested), "{html}");
}

#[test]
fn white_space_is_single_and_words_stay_apart() {
    let body = "<p>One&nbsp;&nbsp;two<br>three\u{2003}four <img src=a.jpg> five<span> six</span> se&shy;ven\u{200b}th, and so on \
        for as long as a line needs to be.</p><div>Left side of it all, where the<br>light is</div><div>Right side of it all</div>";
    let text = between(body);
    assert!(text.starts_with("One two three four five six seventh, and so on"), "{text}");
    assert!(text.contains("where the light is\n\nRight side"), "{text}");
    assert!(!text.contains("  "), "{text}");
}

#[test]
fn letters_come_out_composed_and_right_to_left_text_untouched() {
    let arabic = "\u{200f}قال المكتب\u{200f} إن العبارة (MV Ferry) ستبحر يوم الاثنين، بعد أن تم إصلاح محركها للمرة الثالثة هذا العام.";
    let text = between(&format!(
        "<p>{arabic}</p><p>The Cafe\u{301} on the pier opens at nine, says its owner, A\u{30a}sa.</p>"
    ));
    assert!(text.contains(arabic), "{text}");
    assert!(text.ends_with("The Café on the pier opens at nine, says its owner, Åsa.") && is_nfc(&text), "{text}");
}

#[test]
fn links_are_absolute_and_only_those_of_the_text_and_of_the_web() {
    let body = "<p>The office <a href='../tariffs?a=1&amp;b=2#top'> lists the tariffs </a>, the <a href='mailto:pier@post.example'>pier</a> \
        answers, <a href='javascript:alert(1)'>and</a> <a href='data:text/html,x'>so</a> <a>on</a> <a href='ftp://post.example/x'>it</a> \
        <a href='//other.example/(x)'>goes, <b>at</b> length</a>.</p>";
    let article = extract(&WITH_ALL, body);
    let block = &article.blocks[1];
    let links: Vec<(&str, &str)> = block
        .spans
        .iter()
        .map(|span| match &span.mark {
            Mark::Link(url) => (&block.text[span.range.clone()], url.as_str()),
            Mark::Image(_) => panic!("no image stands there"),
        })
        .collect();
    let expected = [
        ("lists the tariffs", "https://post.example/tariffs?a=1&b=2#top"),
        ("pier", "mailto:pier@post.example"),
        ("goes, at length", "https://other.example/(x)"),
    ];
    assert_eq!(links, expected);
    assert_eq!(extract(&EXTRACTOR, body).blocks, article.blocks.iter().cloned().map(without_spans).collect::<Vec<_>>());
}

fn without_spans(block: gleaner::article::ArticleBlock) -> gleaner::article::ArticleBlock {
    gleaner::article::ArticleBlock { spans: Vec::new(), ..block }
}

#[test]
fn base_of_the_page_is_what_relative_links_refer_to() {
    let html = String::from_utf8(
        page("<p>The office <a href='x'>said so</a> on Monday, and again on Tuesday.</p>").body.to_vec(),
    );
    let html = html.unwrap().replace("<head>", "<head><base href='https://cdn.example/a/'>");
    let article = WITH_ALL.extract(&Page { url: page("").url, ..Page::from_bytes(html) }).article;
    assert!(render::markdown(&article).contains("[said so](https://cdn.example/a/x)"));
}

#[test]
fn images_of_the_body_come_once_with_what_they_show_and_those_around_it_do_not() {
    let body = "<figure><img src='data:image/gif;base64,R0' data-src='/ferry.jpg' alt=' The\n ferry '><noscript><img src='/ferry-large.jpg'></noscript>\
        <figcaption>The ferry in spring</figcaption></figure>\
        <p>It has been painted <img src='/smile.png' width=20 height=20> again <img src='blue.jpg' alt='Blue'> all over, from the bow to the stern.</p>\
        <picture><source srcset='/s.webp 400w, /l.webp 1200w'><img src='javascript:x'></picture><img src='/pixel' width=1 height=1>\
        <img src='/ferry.jpg'>";
    let more = "<div class='related'><h3>Read also</h3><ul><li><a href=/1><img src=/teaser.jpg>The bridge is closed until further notice</a></li>\
        <li><a href=/2><img src=/teaser2.jpg>Nobody wants the old pier</a></li></ul></div>";
    let html = String::from_utf8(page(body).body.to_vec()).unwrap().replace("</article>", &format!("</article>{more}"));
    let article = WITH_ALL.extract(&Page { url: page("").url, ..Page::from_bytes(html) }).article;
    let markdown = render::markdown(&article);
    let expected = "\n\n![The ferry](https://post.example/ferry.jpg)\n\n*The ferry in spring*\n\nIt has been painted again \
        ![Blue](https://post.example/news/blue.jpg)all over, from the bow to the stern.\n\n![](https://post.example/l.webp)\n\nTickets";
    assert!(markdown.contains(expected), "{markdown}");
    assert!(!markdown.contains("teaser") && !markdown.contains("pixel"), "{markdown}");
}

/// What attackers put into articles; each stands amid one whose other paragraphs are harmless.
const ATTACKS: &[&str] = &[
    "<script>alert(1)</script>",
    "<scr<script>ipt>alert(1)</script>",
    "<p onclick=alert(1) onmouseover='x'>A line that does something when it is pointed at by anybody at all.</p>",
    "<p>A <a href='javascript:alert(1)'>line</a> of <a href=' java\nscript:alert(1)'>links</a>, <a href='JaVaScRiPt&colon;alert(1)'>all</a> bad.</p>",
    "<p>More <a href='data:text/html;base64,PHNjcmlwdD4='>of</a> <a href='vbscript:x'>these</a>, as many as there may be.</p>",
    "<img src=x onerror=alert(1)><img src='javascript:alert(1)'><img src='data:image/svg+xml,<svg onload=alert(1)>'>",
    "<img src='https://a.example/\"onerror=alert(1) x=\"' alt='\"><script>alert(1)</script>'>",
    "<svg onload=alert(1)><script>alert(1)</script><a xlink:href='javascript:x'><text>Drawn</text></a></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table></mtext></math>",
    "<meta http-equiv=refresh content='0;url=https://evil.example/'><base href='javascript:/'>",
    "<style>p { background: url(javascript:alert(1)) }</style><link rel=stylesheet href=https://evil.example/x.css>",
    "<p style='background:url(https://evil.example/x)' class=x id=y>A line that is painted by somebody else, far away.</p>",
    "<iframe src=https://evil.example/></iframe><iframe srcdoc='<script>alert(1)</script>'></iframe><object data=x></object><embed src=x>",
    "<form action=https://evil.example/><input name=x><button formaction='javascript:x'>Go</button></form>",
    "<p>&lt;script&gt;alert(1)&lt;/script&gt; and &amp;lt;script&amp;gt; are written out here, as in any lesson on them.</p>",
    "<p>Broken &#x3c;img src=x onerror=alert(1)&#x3e; &#0; &#xD800; &lt &ltscript &#60;svg onload=x&#62; entities of all kinds.</p>",
    "<pre><code>&lt;/code&gt;&lt;/pre&gt;&lt;script&gt;alert(1)&lt;/script&gt;</code></pre>",
    "<table><tr><td>&lt;/td&gt;&lt;script&gt;x</td><td onclick=x>y</td></tr></table>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>A line for those without any scripts, and for others.</p></noscript>",
    "<textarea><script>alert(1)</script></textarea><xmp><script>alert(1)</script></xmp><plaintext><script>alert(1)</script>",
];

/// The elements that may come out, and their attributes.
const ALLOWED: &[(&str, &[&str])] = &[
    ("a", &["href", "rel"]),
    ("article", &["dir", "lang"]),
    ("blockquote", &[]),
    ("code", &[]),
    ("figcaption", &[]),
    ("figure", &[]),
    ("h1", &[]),
    ("h2", &[]),
    ("h3", &[]),
    ("img", &["src", "alt"]),
    ("li", &["value"]),
    ("ol", &["start"]),
    ("p", &[]),
    ("pre", &[]),
    ("table", &[]),
    ("tbody", &[]),
    ("td", &[]),
    ("th", &[]),
    ("thead", &[]),
    ("tr", &[]),
    ("ul", &[]),
];

#[test]
fn no_attack_comes_through_to_html() {
    for attack in ATTACKS {
        let extraction = WITH_ALL.extract(&page(attack));
        let html = render::html(&extraction.article);
        assert!(html.contains(&FERRY[..40]), "{attack}\n{html}");
        assert_harmless(&html, attack);
    }
    let together = render::html(&WITH_ALL.extract(&page(&ATTACKS.concat())).article);
    assert_harmless(&together, "all together");
}

#[test]
fn metadata_that_attack_are_text_in_the_head_of_a_page() {
    let attack = "\"><script>alert(1)</script><meta http-equiv=refresh content=0>";
    let mut article = extract(&WITH_ALL, "");
    article.metadata.title = Some(attack.into());
    article.metadata.authors = vec![attack.into()];
    article.metadata.language = Some(attack.into());
    let html = render::html_page(&article, &About::default());
    let document = scraper::Html::parse_document(&html);
    let elements = document.tree.values().filter_map(scraper::Node::as_element);
    let orders: Vec<&str> = elements
        .inspect(|element| assert_ne!(element.name(), "script", "{html}"))
        .filter_map(|element| element.attr("http-equiv"))
        .collect();
    assert_eq!(orders, ["Content-Security-Policy"], "{html}");
}

/// Reads what was written with a parser of its own and holds it against the list.
fn assert_harmless(html: &str, attack: &str) {
    let document = scraper::Html::parse_fragment(html);
    for element in document.tree.values().filter_map(scraper::Node::as_element) {
        let known = ALLOWED.iter().find(|(name, _)| *name == element.name());
        let Some((_, attributes)) = known.or(matches!(element.name(), "html" | "body").then_some(&("html", &[])))
        else {
            panic!("<{}> came of {attack}\n{html}", element.name());
        };
        for (name, value) in element.attrs() {
            assert!(attributes.contains(&name), "{name} came of {attack}\n{html}");
            let is_address = matches!(name, "href" | "src");
            let is_web = ["http://", "https://", "mailto:"].iter().any(|scheme| value.starts_with(scheme));
            assert!(!is_address || is_web, "{value} came of {attack}\n{html}");
        }
    }
}
