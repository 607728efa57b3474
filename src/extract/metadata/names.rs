//! Names of people out of lines such as "By Ann Lee and Bo Chan, Staff Writers".

use super::byline_words::{AGENCIES, BEATS, BYLINE_STARTS, GROUPS, JOINERS, NOBODY, PARTICLES, RANKS, ROLES, STARTS};
use super::clean::{clean, comparable, squeezed};
use crate::extract::letters::begins_in_small;

/// Most authors of one article.
pub(super) const MAX_AUTHORS: usize = 10;

/// How much of a line is read, in bytes; ten names fit.
const MAX_LINE_BYTES: usize = 1_000;

/// Longest name, in characters.
const MAX_NAME_CHARS: usize = 60;

/// Most words of a name.
const MAX_NAME_WORDS: usize = 6;

/// Words of a name that is told from a word before a rank ("Sports Reporter").
const FULL_NAME_WORDS: usize = 2;

/// Where a line was read, which decides how much it takes to be a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// A field that is there for the author's name: user names and lower case are fine.
    Field,
    /// Text on the page: a name must look like one.
    Text,
}

/// The people that a line names, in order, without repeats; `site` holds the site's names in
/// [`squeezed`] form, which are nobody.
pub(super) fn people(line: &str, source: Source, site: &[String]) -> Vec<String> {
    let line = without_brackets(&plain(line));
    if source == Source::Field && is_place(&line) {
        return Vec::new();
    }
    let mut found: Vec<String> = Vec::new();
    for name in parts(without_start(line.trim())).flat_map(joined).map(trim) {
        // After a full name comes another one, or its bearer's title, degree, town or day.
        let source = if found.is_empty() { source } else { Source::Text };
        let is_late_word =
            found.first().is_some_and(|first| first.contains(' ')) && !name.contains(' ') && has_case(name);
        if is_person(name, source) && !is_late_word && !site.contains(&squeezed(name)) {
            push_name(&mut found, name);
        }
    }
    found
}

/// Whether a line is an address of the web with its town and country behind it.
fn is_place(line: &str) -> bool {
    let is_host = |part: &str| {
        let end = part.rsplit_once('.').map_or("", |(_, end)| end);
        !part.contains(' ') && end.len() > 1 && end.bytes().all(|byte| byte.is_ascii_lowercase())
    };
    let mut parts = parts(line).map(str::trim);
    parts.next().is_some_and(is_host) && parts.next().is_some()
}

/// Who signs when nobody is named: an organisation, a team, the site; the line as it stands.
pub(super) fn signature(line: &str) -> Option<String> {
    let line = Some(plain(line)).filter(|line| !is_place(line))?;
    let name = trim(without_start(line.trim()));
    let is_nobody = NOBODY.contains(&name.to_lowercase().as_str());
    let fits = name.chars().count() <= MAX_NAME_CHARS && name.chars().any(char::is_alphabetic);
    (fits && !is_nobody && !name.contains(['{', '}', '='])).then(|| name.to_owned())
}

/// The group that a line names as its author: two to six words of which one is that of a group and another has a capital
/// ("The Daily Sun Team").
pub(super) fn team(line: &str) -> Option<String> {
    let signature = signature(line)?;
    let words: Vec<&str> = signature.split(' ').collect();
    let is_group = |word: &&str| GROUPS.contains(&word.to_lowercase().as_str());
    let is_name = |word: &&str| word.starts_with(char::is_uppercase) && !is_group(word);
    let is_team =
        (2..=MAX_NAME_WORDS).contains(&words.len()) && words.iter().any(is_group) && words.iter().any(is_name);
    is_team.then(|| signature.clone())
}

/// The beginning of a line, cleaned and without addresses.
fn plain(line: &str) -> String {
    let end = (0..=MAX_LINE_BYTES.min(line.len())).rev().find(|end| line.is_char_boundary(*end)).unwrap_or(0);
    without_addresses(clean(&line[..end]))
}

fn has_case(name: &str) -> bool {
    name.chars().any(|character| character.is_uppercase() || character.is_lowercase())
}

/// Whether a line of text begins as only bylines do.
pub(super) fn is_byline(line: &str) -> bool {
    let line = line.trim_start_matches(is_decoration);
    BYLINE_STARTS.iter().any(|start| begins_in_small(line, start))
}

