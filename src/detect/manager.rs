//! What installs the packages in an image: the manager in its version, and the files that it needs.

use super::fact::Report;
use super::install_files::{INSTALL_FILE, INSTALLS_WITH, is_read_by};
use super::package_manager::writer;
use crate::failure::usage;
use crate::spec::{Answers, Managed};

/// The manager in its exact version and the files that an install needs, the lock file first. `None` and nothing where
/// places disagree, which is said elsewhere.
///
/// # Errors
/// Usage when there is no lock file of it, or when it cannot be told what installs, with the place and what to do.
pub(super) fn of(report: &Report, given: &Answers) -> anyhow::Result<(Option<Managed>, Vec<String>)> {
    let detected = report.in_app("package-manager", "").find(|fact| fact.answers.is_some());
    let name = given.text("stack.package-manager").or(detected.map(|fact| fact.value.as_str()));
    let locks: Vec<&str> = report.of("lock-file").filter_map(|fact| fact.value.split(" (format").next()).collect();
    let Some(name) = name else {
        return if locks.is_empty() { Err(no_lock_file()) } else { Ok((None, Vec::new())) };
    };
    let Some(lock) = locks.iter().find(|lock| writer(lock) == Some(name)) else {
        return Err(match locks.first() {
            None => no_lock_file(),
            Some(other) => usage(format!(
                "{name} does not read {other}, and there is no lock file of it. Install with {name} once, commit its lock file \
                 and run this again."
            )),
        });
    };
    let start = format!("{name}@");
    let managed = report.of(INSTALLS_WITH).find(|fact| fact.value.starts_with(&start));
    let is_default = name == "npm" && managed.is_some_and(|fact| fact.evidence.iter().all(|it| it.file == **lock));
    let managed = managed.map(|fact| Managed::parse(&fact.value)).transpose().map_err(usage)?;
    let open = report
        .unknown
        .iter()
        .find(|it| it.subject == INSTALL_FILE || (managed.is_none() && it.subject == INSTALLS_WITH));
    if let Some(unknown) = open {
        return Err(usage(format!("{}.", unknown.reason)));
    }
    let needed = report.of(INSTALL_FILE).map(|fact| fact.value.as_str()).filter(|path| is_read_by(name, path));
    // Where nothing names a version, any npm reads the file: its version then follows the pins, as Node.js's own does.
    let managed = managed.filter(|_| !is_default);
    Ok((managed, [*lock].into_iter().chain(needed).map(ToOwned::to_owned).collect()))
}

fn no_lock_file() -> anyhow::Error {
    usage(
        "there is no lock file, so no build could be repeated. Install the packages once, commit the lock file and run \
         this again.",
    )
}
