//! The golden trees: `examples/PRESET/` is what `new NAME --preset PRESET -y --no-install` writes.
//!
//! `UPDATE_EXAMPLES=1 cargo test --test examples` writes them anew, and with them the situations: `docs/situations/NAME.md` is what
//! `docs/DEPLOYMENT.md` says first for the answers `NAME.toml`.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

/// Preset and the project's name in its example.
const EXAMPLES: [(&str, &str); 6] = [
    ("minimal", "hello"),
    ("api", "orders"),
    ("at-scale", "checkout"),
    ("web", "shop"),
    ("saas", "ledger"),
    ("monorepo", "shop"),
];

const HINT: &str = "If this is what it shall emit: UPDATE_EXAMPLES=1 cargo test --test examples";

/// Path -> whether it is executable, and its contents. Other permission bits do not survive git.
type Tree = BTreeMap<String, (bool, Vec<u8>)>;

fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples")
}

/// Writes the example of a preset into a new directory.
fn emit(preset: &str, name: &str, directory: &Path) -> Result<()> {
    let output = Command::new(env!("CARGO_BIN_EXE_seaworthy"))
        .env_clear()
        .args(["new", "--preset", preset, "-y", "--no-install", "--set", &format!("project.name={name}")])
        .arg(directory)
        .output()?;
    ensure!(output.status.success(), "preset {preset}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

fn read(root: &Path) -> Result<Tree> {
    let mut tree = Tree::new();
    if root.exists() {
        gather(root, "", &mut tree).with_context(|| format!("reading {}", root.display()))?;
    }
    Ok(tree)
}

fn gather(folder: &Path, prefix: &str, tree: &mut Tree) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
        let found = entry.metadata()?;
        if found.is_dir() {
            gather(&entry.path(), &format!("{path}/"), tree)?;
        } else {
            ensure!(found.is_file(), "{path} is neither a file nor a folder");
            tree.insert(path, (found.permissions().mode() & 0o111 != 0, fs::read(entry.path())?));
        }
    }
    Ok(())
}

/// One line for each path that differs.
fn differences(kept: &Tree, emitted: &Tree) -> Vec<String> {
    let paths = kept.keys().chain(emitted.keys().filter(|path| !kept.contains_key(*path)));
    let mut lines: Vec<String> = paths
        .filter_map(|path| match (kept.get(path), emitted.get(path)) {
            (Some(_), None) => Some(format!("{path}: is not emitted")),
            (None, _) => Some(format!("{path}: is missing")),
            (Some((mode, _)), Some((new_mode, _))) if mode != new_mode => Some(format!("{path}: has another mode")),
            (Some((_, text)), Some((_, new_text))) if text != new_text => Some(format!("{path}: has other contents")),
            _ => None,
        })
        .collect();
    lines.sort();
    lines
}

#[test]
fn the_examples_are_what_the_presets_emit() -> Result<()> {
    let update = std::env::var_os("UPDATE_EXAMPLES").is_some();
    let mut stale = Vec::new();
    for (preset, name) in EXAMPLES {
        let folder = tempfile::tempdir()?;
        let fresh = folder.path().join(name);
        emit(preset, name, &fresh)?;
        let kept = examples().join(preset);
        if update {
            replace(&kept, &read(&fresh)?)?;
        }
        let lines = differences(&read(&kept)?, &read(&fresh)?);
        stale.extend(lines.into_iter().map(|line| format!("  examples/{preset}/{line}")));
    }
    ensure!(stale.is_empty(), "{} files are stale:\n{}\n{HINT}", stale.len(), stale.join("\n"));
    Ok(())
}

/// Answers of real life, and the title of each.
fn situations() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/situations")
}

/// Title and introduction of a situation: the comment that its answers start with.
fn introduction(answers: &str) -> Result<(String, String)> {
    let mut lines = answers.lines().map_while(|line| line.strip_prefix('#')).map(str::trim);
    let title = lines.next().context("the answers start with a title")?;
    let words: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
    ensure!(!words.is_empty(), "{title}: who is this, and what hurts?");
    Ok((title.to_owned(), words.join(" ")))
}

