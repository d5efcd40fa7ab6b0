//! What a repository of git adds: uncommitted changes are safe, and conflicts show in its index.

use std::fs;

use anyhow::Result;

use super::project::Project;
use crate::sandbox::{SEAWORTHY, outcome};

/// Committed as an older version emitted it, with an edit of the user's that is committed too.
fn aged(edit: &str) -> Result<Project> {
    let project = Project::committed()?;
    project.age("dockerfile", "Dockerfile", "WORKDIR /app\n", "WORKDIR /srv\n")?;
    project.edit("Dockerfile", "WORKDIR /srv\n", edit)?;
    project.commit()?;
    Ok(project)
}

#[test]
fn a_file_with_uncommitted_edits_is_not_touched() -> Result<()> {
    let project = aged("WORKDIR /srv\n")?;
    project.write("Dockerfile", &(project.read("Dockerfile")? + "# ours\n"))?;
    project.write("untracked.txt", "ours\n")?;
    let before = project.tree()?;
    let refused = project.ends(5, &["upgrade"])?;
    assert!(
        refused.stderr.contains("\n  Dockerfile\n") && refused.stderr.contains("--allow-dirty"),
        "{}",
        refused.stderr
    );
    assert!(!refused.stderr.contains("untracked.txt"), "{}", refused.stderr);
    project.ends(5, &["upgrade", "--dry-run"])?;
    project.git(&["add", "Dockerfile"])?;
    project.ends(5, &["upgrade"])?;
    assert_eq!(project.tree()?, before);
    project.ends(0, &["upgrade", "--allow-dirty"])?;
    assert!(project.read("Dockerfile")?.ends_with("# ours\n"));
    Ok(())
}

#[test]
fn uncommitted_files_that_are_as_they_were_emitted_are_nobodys_work() -> Result<()> {
    let project = Project::new()?;
    project.git(&["init", "--quiet"])?;
    project.age("dockerfile", "Dockerfile", "WORKDIR /app\n", "WORKDIR /srv\n")?;
    project.ends(0, &["upgrade"])?;
    project.age("dockerfile", "Dockerfile", "WORKDIR /app\n", "WORKDIR /srv\n")?;
    project.edit("Dockerfile", "FROM", "# ours\nFROM")?;
    project.ends(5, &["upgrade"])?;
    fs::write(project.path(".gitignore"), "Dockerfile\n")?;
    project.ends(5, &["upgrade"])?;
    Ok(())
}

#[test]
fn a_conflict_is_unmerged_in_the_index_until_it_is_resolved() -> Result<()> {
    let project = aged("WORKDIR /ours\n")?;
    project.ends(4, &["upgrade"])?;
    let unmerged = project.git(&["ls-files", "--unmerged"])?;
    let stages: Vec<&str> = unmerged.lines().filter_map(|line| line.split(['\t', ' ']).nth(2)).collect();
    assert_eq!(stages, ["1", "2", "3"], "{unmerged}");
    assert!(project.git(&["show", ":1:Dockerfile"])?.contains("WORKDIR /srv\n"));
    assert!(project.git(&["show", ":2:Dockerfile"])?.contains("WORKDIR /ours\n"));
    assert!(project.git(&["show", ":3:Dockerfile"])?.contains("WORKDIR /app\n"));
    project.git(&["checkout", "--quiet", "--theirs", "Dockerfile"])?;
    project.ends(0, &["resolve"])?;
    assert_eq!(project.git(&["ls-files", "--unmerged"])?, "");
    assert!(project.git(&["diff", "--cached", "--name-only"])?.contains("Dockerfile\n"));
    Ok(())
}

#[test]
fn a_folder_of_a_larger_repository_a_worktree_and_hostile_settings_work_alike() -> Result<()> {
    let project = Project::new()?;
    project.age("dockerfile", "Dockerfile", "WORKDIR /app\n", "WORKDIR /srv\n")?;
    project.edit("Dockerfile", "WORKDIR /srv\n", "WORKDIR /ours\n")?;
    let git = |folder: &str, arguments: &[&str]| -> Result<String> {
        let mut command = project.sandbox.command("git")?;
        let who = ["-c", "user.name=Test", "-c", "user.email=test@example.com"];
        let outcome = outcome(command.current_dir(project.sandbox.path(folder)).args(who).args(arguments))?;
        anyhow::ensure!(outcome.code == Some(0), "{arguments:?}: {}", outcome.stderr);
        Ok(outcome.stdout)
    };
    git(".", &["init", "--quiet"])?;
    git(".", &["add", "--all"])?;
    git(".", &["commit", "--quiet", "--message", "x"])?;
    git(".", &["worktree", "add", "--quiet", "elsewhere"])?;
    git(".", &["config", "status.showUntrackedFiles", "no"])?;
    git(".", &["config", "status.relativePaths", "true"])?;
    git(".", &["config", "core.quotePath", "true"])?;
    for folder in ["orders", "elsewhere/orders"] {
        let mut command = project.sandbox.command(SEAWORTHY)?;
        // As in a hook of another repository.
        let upgrade =
            command.env("GIT_DIR", "/nonexistent").env("GIT_INDEX_FILE", "/nonexistent").args(["upgrade", folder]);
        let upgraded = outcome(upgrade)?;
        assert_eq!(upgraded.code, Some(4), "{}", upgraded.stderr);
        assert!(!upgraded.stderr.contains("warning"), "{}", upgraded.stderr);
        assert_eq!(git(folder, &["ls-files", "--unmerged", "--", "Dockerfile"])?.lines().count(), 3);
    }
    Ok(())
}

#[test]
fn git_that_refuses_is_a_warning() -> Result<()> {
    let project = aged("WORKDIR /ours\n")?;
    project.write(".git/config", "[core\n")?;
    let upgrade = project.ends(4, &["upgrade"])?;
    assert!(
        upgrade.stderr.contains("warning: git could not say whether your files are committed: fatal:"),
        "{}",
        upgrade.stderr
    );
    assert!(project.read("Dockerfile")?.contains("<<<<<<< yours"));
    Ok(())
}

#[test]
fn two_branches_that_both_upgraded_are_told_apart_from_one_that_is_whole() -> Result<()> {
    let project = aged("WORKDIR /srv\n")?;
    project.git(&["checkout", "--quiet", "-b", "other"])?;
    project.ends(0, &["upgrade", "--set", "stack.port=4000"])?;
    project.commit()?;
    project.git(&["checkout", "--quiet", "main"])?;
    project.ends(0, &["upgrade", "--set", "stack.port=5000"])?;
    project.commit()?;
    assert!(project.git(&["merge", "other"]).is_err(), "git cannot merge two records of one file");
    project.ends(5, &["check"])?;
    project.git(&["checkout", "--quiet", "--ours", "."])?;
    project.ends(0, &["check"])?;
    Ok(())
}
