//! What holds for any edits of real emitted files, both sides at random.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};
use seaworthy::apply::with_lock;
use seaworthy::failure::{CONFLICTS, DONE, REFUSED, exit_code};
use seaworthy::render::file_set::{EmittedFile, FileSet, Mode, Policy};
use seaworthy::upgrade::{Options, prepare};

use crate::counts::count;
use crate::random::{Random, edited};
use crate::tree::{Entry, Tree};

/// Pairs of a user's and a template's change of one file, in all.
const PAIRS: usize = 10_000;
/// Files of one upgrade.
const FILES: usize = 10;
/// Edits of one side of a file, at most.
const EDITS: usize = 4;

/// One file: what was emitted, what is emitted now, and what the user made of it.
struct Pair {
    path: String,
    base: String,
    theirs: String,
    yours: String,
    added: Vec<String>,
}

#[test]
fn no_line_of_the_user_is_lost_and_a_second_run_changes_nothing() -> Result<()> {
    let golden = golden()?;
    let rounds = PAIRS.div_ceil(FILES);
    let mut conflicts = 0;
    for round in 0..rounds {
        let seed = u64::try_from(round)?;
        let exit = upgrade(&golden, seed).with_context(|| format!("the round of seed {seed}"))?;
        conflicts += usize::from(exit == CONFLICTS);
    }
    assert!(conflicts > 0 && conflicts < rounds, "{conflicts} of {rounds} upgrades conflict: these edits show nothing");
    count(
        serde_json::json!({ "random_pairs": rounds * FILES, "upgrades": rounds, "upgrades_with_conflicts": conflicts }),
    )
}

fn upgrade(golden: &[BTreeMap<String, String>], seed: u64) -> Result<u8> {
    let random = &mut Random::new(seed);
    let pairs = pairs(golden, random);
    let folder = tempfile::tempdir()?;
    let base = emission(pairs.iter().map(|pair| (&pair.path, &pair.base)))?;
    let theirs = emission(pairs.iter().map(|pair| (&pair.path, &pair.theirs)))?;
    for file in with_lock(base)?.files() {
        write(folder.path(), &file.path, &file.contents)?;
    }
    for pair in &pairs {
        write(folder.path(), &pair.path, pair.yours.as_bytes())?;
    }
    let exit = prepare(folder.path(), &theirs, &Options::default())?.write()?.exit_code;
    let after = Tree::read(folder.path())?;
    for pair in &pairs {
        let Some(Entry::File { contents, .. }) = after.0.get(&pair.path) else {
            anyhow::bail!("{} is gone", pair.path);
        };
        let text = String::from_utf8_lossy(contents);
        for token in &pair.added {
            anyhow::ensure!(
                text.contains(token.as_str()),
                "{}: {token} is lost\n--- base\n{}\n--- yours\n{}\n--- theirs\n{}\n--- result\n{text}",
                pair.path,
                pair.base,
                pair.yours,
                pair.theirs
            );
        }
    }
    again(folder.path(), &theirs, exit, &after)?;
    Ok(exit)
}

/// A second run: nothing to do, or refused over the markers; the tree stays as it is.
fn again(root: &Path, theirs: &FileSet, exit: u8, after: &Tree) -> Result<()> {
    let second = prepare(root, theirs, &Options::default())?;
    if exit == DONE {
        anyhow::ensure!(second.is_unchanged(), "a second run has something to write");
    }
    let code = second.write().map_or_else(|error| exit_code(&error), |run| run.exit_code);
    let expected = if exit == DONE { DONE } else { REFUSED };
    anyhow::ensure!(code == expected, "the exit code of a second run is {code}, not {expected}");
    let difference = after.difference(&Tree::read(root)?);
    anyhow::ensure!(difference.is_empty(), "a second run changes the tree: {difference}");
    Ok(())
}

/// Files of one golden tree. What is emitted now is an edit of it, or the file of another preset: a team that grew.
fn pairs(golden: &[BTreeMap<String, String>], random: &mut Random) -> Vec<Pair> {
    let from = &golden[random.below(golden.len())];
    let to = &golden[random.below(golden.len())];
    let mut pairs: BTreeMap<&String, Pair> = BTreeMap::new();
    while pairs.len() < FILES {
        let Some((path, base)) = from.iter().nth(random.below(from.len())) else { break };
        let grown = to.get(path).filter(|_| random.below(2) == 0);
        let count = random.below(EDITS);
        let theirs = grown.cloned().unwrap_or_else(|| edited(base, count, "news", random).0);
        let count = 1 + random.below(EDITS);
        let (yours, added) = edited(base, count, "mine", random);
        pairs.insert(path, Pair { path: path.clone(), base: base.clone(), theirs, yours, added });
    }
    pairs.into_values().collect()
}

fn emission<'a>(files: impl Iterator<Item = (&'a String, &'a String)>) -> Result<FileSet> {
    let files = files.enumerate().map(|(index, (path, text))| EmittedFile {
        id: format!("file{index}"),
        path: path.clone(),
        contents: text.clone().into_bytes(),
        mode: Mode::Regular,
        policy: Policy::Merge,
    });
    FileSet::new(files.collect())
}

fn write(root: &Path, path: &str, contents: &[u8]) -> Result<()> {
    let full = root.join(path);
    std::fs::create_dir_all(full.parent().unwrap_or(root))?;
    Ok(std::fs::write(full, contents)?)
}

/// The texts of every golden tree, by path.
fn golden() -> Result<Vec<BTreeMap<String, String>>> {
    let mut trees = Vec::new();
    for entry in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples"))? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            let files = Tree::read(&entry.path())?.0.into_iter().filter_map(|(path, entry)| match entry {
                Entry::File { contents, .. } => Some((path, String::from_utf8(contents).ok()?)),
                Entry::Link(_) => None,
            });
            trees.push(files.collect());
        }
    }
    Ok(trees)
}
