//! The package manager that a repository has, in its exact version.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::stack::PackageManager;

/// A package manager in one exact version: `pnpm@10.20.0`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Managed {
    /// Its commands.
    pub manager: &'static PackageManager,
    /// `MAJOR.MINOR.PATCH`, with what may stand behind a `-`.
    pub version: String,
}

impl Managed {
    /// Reads `NAME@VERSION`, as package.json has it, without a hash.
    ///
    /// # Errors
    /// A sentence that says what is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (name, version) = text.split_once('@').unwrap_or((text, ""));
        if PackageManager::named(name).is_none() {
            return Err(format!(
                "{text:?} is none of npm, pnpm, yarn and bun; expected one with its version, pnpm@10.20.0"
            ));
        }
        let Some(major) = exact_major(version) else {
            return Err(format!("{text:?} names no exact version; expected three numbers, {name}@10.20.0"));
        };
        match PackageManager::of_major(name, major) {
            Some(manager) => Ok(Self { manager, version: version.to_owned() }),
            None if name == "yarn" => Err(format!(
                "{text:?} cannot install for production alone; Yarn 4 (`yarn set version stable`) and Yarn 1 can"
            )),
            None => Err(format!("{text:?} is too old for the lines of Node.js that are supported; update {name}")),
        }
    }
}

/// The major of an exact version.
#[must_use]
pub fn exact_major(version: &str) -> Option<u32> {
    let (numbers, rest) = version.split_once('-').map_or((version, None), |(numbers, rest)| (numbers, Some(rest)));
    let is_word = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || ".-".contains(c));
    let is_number = |text: &&str| (1..=6).contains(&text.len()) && text.chars().all(|c| c.is_ascii_digit());
    let parts: Vec<&str> = numbers.split('.').collect();
    let is_exact = parts.len() == 3 && parts.iter().all(is_number) && rest.is_none_or(is_word) && version.len() <= 60;
    parts.first().filter(|_| is_exact)?.parse().ok()
}

impl fmt::Display for Managed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}@{}", self.manager.name, self.version)
    }
}

impl Serialize for Managed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_exact_version_of_a_described_manager_is_taken() {
        for text in ["npm@10.9.4", "pnpm@10.20.0", "pnpm@12.0.0-beta.4", "yarn@1.22.22", "yarn@4.10.3", "bun@1.4.5"] {
            assert_eq!(Managed::parse(text).unwrap().to_string(), text);
        }
        for text in [
            "pnpm",
            "pnpm@10",
            "pnpm@^10.0.0",
            "pnpm@10.0.0+sha512.1",
            "yarn@3.6.4",
            "pnpm@6.0.0",
            "deno@2.0.0",
            "npm@11.0.0 x",
        ] {
            assert!(Managed::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn commands_follow_from_the_major() {
        let of = |text: &str| Managed::parse(text).unwrap().manager;
        assert_eq!((of("yarn@1.22.22").package, of("yarn@4.18.1").package), ("yarn", "@yarnpkg/cli-dist"));
        assert!(of("pnpm@10.20.0").audit.is_empty() && !of("pnpm@11.0.0").audit.is_empty());
    }
}
