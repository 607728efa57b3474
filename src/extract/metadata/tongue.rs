//! The language of a text that declares none, by its commonest words or its script.

use crate::extract::measure::is_spaceless;
use std::collections::HashMap;
use std::sync::OnceLock;

/// Words of each language that stand in any text of it, and in few texts of others.
const COMMON_WORDS: &[(&str, &[&str])] = &[
    ("cs", &["že", "se", "jsou", "který", "také", "podle", "byl", "jako", "které", "až", "jeho", "ale", "při"]),
    ("da", &["og", "af", "ikke", "også", "til", "efter", "blev", "jeg", "hvor", "har", "være", "siger", "mere"]),
    ("de", &["der", "die", "und", "das", "nicht", "mit", "ist", "auch", "für", "von", "sich", "ein", "dem"]),
    ("en", &["the", "and", "of", "that", "with", "was", "for", "this", "have", "from", "which", "are", "been"]),
    ("es", &["el", "los", "las", "del", "una", "por", "con", "para", "más", "pero", "también", "y", "su"]),
    ("fi", &["ja", "että", "myös", "mutta", "hän", "ovat", "ei", "joka", "oli", "kun", "sen", "mukaan", "olisi"]),
    ("fr", &["le", "les", "des", "dans", "une", "pour", "qui", "est", "pas", "sur", "aux", "avec", "plus"]),
    ("it", &["il", "che", "della", "di", "gli", "per", "sono", "con", "anche", "nel", "alla", "più", "dei"]),
    ("lt", &["ir", "kad", "yra", "su", "buvo", "tai", "bet", "iš", "taip", "apie", "kaip", "pat", "dėl"]),
    ("nl", &["het", "een", "van", "niet", "ook", "zijn", "voor", "dat", "wordt", "naar", "maar", "bij", "deze"]),
    ("no", &["og", "av", "ikke", "også", "til", "etter", "ble", "jeg", "hvor", "har", "være", "sier", "mer"]),
    ("pl", &["się", "jest", "nie", "że", "przez", "oraz", "również", "tym", "jak", "dla", "był", "które", "jego"]),
    ("pt", &["que", "não", "uma", "com", "dos", "da", "os", "mais", "também", "foi", "pelo", "ao", "são"]),
    ("ru", &["что", "это", "как", "его", "было", "только", "также", "были", "она", "или", "при", "от", "и"]),
    ("sv", &["och", "att", "inte", "också", "som", "efter", "är", "för", "jag", "hade", "från", "säger", "av"]),
    ("tr", &["bir", "ve", "bu", "için", "olarak", "daha", "ile", "çok", "olan", "gibi", "ancak", "da", "de"]),
    ("uk", &["що", "та", "це", "як", "його", "було", "також", "від", "про", "або", "які", "для", "і"]),
];

/// How much of the text is read, in words: a body's first paragraphs.
const READ_WORDS: usize = 400;

/// Fewest bytes of a line that is read, for menus and labels are often of another language; where the longer
/// lines have fewer words than this, all lines are read.
const LINE_BYTES: usize = 60;
const FEWEST_WORDS: u32 = 40;

/// Least share of its words that a language's commonest make, and how much oftener they must stand than any
/// other language's. Danish and Norwegian are closest: an eighth of their words here differ.
const LEAST_SHARE: f32 = 0.04;
const LEAST_LEAD: f32 = 1.15;

/// The tag of the language, where the text shows one.
pub(super) fn language_of<'a>(lines: impl Iterator<Item = &'a str> + Clone) -> Option<&'static str> {
    if let Some(language) = by_script(lines.clone()) {
        return Some(language);
    }
    let (read, counts) = match count(lines.clone().filter(|line| line.len() >= LINE_BYTES)) {
        (read, _) if read < FEWEST_WORDS => count(lines),
        counted => counted,
    };
    let best = (0..counts.len()).max_by_key(|at| (counts[*at], usize::MAX - at))?;
    let second = (0..counts.len()).filter(|at| *at != best).map(|at| counts[at]).max()?;
    let is_common = counts[best] as f32 >= LEAST_SHARE * read as f32;
    let leads = counts[best] as f32 >= LEAST_LEAD * second as f32;
    (counts[best] > 2 && is_common && leads).then_some(COMMON_WORDS[best].0)
}

