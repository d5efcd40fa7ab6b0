//! The interview in a pseudo-terminal: every step waits for the text that it answers.

use std::io::Read;
use std::process::Stdio;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use expectrl::process::unix::WaitStatus;
use expectrl::session::OsSession;
use expectrl::{Expect, Session};

use super::sandbox::{SEAWORTHY, Sandbox};

const ENTER: &str = "\r";
const ESCAPE: &str = "\u{1b}";
const BACKSPACE: &str = "\u{7f}";
const CONTROL_C: &str = "\u{3}";
const UP: &str = "\u{1b}[A";
const DOWN: &str = "\u{1b}[B";

/// Questions by what only they say.
const DESCRIPTION: &str = "What does it do, in one line?";
const FRAMEWORK: &str = "Which web framework?";
const DATABASE: &str = "Which database does it use?";
const DATA_ACCESS: &str = "How does the code talk to the database?";
const REDIS: &str = "Does it use Redis?";
const PEAK: &str = "at the busiest minute?";
const TROUGH: &str = "at the quietest hour of the day?";
const TEAM: &str = "on the team that deploys";
const REGIONS: &str = "In how many regions";
const AVAILABILITY: &str = "What share of time";
const PLATFORM: &str = "Where shall it run?";
const CLOUD: &str = "With which cloud provider?";
const REASON: &str = "Why Kubernetes";
const MENU: &str = "What next?";

/// A limit for a broken program, not a pace: a busy machine may take its time.
const PATIENCE: Duration = Duration::from_secs(60);

/// A conversation with `seaworthy new`.
struct Talk {
    session: OsSession,
    output: Receiver<Vec<u8>>,
    /// What was printed since the text that was waited for last.
    heard: String,
}

impl Talk {
    fn start(sandbox: &Sandbox, arguments: &[&str]) -> Result<Self> {
        let mut command = sandbox.command(SEAWORTHY)?;
        command.env("TERM", "xterm").args(arguments).stdin(Stdio::inherit());
        let mut session = Session::spawn(command)?;
        session.get_process_mut().set_window_size(120, 50)?;
        let mut terminal = session.get_process().get_raw_handle()?;
        let (sender, output) = mpsc::channel();
        // A thread may block on the terminal; the test waits for the channel, with a limit.
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(length @ 1..) = terminal.read(&mut buffer) {
                if sender.send(buffer[..length].to_vec()).is_err() {
                    return;
                }
            }
        });
        Ok(Self { session, output, heard: String::new() })
    }

    fn wait_for(&mut self, text: &str) -> Result<()> {
        loop {
            if let Some(start) = self.heard.find(text) {
                self.heard.drain(..start + text.len());
                return Ok(());
            }
            match self.output.recv_timeout(PATIENCE) {
                Ok(more) => self.heard.push_str(&String::from_utf8_lossy(&more)),
                Err(error) => bail!("waited for {text:?}: {error}; it printed {:?}", self.heard),
            }
        }
    }

    fn send(&mut self, keys: &str) -> Result<()> {
        Ok(self.session.send(keys)?)
    }

    /// Waits for a question and answers it.
    fn answer(&mut self, question: &str, keys: &str) -> Result<()> {
        self.wait_for(question)?;
        self.send(&format!("{keys}{ENTER}"))
    }

    /// Takes the default of each question.
    fn take_defaults(&mut self, questions: &[&str]) -> Result<()> {
        questions.iter().try_for_each(|question| self.answer(question, ""))
    }

    /// Picks the entry of a menu that stands this far below the first.
    fn pick(&mut self, question: &str, below: usize) -> Result<()> {
        self.answer(question, &DOWN.repeat(below))
    }

    fn exit_code(self) -> Result<i32> {
        // The channel closes when the program has closed its terminal.
        while self.output.recv_timeout(PATIENCE).is_ok() {}
        match self.session.get_process().wait()? {
            WaitStatus::Exited(_, code) => Ok(code),
            other => bail!("ended by {other:?}"),
        }
    }
}