/// The name in a line such as "Ann Lee Reporter | ...", which puts the rank behind it as the signatures of
/// Korean and Japanese papers do.
pub(super) fn before_rank(line: &str) -> Option<&str> {
    let part = parts(line).next()?.trim();
    let name = RANKS.iter().find_map(|rank| {
        let (name, end) = part.split_at_checked(part.len().checked_sub(rank.len())?)?;
        end.eq_ignore_ascii_case(rank).then_some(name)
    })?;
    let words: Vec<&str> = name.split_whitespace().collect();
    let is_beat = words.iter().any(|word| BEATS.contains(&word.to_lowercase().as_str()));
    let is_full = (FULL_NAME_WORDS..=MAX_NAME_WORDS).contains(&words.len()) && name.ends_with(' ');
    (is_full && !is_beat && is_person(name.trim(), Source::Text)).then(|| name.trim())
}

/// The person that a line names before or behind their role and says no more of ("Ann Lee Reporter", "Editor
/// Ann Lee"): such lines stand in texts whose markup told the two apart.
pub(super) fn with_role(line: &str) -> Option<String> {
    let is_role = |word: &&str| ROLES.contains(&trim(word).to_lowercase().as_str());
    let words: Vec<&str> = line.split_whitespace().take(MAX_NAME_WORDS + 3).collect();
    let before = words.iter().take_while(|word| is_role(word)).count();
    let behind = words.iter().skip(before).rev().take_while(|word| is_role(word)).count();
    let name = words.get(before..words.len() - behind).filter(|name| (2..=4).contains(&name.len()))?.join(" ");
    (before + behind > 0 && is_person(trim(&name), Source::Text)).then(|| trim(&name).to_owned())
}

/// Whether a line is a name as people have it: two to four words with capitals and nothing else.
pub(super) fn is_lone_name(line: &str) -> bool {
    let words: Vec<&str> = line.split_whitespace().take(MAX_NAME_WORDS).collect();
    let has_case = |word: &&str| word.chars().next().is_some_and(char::is_uppercase);
    let is_plain = |c: char| c.is_alphabetic() || matches!(c, ' ' | '-' | '.' | '\'' | '’');
    (2..=4).contains(&words.len())
        && line.chars().all(is_plain)
        && words.first().is_some_and(has_case)
        && words.last().is_some_and(has_case)
        && !words.iter().any(|word| word.chars().count() > 2 && word.chars().all(char::is_uppercase))
        && is_person(line, Source::Text)
}

/// Whether a line is nothing but the word before a name: "By" on a line of its own.
pub(super) fn is_lone_start(line: &str) -> bool {
    let word = line.trim_end_matches([':', ' ']).to_lowercase();
    BYLINE_STARTS.iter().any(|start| start.trim_end_matches([':', ' ']) == word)
}

/// Adds a name unless it is there, in whatever case.
pub(super) fn push_name(names: &mut Vec<String>, name: &str) {
    let key = comparable(name);
    if names.len() < MAX_AUTHORS && !key.is_empty() && !names.iter().any(|known| comparable(known) == key) {
        names.push(name.to_owned());
    }
}

/// Whether a name is that of a wire service.
pub(super) fn is_agency(name: &str) -> bool {
    AGENCIES.contains(&squeezed(name).as_str())
}

/// Takes "By", "Von:", "Written by" off the front; a name that merely starts so ("Byron") stays.
fn without_start(line: &str) -> &str {
    let mut rest = line.trim_start_matches(is_decoration);
    'again: loop {
        for start in STARTS {
            let Some(head) = rest.get(..start.len().min(rest.len())) else { continue };
            if !begins_in_small(head, start) {
                continue;
            }
            let tail = &rest[head.len()..];
            let is_word = tail.starts_with(|character: char| {
                character.is_whitespace() || matches!(character, ':' | '：' | '/' | '|' | '-' | '–')
            });
            // "Von" and "Di" also begin family names.
            let is_enough = !PARTICLES.contains(start) || tail.split_whitespace().count() > 1;
            if is_word && is_enough && tail.chars().any(char::is_alphabetic) {
                rest = tail.trim_start_matches(|character: char| {
                    is_decoration(character) || matches!(character, ':' | '：' | '/')
                });
                continue 'again;
            }
        }
        return rest;
    }
}

fn is_decoration(character: char) -> bool {
    character.is_whitespace()
        || matches!(character, '|' | '•' | '·' | '-' | '–' | '—' | '*' | '©' | '@' | ',' | '~' | ':')
}

