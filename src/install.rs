//! Runs the package manager's install in a new repository. It is the only step that may use the
//! network.

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, ErrorKind, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow};

use crate::stack::PackageManager;
use crate::text;

/// How many lines of output a message about a failure ends with.
const TAIL: usize = 15;

/// How many lines of warnings are kept.
const MOST_WARNINGS: usize = 100;

/// How often the child is looked at while it says nothing.
const TICK: Duration = Duration::from_millis(50);

/// How long to wait for the end of the output of a child that has ended: something that it started
/// may keep it open.
const GRACE: Duration = Duration::from_secs(1);

/// One line of output.
struct Line {
    text: String,
    is_warning: bool,
}

/// Runs the install in `directory`, and shows every line of its output to `progress` as it comes.
///
/// Returns what it wrote to stderr, up to 100 lines: warnings that a person should see, one about
/// the version of Node.js for example. There is no shell in between, and no input. The child stays
/// in our process group, so that a Ctrl-C at the terminal ends both.
///
/// # Errors
/// When the program is not there, or fails; the message ends with its last lines and what to do.
/// The directory stays as it is.
pub fn run(directory: &Path, manager: &PackageManager, progress: &mut dyn FnMut(&str)) -> anyhow::Result<Vec<String>> {
    let command = command_line(manager);
    let mut child = Command::new(manager.name)
        .args(manager.first_install)
        .current_dir(directory)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| not_started(directory, manager, error))?;
    let mut tail = VecDeque::with_capacity(TAIL);
    let mut warnings = Vec::new();
    let status = follow(&mut child, |line| {
        progress(&line.text);
        if line.is_warning && warnings.len() < MOST_WARNINGS {
            warnings.push(line.text.clone());
        }
        if tail.len() == TAIL {
            tail.pop_front();
        }
        tail.push_back(line.text);
    })
    .with_context(|| format!("cannot follow `{command}`"))?;
    if status.success() { Ok(warnings) } else { Err(failed(directory, manager, status, &tail)) }
}

/// Hands out the lines of a child until it has ended.
fn follow(child: &mut Child, mut take: impl FnMut(Line)) -> io::Result<ExitStatus> {
    let lines = read_lines(child);
    let mut ended: Option<Instant> = None;
    while ended.is_none_or(|ended| ended.elapsed() < GRACE) {
        match lines.recv_timeout(TICK) {
            Ok(line) => take(line),
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {
                if ended.is_none() && child.try_wait()?.is_some() {
                    ended = Some(Instant::now());
                }
            }
        }
    }
    child.wait()
}

/// The lines of both outputs of a child, in the order in which they come.
fn read_lines(child: &mut Child) -> Receiver<Line> {
    let (sender, lines) = mpsc::channel();
    if let Some(output) = child.stdout.take() {
        let sender = sender.clone();
        thread::spawn(move || send_lines(output, false, &sender));
    }
    if let Some(output) = child.stderr.take() {
        thread::spawn(move || send_lines(output, true, &sender));
    }
    lines
}

/// Sends what has been read until the end, an error, or until nobody listens any more.
fn send_lines(output: impl Read, is_warning: bool, sender: &Sender<Line>) {
    for line in BufReader::new(output).split(b'\n').map_while(Result::ok) {
        let text = printable(&String::from_utf8_lossy(&line));
        if !text.is_empty() && sender.send(Line { text, is_warning }).is_err() {
            return;
        }
    }
}

/// A line without what would move a terminal's cursor or change its colours.
fn printable(line: &str) -> String {
    let line = line.trim_end();
    // Of a progress bar that draws over itself, the last state.
    let line = line.rsplit('\r').next().unwrap_or(line);
    line.replace('\t', "    ").chars().filter(|c| !c.is_control()).collect()
}

fn command_line(manager: &PackageManager) -> String {
    format!("{} {}", manager.name, manager.first_install.join(" "))
}

/// What a person types to try again.
fn by_hand(directory: &Path, manager: &PackageManager) -> String {
    format!("cd {} && {}", text::shell_path(directory), manager.install_by_hand())
}

fn not_started(directory: &Path, manager: &PackageManager, error: io::Error) -> anyhow::Error {
    let (name, again) = (manager.name, by_hand(directory, manager));
    let written = format!("All files are in {}; only the packages are not installed.", directory.display());
    if error.kind() == ErrorKind::NotFound && directory.is_dir() {
        let way = if manager.comes_with_node {
            format!("Node.js brings {name}")
        } else {
            format!("npm install --global {}", manager.package)
        };
        return anyhow!("{name} was not found. {written}\nInstall it ({way}), and then: {again}");
    }
    anyhow::Error::new(error).context(format!("cannot run `{}`. {written}\nThen: {again}", command_line(manager)))
}

fn failed(directory: &Path, manager: &PackageManager, status: ExitStatus, tail: &VecDeque<String>) -> anyhow::Error {
    let said = match tail.len() {
        0 => "It said nothing.".to_owned(),
        _ => format!(
            "The end of its output:\n{}",
            tail.iter().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
        ),
    };
    anyhow!(
        "`{}` failed in {} ({status}). The files are all there; only the packages are not installed.\n{said}\n\
         Once the cause is gone: {}",
        command_line(manager),
        directory.display(),
        by_hand(directory, manager)
    )
}

#[cfg(test)]
#[path = "install_tests.rs"]
mod tests;
