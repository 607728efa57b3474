//! How much of a page is told beside its text.

/// What an extraction tells; each also tells what those before it do, and costs more. The text is the same in all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Detail {
    /// The title and the text, what the page is and how sure that is: no other metadata and no removals.
    Text,
    /// All metadata, and what was left out, by which rule.
    #[default]
    Whole,
    /// Of all that was left out how likely the model takes it to be content, though rules have settled it.
    Scored,
}