/// Drops addresses of pages and of mail, which would fall apart into words that look like names.
fn without_addresses(line: String) -> String {
    let begins = |word: &str, start: &str| word.get(..start.len()).is_some_and(|it| it.eq_ignore_ascii_case(start));
    let is_address =
        |word: &&str| word.contains('@') || word.contains("://") || begins(word, "www.") || begins(word, "mailto:");
    if !line.split(' ').any(|word| is_address(&word)) {
        return line;
    }
    line.split(' ').filter(|word| !is_address(word)).collect::<Vec<_>>().join(" ")
}

/// Drops what stands in brackets: agencies, roles, initials.
fn without_brackets(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut depth = 0_usize;
    for character in line.chars() {
        match character {
            '(' | '[' | '（' => depth += 1,
            ')' | ']' | '）' => depth = depth.saturating_sub(1),
            _ if depth == 0 => out.push(character),
            _ => {}
        }
    }
    out
}

/// The parts of a line between signs that end a name.
fn parts(line: &str) -> impl Iterator<Item = &str> {
    line.split([',', ';', '|', '•', '·', '/', '&', '、', '，', '\n', '\t', '※', '►', '▪', '‧', '+'])
        .flat_map(|part| part.split(" - "))
        .flat_map(|part| part.split(" – "))
        .flat_map(|part| part.split(" — "))
}

/// Splits a part at words for "and", where both sides can stand alone as names.
fn joined(part: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let mut rest = part;
    'next: while !rest.is_empty() {
        for joiner in JOINERS {
            let Some((left, right)) = rest.split_once(joiner) else { continue };
            let count = |side: &str| side.split_whitespace().count();
            let (left_words, right_words) = (count(left), count(right.split(joiner).next().unwrap_or(right)));
            // Spanish "y", Catalan "i", Portuguese "e" also stand between two family names.
            let is_safe = joiner.len() > 3 || left_words >= 2 && right_words >= 2;
            if is_safe && left_words > 0 && right_words > 0 && (left_words > 1 || right_words == 1) {
                names.push(left);
                rest = right;
                continue 'next;
            }
        }
        names.push(rest);
        break;
    }
    names
}

fn trim(name: &str) -> &str {
    let is_edge = |character: char| {
        is_decoration(character)
            || matches!(character, '"' | '“' | '”' | '„' | '«' | '»' | ':' | ';' | '!' | '?' | '…' | '<' | '>')
    };
    let name = name.trim_matches(is_edge);
    let name = ["기자", "記者"].iter().find_map(|title| name.strip_suffix(title)).unwrap_or(name).trim_end();
    // The full stop of "Jr." stays, that of a sentence goes.
    name.strip_suffix('.')
        .filter(|short| short.rsplit(' ').next().is_some_and(|last| last.chars().count() > 3))
        .unwrap_or(name)
}

fn is_person(name: &str, source: Source) -> bool {
    let words: Vec<&str> = name.split(' ').collect();
    let fits = words.len() <= MAX_NAME_WORDS
        && name.chars().count() <= MAX_NAME_CHARS
        && name.chars().any(char::is_alphabetic)
        && !name.contains(['@', '{', '}', '=', '#', ':']);
    if !fits || source == Source::Text && !looks_like_name(&words) {
        return false;
    }
    let lower = name.to_lowercase();
    let is_role = || lower.split([' ', '-']).chain([lower.as_str()]).any(|word| ROLES.contains(&word));
    let is_address = lower.starts_with("www.") || has_domain_end(&lower);
    !is_address && !NOBODY.contains(&lower.as_str()) && !is_role()
}

fn has_domain_end(lower: &str) -> bool {
    !lower.contains(' ')
        && [".com", ".org", ".net", ".de", ".co.uk", ".info", ".fr", ".io"].iter().any(|end| lower.ends_with(end))
}

