//! Each format against blocks that try it.

mod read_back;

use super::*;
use crate::article::{Image, Mark, Span};
use proptest::prelude::*;
use read_back::read_back;

fn article(title: Option<&str>, blocks: Vec<ArticleBlock>) -> Article {
    Article { metadata: Metadata { title: title.map(Into::into), ..Metadata::default() }, blocks }
}

fn block(role: Role, text: &str) -> ArticleBlock {
    ArticleBlock::new(role, text)
}

fn item(depth: u8, number: Option<u32>) -> Role {
    Role::ListItem { depth, number }
}

fn row(is_header: bool, opens_table: bool) -> Role {
    Role::Row { is_header, opens_table }
}

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

fn link(range: std::ops::Range<usize>, to: &str) -> Span {
    Span { range, mark: Mark::Link(url(to)) }
}

fn image(at: usize, caption: Option<&str>) -> Span {
    let image =
        Image { url: url("https://a.example/i_(1).jpg"), alt: "A [pier]".into(), caption: caption.map(Into::into) };
    Span { range: at..at, mark: Mark::Image(Box::new(image)) }
}

fn with(spans: Vec<Span>, block: ArticleBlock) -> ArticleBlock {
    ArticleBlock { spans, ..block }
}

#[test]
fn text_separates_blocks_by_blank_lines_and_keeps_lists_tables_and_code_together() {
    let blocks = vec![
        block(Role::Paragraph, "First."),
        block(item(1, None), "a"),
        block(item(2, Some(3)), "b"),
        block(row(false, true), "x\t1"),
        block(row(false, false), "y\t"),
        block(Role::Code, "fn a() {\n\tb();  \n}"),
        block(Role::Quote, "Said."),
    ];
    assert_eq!(
        text(&article(Some("Title"), blocks)),
        "Title\n\nFirst.\n\n- a\n  3. b\n\nx\t1\ny\n\nfn a() {\n\tb();\n}\n\n> Said.\n"
    );
}

#[test]
fn an_article_without_a_body_is_empty() {
    let empty = article(Some("Title"), vec![]);
    let about = About::default();
    let shown = [text(&empty), markdown(&empty), html(&empty), html_page(&empty, &about)];
    assert_eq!(shown, [""; 4]);
}

#[test]
fn control_characters_never_come_through() {
    let blocks = vec![block(Role::Paragraph, "a\u{1b}]52;c\u{7}b"), block(Role::Code, "a\u{1b}\tb")];
    let article = article(Some("t\nu"), blocks);
    assert_eq!(text(&article), "t u\n\na ]52;c b\n\na\tb\n");
    assert_eq!(markdown(&article), "# t u\n\na \\]52;c b\n\n```\na\tb\n```\n");
    assert_eq!(
        html(&article),
        "<article dir=\"auto\">\n<h1>t u</h1>\n<p>a ]52;c b</p>\n<pre><code>a\tb</code></pre>\n</article>\n"
    );
}

#[test]
fn markdown_escapes_what_it_would_misread_and_nothing_else() {
    for (text, expected) in [
        ("# no heading", "\\# no heading"),
        ("#hashtag", "#hashtag"),
        ("- no item", "\\- no item"),
        ("-5 degrees", "-5 degrees"),
        ("---", "\\---"),
        ("+ 3", "\\+ 3"),
        ("> quoted", "\\> quoted"),
        ("1. first", "1\\. first"),
        ("2024) x", "2024\\) x"),
        ("3.5 km", "3.5 km"),
        ("14. Mai", "14\\. Mai"),
        ("1234567890. x", "1234567890. x"),
        ("*bold* and _it_", "\\*bold\\* and \\_it\\_"),
        ("snake_case_name", "snake_case_name"),
        ("a `b` ~~c~~", "a \\`b\\` \\~\\~c\\~\\~"),
        ("[a](b) ![c]", "\\[a\\](b) !\\[c\\]"),
        ("1 < 2 <b> </b> <!-- <?", "1 < 2 \\<b> \\</b> \\<!-- \\<?"),
        ("AT&T &amp; &#60; & co;", "AT&T \\&amp; \\&#60; & co;"),
        ("C:\\dir \\* end\\", "C:\\dir \\\\\\* end\\\\"),
        ("a | b", "a | b"),
    ] {
        let article = article(None, vec![block(Role::Paragraph, text)]);
        assert_eq!(markdown(&article), format!("{expected}\n"), "{text}");
    }
    let heading = article(None, vec![block(Role::Heading { level: 2 }, "About C #")]);
    assert_eq!(markdown(&heading), "## About C \\#\n");
}

