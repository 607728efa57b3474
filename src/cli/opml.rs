//! `gleaner opml`: feeds from other readers' lists, and a list for them.

use super::check::{ConfigArgs, count};
use super::code::{Code, Ended, OrUsage as _};
use super::terminal::{message, plain, print};
use crate::config::Config;
use crate::feed::{self, Opml, Outline};
use crate::key::Key;
use anyhow::{Context as _, ensure};
use clap::{Args, Subcommand};
use std::collections::HashSet;
use std::fmt::Write as _;
use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

/// Bytes of a list; 10,000 feeds have 3 MB.
const MAX_BYTES: u64 = 50 * 1024 * 1024;

/// The arguments of `gleaner opml`.
#[derive(Debug, Clone, Args)]
pub(crate) struct OpmlArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Clone, Subcommand)]
enum Action {
    /// Add the feeds of a list to the configuration, but for those that it has; all else in it stays as it is
    Import {
        /// The list, or - for standard input
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Print the blocks instead of adding them
        #[arg(long)]
        print: bool,
        #[command(flatten)]
        config: ConfigArgs,
    },
    /// Print the feeds of the configuration as a list for other readers (OPML 2.0)
    Export {
        #[command(flatten)]
        config: ConfigArgs,
    },
}

/// Adds the feeds of a list to the configuration, or prints one.
///
/// # Errors
/// A list or a configuration that cannot be read, a configuration that cannot be written.
pub(crate) fn run(args: &OpmlArgs) -> Result<Code, Ended> {
    match &args.action {
        Action::Import { file, print, config } => import(file, *print, config.path()),
        Action::Export { config } => {
            let feeds = read_config(config.path()).or_usage()?.1.feeds;
            let outlines: Vec<Outline> =
                feeds.into_iter().map(|feed| Outline { url: feed.url, title: feed.name }).collect();
            super::terminal::print(&feed::write_opml(&outlines))?;
            Ok(Code::AllWell)
        }
    }
}

fn import(file: &Path, only_print: bool, config: &Path) -> Result<Code, Ended> {
    let list = read_list(file).with_context(|| plain(&file.to_string_lossy())).or_usage()?;
    let Opml { feeds, unusable } = feed::read_opml(&list).with_context(|| plain(&file.to_string_lossy())).or_usage()?;
    for line in unusable {
        message(&format!("{}: line {line}: no http:// or https:// address; left out", file.display()));
    }
    let (text, known) = if config.exists() { read_config(config).or_usage()? } else { Default::default() };
    let known: HashSet<Key> = known.feeds.iter().map(|feed| Key::of(&feed.url)).collect();
    let all = feeds.len();
    let new: Vec<Outline> = feeds.into_iter().filter(|feed| !known.contains(&Key::of(&feed.url))).collect();
    let blocks: String = new.iter().map(block).collect();
    if only_print {
        print(blocks.trim_start_matches('\n'))?;
        return Ok(Code::AllWell);
    }
    if !new.is_empty() {
        write_config(config, &(text + &blocks)).or_usage()?;
    }
    let had = all - new.len();
    print(&format!("{}: {} added, {had} there already\n", config.display(), count(new.len(), "feed")))?;
    Ok(Code::AllWell)
}