/// Whether each word has a capital, is a particle, or is of a script without case; no digits.
fn looks_like_name(words: &[&str]) -> bool {
    let first_letter = |word: &str| word.chars().find(|character| character.is_alphabetic());
    let is_name_word =
        |word: &&str| PARTICLES.contains(word) || first_letter(word).is_some_and(|first| !first.is_lowercase());
    let has_name = words.iter().any(|word| !PARTICLES.contains(word));
    has_name
        && words.iter().all(is_name_word)
        && !words.iter().any(|word| word.contains(|character: char| character.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(line: &str) -> Vec<String> {
        people(line, Source::Text, &["dailysun".to_owned()])
    }

    fn field(line: &str) -> Vec<String> {
        people(line, Source::Field, &["dailysun".to_owned()])
    }

    #[test]
    fn takes_off_what_bylines_start_with() {
        for line in [
            "By Ann Lee",
            "by: Ann Lee",
            "Written by Ann Lee",
            "Von Ann Lee",
            "Text: Ann Lee",
            "Par Ann Lee",
            "Автор: Ann Lee",
            "BY ANN LEE",
            "– By Ann Lee –",
        ] {
            assert_eq!(text(line).concat().to_lowercase(), "ann lee", "{line}");
        }
    }

    #[test]
    fn keeps_names_that_begin_like_a_byline() {
        assert_eq!(text("Byron Paris"), ["Byron Paris"]);
        assert_eq!(text("Von Miller"), ["Von Miller"]);
        assert_eq!(field("Davide Parma"), ["Davide Parma"]);
    }

    #[test]
    fn splits_several_people() {
        assert_eq!(text("By Ann Lee, Bo Chan and Cy van der Berg"), ["Ann Lee", "Bo Chan", "Cy van der Berg"]);
        assert_eq!(text("Von Ann Lee und Bo Chan"), ["Ann Lee", "Bo Chan"]);
        assert_eq!(text("Оля Коваль та Іван Франк"), ["Оля Коваль", "Іван Франк"]);
        assert_eq!(text("Ann Lee & Bo Chan / Cy Dorn"), ["Ann Lee", "Bo Chan", "Cy Dorn"]);
    }

    #[test]
    fn keeps_double_family_names() {
        assert_eq!(text("Santiago Ramón y Cajal"), ["Santiago Ramón y Cajal"]);
    }

    #[test]
    fn drops_roles_addresses_and_the_site() {
        assert_eq!(text("By Ann Lee, Senior Staff Writer, Daily Sun"), ["Ann Lee"]);
        assert_eq!(text("Ann Lee (dpa) | ann@sun.example | Updated 6 March"), ["Ann Lee"]);
        assert!(field("https://www.sun.example/ann").is_empty());
        assert!(field("admin").is_empty());
        assert!(field("Daily Sun").is_empty());
    }

    #[test]
    fn drops_days_degrees_and_towns_after_a_name() {
        assert_eq!(text("By Ann Lee, Thursday"), ["Ann Lee"]);
        assert_eq!(field("Ann Lee, RN, Certified Sleep Consultant"), ["Ann Lee"]);
        assert_eq!(text("Madonna, Cher"), ["Madonna", "Cher"]);
    }

    #[test]
    fn gives_the_whole_line_as_signature() {
        assert_eq!(signature("By the Daily Sun Team").as_deref(), Some("the Daily Sun Team"));
        assert_eq!(signature("admin"), None);
        assert_eq!(signature("{{author}}"), None);
    }

    #[test]
    fn knows_bylines_from_other_lines() {
        assert!(is_byline("By Ann Lee") && is_byline("– Von Ann Lee"));
        assert!(!is_byline("Byron Paris wins") && !is_byline("Ann Lee"));
    }

    #[test]
    fn reads_the_name_before_a_rank() {
        assert_eq!(before_rank("Ann Lee Reporter | 2026-03-13 19:57"), Some("Ann Lee"));
        assert_eq!(before_rank("Ann van der Lee Staff Reporter"), Some("Ann van der Lee"));
        for line in
            ["Sports Reporter", "White House Reporter", "Ann Lee", "A word with our harbour reporter", "Reporter"]
        {
            assert_eq!(before_rank(line), None, "{line}");
        }
    }

    #[test]
    fn takes_linear_time_on_long_lines() {
        assert!(people(&"Ann Lee and ".repeat(100_000), Source::Field, &[]).len() <= MAX_AUTHORS);
    }

    #[test]
    fn accepts_user_names_only_in_fields() {
        assert_eq!(field("winter_fox77"), ["winter_fox77"]);
        assert!(text("winter_fox77").is_empty());
        assert!(text("minutes of the meeting").is_empty());
    }

    #[test]
    fn keeps_names_of_scripts_without_case() {
        assert_eq!(text("作者：王小明"), ["王小明"]);
        assert_eq!(text("김민수 기자"), ["김민수"]);
    }

    #[test]
    fn counts_a_person_once() {
        assert_eq!(text("Ann Lee, ANN LEE"), ["Ann Lee"]);
    }

    #[test]
    fn knows_agencies() {
        assert!(is_agency("dpa") && is_agency("The Associated Press"));
        assert!(!is_agency("Ann Apa"));
    }
}