/// How many words were read, and how many of them are common in each language.
fn count<'a>(lines: impl Iterator<Item = &'a str>) -> (u32, [u32; COMMON_WORDS.len()]) {
    static LANGUAGES_OF: OnceLock<HashMap<&str, u32>> = OnceLock::new();
    let languages_of = LANGUAGES_OF.get_or_init(|| {
        let mut languages: HashMap<&str, u32> = HashMap::new();
        for (bit, (_, words)) in COMMON_WORDS.iter().enumerate() {
            words.iter().for_each(|word| *languages.entry(word).or_default() |= 1 << bit);
        }
        languages
    });
    let (mut read, mut counts) = (0, [0; COMMON_WORDS.len()]);
    let words = lines.flat_map(|line| line.split(|c: char| !c.is_alphabetic())).filter(|word| !word.is_empty());
    let mut lower = String::new();
    for word in words.take(READ_WORDS) {
        read += 1;
        lower.clear();
        lower.extend(word.chars().flat_map(char::to_lowercase));
        let languages = languages_of.get(lower.as_str()).copied().unwrap_or(0);
        for (bit, count) in counts.iter_mut().enumerate() {
            *count += languages >> bit & 1;
        }
    }
    (read, counts)
}

/// Languages that have a script for themselves here.
fn by_script<'a>(lines: impl Iterator<Item = &'a str>) -> Option<&'static str> {
    let (mut letters, mut kana, mut han, mut hangul, mut arabic, mut devanagari) = (0_u32, 0, 0, 0, 0, 0);
    for c in lines.flat_map(str::chars).filter(|c| c.is_alphabetic()).take(2 * READ_WORDS) {
        letters += 1;
        match c {
            '\u{3040}'..='\u{30ff}' => kana += 1,
            '\u{ac00}'..='\u{d7a3}' => hangul += 1,
            '\u{0600}'..='\u{06ff}' => arabic += 1,
            '\u{0900}'..='\u{097f}' => devanagari += 1,
            _ if is_spaceless(c) && c >= '\u{3400}' => han += 1,
            _ => {}
        }
    }
    let is_most = |count: u32| 2 * count > letters;
    if is_most(kana + han) {
        return Some(if 10 * kana > han { "ja" } else { "zh" });
    }
    [(hangul, "ko"), (arabic, "ar"), (devanagari, "hi")].into_iter().find(|(count, _)| is_most(*count)).map(|it| it.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_languages_by_their_commonest_words_and_scripts() {
        for (text, language) in [
            (
                "The ferry was late, and the people of the island have not been told which of the boats are for them.",
                "en",
            ),
            (
                "Die Fähre ist auch am Montag nicht gekommen, und der Hafen hat das mit keinem Wort für die Gäste erklärt.",
                "de",
            ),
            (
                "Le bateau est en retard et les habitants qui attendent dans le port ne sont pas contents pour une fois.",
                "fr",
            ),
            (
                "Färjan är sen och det är inte bara för att den gick från fel hamn, säger hamnen som också var stängd.",
                "sv",
            ),
            ("渡し船は月曜日に来ませんでした。", "ja"),
            ("渡轮星期一没有来，岛上的居民都在等待。", "zh"),
            ("페리는 월요일에 오지 않았다", "ko"),
        ] {
            assert_eq!(language_of([text].into_iter()), Some(language), "{text}");
        }
    }

    #[test]
    fn says_nothing_of_few_words() {
        assert_eq!(language_of(["Home", "News", "Sport"].into_iter()), None);
        assert_eq!(language_of(std::iter::empty()), None);
    }
}
