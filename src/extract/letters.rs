//! What a character is, without the tables of Unicode for those that most texts are made of.
//!
//! The answers are those of the methods of `char`; a test holds that for every character.

/// [`char::is_alphanumeric`].
pub(crate) fn is_letter_or_digit(c: char) -> bool {
    match c {
        '\0'..='\u{7f}' => c.is_ascii_alphanumeric(),
        'À'..='ʯ' => c != '×' && c != '÷',
        'Ѐ'..='ҁ' | 'Ҋ'..='ԯ' | 'ぁ'..='ゖ' | 'ァ'..='ヺ' | '一'..='鿿' | '가'..='힣' => true,
        '\u{2010}'..='\u{205e}' | '、'..='〄' => false,
        _ => c.is_alphanumeric(),
    }
}

/// The first character of [`char::to_lowercase`].
pub(crate) fn small(c: char) -> char {
    match c {
        '\0'..='\u{7f}' => c.to_ascii_lowercase(),
        'ß'..='ÿ' | 'а'..='џ' | '\u{2010}'..='\u{205e}' | 'ぁ'..='ヺ' | '一'..='鿿' | '가'..='힣' => c,
        'À'..='Ö' | 'Ø'..='Þ' | 'А'..='Я' => moved(c, 32),
        'Ѐ'..='Џ' => moved(c, 80),
        _ => c.to_lowercase().next().unwrap_or(c),
    }
}

/// [`char::is_uppercase`].
pub(crate) fn is_capital(c: char) -> bool {
    match c {
        '\0'..='\u{7f}' => c.is_ascii_uppercase(),
        'ß'..='ÿ' | 'а'..='џ' | '\u{2010}'..='\u{205e}' | 'ぁ'..='ヺ' | '一'..='鿿' | '가'..='힣' => false,
        'À'..='Ö' | 'Ø'..='Þ' | 'Ѐ'..='Я' => true,
        _ => c.is_uppercase(),
    }
}

fn moved(c: char, by: u32) -> char {
    char::from_u32(u32::from(c) + by).unwrap_or(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_those_of_unicode_for_every_character() {
        for c in '\0'..=char::MAX {
            assert_eq!(is_letter_or_digit(c), c.is_alphanumeric(), "{c:?}");
            assert_eq!(Some(small(c)), c.to_lowercase().next(), "{c:?}");
            assert_eq!(is_capital(c), c.is_uppercase(), "{c:?}");
        }
    }
}
