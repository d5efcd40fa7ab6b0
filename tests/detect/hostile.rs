//! Input that somebody made to break a reader: a clear answer, never a panic, and nothing from outside of the folder.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use proptest::prelude::*;
use seaworthy::detect::{detect, format};
use seaworthy::failure::{FAILED, USAGE, exit_code};
use tempfile::TempDir;

fn repository(files: &[(&str, &[u8])]) -> Result<TempDir> {
    let folder = TempDir::new()?;
    for (path, contents) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().context("a file has a folder")?)?;
        fs::write(path, contents)?;
    }
    Ok(folder)
}

/// The message and the exit code of what must not be readable.
fn refusal(package: &[u8]) -> Result<(String, u8)> {
    let folder = repository(&[("package.json", package)])?;
    let error = detect(folder.path()).err().context("it was read")?;
    Ok((format!("{error:#}"), exit_code(&error)))
}

#[test]
fn a_manifest_that_cannot_be_read_is_named_with_its_line() -> Result<()> {
    let deep = "[".repeat(1_000_000);
    let large = vec![b' '; 100 * 1024 * 1024];
    for (package, says) in [
        (&b"{\n\n\"a\": }"[..], "package.json:3: not valid JSON"),
        (deep.as_bytes(), "package.json:1: not valid JSON"),
        (&large, "package.json: larger than 1 MiB"),
        (b"{\"name\": \"\xff\xfe\"}", "package.json: not UTF-8 text"),
        (b"", "package.json:1: not valid JSON: it is empty"),
        (b"null", "package.json:1: it must be an object"),
        (b"// no comments here\n{}", "package.json:1: not valid JSON"),
    ] {
        let (message, code) = refusal(package)?;
        ensure!(message.contains(says), "{message}");
        ensure!(code == FAILED, "{says}: exit {code}");
    }
    Ok(())
}

#[test]
fn a_folder_that_cannot_be_looked_at_is_wrong_usage() -> Result<()> {
    let folder = repository(&[("file", b"")])?;
    for path in [folder.path().join("none"), folder.path().join("file")] {
        let error = detect(&path).err().context("it was looked at")?;
        ensure!(exit_code(&error) == USAGE, "{error:#}");
    }
    Ok(())
}

#[test]
fn links_and_pipes_are_not_followed() -> Result<()> {
    let outside = repository(&[("secret.js", b"process.env.FROM_OUTSIDE"), (".env", b"KEY_FROM_OUTSIDE=1\n")])?;
    let folder = repository(&[("package.json", b"{\"dependencies\":{\"express\":\"5\"}}")])?;
    let at = |name: &str| folder.path().join(name);
    symlink(outside.path().join("secret.js"), at("server.js"))?;
    symlink(outside.path(), at("src"))?;
    symlink(outside.path().join(".env"), at(".env"))?;
    symlink(folder.path(), at("circle"))?;
    symlink(Path::new("/etc/hostname"), at(".nvmrc"))?;
    ensure!(Command::new("mkfifo").arg(at("index.js")).status()?.success());
    let report = detect(folder.path())?;
    let text = format::json(&report, Path::new(".")).to_string();
    ensure!(!text.contains("OUTSIDE"), "{text}");
    ensure!(report.limits.iter().any(|limit| limit.file == ".nvmrc" && limit.reason.contains("symbolic link")));

    fs::remove_file(at("package.json"))?;
    symlink(outside.path().join("package.json"), at("package.json"))?;
    let error = detect(folder.path()).err().context("a link was followed")?;
    ensure!(format!("{error:#}").contains("symbolic link"), "{error:#}");
    Ok(())
}

#[test]
fn what_stands_in_files_cannot_break_out_of_a_line() -> Result<()> {
    let package =
        br#"{"name":"x\u001b[31m\ny","description":"a\u202eb\nc","scripts":{"start":"node a.js\n\u001b]0;t\u0007"},
        "dependencies":{"express":"5\n"},"packageManager":"npm@11\u0000"}"#;
    let folder = repository(&[("package.json", package), ("a.js", b"process.env.A\x1b[31m; x.listen(3000 \x1b )")])?;
    let report = detect(folder.path())?;
    let text = format::text(&report);
    ensure!(text.chars().all(|c| c == '\n' || !c.is_control()), "{text:?}");
    Ok(())
}

#[test]
fn bounds_are_said() -> Result<()> {
    let large = vec![b'x'; 2 * 1024 * 1024];
    let deep = format!("{}a.js", "d/".repeat(20));
    let folder = repository(&[("package.json", b"{}"), ("big.js", &large), (&deep, b"process.env.A")])?;
    let report = detect(folder.path())?;
    let says = |file: &str, reason: &str| {
        report.limits.iter().any(|limit| limit.file.starts_with(file) && limit.reason.contains(reason))
    };
    ensure!(says("big.js", "larger than 1 MiB"), "{:?}", report.limits);
    ensure!(says("d/d/", "deeper than 16 folders"), "{:?}", report.limits);
    Ok(())
}

/// Pieces that readers trip over, put together at random.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        "\"",
        "'",
        "`",
        "${",
        "/",
        "//",
        "/*",
        "*/",
        "\\",
        "\n",
        "\r\n",
        ",",
        ":",
        "=",
        "(",
        ")",
        "ä",
        "\u{feff}",
        "process.env",
        ".PORT",
        "['A']",
        "||",
        "3000",
        "const ",
        "env",
        ".listen(",
        "port:",
        ".get(",
        "\"/health\"",
        "extends",
        "\"scripts\"",
        "\"start\"",
        "node ",
        "-p",
        ">=",
        "20",
        "^",
        " - ",
        "lts/",
        "workspaces",
        "packages:",
        "FROM ",
        "EXPOSE ",
        "@",
    ]);
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_panics(one in pieces(), two in pieces(), script in pieces()) {
        let package = serde_json::json!({
            "packageManager": one, "engines": { "node": two }, "scripts": { "start": script, "build": one },
            "dependencies": { "fastify": two }, "main": script, "workspaces": [one],
        });
        let folder = repository(&[
            ("package.json", package.to_string().as_bytes()),
            ("server.ts", one.as_bytes()),
            ("tsconfig.json", two.as_bytes()),
            (".env", script.as_bytes()),
            ("Dockerfile", one.as_bytes()),
            ("pnpm-workspace.yaml", two.as_bytes()),
            ("pnpm-lock.yaml", script.as_bytes()),
            (".nvmrc", two.as_bytes()),
            ("prisma/schema.prisma", one.as_bytes()),
        ]).map_err(|error| TestCaseError::fail(error.to_string()))?;
        let report = detect(folder.path()).map_err(|error| TestCaseError::fail(error.to_string()))?;
        prop_assert!(format::text(&report).chars().all(|c| c == '\n' || !c.is_control()));
    }
}