#[test]
fn markdown_nests_lists_and_keeps_their_numbers() {
    let blocks = vec![
        block(item(1, Some(9)), "nine"),
        block(item(2, None), "a"),
        block(item(2, None), "b"),
        block(item(3, Some(1)), "deep"),
        block(item(1, Some(10)), "ten"),
        block(item(2, Some(4)), "four"),
        block(item(1, Some(12)), "twelve"),
        block(Role::Paragraph, "Between."),
        block(item(1, Some(13)), "thirteen"),
    ];
    let expected =
        "9. nine\n   - a\n   - b\n     1. deep\n10. ten\n\n    4. four\n12) twelve\n\nBetween.\n\n13. thirteen\n";
    assert_eq!(markdown(&article(None, blocks)), expected);
}

#[test]
fn markdown_fences_are_longer_than_any_run_in_the_code() {
    let blocks = vec![block(Role::Code, "```\n  a ````b"), block(Role::Code, "c")];
    assert_eq!(markdown(&article(None, blocks)), "`````\n```\n  a ````b\nc\n`````\n");
}

#[test]
fn markdown_tables_have_a_header_whether_their_page_gave_them_one_or_not() {
    let blocks =
        vec![block(row(true, true), "a|b\t"), block(row(false, false), "1\t\\|\t3"), block(row(false, true), "\tx")];
    let expected = "| a\\|b |  |  |\n| --- | --- | --- |\n| 1 | \\\\\\| | 3 |\n\n|  |  |\n| --- | --- |\n|  | x |\n";
    assert_eq!(markdown(&article(None, blocks)), expected);
}

#[test]
fn links_and_images_stand_where_they_stood() {
    let blocks = vec![
        with(
            vec![image(0, Some("By *night*")), link(4..9, "https://a.example/(x)?a=1&b"), image(10, None)],
            block(Role::Paragraph, "Wow!there it is"),
        ),
        with(vec![link(0..1, "mailto:a b@c.example")], block(row(true, true), "x\ty")),
        with(vec![link(2..3, "https://a.example/?a[]=1|2")], block(row(false, false), "z\tw")),
        with(vec![image(0, None)], block(item(1, None), "one")),
        with(vec![image(1, None)], block(Role::Code, "c")),
    ];
    let article = article(None, blocks);
    assert_eq!(
        markdown(&article),
        "![A \\[pier\\]](https://a.example/i_\\(1\\).jpg)\n\n*By \\*night\\**\n\n\
         Wow\\![there](https://a.example/\\(x\\)?a=1&b) ![A \\[pier\\]](https://a.example/i_\\(1\\).jpg)it is\n\n\
         | [x](mailto:a%20b@c.example) | y |\n| --- | --- |\n| z | [w](https://a.example/?a[]=1\\|2) |\n\n\
         ![A \\[pier\\]](https://a.example/i_\\(1\\).jpg)\n\n- one\n\n```\nc\n```\n\n\
         ![A \\[pier\\]](https://a.example/i_\\(1\\).jpg)\n"
    );
    let html = html(&article);
    let figure = "<figure><img src=\"https://a.example/i_(1).jpg\" alt=\"A [pier]\"><figcaption>By *night*</figcaption></figure>";
    assert!(html.contains(figure), "{html}");
    let line = "<p>Wow!<a href=\"https://a.example/(x)?a=1&amp;b\" rel=\"noopener noreferrer\">there</a> <img";
    assert!(html.contains(line), "{html}");
    let json: serde_json::Value = serde_json::from_str(&json(&article, &About::default())).unwrap();
    assert_eq!(
        json["blocks"][0]["links"],
        serde_json::json!([{"from": 4, "to": 9, "url": "https://a.example/(x)?a=1&b"}])
    );
    assert_eq!(json["blocks"][0]["images"][0]["caption"], "By *night*");
    assert_eq!(json["blocks"][0]["images"][1]["at"], 10);
    assert_eq!(json["blocks"][2]["links"][0]["from"], 2);
    assert_eq!(json["blocks"][4]["images"][0]["at"], 1);
}

