//! A script of package.json as what runs it in an image: the arguments of `node`, without a shell, without wrappers and
//! without packages that only development has.

mod programs;
mod words;

use super::look::App;
use crate::spec::existing::can_start;

/// Scripts that call each other, before it is a circle.
const MOST_CALLS: usize = 5;

/// What a script comes to in an image.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Unwrapped {
    /// Arguments of `node`.
    pub(crate) arguments: Vec<String>,
    /// Commands that the script runs before it.
    pub(crate) before: Vec<String>,
    /// What was taken off, each as a sentence without its subject.
    pub(crate) dropped: Vec<String>,
}

/// What knows the scripts and the packages of an application.
pub(crate) trait Packages {
    /// The command of a script.
    fn script(&self, name: &str) -> Option<String>;
    /// Whether a package is there in production (`Some(true)`), in development only, or not at all.
    fn is_for_production(&self, package: &str) -> Option<bool>;
    /// Whether the build of Next.js writes a server that needs no packages.
    fn is_standalone_next(&self) -> bool;
    /// The settings of Next.js, where TypeScript has to read them.
    fn typed_next_settings(&self) -> Option<String>;
    /// The file that Nest's own build writes, and then starts.
    fn built_by_nest(&self) -> Option<String>;
}

/// The application that is looked at.
pub(crate) struct Here<'a> {
    pub(crate) app: &'a App<'a>,
    pub(crate) is_standalone_next: bool,
    /// Path of `next.config.ts`, if that is what there is.
    pub(crate) typed_next_settings: Option<String>,
    /// Folder of what the build writes.
    pub(crate) output: Option<&'a str>,
}

impl Packages for Here<'_> {
    fn script(&self, name: &str) -> Option<String> {
        self.app.manifest.script(name).map(|(command, _)| command.to_owned())
    }

    fn is_for_production(&self, package: &str) -> Option<bool> {
        self.app.dependency(package).map(|it| !it.is_dev)
    }

    fn is_standalone_next(&self) -> bool {
        self.is_standalone_next
    }

    fn typed_next_settings(&self) -> Option<String> {
        self.typed_next_settings.clone()
    }

    fn built_by_nest(&self) -> Option<String> {
        self.script("build").filter(|it| it.contains("nest build"))?;
        Some(format!("{}/main.js", self.output.filter(|it| !it.is_empty()).unwrap_or("dist")))
    }
}

/// Takes a command apart.
///
/// # Errors
/// Why it cannot run in an image as it is, and what to do, as the rest of a sentence.
pub(crate) fn unwrap(command: &str, packages: &dyn Packages) -> Result<Unwrapped, String> {
    let mut unwrapped = Unwrapped::default();
    let mut command = command.to_owned();
    let mut extra: Vec<String> = Vec::new();
    for _ in 0..MOST_CALLS {
        let mut parts: Vec<&str> = command.split("&&").map(str::trim).collect();
        let last = parts.pop().unwrap_or_default();
        unwrapped.before.extend(parts.iter().map(|part| (*part).to_owned()));
        let mut words = words::of(last)?;
        words.extend(std::mem::take(&mut extra));
        words::without_log_filter(&mut words, &mut unwrapped.dropped);
        let words = words::without_wrappers(&words, &mut unwrapped.dropped);
        let Some((program, rest)) = words.split_first() else {
            return Err("runs nothing".to_owned());
        };
        if let Some((name, more)) = words::called_script(program, rest, packages) {
            extra = more;
            command = packages.script(&name).unwrap_or_default();
            continue;
        }
        let arguments = programs::arguments(program, rest, packages, &mut unwrapped.dropped)?;
        if let Some(bad) = arguments.iter().find(|argument| !can_start(argument)) {
            return Err(format!("has {bad:?} in it, which needs a shell"));
        }
        unwrapped.arguments = arguments;
        return Ok(unwrapped);
    }
    Err("calls scripts that call each other".to_owned())
}

#[cfg(test)]
mod tests;