/// All questions in their order, for an answer of defaults.
const ALL: [&str; 12] =
    [DESCRIPTION, FRAMEWORK, DATABASE, DATA_ACCESS, REDIS, PEAK, TROUGH, TEAM, REGIONS, AVAILABILITY, PLATFORM, CLOUD];

/// Where the answer to a question stands in the list of all: the name is the first.
fn place(question: &str) -> usize {
    1 + ALL.iter().take_while(|it| **it != question).count()
}

fn ensure_nothing_written(sandbox: &Sandbox) -> Result<()> {
    ensure!(sandbox.tree(".")?.is_empty(), "files are left: {:?}", sandbox.tree(".")?.keys());
    ensure!(!sandbox.path("orders").exists(), "the directory is there");
    Ok(())
}

#[test]
fn from_the_first_question_to_the_files() -> Result<()> {
    let sandbox = Sandbox::new()?;
    let mut talk = Talk::start(&sandbox, &["new", "Orders", "--no-install"])?;
    talk.answer("What is the service called?", "My Orders")?;
    talk.wait_for("may hold lower-case letters")?;
    talk.send(&format!("{}orders{ENTER}", BACKSPACE.repeat(9)))?;
    talk.answer(DESCRIPTION, "Takes \"orders\".")?;
    talk.pick(FRAMEWORK, 0)?;
    talk.pick(DATABASE, 0)?;
    talk.pick(DATA_ACCESS, 1)?;
    talk.pick(REDIS, 1)?;
    talk.answer(PEAK, "many")?;
    talk.wait_for("\"many\" is not a whole number")?;
    talk.send(&format!("{}120{ENTER}", BACKSPACE.repeat(4)))?;
    talk.answer(TROUGH, "121")?;
    talk.wait_for("121 is more than scale.peak-rps, 120")?;
    talk.send(&format!("{}7{ENTER}", BACKSPACE.repeat(3)))?;
    talk.take_defaults(&[TEAM, REGIONS, AVAILABILITY, PLATFORM, CLOUD])?;
    for part in ["Files in Orders", "Dockerfile", "Sizes", "Memory limit", "orders on Compose", "because 120 requests"]
    {
        talk.wait_for(part)?;
    }
    talk.pick(MENU, 0)?;
    talk.wait_for("Wrote ")?;
    talk.wait_for("docker compose up")?;
    assert_eq!(talk.exit_code()?, 0);
    let answers: toml::Table = sandbox.read("Orders/seaworthy.toml")?.parse()?;
    assert_eq!(answers["project"]["description"].as_str(), Some("Takes \"orders\"."));
    assert_eq!(answers["stack"]["data-access"].as_str(), Some("drizzle"));
    assert_eq!(answers["stack"]["redis"].as_bool(), Some(true));
    assert_eq!(answers["scale"]["peak-rps"].as_integer(), Some(120));
    assert_eq!(answers["scale"]["trough-rps"].as_integer(), Some(7));
    assert!(sandbox.path("Orders/Dockerfile").is_file());
    Ok(())
}

#[test]
fn escape_goes_back_with_the_answer_at_hand() -> Result<()> {
    let sandbox = Sandbox::new()?;
    let mut talk = Talk::start(&sandbox, &["new", "orders", "--no-install"])?;
    talk.wait_for(DESCRIPTION)?;
    talk.send(ESCAPE)?;
    talk.wait_for("This is the first question")?;
    talk.take_defaults(&[DESCRIPTION, FRAMEWORK, DATABASE, DATA_ACCESS, REDIS])?;
    talk.answer(PEAK, "77")?;
    talk.wait_for(TROUGH)?;
    talk.send(ESCAPE)?;
    talk.wait_for(PEAK)?;
    talk.wait_for("(77)")?;
    talk.send(ENTER)?;
    talk.take_defaults(&ALL[place(TROUGH) - 1..])?;
    talk.pick(MENU, 0)?;
    assert_eq!(talk.exit_code()?, 0);
    assert!(sandbox.read("orders/seaworthy.toml")?.contains("peak-rps = 77\n"));
    Ok(())
}

