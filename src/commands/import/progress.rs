//! Shows how far an import has come: a bar on a terminal, else a line now and then.

use std::fmt::Display;
use std::io::{self, IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::answers::{ImportStanding, Read};

/// How often a line says how far it is where there is no terminal.
const INTERVAL: Duration = Duration::from_secs(10);

/// What is shown on standard error.
#[derive(Debug)]
pub(super) struct Progress {
    bar: Option<ProgressBar>,
    is_delivering: bool,
    told: Instant,
}

impl Progress {
    /// For a file of so many bytes, where that is known.
    pub(super) fn new(length: Option<u64>) -> Self {
        let bar = io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::with_draw_target(length, ProgressDrawTarget::stderr());
            let template = match length {
                Some(_) => "reading    {wide_bar} {percent:>3} %  {msg}  {eta} left",
                None => "reading    {spinner} {bytes}  {msg}",
            };
            bar.set_style(style(template));
            bar
        });
        Self { bar, is_delivering: false, told: Instant::now() }
    }

    /// So many bytes were read, and this became of their lines.
    pub(super) fn reading(&mut self, bytes: u64, read: &Read) {
        match &self.bar {
            Some(bar) => {
                bar.set_position(bytes);
                bar.set_message(format!("{} invalid", read.invalid));
            }
            None => self.now_and_then(read),
        }
    }

    /// This became of the documents.
    pub(super) fn delivering(&mut self, standing: &ImportStanding) {
        match &self.bar {
            Some(bar) => {
                if !std::mem::replace(&mut self.is_delivering, true) {
                    bar.reset();
                    bar.set_style(style("delivering {wide_bar} {pos}/{len}  {msg}  {eta} left"));
                }
                bar.set_length(standing.accepted);
                bar.set_position(standing.accepted - standing.pending.min(standing.accepted));
                let state = if standing.state == "running" { "" } else { standing.state.as_str() };
                bar.set_message(format!("{} refused {state}", standing.refused));
            }
            None => self.now_and_then(standing),
        }
    }

    fn now_and_then(&mut self, what: &impl Display) {
        if self.told.elapsed() >= INTERVAL {
            self.told = Instant::now();
            self.note(&what.to_string());
        }
    }

    /// Says something that stays.
    pub(super) fn note(&self, what: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| say(what)),
            None => say(what),
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn say(what: &str) {
    // Nobody may be listening.
    let _ = writeln!(io::stderr(), "{what}");
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
