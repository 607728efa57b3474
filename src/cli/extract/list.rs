//! The inputs of a call: arguments, and lists in files.

use crate::cli::source::{Input, Source};
use anyhow::{Context as _, bail};
use same_file::Handle;
use std::ffi::OsStr;
use std::io::Read as _;
use std::path::Path;

/// The inputs of the arguments and then those of the list, in order.
///
/// # Errors
/// A list that cannot be read, no input at all, and standard input named twice.
pub(crate) fn collect(arguments: &[impl AsRef<OsStr>], list: Option<&Path>) -> anyhow::Result<Vec<Input>> {
    let mut inputs: Vec<Input> = arguments.iter().map(|argument| Input::parse(argument.as_ref())).collect();
    let mut stdin_uses = 0;
    if let Some(path) = list {
        stdin_uses += usize::from(path.as_os_str() == "-");
        inputs.extend(lines(&read_list(path)?).map(|line| Input::parse(line.as_ref())));
    }
    if let (true, Some(path)) = (inputs.is_empty(), list) {
        bail!("--from-file {}: the list names no input; write one URL or file a line", path.display());
    }
    stdin_uses += inputs.iter().filter(|input| input.source == Source::Stdin).count();
    if stdin_uses > 1 {
        bail!("standard input (-) is named {stdin_uses} times; it can be read once");
    }
    Ok(inputs)
}

fn read_list(path: &Path) -> anyhow::Result<String> {
    let mut bytes = Vec::new();
    let read = if path.as_os_str() == "-" {
        std::io::stdin().lock().read_to_end(&mut bytes)
    } else {
        std::fs::File::open(path).and_then(|mut file| file.read_to_end(&mut bytes))
    };
    read.with_context(|| format!("--from-file {}: the list cannot be read", path.display()))?;
    String::from_utf8(bytes).with_context(|| format!("--from-file {}: the list is no UTF-8 text", path.display()))
}

/// # Errors
/// An output that is one of the inputs, or their list: writing it would destroy what is to be read.
pub(super) fn refuse_as_output(output: &Path, inputs: &[Input], list: Option<&Path>) -> anyhow::Result<()> {
    // Nobody loses what a device or a pipe holds.
    let Some(written) = Handle::from_path(output).ok().filter(|_| output.is_file()) else { return Ok(()) };
    let list = list.filter(|list| list.as_os_str() != "-").map(Handle::from_path);
    let mut read = inputs.iter().filter_map(|input| match &input.source {
        Source::File(path) => Some(Handle::from_path(path)),
        Source::Stdin => Some(Handle::stdin()),
        Source::Url(_) | Source::BadUrl(_) => None,
    });
    if list.into_iter().chain(&mut read).any(|read| read.is_ok_and(|read| read == written)) {
        bail!("--output {}: is read from, too; name another file to write to", output.display());
    }
    Ok(())
}

/// One input a line; empty lines and those that begin with `#` are comments.
fn lines(list: &str) -> impl Iterator<Item = &str> {
    let list = list.strip_prefix('\u{feff}').unwrap_or(list);
    list.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_have_comments_and_keep_fragments() {
        let list = "\u{feff}# two\r\nhttps://a.example/#part\r\n\n  page.html \n#x";
        assert_eq!(lines(list).collect::<Vec<_>>(), ["https://a.example/#part", "page.html"]);
    }

    #[test]
    fn standard_input_is_read_once() {
        assert!(collect(&["-", "a.html"], None).is_ok());
        assert!(collect(&["-", "-"], None).is_err());
    }
}
