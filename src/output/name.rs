//! What a text's file is called: `{host}/{yyyy-mm-dd}/{slug}-{key}.txt`, or what a template makes of it.

use super::template::{NameTemplate, Placeholder};
use crate::article::Published;
use crate::key::{Host, Key};
use crate::path::RelativePath;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use url::Url;

/// The longest slug, in bytes.
const MAX_SLUG_BYTES: usize = 80;

/// The slug where neither title nor URL give one.
const NO_SLUG: &str = "article";

/// What stands for a section or a feed that is not known or has no Latin letters ...
const NONE: &str = "none";

/// ... and for a language that is not: "undetermined" (BCP 47).
const NO_LANGUAGE: &str = "und";

/// Names are counted up to this number once the whole key has not told two apart.
const MOST_OF_A_NAME: usize = 10_000;

/// Latin letters that do not come apart into a letter and a mark.
const LETTERS: &[(char, &str)] = &[
    ('ß', "ss"),
    ('æ', "ae"),
    ('œ', "oe"),
    ('ø', "o"),
    ('ł', "l"),
    ('đ', "d"),
    ('ð', "d"),
    ('þ', "th"),
    ('ħ', "h"),
    ('ı', "i"),
    ('ŋ', "n"),
    ('ŧ', "t"),
];

/// The name of an article, but for how many digits of its key it shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArticleName {
    host: Host,
    date: Date,
    slug: String,
    key: Key,
    section: String,
    language: String,
    feed: String,
    template: NameTemplate,
}

impl ArticleName {
    /// The name of the article at `url`: `date` is the day of publication, else the day on which it
    /// was first seen. Where the title is mostly written in letters other than Latin ones, the last
    /// part of the URL's path gives the slug.
    pub fn new(url: &Url, title: Option<&str>, date: Date) -> Self {
        let slug = title.and_then(slug).or_else(|| url_slug(url)).unwrap_or_else(|| NO_SLUG.to_owned());
        Self {
            host: Host::of(url),
            date,
            slug,
            key: Key::of(url),
            section: NONE.to_owned(),
            language: NO_LANGUAGE.to_owned(),
            feed: NONE.to_owned(),
            template: NameTemplate::default(),
        }
    }

    /// The same by a template.
    #[must_use]
    pub fn shaped_by(self, template: &NameTemplate) -> Self {
        Self { template: template.clone(), ..self }
    }

    /// The same with the section of the site that the article stands in.
    #[must_use]
    pub fn in_section(self, section: Option<&str>) -> Self {
        Self { section: section.and_then(slug).unwrap_or_else(|| NONE.to_owned()), ..self }
    }

    /// The same with the article's language, a tag as of BCP 47.
    #[must_use]
    pub fn in_language(self, language: Option<&str>) -> Self {
        Self { language: language.unwrap_or(NO_LANGUAGE).to_owned(), ..self }
    }

    /// The same with the feed that announced it: its name, where that has Latin letters, else its host.
    #[must_use]
    pub fn of_feed(self, name: Option<&str>, url: Option<&Url>) -> Self {
        let host = || url.map(|url| Host::of(url).as_str().trim_matches(['[', ']']).to_owned());
        Self { feed: name.and_then(slug).or_else(host).unwrap_or_else(|| NONE.to_owned()), ..self }
    }

    /// The day in a name, in UTC: of publication, else the one on which the article was first seen. A
    /// publication without a time stays on the day that the page states.
    pub fn day(published: Option<Published>, first_seen: Timestamp) -> Date {
        let utc = |moment| Offset::UTC.to_datetime(moment).date();
        published.map_or_else(|| utc(first_seen), |it| it.timestamp.map_or(it.date, utc))
    }

    /// The same name below the host of `url`, for where redirects led elsewhere.
    #[must_use]
    pub fn below_host_of(self, url: &Url) -> Self {
        Self { host: Host::of(url), ..self }
    }

    /// The path with `digits` digits of the key; fewer than [`Key::SHORTEST`] are never shown. Where the template shows
    /// none, they stand at the end.
    pub fn path(&self, digits: usize) -> RelativePath {
        self.path_ending(digits, "")
    }

    /// All paths for it, shortest first; the next one is for where another article has the last. First comes the one
    /// without key, where the template shows none; last come those with a number, for titles that look like keys.
    pub fn paths(&self) -> impl Iterator<Item = RelativePath> {
        let bare = (!self.template.has_key()).then(|| self.filled(Key::SHORTEST, ""));
        let keyed = (Key::SHORTEST..=Key::DIGITS).map(|digits| self.path(digits));
        let numbered = (2..=MOST_OF_A_NAME).map(|number| self.path_ending(Key::DIGITS, &format!("-{number}")));
        bare.into_iter().chain(keyed).chain(numbered)
    }

    fn path_ending(&self, digits: usize, number: &str) -> RelativePath {
        if self.template.has_key() {
            return self.filled(digits, number);
        }
        self.filled(digits, &format!("-{}{number}", self.key.digits(digits.max(Key::SHORTEST))))
    }

