//! A variable that the user's own code reads: one `[[env]]` table.

use serde::Serialize;

use super::LOCAL_ENVIRONMENTS;
use super::secret::looks_secret;
use super::value::Origin;
use crate::text::can_stand_in_dotenv;

/// The type of a variable, which decides how it is parsed and where its value may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum EnvKind {
    /// Any text.
    String,
    /// An http or https URL.
    Url,
    /// A whole number.
    Int,
    /// true or false, in the spellings that zod's stringbool takes.
    Bool,
    /// One of `values`.
    Enum,
    /// Text that never stands in a committed file and is never printed.
    Secret,
}

impl EnvKind {
    /// All kinds by their name in the file.
    pub const ALL: [(&'static str, Self); 6] = [
        ("string", Self::String),
        ("url", Self::Url),
        ("int", Self::Int),
        ("bool", Self::Bool),
        ("enum", Self::Enum),
        ("secret", Self::Secret),
    ];

    /// The kind of a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind)
    }

    /// The name in the file.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, kind)| *kind == self).map_or("", |(name, _)| name)
    }
}

/// A declared variable, checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct EnvEntry {
    /// The name in the environment.
    pub name: String,
    /// Its type.
    pub kind: EnvKind,
    /// The possible values of an enum.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<String>,
    /// The value when the environment has none; never for a secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// The environments that must set it; `None` means all, unless there is a default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub required_in: Option<Vec<String>>,
    /// A value for `.env.example`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub example: String,
    /// What it is for.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Where it was declared.
    #[serde(skip)]
    pub origin: Origin,
}

/// Names that the emitted files, Node or the container runtime give a meaning of their own.
const RESERVED: &[&str] = &[
    "APP_ENV",
    "APP_HOME",
    "BACKUP_KEEP_DAYS",
    "CORS_ORIGINS",
    "DATABASE_POOL_MAX",
    "HOME",
    "HOSTNAME",
    "HTTPS_PORT",
    "HTTP_PORT",
    "IMAGE",
    "LOG_LEVEL",
    "NODE_ENV",
    "NODE_OPTIONS",
    "PATH",
    "PORT",
    "POSTGRES_PASSWORD",
    "PWD",
    "REDIS_PASSWORD",
    "REDIS_URL",
    "SHUTDOWN_DELAY_MS",
    "SHUTDOWN_TIMEOUT_MS",
    "SITE_ADDRESS",
    "TMPDIR",
    "USER",
    "VERIFY_PORT",
];

/// Prefixes that GitHub and Compose keep for themselves.
const RESERVED_PREFIXES: &[&str] = &["GITHUB_", "RUNNER_", "COMPOSE_", "NPM_CONFIG_"];

/// Checks the name of a variable.
///
/// # Errors
/// A sentence that says what is wrong.
pub fn check_name(name: &str) -> Result<(), String> {
    let valid = name.starts_with(|c: char| c.is_ascii_uppercase())
        && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
        && name.len() <= 64;
    if !valid {
        return Err(format!(
            "{name:?} is not a variable name; expected capital letters, digits and '_', at most 64, a letter first"
        ));
    }
    if RESERVED.contains(&name) || RESERVED_PREFIXES.iter().any(|prefix| name.starts_with(prefix)) {
        return Err(format!(
            "\"{name}\" already has a meaning in the emitted files or its runtime; choose another name"
        ));
    }
    Ok(())
}

impl EnvEntry {
    /// Whether another declaration means the same variable, wherever it stands.
    #[must_use]
    pub fn says_the_same(&self, other: &Self) -> bool {
        *self == Self { origin: self.origin.clone(), ..other.clone() }
    }

    /// Checks that the fields fit each other.
    ///
    /// # Errors
    /// The field that is wrong, and a sentence why.
    pub fn check(&self, environments: &[String]) -> Result<(), (&'static str, String)> {
        self.check_values()?;
        if let Some(default) = &self.default {
            self.check_default(default)?;
        }
        if !self.example.is_empty() && self.kind != EnvKind::Secret {
            self.check_value(&self.example).map_err(|why| ("example", why))?;
        }
        self.check_required_in(environments)
    }

