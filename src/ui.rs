//! The only place that prints: results on stdout, everything said to people on stderr.

use std::io::{self, ErrorKind, IsTerminal, Write};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// Prints a result on stdout. A closed pipe ends the output, not the run.
///
/// # Errors
/// When stdout cannot be written, a full disk for example.
pub fn result(text: &str) -> anyhow::Result<()> {
    result_bytes(text.as_bytes())
}

/// As [`result`], for bytes.
///
/// # Errors
/// As [`result`].
pub fn result_bytes(bytes: &[u8]) -> anyhow::Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        other => other.map_err(|error| anyhow::Error::new(error).context("cannot write to stdout")),
    }
}

/// Says something to the person at the terminal. That nobody listens is no reason to stop.
pub fn talk(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Says why a run failed, with its causes.
pub fn error(error: &anyhow::Error) {
    let text = format!("{error:#}");
    let space = if text.contains('\n') { '\n' } else { ' ' };
    talk(&format!("{}{space}{text}", paint("error:", RED)));
}

/// Whether a person can be asked: both ends of the conversation are a terminal.
#[must_use]
pub fn can_ask() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

const RED: &str = "31";
const BOLD: &str = "1";

/// A heading, bold where stderr is a terminal.
#[must_use]
pub fn heading(text: &str) -> String {
    paint(text, BOLD)
}

/// Colours text for stderr, unless `NO_COLOR` (no-color.org) or the lack of a terminal forbids it.
fn paint(text: &str, code: &str) -> String {
    let forbidden = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    if forbidden || !io::stderr().is_terminal() {
        return text.to_owned();
    }
    format!("\u{1b}[{code}m{text}\u{1b}[0m")
}

/// A line that shows what a long step is doing; invisible without a terminal.
pub struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// Starts the line.
    #[must_use]
    pub fn start(message: &str) -> Self {
        let bar = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{spinner} {prefix} ({elapsed}) {wide_msg}") {
            bar.set_style(style);
        }
        bar.set_prefix(message.to_owned());
        bar.enable_steady_tick(Duration::from_millis(120));
        if bar.is_hidden() {
            talk(message);
        }
        Self { bar }
    }

    /// Shows the latest line of the step's own output.
    pub fn show(&self, line: &str) {
        self.bar.set_message(crate::text::one_line(line));
    }

    /// Ends the line.
    pub fn finish(self) {
        self.bar.finish_and_clear();
    }
}