    fn filled(&self, digits: usize, ending: &str) -> RelativePath {
        let value = |placeholder| match placeholder {
            Placeholder::Host => self.host.as_str().trim_matches(['[', ']']).to_owned(),
            Placeholder::Year => format!("{:04}", self.date.year()),
            Placeholder::Month => format!("{:02}", self.date.month()),
            Placeholder::Day => format!("{:02}", self.date.day()),
            Placeholder::Date => self.date.to_string(),
            Placeholder::Slug => self.slug.clone(),
            Placeholder::Section => self.section.clone(),
            Placeholder::Language => self.language.clone(),
            Placeholder::Feed => self.feed.clone(),
            Placeholder::Key => self.key.digits(digits.max(Key::SHORTEST)),
        };
        self.template.path(&value, &format!("{ending}.txt"))
    }
}

/// `None` where a third or more of the text's letters and digits have no place in a slug.
fn slug(text: &str) -> Option<String> {
    let mut slug = String::new();
    let (mut kept, mut lost) = (0, 0);
    for character in text.nfkd().filter(|&character| !is_combining_mark(character)).flat_map(char::to_lowercase) {
        let letters = LETTERS.iter().find(|(letter, _)| *letter == character).map(|(_, latin)| *latin);
        match (character, letters) {
            ('a'..='z' | '0'..='9', _) => slug.push(character),
            (_, Some(latin)) => slug.push_str(latin),
            ('\'' | '’', _) => continue,
            _ if !slug.ends_with('-') => slug.push('-'),
            _ => (),
        }
        kept += usize::from(character.is_ascii_alphanumeric() || letters.is_some());
        lost += usize::from(character.is_alphanumeric() && !character.is_ascii() && letters.is_none());
    }
    let slug = shorten(slug.trim_matches('-'));
    (kept > 2 * lost && !slug.is_empty()).then(|| slug.to_owned())
}

/// Cuts at the end of a word, unless that would cost more than half.
fn shorten(slug: &str) -> &str {
    if slug.len() <= MAX_SLUG_BYTES {
        return slug;
    }
    let cut = &slug[..MAX_SLUG_BYTES];
    match cut.rfind('-') {
        Some(end) if end > MAX_SLUG_BYTES / 2 && slug.as_bytes()[MAX_SLUG_BYTES] != b'-' => &cut[..end],
        _ => cut.trim_end_matches('-'),
    }
}

