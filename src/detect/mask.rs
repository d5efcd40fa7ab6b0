//! What is quoted from a repository, without anything that looks like a secret.

use crate::spec::secret::looks_secret;

/// Stands for a secret.
const MASK: &str = "***";

/// A line with the values of assignments that look secret, and passwords in URLs, masked.
pub(crate) fn without_secrets(line: &str) -> String {
    let words: Vec<String> = line.split(' ').map(|word| without_credentials(&without_value(word))).collect();
    words.join(" ")
}

/// `NAME=value` where the name or the value says that it is a secret.
fn without_value(word: &str) -> String {
    let Some((name, value)) = word.split_once('=') else { return word.to_owned() };
    let bare = name.trim_start_matches(['"', '\'', '-']);
    let is_name = !bare.is_empty() && bare.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    if is_name && looks_secret(&bare.to_uppercase().replace('-', "_"), value.trim_matches(['"', '\''])) {
        return format!("{name}={MASK}");
    }
    word.to_owned()
}

/// `scheme://user:password@host` without the user and the password.
fn without_credentials(word: &str) -> String {
    let Some(start) = word.find("://").map(|at| at + 3) else { return word.to_owned() };
    let authority = &word[start..];
    let end = authority.find(['/', '?', '"', '\'']).unwrap_or(authority.len());
    match authority[..end].rfind('@') {
        Some(at) if authority[..at].contains(':') => format!("{}{MASK}{}", &word[..start], &authority[at..]),
        _ => word.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_masked_and_the_rest_is_not() {
        for (line, seen) in [
            ("\"start\": \"API_KEY=abcdef12 node a.js\"", "\"start\": \"API_KEY=*** node a.js\""),
            ("psql postgres://u:hunter2@db/x", "psql postgres://***@db/x"),
            ("curl --token=abcdef12", "curl --token=***"),
            ("NODE_ENV=production node dist/a.js", "NODE_ENV=production node dist/a.js"),
            ("https://example.com/a@b:c", "https://example.com/a@b:c"),
        ] {
            assert_eq!(without_secrets(line), seen);
        }
    }
}