fn read_list(file: &Path) -> anyhow::Result<String> {
    let mut bytes = Vec::new();
    let read = match file.to_str() {
        Some("-") => io::stdin().lock().take(MAX_BYTES + 1).read_to_end(&mut bytes),
        _ => fs::File::open(file).and_then(|opened| opened.take(MAX_BYTES + 1).read_to_end(&mut bytes)),
    };
    read.context("cannot be read; check the path and the permissions")?;
    ensure!(bytes.len() as u64 <= MAX_BYTES, "larger than {MAX_BYTES} bytes; is it a list of feeds?");
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn read_config(path: &Path) -> anyhow::Result<(String, Config)> {
    let named = || path.display().to_string();
    let text = fs::read_to_string(path)
        .with_context(|| format!("{}: cannot be read; name the right file with --config FILE", named()))?;
    let config = Config::parse(&text, &named())?;
    let ends = text.is_empty() || text.ends_with('\n');
    Ok((if ends { text } else { text + "\n" }, config))
}

/// Puts the text in the place of the file at once, once it is known to be a configuration.
fn write_config(path: &Path, text: &str) -> anyhow::Result<()> {
    Config::parse(text, &path.display().to_string())
        .context("the feeds cannot be added at the end of the file; see them with --print and add them by hand")?;
    // A link to the file stays one.
    let path = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let write = || -> io::Result<()> {
        let mut file = tempfile::Builder::new().prefix(".config").tempfile_in(folder)?;
        file.write_all(text.as_bytes())?;
        if let Ok(old) = path.metadata() {
            file.as_file().set_permissions(old.permissions())?;
        }
        file.as_file().sync_all()?;
        file.persist(&path).map_err(|failed| failed.error)?;
        Ok(())
    };
    write().with_context(|| format!("{}: cannot be written; make it and its folder writable", path.display()))
}

/// A feed as the configuration has it, after a blank line.
fn block(Outline { url, title }: &Outline) -> String {
    let mut block = format!("\n[[feed]]\nurl = {}\n", quoted(url.as_str()));
    if let Some(title) = title {
        // Writing to a string cannot fail.
        let _ = writeln!(block, "name = {}", quoted(title));
    }
    block
}

/// A TOML string.
pub(crate) fn quoted(text: &str) -> String {
    let visible: String = text.chars().filter(|c| !c.is_control()).collect();
    format!("\"{}\"", visible.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = "<opml version='2.0'><body><outline text='\"A\" \\ &amp;' xmlUrl='https://a.example/1?x=%22&amp;b=2'/>\
        <outline text='B'><outline xmlUrl='https://b.example/2'/></outline></body></opml>";

    fn folder_with(config: &str) -> (tempfile::TempDir, PathBuf, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let (file, path) = (folder.path().join("list.opml"), folder.path().join("config.toml"));
        fs::write(&file, LIST).unwrap();
        fs::write(&path, config).unwrap();
        (folder, file, path)
    }

    #[test]
    fn import_adds_what_is_missing_once_and_leaves_the_rest_alone() {
        let before = "# Mine.\ncontact = \"me@home.example\" # keep\n[[feed]]\nurl = \"https://B.example/2\"\n[crawl]\ndrain_s = 5";
        let (_folder, file, path) = folder_with(before);
        assert_eq!(import(&file, false, &path).unwrap(), Code::AllWell);
        let after = fs::read_to_string(&path).unwrap();
        assert!(after.starts_with(before), "{after}");
        let config = Config::load(&path).unwrap();
        assert_eq!((config.feeds.len(), config.crawl.drain_s), (2, 5));
        assert_eq!(config.feeds[1].name.as_deref(), Some("\"A\" \\ &"));
        import(&file, false, &path).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), after, "nothing new");
    }

    #[test]
    fn what_was_exported_adds_nothing_when_it_is_imported() {
        let (_folder, file, path) = folder_with("");
        import(&file, false, &path).unwrap();
        let feeds = Config::load(&path).unwrap().feeds;
        let outlines: Vec<Outline> =
            feeds.into_iter().map(|feed| Outline { url: feed.url, title: feed.name }).collect();
        fs::write(&file, feed::write_opml(&outlines)).unwrap();
        let before = fs::read_to_string(&path).unwrap();
        import(&file, false, &path).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), before);
    }

    #[test]
    fn configuration_that_cannot_be_added_to_stays_as_it_is() {
        for config in ["feed = [{ url = \"https://c.example/\" }]\n", "[[feed]\n", "nonsense = 1\n"] {
            let (_folder, file, path) = folder_with(config);
            assert!(matches!(import(&file, false, &path), Err(Ended::Usage(_))), "{config}");
            assert_eq!(fs::read_to_string(&path).unwrap(), config);
        }
    }

    #[test]
    fn configuration_that_is_not_there_is_begun() {
        let (_folder, file, path) = folder_with("");
        fs::remove_file(&path).unwrap();
        import(&file, false, &path).unwrap();
        assert_eq!(Config::load(&path).unwrap().feeds.len(), 2);
    }
}