fn url_slug(url: &Url) -> Option<String> {
    let last = url.path_segments()?.rev().find(|part| !part.is_empty())?;
    // A percent sign means letters that a slug cannot show.
    let stem = last.split('.').next().filter(|stem| !stem.contains('%'))?;
    slug(stem)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;
    use std::path::{Component, Path};

    fn name(url: &str, title: Option<&str>) -> String {
        let name = ArticleName::new(&Url::parse(url).unwrap(), title, date(2026, 11, 21));
        name.path(Key::SHORTEST).as_str().to_owned()
    }

    fn slug_of(url: &str, title: Option<&str>) -> String {
        let name = name(url, title);
        let file = name.rsplit('/').next().unwrap();
        file[..file.len() - "-01234567.txt".len()].to_owned()
    }

    #[test]
    fn path_names_host_day_title_and_key() {
        let url = "http://News.test:8080/2026/some-story.html";
        let key = Key::of(&Url::parse(url).unwrap()).digits(8);
        assert_eq!(name(url, Some("Some Story, Told!")), format!("news.test/2026-11-21/some-story-told-{key}.txt"));
        assert!(name("http://[::1]/a", None).starts_with("--1/2026-11-21/a-"));
    }

    #[test]
    fn day_is_that_of_publication_in_utc_else_of_discovery() {
        let evening =
            Published { date: date(2026, 3, 6), timestamp: Some("2026-03-06T23:30:00-05:00".parse().unwrap()) };
        let seen = "2026-03-09T23:59:59Z".parse().unwrap();
        assert_eq!(ArticleName::day(Some(evening), seen), date(2026, 3, 7));
        assert_eq!(ArticleName::day(Some(Published { timestamp: None, ..evening }), seen), date(2026, 3, 6));
        assert_eq!(ArticleName::day(None, seen), date(2026, 3, 9));
    }

    #[test]
    fn titles_become_slugs() {
        let url = "https://news.test/archive/the-last-part.html?id=4";
        for (title, expected) in [
            ("Éric’s Größe: 50 % für Łódź", "erics-grosse-50-fur-lodz"),
            ("  --Ready?--  Set … go ", "ready-set-go"),
            ("Ａｌｌ　ｗｉｄｅ", "all-wide"),
            ("Новини дня з Києва", "the-last-part"),
            ("ニュース 2026", "the-last-part"),
            ("Visit to Їжа", "visit-to"),
            ("!!!", "the-last-part"),
            ("../../etc/passwd", "etc-passwd"),
            ("CON", "con"),
        ] {
            assert_eq!(slug_of(url, Some(title)), expected, "{title}");
        }
        assert_eq!(slug_of("https://news.test/%D0%BD%D0%BE%D0%B2/", Some("Новини")), "article");
        assert_eq!(slug_of("https://news.test/", None), "article");
    }

    #[test]
    fn long_title_ends_with_a_whole_word() {
        let title = "A headline of many words ".repeat(9);
        let slug = slug_of("https://news.test/a", Some(&title));
        assert!(slug.len() <= MAX_SLUG_BYTES && slug.ends_with("-many-words-a"), "{slug}");
        assert_eq!(slug_of("https://news.test/a", Some(&"x".repeat(300))).len(), MAX_SLUG_BYTES);
    }

    #[test]
    fn each_further_path_shows_one_digit_more_and_then_a_number() {
        let name = ArticleName::new(&Url::parse("https://news.test/a").unwrap(), None, date(2026, 1, 2));
        let lengths: Vec<_> = name.paths().take(9).map(|path| path.as_str().len()).collect();
        assert!(lengths.windows(2).all(|pair| pair[1] == pair[0] + 1));
        let key = Key::of(&Url::parse("https://news.test/a").unwrap());
        let bare = name.shaped_by(&"{slug}".parse().unwrap());
        let paths: Vec<String> = bare.paths().take(11).map(|path| path.as_str().to_owned()).collect();
        assert_eq!(paths[..2], ["a.txt".to_owned(), format!("a-{}.txt", key.digits(8))]);
        assert_eq!(paths[9..], [format!("a-{key}.txt"), format!("a-{key}-2.txt")]);
    }

    #[test]
    fn template_names_all_that_is_known_of_an_article() {
        let url = Url::parse("https://news.test/a").unwrap();
        let name = ArticleName::new(&url, Some("Some Story"), date(2026, 1, 2))
            .shaped_by(&"{feed}/{language}/{year}/{month}/{day}/{section}_{slug}".parse().unwrap());
        let first = |name: &ArticleName| name.paths().next().unwrap().as_str().to_owned();
        assert_eq!(first(&name), "none/und/2026/01/02/none_some-story.txt");
        let feed = Url::parse("https://feeds.test/rss").unwrap();
        let known = name.in_section(Some("World & Politics")).in_language(Some("pt-br"));
        let of = |name| first(&known.clone().of_feed(name, Some(&feed)));
        assert_eq!(of(Some("Daily News")), "daily-news/pt-br/2026/01/02/world-politics_some-story.txt");
        assert_eq!(of(Some("Новини")), "feeds.test/pt-br/2026/01/02/world-politics_some-story.txt");
    }

    proptest! {
        #[test]
        fn every_name_stays_inside_the_folder(
            host in "[a-zA-Z0-9_.ä-]{1,40}", path in ".{0,40}", title in proptest::option::of(".{0,200}"), year in -9999_i16..=9999,
        ) {
            let Ok(url) = Url::parse(&format!("http://{host}/{path}")) else { return Ok(()) };
            let path = ArticleName::new(&url, title.as_deref(), date(year, 1, 1)).path(8);
            prop_assert_eq!(path.parts().count(), 3);
            prop_assert!(path.under(Path::new("")).components().all(|part| matches!(part, Component::Normal(_))));
            prop_assert!(RelativePath::parse(path.as_str()).is_ok());
            let file = path.parts().last().unwrap();
            prop_assert!(file.len() <= MAX_SLUG_BYTES + 13, "{file}");
            prop_assert!(file.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'.'));
        }

        #[test]
        fn no_two_articles_share_a_path_whatever_template_and_titles(
            template in "(\\{(host|year|date|slug|section|language|feed)\\}[-_/.]?){0,4}",
            titles in proptest::collection::vec(prop_oneof![Just("Same title".to_owned()), ".{0,120}"], 2..8),
            section in proptest::option::of(".{0,300}"),
        ) {
            let Ok(template) = template.parse::<NameTemplate>() else { return Ok(()) };
            let mut taken = std::collections::HashSet::new();
            for (number, title) in titles.iter().enumerate() {
                let url = Url::parse(&format!("http://news.test/{number}")).unwrap();
                let name = ArticleName::new(&url, Some(title), date(2026, 1, 1))
                    .shaped_by(&template)
                    .in_section(section.as_deref())
                    .in_language(Some("zh-hant"))
                    .of_feed(Some(title), Some(&url));
                let free = name.paths().find(|path| taken.insert(path.as_str().to_owned()));
                prop_assert!(free.is_some());
                let free = free.unwrap();
                prop_assert!(RelativePath::parse(free.as_str()).is_ok());
                prop_assert!(free.parts().all(|part| part.len() <= 240 && !part.ends_with('.') && !part.starts_with('.')));
                prop_assert!(free.as_str().ends_with(".txt"));
            }
        }
    }
}