/// The page of a situation: its introduction, and what the emitted document says to whoever decides.
fn page(name: &str, answers: &Path) -> Result<(String, String)> {
    let text = fs::read_to_string(answers)?;
    let (title, words) = introduction(&text)?;
    let folder = tempfile::tempdir()?;
    let preset = answers.to_str().context("a path in UTF-8")?;
    emit(preset, name, &folder.path().join(name))?;
    let document = fs::read_to_string(folder.path().join(name).join("docs/DEPLOYMENT.md"))?;
    let from = document.find("## In two minutes").context("what is read in two minutes")?;
    let to = document.find("## Decisions").context("what comes after it")?;
    let told = document[from..to].trim_end();
    let page = format!("# {title}\n\n{words}\n\nThe answers: [`{name}.toml`]({name}.toml).\n\n{told}\n");
    Ok((title, page))
}

#[test]
fn the_situations_say_what_is_emitted_for_them() -> Result<()> {
    let update = std::env::var_os("UPDATE_EXAMPLES").is_some();
    let mut names = Vec::new();
    for entry in fs::read_dir(situations())? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        names.extend(name.strip_suffix(".toml").map(ToOwned::to_owned));
    }
    names.sort();
    let mut index = SITUATIONS.to_owned();
    let mut stale = Vec::new();
    for name in &names {
        let (title, page) = page(name, &situations().join(format!("{name}.toml")))?;
        index.push_str(&format!("- [{title}]({name}.md): {}\n", answer_of(&page)?));
        stale.extend(kept_as(&situations().join(format!("{name}.md")), &page, update)?);
    }
    stale.extend(kept_as(&situations().join("README.md"), &index, update)?);
    ensure!(stale.is_empty(), "stale: {}\n{HINT}", stale.join(", "));
    Ok(())
}

/// Head of the index.
const SITUATIONS: &str = "\
# Situations

What is decided in situations of real life, why, what it costs about, what was rejected and what would change it: two minutes each. The pages are the first
part of the `docs/DEPLOYMENT.md` that is emitted for the answers beside them; a test keeps them so.

";

/// The sentence that answers.
fn answer_of(page: &str) -> Result<String> {
    let line = page.lines().find(|line| line.contains(" runs on **")).context("an answer")?;
    Ok(line.split_once(" runs on ").map_or(line, |(_, answer)| answer).trim_end_matches('.').to_owned())
}

/// Writes a text, or says where it is not what is kept.
fn kept_as(path: &Path, text: &str, update: bool) -> Result<Option<String>> {
    if update {
        fs::write(path, text)?;
    }
    let is_kept = fs::read_to_string(path).is_ok_and(|kept| kept == text);
    Ok((!is_kept).then(|| path.display().to_string()))
}

/// Makes a folder hold exactly these files.
fn replace(root: &Path, tree: &Tree) -> Result<()> {
    if root.exists() {
        fs::remove_dir_all(root)?;
    }
    for (path, (executable, contents)) in tree {
        let path = root.join(path);
        fs::create_dir_all(path.parent().context("a file has a folder")?)?;
        fs::write(&path, contents)?;
        fs::set_permissions(&path, fs::Permissions::from_mode(if *executable { 0o755 } else { 0o644 }))?;
    }
    Ok(())
}

#[test]
fn there_is_one_example_for_each_preset() -> Result<()> {
    let presets = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("presets"))?;
    let mut presets: Vec<String> = presets
        .map(|entry| Ok(entry?.file_name().to_string_lossy().trim_end_matches(".toml").to_owned()))
        .collect::<Result<_>>()?;
    presets.sort();
    let mut named: Vec<&str> = EXAMPLES.iter().map(|(preset, _)| *preset).collect();
    named.sort_unstable();
    assert_eq!(presets, named);
    for entry in fs::read_dir(examples())? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        ensure!(named.contains(&name.as_str()), "examples/{name} belongs to no preset");
    }
    Ok(())
}

#[test]
fn every_kind_of_difference_is_told() {
    let file = |mode, text: &str| (mode, text.as_bytes().to_vec());
    let kept = Tree::from([
        ("same".to_owned(), file(false, "a")),
        ("edited".to_owned(), file(false, "a")),
        ("mode".to_owned(), file(false, "a")),
        ("stray".to_owned(), file(false, "a")),
    ]);
    let emitted = Tree::from([
        ("same".to_owned(), file(false, "a")),
        ("edited".to_owned(), file(false, "b")),
        ("mode".to_owned(), file(true, "a")),
        ("new".to_owned(), file(false, "a")),
    ]);
    let told = differences(&kept, &emitted);
    assert_eq!(
        told,
        ["edited: has other contents", "mode: has another mode", "new: is missing", "stray: is not emitted"]
    );
}
