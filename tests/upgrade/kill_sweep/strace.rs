//! strace: the calls of a run, and a run in which one of them goes wrong.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Command;

use super::scene::{Scene, silent};

/// Every system call that can change a file system, whether or not the tool makes it today; `openat` also
/// opens what it only reads.
const CALLS: &str = "openat,openat2,open,creat,write,pwrite64,writev,pwritev,pwritev2,ftruncate,truncate,fallocate,\
     copy_file_range,sendfile,mkdir,mkdirat,mknod,mknodat,symlink,symlinkat,link,linkat,rename,renameat,renameat2,\
     unlink,unlinkat,rmdir,chmod,fchmod,fchmodat,chown,fchown,lchown,fchownat,utimensat,setxattr,fsetxattr,fsync,\
     fdatasync,syncfs";

/// Stops the run at the watched calls only, which needs -f. No signal can be sent that way.
const FAST: [&str; 2] = ["-f", "--seccomp-bpf"];

/// One call of a run: the nth one of its name.
#[derive(Debug, Clone)]
pub(crate) struct Point {
    call: String,
    number: usize,
    /// Whether it writes to a standard stream.
    pub(crate) prints: bool,
    /// The whole call, for messages; read through `Debug` only.
    _shown: String,
}

/// What happens to a call.
pub(crate) enum Tamper {
    Kill,
    Error(&'static str),
}

/// How a run ended.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) was_killed: bool,
    pub(crate) exit_code: Option<i32>,
    pub(crate) stderr: String,
}

/// The calls of an undisturbed run that change the file system or print.
pub(crate) fn points(scene: &Scene) -> Vec<Point> {
    let room = scene.room();
    let logs = tempfile::tempdir().unwrap();
    let log = logs.path().join("log");
    let mut command = strace(room.path(), &log);
    command.args(FAST);
    command.arg("-e").arg(format!("trace={CALLS}"));
    let output = start(command, scene);
    assert!(output.status.success(), "{output:?}");
    let text = fs::read_to_string(log).unwrap();
    // strace counts the calls of each process on its own; the first one is the tool.
    let tool = text.split(' ').next().unwrap_or_default();
    let mut numbers = BTreeMap::new();
    let points: Vec<Point> = text
        .lines()
        .filter(|line| line.split(' ').next() == Some(tool))
        .filter_map(|line| point(line, &mut numbers))
        .collect();
    assert!(points.len() > 100, "strace saw {} calls:\n{text}", points.len());
    points
}

/// A line of the log: `PID CALL(ARGUMENTS) = RESULT`.
fn point(line: &str, numbers: &mut BTreeMap<String, usize>) -> Option<Point> {
    let (_, shown) = line.split_once(' ')?;
    let (call, arguments) = shown.trim_start().split_once('(')?;
    let number = numbers.entry(call.to_owned()).or_default();
    *number += 1;
    let changes = !call.starts_with("open") || arguments.contains("O_CREAT") || arguments.contains("O_TRUNC");
    let prints = call.starts_with("write") && (arguments.starts_with("1,") || arguments.starts_with("2,"));
    let shown: String = shown.chars().take(200).collect();
    changes.then(|| Point { call: call.to_owned(), number: *number, prints, _shown: shown })
}

/// A run in which one call goes wrong.
pub(crate) fn run(scene: &Scene, room: &Path, point: &Point, tamper: &Tamper) -> Run {
    let mut command = strace(room, Path::new("/dev/null"));
    let what = match tamper {
        Tamper::Kill => "signal=KILL".to_owned(),
        Tamper::Error(error) => {
            command.args(FAST);
            format!("error={error}")
        }
    };
    command.arg("-e").arg(format!("trace={}", point.call));
    command.arg("-e").arg(format!("inject={}:{what}:when={}", point.call, point.number));
    let output = start(command, scene);
    Run {
        // strace ends as what it ran did.
        was_killed: output.status.signal() == Some(9),
        exit_code: output.status.code(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// strace, with what to watch still to be said.
fn strace(room: &Path, log: &Path) -> Command {
    let mut command = Command::new(program());
    command.args(["-qq", "-s", "64", "-o"]).arg(log).current_dir(room);
    silent(&mut command);
    command
}

fn start(mut command: Command, scene: &Scene) -> std::process::Output {
    command.arg(env!("CARGO_BIN_EXE_seaworthy")).args(scene.arguments());
    command.output().unwrap()
}

/// Looked up before the environment goes.
fn program() -> std::path::PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).map(|folder| folder.join("strace")).find(|file| file.is_file());
    found.expect("strace is missing; install it (Debian: apt-get install strace), or run tests/run.sh rust")
}