#[test]
fn html_nests_lists_and_groups_rows_quotes_and_code() {
    let blocks = vec![
        block(item(1, Some(3)), "three"),
        block(item(2, None), "a < b"),
        block(item(1, Some(5)), "five"),
        block(row(true, true), "Wood\tAge"),
        block(row(false, false), "Oak"),
        block(Role::Quote, "One."),
        block(Role::Quote, "Two."),
        block(Role::Caption, "Seen"),
    ];
    assert_eq!(
        html(&article(Some("<i>"), blocks)),
        "<article dir=\"auto\">\n<h1>&lt;i&gt;</h1>\n<ol start=\"3\">\n<li>three\n<ul>\n<li>a &lt; b</li>\n</ul>\n</li>\n\
         <li value=\"5\">five</li>\n</ol>\n<table>\n<thead>\n<tr><th>Wood</th><th>Age</th></tr>\n</thead>\n<tbody>\n\
         <tr><td>Oak</td><td></td></tr>\n</tbody>\n</table>\n<blockquote>\n<p>One.</p>\n<p>Two.</p>\n</blockquote>\n\
         <figure><figcaption>Seen</figcaption>\n</figure>\n</article>\n"
    );
}

#[test]
fn html_pages_say_in_their_head_whose_they_are() {
    let metadata = Metadata {
        title: Some("</title><script>".into()),
        authors: vec!["Ann \"Q\" Lee".into()],
        language: Some("he".into()),
        ..Metadata::default()
    };
    let article = Article { metadata, blocks: vec![block(Role::Paragraph, "שלום")] };
    let at = url("https://a.example/\"a&b");
    let page = html_page(&article, &About { url: Some(&at), ..About::default() });
    for line in [
        "<meta charset=\"utf-8\">",
        "<title>&lt;/title&gt;&lt;script&gt;</title>",
        "<link rel=\"canonical\" href=\"https://a.example/%22a&amp;b\">",
        "<meta name=\"author\" content=\"Ann &quot;Q&quot; Lee\">",
        "<article dir=\"auto\" lang=\"he\">",
        "<p>שלום</p>",
    ] {
        assert!(page.lines().any(|it| it == line), "{line} is missing in\n{page}");
    }
}

#[test]
fn formats_are_known_by_the_names_of_files() {
    for (_, format) in Format::ALL {
        assert_eq!(Format::of_name(&format!("a.test/2026-01-02/b.c-0123.{}", format.extension())), format);
    }
    assert_eq!(Format::of_name("a.test/b"), Format::Text);
}

/// The same of the blocks themselves, as plain text has them.
fn expected(article: &Article) -> Vec<(String, String)> {
    let mut lists = list::Lists::default();
    let mut blocks: Vec<(String, String)> = Vec::new();
    let title =
        article.metadata.title.as_deref().map(|title| ("heading 1".to_owned(), line::clean(title).into_owned()));
    blocks.extend(title.filter(|_| !article.blocks.is_empty()));
    for run in runs(&article.blocks) {
        if run[0].role != Role::Code && !matches!(run[0].role, Role::ListItem { .. }) {
            lists.close();
        }
        for block in run {
            let words = text::words(block).into_owned();
            match block.role {
                Role::Paragraph => blocks.push(("paragraph".into(), words)),
                Role::Heading { level } => blocks.push((format!("heading {level}"), words)),
                Role::Quote => blocks.push(("quote".into(), words)),
                Role::Caption => blocks.push(("caption".into(), words)),
                Role::Row { is_header, .. } => {
                    if block == &run[0] && !is_header {
                        blocks.push(("row".into(), String::new()));
                    }
                    blocks.push(("row".into(), words));
                }
                Role::Code => {}
                Role::ListItem { depth, number } => {
                    lists.take(depth, number);
                    let number = number.map_or(String::new(), |number| format!(" {number}"));
                    blocks.push((format!("item {}{number}", lists.len()), words));
                }
            }
        }
        if run[0].role == Role::Code {
            lists.close();
            let lines: Vec<_> = run.iter().map(text::words).collect();
            blocks.push(("code".into(), lines.join("\n") + "\n"));
        }
    }
    blocks
}

