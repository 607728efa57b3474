//! `--records`: a part of a batch.

use std::fmt;
use std::str::FromStr;

/// Numbers of records, as messages name them: from one up to, but without, another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RecordRange {
    /// The first of them, from 1.
    pub(crate) first: u64,
    /// The first one behind them.
    pub(crate) end: Option<u64>,
}

/// What is no range.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RangeError {
    /// Something else than numbers and two points.
    #[error("write FROM..TO, FROM.., ..TO or one NUMBER; records are numbered from 1, and TO is not among them")]
    Form,
    /// A range without records.
    #[error("no record is in it; TO must be greater than FROM")]
    Empty,
}

impl RecordRange {
    /// All records.
    pub(crate) const ALL: Self = Self { first: 1, end: None };

    /// One record alone.
    pub(crate) fn of(number: u64) -> Self {
        Self { first: number, end: Some(number.saturating_add(1)) }
    }

    /// Whether a number lies behind all that are wanted.
    pub(crate) fn is_behind(self, number: u64) -> bool {
        self.end.is_some_and(|end| number >= end)
    }

    /// What is left of it from a number on.
    pub(crate) fn from(self, number: u64) -> Self {
        Self { first: self.first.max(number), ..self }
    }
}

impl FromStr for RecordRange {
    type Err = RangeError;

    fn from_str(text: &str) -> Result<Self, RangeError> {
        let number = |text: &str| match text.trim().parse::<u64>() {
            Ok(number @ 1..) => Ok(number),
            _ => Err(RangeError::Form),
        };
        let optional = |text: &str| if text.trim().is_empty() { Ok(None) } else { number(text).map(Some) };
        let range = match text.split_once("..") {
            None => Self::of(number(text)?),
            Some((first, end)) => Self { first: optional(first)?.unwrap_or(1), end: optional(end)? },
        };
        if range.is_behind(range.first) { Err(RangeError::Empty) } else { Ok(range) }
    }
}

impl fmt::Display for RecordRange {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}..", self.first)?;
        self.end.map_or(Ok(()), |end| write!(formatter, "{end}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_and_what_is_none_is_refused() {
        let read = |text: &str| text.parse::<RecordRange>();
        for (text, first, end) in
            [("7..9", 7, Some(9)), ("7..", 7, None), ("..9", 1, Some(9)), ("..", 1, None), ("7", 7, Some(8))]
        {
            assert_eq!(read(text), Ok(RecordRange { first, end }), "{text}");
            assert_eq!(read(&read(text).unwrap().to_string()), read(text));
        }
        for text in ["", "0..3", "a..b", "3-4", "1..=3", "-1..2"] {
            assert_eq!(read(text), Err(RangeError::Form), "{text}");
        }
        assert_eq!([read("9..9"), read("9..7")], [Err(RangeError::Empty), Err(RangeError::Empty)]);
    }
}
