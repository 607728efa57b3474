//! Bars before a terminal.

use super::batch::Running;
use crate::cli::logs::LogArgs;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use std::cell::Cell;
use std::io::{self, IsTerminal as _};
use std::time::Instant;

/// Whether somebody sees bars.
fn are_seen(log: &LogArgs) -> bool {
    !log.quiet && io::stderr().is_terminal()
}

fn styled(bar: ProgressBar, template: &str) -> ProgressBar {
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// A bar for several inputs before a terminal, else nothing that shows.
pub(super) fn bar(count: usize, bars: &MultiProgress, log: &LogArgs) -> ProgressBar {
    // Among others a hidden one would show.
    if count < 2 || !are_seen(log) {
        return ProgressBar::hidden();
    }
    bars.add(styled(ProgressBar::new(count as u64), "{bar:32} {pos}/{len} ({eta})"))
}

/// How far a batch has been read, how many of its records are done and how fast.
pub(super) struct BatchBar {
    bar: ProgressBar,
    begun: Instant,
    records: Cell<u64>,
}

impl BatchBar {
    pub(super) fn new(running: &Running, bars: &MultiProgress, log: &LogArgs) -> Self {
        let (begun, records) = (Instant::now(), Cell::new(0));
        if !are_seen(log) {
            return Self { bar: ProgressBar::hidden(), begun, records };
        }
        let bar = match running.file_bytes {
            Some(bytes) => {
                let bar = styled(
                    ProgressBar::new(bytes),
                    "{prefix} {bar:32} {decimal_bytes}/{decimal_total_bytes}, {msg}, {eta} left",
                );
                // Where a run goes on, what was read before says nothing of the rate.
                bar.with_position(running.bytes_read())
            }
            None => styled(ProgressBar::no_length(), "{prefix} {spinner} {decimal_bytes}, {msg}"),
        };
        bar.set_prefix(running.input.name.clone());
        bar.reset_eta();
        Self { bar: bars.add(bar), begun, records }
    }

    /// One more record is done.
    pub(super) fn show(&self, running: &Running) {
        self.records.set(self.records.get() + 1);
        if self.bar.is_hidden() {
            return;
        }
        let seconds = self.begun.elapsed().as_secs_f64().max(0.001);
        let records = self.records.get();
        self.bar.set_message(format!("{records} records, {:.0}/s", records as f64 / seconds));
        self.bar.set_position(running.bytes_read());
    }

    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::logs::LogFormat;
    use indicatif::{ProgressDrawTarget, TermLike};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// A terminal that counts what is written to it.
    #[derive(Debug, Clone, Default)]
    struct Counting(Arc<AtomicUsize>);

    impl TermLike for Counting {
        fn width(&self) -> u16 {
            80
        }

        fn move_cursor_up(&self, _: usize) -> io::Result<()> {
            Ok(())
        }

        fn move_cursor_down(&self, _: usize) -> io::Result<()> {
            Ok(())
        }

        fn move_cursor_right(&self, _: usize) -> io::Result<()> {
            Ok(())
        }

        fn move_cursor_left(&self, _: usize) -> io::Result<()> {
            Ok(())
        }

        fn write_line(&self, line: &str) -> io::Result<()> {
            self.write_str(line)
        }

        fn write_str(&self, text: &str) -> io::Result<()> {
            self.0.fetch_add(text.len(), Ordering::Relaxed);
            Ok(())
        }

        fn clear_line(&self) -> io::Result<()> {
            Ok(())
        }

        fn flush(&self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn quiet_calls_show_no_bar_among_others() {
        let terminal = Counting::default();
        let bars = MultiProgress::with_draw_target(ProgressDrawTarget::term_like(Box::new(terminal.clone())));
        let quiet = LogArgs { verbose: 0, quiet: true, log_format: LogFormat::Text };
        bar(3, &bars, &quiet).tick();
        assert_eq!(terminal.0.load(Ordering::Relaxed), 0);
        bars.add(ProgressBar::new(3)).tick();
        assert!(terminal.0.load(Ordering::Relaxed) > 0, "the terminal shows others");
    }
}
