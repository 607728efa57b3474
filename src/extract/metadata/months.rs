//! Names of months.

use crate::extract::fnv::FastMap;
use std::sync::LazyLock;

/// Beginnings of the names of the twelve months in the languages that write dates in words; the
/// longest one that a word starts with decides, so `juin` is June and `juil` July. Where two
/// languages disagree (Croatian `listopad` is October, Polish and Czech `listopad` November) the
/// one with more readers stands.
#[rustfmt::skip]
const BEGINNINGS: [&str; 12] = [
    "jan jän ene gen ocak oca янв січ сту студз ян ιαν tammi saus stycz sty led janu",
    "feb fév fev févr helmi vasar lut úno únor şub фев лют φεβ febr veeb",
    "mar mär mrz maa kov březn břez mart мар бер сак μαρ märts már marz",
    "apr avr abr avril huhti baland kwie kwi dub dubn nis апр кві красав απρ ápr",
    "may mai mei maj maggio mag touko geguž květ kvě мая май трав μαΐ μαϊ máj mayo mag maí",
    "jun juin giu kesä birž czerw cze červn cerven haz июн чер юни ιουν jún iun jūn čer",
    "jul juil lug heinä liep lipc lip červenc tem июл лип юли ιουλ júl iul jūl",
    "aug août aout aoû ago elo rugpj sierp sie srpn srp ağu авг сер жнів αυγ ágú",
    "sep set sept syys rugs wrz wrześ zář září eyl сен вер верас σεπ szept",
    "oct okt ott out loka spal paźdz paź říj říjn eki окт жов кастр οκτ",
    "nov marras lapkr listopad lis kas ноя лис ліст νοε nóv",
    "dec dez déc dic dés joulu gruodž grud gru pros prosin ara дек гру снеж δεκ des",
];

static MONTHS: LazyLock<FastMap<&str, i8>> = LazyLock::new(|| {
    let numbered = (1_i8..).zip(BEGINNINGS);
    numbered.flat_map(|(month, names)| names.split(' ').map(move |name| (name, month))).collect()
});

/// Longest beginning, in characters.
const MAX_BEGINNING_CHARS: usize = 8;

/// The number of the month that a word names, 1 to 12; the word in any case, with or without the
/// full stop of an abbreviation.
pub(super) fn month(word: &str) -> Option<i8> {
    let word = word.trim_end_matches('.').to_lowercase();
    let last = word.char_indices().map(|(at, character)| at + character.len_utf8()).take(MAX_BEGINNING_CHARS).last()?;
    let mut ends = (2..=last).rev().filter(|end| word.is_char_boundary(*end));
    ends.find_map(|end| MONTHS.get(&word[..end]).copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_months_of_many_languages() {
        for (number, words) in [
            (1, "January jan. Januar Jänner janvier enero gennaio января січня stycznia ledna tammikuuta sausio ocak"),
            (2, "febbraio février února лютого lutego vasario"),
            (3, "March März mars marzo март березня marca března kovo maaliskuuta"),
            (4, "avril abril dubna kwietnia квітня balandžio"),
            (5, "May Mai mayo maggio maja мая травня gegužės května toukokuuta maj"),
            (6, "June juin giugno czerwca июня червня birželio června"),
            (7, "July juillet luglio lipca июля липня liepos července"),
            (8, "août agosto sierpnia серпня srpna elokuuta"),
            (9, "Sept. settembre setembro września вересня září rugsėjo"),
            (10, "October ottobre outubro października жовтня října"),
            (11, "listopada листопада marraskuuta lapkričio novembre"),
            (12, "Dezember diciembre grudnia грудня prosince gruodžio décembre"),
        ] {
            for word in words.split(' ') {
                assert_eq!(month(word), Some(number), "{word}");
            }
        }
    }

    #[test]
    fn knows_other_words_apart() {
        for word in ["", "x", "the", "Uhr", "Friday", "pm", "Washington"] {
            assert_eq!(month(word), None, "{word}");
        }
    }
}