fn assert_round_trip(article: &Article) {
    let shown = markdown(article);
    let trimmed = |(kind, text): (String, String)| {
        let is_row = kind == "row";
        (kind, if is_row { text.strip_prefix('\t').unwrap_or(&text).trim_end().to_owned() } else { text })
    };
    let found: Vec<_> = read_back(&shown).into_iter().map(trimmed).collect();
    let expected: Vec<_> = expected(article).into_iter().map(trimmed).collect();
    assert_eq!(found, expected, "\n{shown}");
}

/// Texts of the signs that Markdown reads, in and between words.
fn words() -> impl Strategy<Value = String> {
    let sign = "[-#>+*_`~\\[\\]()<>!&;|\\\\.:0-9=^$\"'/a-c ]{1,12}";
    let word = prop_oneof![
        4 => sign.prop_map(String::from),
        1 => Just("&amp;".to_owned()),
        1 => Just("<b>".to_owned()),
        1 => Just("https://a.example/?a=1&lt;".to_owned()),
        1 => "\\PC{1,6}",
    ];
    let squeezed = |text: String| line::clean(&text.split_whitespace().collect::<Vec<_>>().join(" ")).into_owned();
    proptest::collection::vec(word, 1..4).prop_map(move |words| squeezed(words.concat())).prop_filter("blank", |it| {
        // What is no letter, sign or space at all may fall away.
        it.chars().any(|c| c.is_alphanumeric() || c.is_ascii_punctuation())
    })
}

fn any_block() -> impl Strategy<Value = ArticleBlock> {
    let cells = proptest::collection::vec(prop_oneof![Just(String::new()), words()], 1..4);
    let text_of = |role: Role| words().prop_map(move |text| ArticleBlock::new(role, text));
    prop_oneof![
        text_of(Role::Paragraph),
        (1_u8..=6)
            .prop_flat_map(move |level| words().prop_map(move |it| ArticleBlock::new(Role::Heading { level }, it))),
        (1_u8..5, proptest::option::of(0_u32..=30), words())
            .prop_map(|(depth, number, text)| ArticleBlock::new(Role::ListItem { depth, number }, text)),
        text_of(Role::Quote),
        text_of(Role::Caption),
        "[ab`~ \\t<&*\\\\]{0,8}x(\n[ab`~ \\t<&*\\\\]{0,8}y){0,2}".prop_map(|code| ArticleBlock::new(Role::Code, code)),
        (any::<bool>(), any::<bool>(), words(), cells).prop_map(|(is_header, opens_table, first, rest)| {
            ArticleBlock::new(
                Role::Row { is_header: is_header && opens_table, opens_table },
                format!("{first}\t{}", rest.join("\t")),
            )
        }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1024, ..ProptestConfig::default() })]

    #[test]
    fn markdown_reads_back_as_the_text(title in proptest::option::of(words()), blocks in proptest::collection::vec(any_block(), 1..6)) {
        assert_round_trip(&article(title.as_deref(), blocks));
    }

    #[test]
    fn linked_markdown_has_the_same_text(
        blocks in proptest::collection::vec(any_block(), 1..4), from in 0_usize..12, length in 1_usize..9,
    ) {
        let linked = |block: ArticleBlock| {
            let (start, end) = (from.min(block.text.len()), (from + length).min(block.text.len()));
            let piece = block.text.get(start..end).filter(|piece| !piece.contains('\t') && !piece.trim().is_empty());
            let is_fit = block.role != Role::Code && piece.is_some_and(|piece| piece.trim().len() == piece.len());
            let spans = if is_fit { vec![link(start..end, "https://a.example/(x)?a=*_1|`2`&b;")] } else { vec![] };
            with(spans, block)
        };
        let blocks: Vec<_> = blocks.into_iter().map(linked).collect();
        assert_round_trip(&article(None, blocks));
    }
}
