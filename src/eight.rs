//! Eight bytes of a text, looked at in one: what is plain ASCII needs no look at each.

/// Eight bytes of ASCII. Answers are the highest bits of the bytes that are meant; the first byte's are the lowest.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Eight(u64);

/// A value in each of eight bytes.
#[inline(always)]
const fn each(byte: u8) -> u64 {
    0x0101_0101_0101_0101 * byte as u64
}

impl Eight {
    /// The answer that means all bytes.
    pub(crate) const HIGHEST: u64 = each(0x80);

    /// The first bytes, where there are so many and all are ASCII.
    #[inline]
    pub(crate) fn of_ascii(bytes: &[u8]) -> Option<Self> {
        let eight = u64::from_le_bytes(*bytes.first_chunk::<8>()?);
        (eight & Self::HIGHEST == 0).then_some(Self(eight))
    }

    /// The bytes from one on. No sum goes over into the next byte, for all are ASCII.
    #[inline]
    fn from(self, byte: u8) -> u64 {
        (self.0 + each(0x80 - byte)) & Self::HIGHEST
    }

    /// `a` to `z`.
    #[inline]
    pub(crate) fn small_letters(self) -> u64 {
        self.from(b'a') & !self.from(b'z' + 1)
    }

    /// Letters, capital or small.
    #[inline]
    pub(crate) fn letters(self) -> u64 {
        Self(self.0 | each(0x20)).small_letters()
    }

    /// Letters and digits.
    #[inline]
    pub(crate) fn letters_and_digits(self) -> u64 {
        self.letters() | self.from(b'0') & !self.from(b'9' + 1)
    }

    /// All but a byte.
    #[inline]
    pub(crate) fn others_than(self, byte: u8) -> u64 {
        Self(self.0 ^ each(byte)).from(1)
    }

    /// Those that are a byte.
    #[inline]
    pub(crate) fn all_of(self, byte: u8) -> u64 {
        self.others_than(byte) ^ Self::HIGHEST
    }

    #[inline]
    pub(crate) fn has(self, byte: u8) -> bool {
        self.others_than(byte) != Self::HIGHEST
    }

    /// Whether all can be printed; a space can.
    #[inline]
    pub(crate) fn is_printed(self) -> bool {
        self.from(b' ') & !self.from(0x7f) == Self::HIGHEST
    }

    /// Whether all can be printed and no spaces stand side by side, also with what stands before.
    #[inline]
    pub(crate) fn is_spaced_singly(self, is_behind_space: bool) -> bool {
        let spaces = self.all_of(b' ');
        self.is_printed() && spaces & Self::behind(spaces, Self::all_or_none(is_behind_space)) == 0
    }

    #[inline]
    pub(crate) fn ends_in(self, byte: u8) -> bool {
        self.0 >> 56 == u64::from(byte)
    }

    /// The bytes behind those of an answer, given that of the eight bytes before.
    #[inline]
    pub(crate) fn behind(answer: u64, before: u64) -> u64 {
        answer << 8 | before >> 56 & 0x80
    }

    /// An answer with those bytes among `others` that stand behind it, one after the other, given that of the eight
    /// bytes before.
    #[inline]
    pub(crate) fn carried_on(mut answer: u64, before: u64, others: u64) -> u64 {
        loop {
            let more = others & Self::behind(answer, before) & !answer;
            if more == 0 {
                return answer;
            }
            answer |= more;
        }
    }

    /// How many bytes an answer means.
    #[inline]
    pub(crate) fn count(answer: u64) -> u32 {
        ((answer >> 7).wrapping_mul(each(1)) >> 56) as u32
    }

    /// The answer that means all bytes, or none.
    #[inline]
    pub(crate) fn all_or_none(are_meant: bool) -> u64 {
        if are_meant { Self::HIGHEST } else { 0 }
    }
}

/// Where the first byte stands that is at least `LEAST`, which is beyond ASCII; eight are looked at in one.
pub(crate) fn first_from<const LEAST: u8>(bytes: &[u8]) -> Option<usize> {
    const { assert!(LEAST >= 0x80) };
    let (eights, rest) = bytes.as_chunks::<8>();
    for (at, eight) in eights.iter().enumerate() {
        let eight = u64::from_le_bytes(*eight);
        let found = Eight(eight & !Eight::HIGHEST).from(LEAST - 0x80) & eight;
        if found != 0 {
            return Some(8 * at + found.trailing_zeros() as usize / 8);
        }
    }
    rest.iter().position(|byte| *byte >= LEAST).map(|at| 8 * eights.len() + at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eight_bytes_are_told_like_one() {
        let told = |bits: u64, at: usize| bits >> (8 * at + 7) & 1 != 0;
        for byte in 0..0x80_u8 {
            let bytes = [byte, b'a', byte, b' ', byte, b'z', 0, byte];
            let eight = Eight::of_ascii(&bytes).unwrap();
            for (at, byte) in bytes.iter().enumerate() {
                assert_eq!(told(eight.small_letters(), at), byte.is_ascii_lowercase(), "{bytes:?}");
                assert_eq!(told(eight.letters_and_digits(), at), byte.is_ascii_alphanumeric(), "{bytes:?}");
                assert_eq!(told(eight.others_than(b' '), at), *byte != b' ', "{bytes:?}");
                assert_eq!(told(eight.all_of(b'a'), at), *byte == b'a', "{bytes:?}");
            }
            assert_eq!((eight.has(byte), eight.has(b'q'), eight.ends_in(byte)), (true, byte == b'q', true));
            let spaced = [b'a', byte, b'b', b' ', b'c', b'd', b'e', b'f'];
            let is_spaced_singly = Eight::of_ascii(&spaced).unwrap().is_spaced_singly(false);
            assert_eq!(is_spaced_singly, (b' '..=b'~').contains(&byte), "{byte}");
        }
        let spaced = |text: &str, is_behind| Eight::of_ascii(text.as_bytes()).unwrap().is_spaced_singly(is_behind);
        assert!(spaced(" a b c d", false) && !spaced(" a b c d", true) && !spaced("ab  cdef", false));
        assert!(Eight::of_ascii("1234567é".as_bytes()).is_none() && Eight::of_ascii(b"1234567").is_none());
    }

    #[test]
    fn answers_are_counted_and_moved() {
        let spaces = Eight::of_ascii(b" a b  c ").unwrap().all_of(b' ');
        assert_eq!((Eight::count(spaces), Eight::count(Eight::HIGHEST), Eight::count(0)), (5, 8, 0));
        assert_eq!(Eight::count(Eight::behind(spaces, Eight::HIGHEST)), 5);
        assert_eq!((Eight::behind(0, Eight::all_or_none(true)), Eight::behind(0, 0)), (0x80, 0));
        let signs = Eight::of_ascii(b"--a--b-c").unwrap();
        let carried = |before| Eight::carried_on(signs.letters(), before, signs.all_of(b'-'));
        assert_eq!((carried(Eight::HIGHEST), carried(0)), (Eight::HIGHEST, Eight::HIGHEST ^ 0x8080));
    }

    #[test]
    fn the_first_high_byte_is_found_at_every_place() {
        for at in 0..20 {
            let mut bytes = [0xcb; 20];
            bytes[..at].fill(b'a');
            assert_eq!((first_from::<0xcb>(&bytes), first_from::<0xcc>(&bytes)), (Some(at), None));
        }
    }
}
