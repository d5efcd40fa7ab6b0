//! Whether a value that stands in a committed file is a secret, as far as its name and shape tell.

/// Words that name a secret.
const WORDS: [&str; 9] =
    ["PASSWORD", "PASSPHRASE", "SECRET", "TOKEN", "PRIVATE_KEY", "API_KEY", "ACCESS_KEY", "SIGNING_KEY", "CREDENTIALS"];

/// Last words of names of what is known about a secret: `TOKEN_TTL_SECONDS`, `PASSWORD_MIN_LENGTH`.
const PROPERTIES: [&str; 14] = [
    "ALGORITHM",
    "AUDIENCE",
    "COUNT",
    "ENABLED",
    "FILE",
    "HEADER",
    "ISSUER",
    "LENGTH",
    "LIMIT",
    "MS",
    "NAME",
    "PATH",
    "SECONDS",
    "TTL",
];

/// A secret by the name of its variable, or a URL with a password in it. A reference to a value elsewhere is none, and
/// neither is a switch or a small number.
#[must_use]
pub fn looks_secret(name: &str, value: &str) -> bool {
    (names_a_secret(name) && !is_harmless(value)) || has_password(value)
}

/// Whether a variable of this name holds a secret, and not what is known about one.
#[must_use]
pub fn names_a_secret(name: &str) -> bool {
    let is_property = name.rsplit_once('_').is_some_and(|(_, last)| PROPERTIES.contains(&last));
    WORDS.iter().any(|word| name.contains(word)) && !is_property
}

fn is_harmless(value: &str) -> bool {
    let is_reference = value.is_empty() || value.starts_with("${") || value.starts_with("/run/secrets/");
    let is_small = value.len() <= 4 && value.chars().all(|c| c.is_ascii_digit());
    is_reference || is_small || matches!(value, "true" | "false")
}

fn has_password(value: &str) -> bool {
    let authority = value.split_once("://").and_then(|(_, rest)| rest.split(['/', '?']).next());
    let password = authority.and_then(|authority| authority.rsplit_once('@')?.0.split_once(':'));
    password.is_some_and(|(_, password)| !password.is_empty() && !password.contains("${"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_urls_give_secrets_away() {
        for (name, value) in [
            ("REGISTRY_TOKEN", "ghp_abc"),
            ("AWS_SECRET_ACCESS_KEY", "abc"),
            ("DB_PASSWORD", "12345"),
            ("BROKER", "amqp://user:pass@host/vhost"),
        ] {
            assert!(looks_secret(name, value), "{name}={value}");
        }
        for (name, value) in [
            ("TOKEN_TTL_SECONDS", "3600000"),
            ("PASSWORD_MIN_LENGTH", "12"),
            ("USE_TOKEN", "true"),
            ("API_KEY", "${API_KEY:?}"),
            ("DB_PASSWORD_FILE", "/run/secrets/db"),
            ("BROKER", "amqp://user:${PASSWORD}@host"),
            ("MONKEY", "abc"),
        ] {
            assert!(!looks_secret(name, value), "{name}={value}");
        }
    }
}