    fn check_values(&self) -> Result<(), (&'static str, String)> {
        match (self.kind, self.values.is_empty()) {
            (EnvKind::Enum, true) => {
                Err(("values", "an enum needs its values, for example [\"on\", \"off\"]".to_owned()))
            }
            (EnvKind::Enum, false) => match self.values.iter().find(|value| !can_stand_in_dotenv(value)) {
                Some(value) => {
                    Err(("values", format!("{value:?} cannot be set in an .env file: it holds ' beside \", $ or \\")))
                }
                None => Ok(()),
            },
            (_, true) => Ok(()),
            (kind, false) => Err(("values", format!("only an enum has values; this is a {}", kind.name()))),
        }
    }

    fn check_default(&self, default: &str) -> Result<(), (&'static str, String)> {
        if self.kind == EnvKind::Secret {
            return Err(("default", "a secret cannot have a default: it would stand in a committed file".to_owned()));
        }
        if looks_secret(&self.name, default) {
            return Err((
                "default",
                "it looks like a secret, and a default stands in committed files; say kind = \"secret\", or choose \
                 another name"
                    .to_owned(),
            ));
        }
        if self.required_in.is_some() {
            return Err((
                "default",
                "a variable with a default is never required; drop default or required-in".to_owned(),
            ));
        }
        self.check_value(default).map_err(|why| ("default", why))
    }

    fn check_value(&self, value: &str) -> Result<(), String> {
        match self.kind {
            // Only as TypeScript writes it: `007` and `+7` would be something else there, or nothing.
            EnvKind::Int if value.parse::<i32>().map(|number| number.to_string()).as_deref() != Ok(value) => {
                Err(format!("{value:?} is not a whole number of at most 32 bits, without a plus sign or leading zeros"))
            }
            EnvKind::Bool if !matches!(value, "true" | "false") => Err(format!("{value:?} is neither true nor false")),
            EnvKind::Enum if !self.values.iter().any(|known| known == value) => {
                Err(format!("{value:?} is none of its values: {}", self.values.join(", ")))
            }
            EnvKind::Url if !is_http_url(value) => Err(format!("{value:?} is not an http or https URL")),
            _ => Ok(()),
        }
    }

    fn check_required_in(&self, environments: &[String]) -> Result<(), (&'static str, String)> {
        let known = |name: &String| LOCAL_ENVIRONMENTS.contains(&name.as_str()) || environments.contains(name);
        match self.required_in.iter().flatten().find(|name| !known(name)) {
            None => Ok(()),
            Some(name) => Err((
                "required-in",
                format!(
                    "{name:?} is no environment; known are {}, {}",
                    LOCAL_ENVIRONMENTS.join(", "),
                    environments.join(", ")
                ),
            )),
        }
    }
}

/// Whether zod's `z.url({ protocol: /^https?$/ })` would take it, on the safe side: a host name or IPv4
/// address, perhaps a port, perhaps a path.
fn is_http_url(value: &str) -> bool {
    let Some(rest) = value.strip_prefix("https://").or_else(|| value.strip_prefix("http://")) else { return false };
    let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let (host, port) = authority.split_once(':').unwrap_or((authority, "80"));
    let in_host = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '-';
    host.starts_with(|c: char| c.is_ascii_alphanumeric())
        && host.chars().all(in_host)
        && port.parse::<u16>().is_ok()
        && path.chars().all(|c| c.is_ascii_graphic() && !"\"'<>\\^`{}|".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_those_that_zod_takes_too() {
        for good in ["http://localhost", "https://a.example:8443/b?c=d#e", "http://127.0.0.1:3000"] {
            assert!(is_http_url(good), "{good}");
        }
        for bad in
            ["", "localhost:3000", "ftp://a", "http://", "http://:80", "http://a:99999", "http://a:b", "http://a b"]
        {
            assert!(!is_http_url(bad), "{bad}");
        }
    }

    #[test]
    fn a_reserved_name_is_refused_and_its_neighbour_is_not() {
        for name in RESERVED {
            assert!(check_name(name).is_err(), "{name}");
            assert!(check_name(&format!("MY_{name}")).is_ok(), "MY_{name}");
        }
        assert!(RESERVED.is_sorted());
    }
}
