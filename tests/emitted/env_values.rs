//! `.env` values as real readers take them.

use std::process::Command;

use anyhow::{Context, Result, ensure};
use seaworthy::text::{dotenv_value, one_line};

use super::answers::{emit, minimal};
use super::structure::dotenv::assignment;

const VALUES: &[&str] = &[
    "",
    "plain",
    "two words",
    "it's",
    "say \"it\"",
    "it's \"both\"",
    "$HOME and ${HOME}",
    "it's $HOME",
    "back\\slash",
    "it's a back\\nslash",
    "a # b",
    "#a",
    "`id`",
    "$(id)",
    "a=b=c",
    "=",
    "~",
    "é \u{1f600}",
    "'",
    "''",
    "\"\"",
    "'quoted'",
    "a\\",
    "https://user:pass@host:5432/db?a=b&c=d",
];

/// What a value is after it went through the file: single quotes cannot always be kept.
fn kept(text: &str) -> [String; 2] {
    let line = one_line(text);
    let typographic = line.replace('\'', "\u{2019}");
    [line, typographic]
}

#[test]
fn values_come_back() -> Result<()> {
    for value in VALUES {
        let line = format!("KEY={}", dotenv_value(value));
        let (_, read) = assignment(&line)?;
        ensure!(kept(value).contains(&read.to_owned()), "{value:?} is written as {line} and read as {read:?}");
    }
    assert_eq!(assignment(&format!("KEY={}", dotenv_value("it's")))?.1, "it's");
    Ok(())
}

/// A rule against an example that is empty would refuse to start without the secret.
#[test]
fn a_secret_that_no_environment_requires_may_stay_unset() -> Result<()> {
    for (example, is_refused) in [("", false), ("example = \"abc\"", true)] {
        let mut table = minimal();
        let entry = format!("[[env]]\nname = \"TOKEN\"\nkind = \"secret\"\nrequired-in = []\n{example}");
        table.extend(entry.parse::<toml::Table>()?);
        let emitted = emit(&table)?;
        let safety = emitted.files.files().iter().find(|file| file.path == "src/ops/safety.ts").context("no file")?;
        let text = std::str::from_utf8(&safety.contents)?;
        ensure!(!text.contains("value === \"\""), "{text}");
        assert_eq!(text.contains("value === \"abc\""), is_refused, "{text}");
    }
    Ok(())
}

/// The service of this tool runs on Node; without it there is nothing to compare with.
#[test]
fn node_reads_the_same() -> Result<()> {
    if Command::new("node").arg("--version").output().is_err() {
        return Ok(());
    }
    let folder = tempfile::tempdir()?;
    let lines = VALUES.iter().enumerate().map(|(index, value)| format!("KEY_{index}={}\n", dotenv_value(value)));
    let path = folder.path().join(".env");
    std::fs::write(&path, lines.collect::<String>())?;
    let output = Command::new("node")
        .env_clear()
        .arg(format!("--env-file={}", path.display()))
        .args(["--eval", "console.log(JSON.stringify(process.env))"])
        .output()?;
    let read: serde_json::Value = serde_json::from_slice(&output.stdout).context("what node printed")?;
    for (index, value) in VALUES.iter().enumerate() {
        let got = read[format!("KEY_{index}")].as_str().with_context(|| format!("{value:?} is lost"))?;
        ensure!(kept(value).contains(&got.to_owned()), "node reads {value:?} as {got:?}");
    }
    Ok(())
}
