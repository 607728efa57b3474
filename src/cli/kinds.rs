//! `--keep`, `--drop`, `--level`, `--tables`, `--site-rules`: what of a page is text to the caller.

use super::check::warn_of;
use crate::config::read_site_rules;
use crate::extract::block::Boilerplate;
use crate::extract::{Level, Options, SiteRules, Tables};
use anyhow::ensure;
use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use clap::{Args, ValueEnum};
use std::path::PathBuf;
use std::sync::Arc;

/// Kinds and tables that stay or go.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "What stays in the text")]
pub(crate) struct KindArgs {
    /// Kinds of boilerplate to leave in the text, separated by commas (caption,author_bio)
    #[arg(long, value_name = "KIND", value_delimiter = ',', hide_possible_values = true, value_parser = kind_parser())]
    keep: Vec<Boilerplate>,
    /// Kinds to take out whatever else speaks for them, also those kept by default (correction,social_embed)
    #[arg(long, value_name = "KIND", value_delimiter = ',', hide_possible_values = true, value_parser = kind_parser())]
    drop: Vec<Boilerplate>,
    /// How much is kept where there is doubt
    #[arg(long, value_enum, default_value_t)]
    level: LevelChoice,
    /// What becomes of tables with several columns
    #[arg(long, value_enum, default_value_t)]
    tables: TablesChoice,
    /// A folder of FiveFilters files with rules for single sites (ftr-site-config, as wallabag has them); where they
    /// lead to further pages of an article, `extract` fetches and joins these
    #[arg(long, value_name = "FOLDER")]
    site_rules: Option<PathBuf>,
}

/// [`Level`] by its names.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum LevelChoice {
    /// Rather too little than anything else's text
    Strict,
    /// The best of both
    #[default]
    Balanced,
    /// Rather too much than a paragraph lost
    Generous,
}

/// [`Tables`] by their names.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum TablesChoice {
    /// Rows stay, cells separated by tabs
    #[default]
    Keep,
    /// Rows are left out
    Drop,
}

impl KindArgs {
    /// As the extractor takes them. What cannot be used in the folder of site rules goes to the log.
    ///
    /// # Errors
    /// A kind that is to stay and to go, a folder that cannot be read.
    pub(crate) fn options(&self) -> anyhow::Result<Options> {
        let both = self.keep.iter().find(|kind| self.drop.contains(kind));
        ensure!(both.is_none(), "{} stands under --keep and --drop; choose one", both.map_or("", |kind| kind.id()));
        let tables = match self.tables {
            TablesChoice::Keep => Tables::Keep,
            TablesChoice::Drop => Tables::Drop,
        };
        let level = match self.level {
            LevelChoice::Strict => Level::Strict,
            LevelChoice::Balanced => Level::Balanced,
            LevelChoice::Generous => Level::Generous,
        };
        let mut sites = SiteRules::default();
        if let Some(folder) = &self.site_rules {
            warn_of(folder, &read_site_rules(folder, &mut sites)?);
        }
        let (keep, drop, sites) = (self.keep.clone(), self.drop.clone(), Arc::new(sites));
        Ok(Options { keep, drop, level, tables, sites, ..Options::default() })
    }

    /// The first option that was given, as it is written.
    pub(crate) fn first_given(&self) -> Option<&'static str> {
        let given = [
            (!self.keep.is_empty(), "--keep"),
            (!self.drop.is_empty(), "--drop"),
            (self.level != LevelChoice::Balanced, "--level"),
            (self.tables != TablesChoice::Keep, "--tables"),
            (self.site_rules.is_some(), "--site-rules"),
        ];
        given.into_iter().find(|(is_given, _)| *is_given).map(|(_, option)| option)
    }
}

/// Reads an id of a kind; a wrong one is answered with all that there are.
fn kind_parser() -> impl clap::builder::TypedValueParser<Value = Boilerplate> {
    let ids = Boilerplate::ALL.iter().map(|kind| kind.id());
    PossibleValuesParser::new(ids).try_map(|id| Boilerplate::from_id(&id).ok_or("no such kind"))
}
