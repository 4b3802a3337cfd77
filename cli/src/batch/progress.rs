//! How far the run is: a bar on a terminal, a line every few seconds elsewhere.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::status::{self, KINDS, Known};
use crate::lang::Lang;

const LINE_EVERY: Duration = Duration::from_secs(5);

pub(crate) struct Progress {
    lang: Lang,
    total: usize,
    /// By kind; what earlier runs left is in it.
    pub(crate) counts: [usize; KINDS],
    /// What this run asked.
    pub(crate) asked: usize,
    pending: usize,
    per_second: f64,
    begun: Instant,
    /// `None` where nobody looks at a terminal.
    bar: Option<ProgressBar>,
    last_line: Instant,
}

impl Progress {
    /// `known`: what is known of every contract before the run.
    pub(crate) fn new(known: impl Iterator<Item = Known>, per_second: f64, quiet: bool, lang: Lang) -> Self {
        let (mut counts, mut total, mut pending) = ([0; KINDS], 0, 0);
        for known in known {
            total += 1;
            match known.kind() {
                // Failures are asked again, and counted again when they fail again.
                Some(kind) if known != Known::Failed => counts[kind] += 1,
                _ => {}
            }
            pending += usize::from(!known.is_final());
        }
        let bar = (!quiet && std::io::stderr().is_terminal()).then(|| {
            let bar = ProgressBar::with_draw_target(Some(total as u64), ProgressDrawTarget::stderr());
            if let Ok(style) = ProgressStyle::with_template("[{wide_bar}] {pos}/{len}\n{wide_msg}") {
                bar.set_style(style.progress_chars("#>-"));
            }
            bar
        });
        let now = Instant::now();
        let mut progress =
            Progress { lang, total, counts, asked: 0, pending, per_second, begun: now, bar, last_line: now };
        if quiet {
            // A line would have to wait for ever.
            progress.last_line = now + Duration::from_secs(100 * 365 * 86_400);
        }
        progress.show(false);
        progress
    }

    /// A contract of which `before` was known now has an answer, on disk.
    pub(crate) fn count(&mut self, before: Known, now: Known) {
        self.asked += 1;
        if let Some(kind) = before.kind().filter(|_| before != Known::Failed) {
            self.counts[kind] -= 1;
        }
        if let Some(kind) = now.kind() {
            self.counts[kind] += 1;
        }
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.begun.elapsed()
    }

    pub(crate) fn show(&mut self, stopping: bool) {
        let done = self.total - self.pending + self.asked.min(self.pending);
        if let Some(bar) = &self.bar {
            bar.set_position(done as u64);
            bar.set_message(self.message(stopping));
        } else if Instant::now().checked_duration_since(self.last_line).is_some_and(|since| since >= LINE_EVERY) {
            self.last_line = Instant::now();
            eprintln!("{done}/{}  {}", self.total, self.message(stopping));
        }
    }

    /// Leaves the terminal as it was.
    pub(crate) fn finish(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }

    fn message(&self, stopping: bool) -> String {
        let seconds = self.begun.elapsed().as_secs_f64();
        let rate = if seconds < 0.5 { 0.0 } else { self.asked as f64 / seconds };
        let left = self.pending.saturating_sub(self.asked) as f64;
        // The limiter says how fast it can go; how fast the platform lets it go shows after a while.
        let speed = if seconds < 3.0 || rate == 0.0 { self.per_second } else { self.per_second.min(rate) };
        let eta = duration(Duration::from_secs_f64((left / speed).min(1e9)), self.lang);
        let mut message = if stopping {
            self.lang.of("stopping … ".to_owned(), "正在停止……".to_owned())
        } else {
            self.lang.of(format!("{rate:.1}/s, {eta} left"), format!("每秒 {rate:.1} 份，约剩 {eta}"))
        };
        for (kind, &count) in self.counts.iter().enumerate().filter(|(_, count)| **count > 0) {
            let name = self.lang.of(status::name(kind, self.lang), short(kind, self.lang));
            message += &self.lang.of(format!("  {name} {count}"), format!("  {name} {count}"));
        }
        message
    }
}

fn short(kind: usize, lang: Lang) -> &'static str {
    if kind == KINDS - 1 { status::name(kind, lang) } else { status::meaning(kind, lang) }
}

/// `1 h 05 min`, `3 min 20 s`, `12 s`.
pub(crate) fn duration(time: Duration, lang: Lang) -> String {
    let seconds = time.as_secs_f64().ceil() as u64;
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 {
        lang.of(format!("{hours} h {minutes:02} min"), format!("{hours} 小时 {minutes:02} 分"))
    } else if minutes > 0 {
        lang.of(format!("{minutes} min {rest:02} s"), format!("{minutes} 分 {rest:02} 秒"))
    } else {
        lang.of(format!("{rest} s"), format!("{rest} 秒"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_left_is_that_of_the_limiter() {
        let known = std::iter::repeat_n(Known::Nothing, 600).chain([Known::of_text("2"), Known::of_text("1")]);
        let mut progress = Progress::new(known, 10.0, true, Lang::En);
        assert!(
            progress.message(false).contains("1 min 01 s left  PENDING 1  CREATED 1"),
            "{}",
            progress.message(false)
        );
        progress.count(Known::of_text("1"), Known::of_text("2"));
        progress.count(Known::Nothing, Known::Failed);
        assert!(progress.message(false).ends_with("CREATED 2  FAILED 1"), "{}", progress.message(false));
    }

    #[test]
    fn a_duration_is_read_at_a_glance() {
        for (seconds, en, zh) in
            [(12, "12 s", "12 秒"), (200, "3 min 20 s", "3 分 20 秒"), (3900, "1 h 05 min", "1 小时 05 分")]
        {
            let time = Duration::from_secs(seconds);
            assert_eq!((duration(time, Lang::En), duration(time, Lang::Zh)), (en.to_owned(), zh.to_owned()));
        }
    }
}