#[test]
fn an_answer_can_be_changed_from_the_summary() -> Result<()> {
    let sandbox = Sandbox::new()?;
    let mut talk = Talk::start(&sandbox, &["new", "orders", "--preset", "minimal", "--no-install"])?;
    talk.pick(MENU, 1)?;
    // Without a database nobody is asked how to talk to it.
    talk.pick("Which answer?", place(PEAK) - 1)?;
    talk.wait_for("(20)")?;
    talk.send("5000\r")?;
    talk.wait_for("do not work together")?;
    talk.wait_for("managed containers")?;
    talk.pick(MENU, 0)?;
    talk.pick("Which answer?", place(PEAK) - 1)?;
    talk.wait_for("(5000)")?;
    talk.send("1000\r")?;
    talk.wait_for("because 1000 requests")?;
    talk.pick(MENU, 0)?;
    assert_eq!(talk.exit_code()?, 0);
    assert!(sandbox.read("orders/seaworthy.toml")?.contains("peak-rps = 1000\n"));
    Ok(())
}

#[test]
fn kubernetes_without_numbers_for_it_asks_why() -> Result<()> {
    let sandbox = Sandbox::new()?;
    let mut talk = Talk::start(&sandbox, &["new", "orders", "--no-install"])?;
    talk.take_defaults(&ALL[..place(PLATFORM) - 1])?;
    talk.pick(PLATFORM, 2)?;
    talk.pick(CLOUD, 1)?;
    talk.answer(REASON, "")?;
    talk.wait_for("must not be empty")?;
    talk.send("We run one.\r")?;
    talk.wait_for("orders on Kubernetes")?;
    talk.wait_for("because the team gave its own reason")?;
    // Compose after all: the reason goes with the question.
    talk.pick(MENU, 1)?;
    talk.pick("Which answer?", place(PLATFORM))?;
    talk.wait_for(PLATFORM)?;
    talk.send(&format!("{UP}{ENTER}"))?;
    talk.wait_for("orders on Compose")?;
    talk.pick(MENU, 0)?;
    assert_eq!(talk.exit_code()?, 0);
    let answers = sandbox.read("orders/seaworthy.toml")?;
    assert!(answers.contains("platform = \"compose\"") && !answers.contains("kubernetes-because"), "{answers}");
    Ok(())
}

#[test]
fn control_c_leaves_nothing_behind() -> Result<()> {
    let sandbox = Sandbox::new()?;
    for questions in [0, 4] {
        let mut talk = Talk::start(&sandbox, &["new", "orders"])?;
        talk.take_defaults(&ALL[..questions])?;
        talk.wait_for(ALL[questions])?;
        talk.send(CONTROL_C)?;
        talk.wait_for("Cancelled; nothing was written.")?;
        assert_eq!(talk.exit_code()?, 1);
        ensure_nothing_written(&sandbox)?;
    }
    Ok(())
}

#[test]
fn the_menu_cancels_and_control_c_leaves_it() -> Result<()> {
    for keys in ["menu", "Ctrl-C", "Ctrl-C in the list of answers"] {
        let sandbox = Sandbox::new()?;
        let mut talk = Talk::start(&sandbox, &["new", "orders", "--preset", "api"])?;
        talk.wait_for(MENU)?;
        match keys {
            "menu" => talk.send(&format!("{DOWN}{DOWN}{ENTER}"))?,
            "Ctrl-C" => talk.send(CONTROL_C)?,
            _ => {
                talk.send(&format!("{DOWN}{ENTER}"))?;
                talk.wait_for("Which answer?")?;
                talk.send(CONTROL_C)?;
            }
        }
        talk.wait_for("Cancelled; nothing was written.").context(keys)?;
        assert_eq!(talk.exit_code()?, 1, "{keys}");
        ensure_nothing_written(&sandbox)?;
    }
    Ok(())
}

#[test]
fn a_directory_in_use_is_told_before_the_first_question() -> Result<()> {
    let sandbox = Sandbox::new()?;
    sandbox.write("orders/notes.txt", "mine")?;
    let mut talk = Talk::start(&sandbox, &["new", "orders"])?;
    talk.wait_for("orders is not empty")?;
    assert_eq!(talk.exit_code()?, 5);
    Ok(())
}
