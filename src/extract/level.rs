//! `--level`: how much is kept where there is doubt.

/// Which error is the worse one: text that should not be there, or text that is missing. What each level
/// reaches is measured in `docs/quality.md`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Level {
    /// Rather too little: what the model is not rather sure of goes, and rules hold against it.
    Strict,
    /// The best word F1.
    #[default]
    Balanced,
    /// Rather too much: doubtful blocks stay, and rules that are not sure of themselves give way.
    Generous,
}

impl Level {
    /// All levels, with the ids that the command line and the configuration know them by.
    pub const ALL: [(&'static str, Self); 3] =
        [("strict", Self::Strict), ("balanced", Self::Balanced), ("generous", Self::Generous)];

    /// From here a block of an article is kept.
    pub(crate) fn likely(self) -> f32 {
        match self {
            Self::Strict => 0.7,
            Self::Balanced => 0.5,
            Self::Generous => 0.3,
        }
    }

    /// Below this a block is kept on no page, however little else there is. In balance: without it, pages
    /// of which the model knows nothing give their least unlikely crumbs (wcxb-dev +.004, the same from .2
    /// to .3).
    pub(crate) fn least_likely(self) -> f32 {
        match self {
            Self::Strict => 0.5,
            Self::Balanced => 0.25,
            Self::Generous => 0.15,
        }
    }

    /// How likely a block of an article must be for the model to outweigh a rule that is not sure of itself.
    pub(crate) fn outweighs(self) -> f32 {
        match self {
            Self::Strict => 0.9,
            Self::Balanced => 0.5,
            Self::Generous => 0.3,
        }
    }
}
