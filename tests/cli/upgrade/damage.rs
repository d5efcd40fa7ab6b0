//! A lock that is damaged, badly merged, lost or too new: told with a way back, never guessed at.

use std::fs;

use anyhow::Result;

use super::project::{Project, words};

const LOCK: &str = ".seaworthy/lock.toml";

/// Every command that needs the lock ends like this.
fn all_end(project: &Project, code: i32, word: &str) -> Result<()> {
    for arguments in [&["check"][..], &["diff"], &["upgrade"], &["resolve"], &["detach", "Dockerfile"]] {
        let outcome = project.ends(code, arguments)?;
        assert!(outcome.stderr.contains(word), "{arguments:?}: {}", outcome.stderr);
    }
    Ok(())
}

#[test]
fn a_damaged_base_is_named_and_rebased_from_the_disk() -> Result<()> {
    let project = Project::new()?;
    project.edit("Dockerfile", "FROM", "# ours\nFROM")?;
    project.edit(".seaworthy/base/dockerfile", "FROM", "FORM")?;
    project.remove(".seaworthy/base/compose")?;
    all_end(&project, 1, ".seaworthy/base/")?;
    all_end(&project, 1, "`seaworthy rebase`")?;

    let before = project.tree()?;
    let dry = project.ends(0, &["rebase", "--dry-run"])?;
    assert!(words(&dry.stdout).contains("rebuilt Dockerfile differs from what is emitted now"), "{}", dry.stdout);
    assert!(words(&dry.stdout).contains("rebuilt compose.yaml as it is emitted now"), "{}", dry.stdout);
    assert_eq!(project.tree()?, before);
    project.ends(0, &["rebase"])?;
    let check = project.ends(0, &["check"])?;
    assert!(words(&check.stdout).contains("unchanged Dockerfile your edits stay"), "{}", check.stdout);
    assert!(project.read("Dockerfile")?.contains("# ours\n"));
    assert!(project.ends(0, &["rebase"])?.stderr.contains("nothing to do"));
    Ok(())
}

#[test]
fn a_lost_lock_is_rebuilt() -> Result<()> {
    let project = Project::new()?;
    let before = project.tree()?;
    fs::remove_dir_all(project.path(".seaworthy"))?;
    all_end(&project, 1, "no .seaworthy/lock.toml")?;
    project.remove("compose.yaml")?;
    project.ends(0, &["rebase"])?;
    // Nobody knows whether it was ever there.
    assert!(words(&project.ends(3, &["check"])?.stdout).contains("create compose.yaml"));
    project.ends(0, &["upgrade"])?;
    assert_eq!(project.tree()?, before);
    Ok(())
}

#[test]
fn conflicts_of_git_in_the_lock_are_told_and_rebased() -> Result<()> {
    let project = Project::new()?;
    let before = project.tree()?;
    let lock = project.read(LOCK)?;
    let version = format!("version = \"{}\"\n", env!("CARGO_PKG_VERSION"));
    let both = format!("<<<<<<< HEAD\nversion = \"0.0.1\"\n=======\n{version}>>>>>>> other\n");
    project.write(LOCK, &lock.replace(&version, &both))?;
    all_end(&project, 5, "lock.toml, line 4 is damaged: it has unresolved merge conflicts")?;
    project.ends(0, &["rebase"])?;
    assert_eq!(project.tree()?, before);
    Ok(())
}

#[test]
fn a_lock_of_a_newer_version_is_never_touched() -> Result<()> {
    let project = Project::new()?;
    let version = format!("version = \"{}\"\n", env!("CARGO_PKG_VERSION"));
    project.edit(LOCK, &version, "version = \"99.1.0\"\n")?;
    let before = project.tree()?;
    all_end(&project, 5, "update seaworthy")?;
    project.ends(5, &["rebase"])?;
    assert_eq!(project.tree()?, before);
    Ok(())
}

#[test]
fn a_directory_that_is_none_of_ours_is_told() -> Result<()> {
    let project = Project::new()?;
    fs::create_dir(project.sandbox.path("empty"))?;
    for arguments in [&["check", "empty"][..], &["upgrade", "empty"], &["diff", "absent"]] {
        let outcome = project.sandbox.run(arguments)?;
        assert_eq!(outcome.code, Some(2), "{arguments:?}: {}", outcome.stderr);
        assert!(outcome.stderr.contains("is not a directory that seaworthy made"), "{}", outcome.stderr);
    }
    let below = project.ends(2, &["check", "src"])?;
    assert!(below.stderr.contains("The one above it, ") && below.stderr.contains("/orders, is"), "{}", below.stderr);
    Ok(())
}
