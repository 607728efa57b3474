//! `--engine`: who chooses the text.

use super::ExtractArgs;
use crate::cli::form::InputForm;
use crate::extract::Engine;
use anyhow::ensure;
use clap::ValueEnum;

/// The engines by their names; one that is not built in has a name all the same, so that it can be said
/// how to build it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum EngineName {
    /// Gleaner's own rules and model
    #[default]
    Gleaner,
    /// The crate `readability`, a second opinion to compare with: its text, with Gleaner's metadata; knows pages alone
    Readability,
}

impl ExtractArgs {
    /// The engine asked for.
    ///
    /// # Errors
    /// One that is not built in, and options that it does not know.
    pub(super) fn engine(&self) -> anyhow::Result<Engine> {
        if self.engine == EngineName::Gleaner {
            return Ok(Engine::Gleaner);
        }
        let marks = [(self.with_links, "--with-links"), (self.with_images, "--with-images")];
        let marks = marks.into_iter().find(|(is_given, _)| *is_given).map(|(_, option)| option);
        let given = self.page.kinds.first_given().or(marks);
        ensure!(
            given.is_none(),
            "{} is for Gleaner's own engine; readability knows no kinds of boilerplate and no rules, so leave one of the two out",
            given.unwrap_or_default()
        );
        let is_text = self.read_as == InputForm::Text;
        ensure!(!is_text, "readability reads pages alone; leave --engine out for texts without markup");
        readability()
    }
}

#[cfg(feature = "readability")]
fn readability() -> anyhow::Result<Engine> {
    Ok(Engine::Readability)
}

#[cfg(not(feature = "readability"))]
fn readability() -> anyhow::Result<Engine> {
    anyhow::bail!(
        "--engine readability is not built into this program; build it with the cargo feature `readability`: \
         cargo install --path . --features readability"
    )
}
