//! What an upgrade does to the files of a tree, from the list to the disk.

use anyhow::Result;

use super::project::{Project, words};

const DOCKERFILE: &str = "Dockerfile";

/// An older version had another line near the end, and the user changed one near the start.
fn aged() -> Result<Project> {
    let project = Project::new()?;
    project.age("dockerfile", DOCKERFILE, "WORKDIR /app\n", "WORKDIR /srv\n")?;
    Ok(project)
}

#[test]
fn a_tree_as_it_was_emitted_is_current() -> Result<()> {
    let project = Project::new()?;
    let before = project.tree()?;
    let check = project.ends(0, &["check"])?;
    assert!(check.stderr.contains("Everything is current."), "{}", check.stderr);
    project.ends(0, &["diff"])?;
    let upgrade = project.ends(0, &["upgrade"])?;
    assert!(upgrade.stderr.contains("nothing was written"), "{}", upgrade.stderr);
    assert_eq!(project.tree()?, before);
    Ok(())
}

#[test]
fn the_same_list_is_printed_by_every_command() -> Result<()> {
    let project = aged()?;
    project.edit("compose.yaml", "services:\n", "services: # ours\n")?;
    project.remove(".dockerignore")?;
    let list = |arguments: &[&str], code| -> Result<String> {
        let printed = project.ends(code, arguments)?.stdout;
        Ok(printed.split("\n\n").next().unwrap_or_default().trim_end().to_owned())
    };
    let check = list(&["check"], 3)?;
    assert_eq!(check.lines().count(), 4, "{check}");
    for line in ["user-deleted .dockerignore", "update Dockerfile\n", "unchanged compose.yaml your edits stay"] {
        assert!(words(&check).contains(line), "{check}");
    }
    assert_eq!(list(&["diff"], 3)?, check);
    assert_eq!(list(&["upgrade", "--dry-run"], 0)?, check);
    assert_eq!(list(&["upgrade"], 0)?, check);
    Ok(())
}

#[test]
fn an_upgrade_merges_and_a_second_one_changes_nothing() -> Result<()> {
    let project = aged()?;
    let current = project.read(DOCKERFILE)?.replace("WORKDIR /srv\n", "WORKDIR /app\n");
    let ours = "# ours\n";
    project.write(DOCKERFILE, &(project.read(DOCKERFILE)? + ours))?;
    project.ends(0, &["upgrade"])?;
    assert_eq!(project.read(DOCKERFILE)?, current.clone() + ours);
    assert_eq!(project.read(".seaworthy/base/dockerfile")?, current);
    let before = project.tree()?;
    project.ends(0, &["upgrade"])?;
    project.ends(0, &["check"])?;
    assert_eq!(project.tree()?, before);
    Ok(())
}

#[test]
fn a_dry_run_and_a_diff_write_nothing() -> Result<()> {
    let project = aged()?;
    let before = project.tree()?;
    let diff = project.ends(3, &["diff"])?;
    assert!(diff.stdout.contains("--- a/Dockerfile\n+++ b/Dockerfile\n"), "{}", diff.stdout);
    assert!(diff.stdout.contains("-WORKDIR /srv\n+WORKDIR /app\n"), "{}", diff.stdout);
    project.ends(0, &["upgrade", "--dry-run", "--set", "stack.port=4000"])?;
    project.ends(3, &["diff", "--set", "stack.port=4000"])?;
    assert_eq!(project.tree()?, before);
    Ok(())
}

#[test]
fn a_conflict_is_marked_resolved_and_then_forgotten() -> Result<()> {
    let project = aged()?;
    project.edit(DOCKERFILE, "WORKDIR /srv\n", "WORKDIR /ours\n")?;
    let upgrade = project.ends(4, &["upgrade"])?;
    assert!(upgrade.stderr.contains("edit Dockerfile, then `seaworthy resolve`"), "{}", upgrade.stderr);
    let marked = project.read(DOCKERFILE)?;
    assert!(marked.contains("<<<<<<< yours\nWORKDIR /ours\n||||||| "), "{marked}");

    let refused = project.ends(5, &["upgrade"])?;
    assert!(refused.stderr.contains("\n  Dockerfile:2\n"), "{}", refused.stderr);
    assert_eq!(project.read(DOCKERFILE)?, marked);
    let check = project.ends(3, &["check"])?;
    assert!(
        words(&check.stdout).contains(
            "conflict Dockerfile conflict markers are in it, from line 2
"
        ),
        "{}",
        check.stdout
    );
    let open = project.ends(5, &["resolve"])?;
    assert_eq!(open.stdout, "Dockerfile:2: conflict markers are in it still.\n");

    let start = marked.find("<<<<<<<").unwrap_or_default();
    let end = marked.find(">>>>>>>").and_then(|at| Some(at + marked[at..].find('\n')? + 1)).unwrap_or_default();
    project.write(DOCKERFILE, &format!("{}WORKDIR /ours\n{}", &marked[..start], &marked[end..]))?;
    assert_eq!(project.ends(0, &["resolve", "Dockerfile"])?.stdout, "Dockerfile is resolved.\n");
    assert!(!project.exists(".seaworthy/pending"));
    let check = project.ends(0, &["check"])?;
    assert!(words(&check.stdout).contains("unchanged Dockerfile your edits stay"), "{}", check.stdout);
    project.ends(2, &["resolve", "Dockerfile"])?;
    Ok(())
}

#[test]
fn an_upgrade_records_what_was_resolved_since() -> Result<()> {
    let project = aged()?;
    project.edit(DOCKERFILE, "WORKDIR /srv\n", "WORKDIR /ours\n")?;
    project.ends(4, &["upgrade"])?;
    let resolved = project.read(".seaworthy/pending/dockerfile")?;
    project.write(DOCKERFILE, &resolved)?;
    let upgrade = project.ends(0, &["upgrade"])?;
    assert!(upgrade.stderr.contains("Dockerfile is resolved."), "{}", upgrade.stderr);
    assert_eq!(project.read(".seaworthy/base/dockerfile")?, resolved);
    Ok(())
}

#[test]
fn a_merge_that_was_undone_is_done_again() -> Result<()> {
    let project = aged()?;
    project.edit(DOCKERFILE, "WORKDIR /srv\n", "WORKDIR /ours\n")?;
    let yours = project.read(DOCKERFILE)?;
    project.ends(4, &["upgrade"])?;
    let marked = project.read(DOCKERFILE)?;
    project.write(DOCKERFILE, &yours)?;
    let undone = project.ends(0, &["resolve"])?;
    assert!(undone.stdout.contains("the next upgrade merges it again"), "{}", undone.stdout);
    assert_eq!(project.read(DOCKERFILE)?, yours);
    project.ends(4, &["upgrade"])?;
    assert_eq!(project.read(DOCKERFILE)?, marked);
    Ok(())
}

#[test]
fn a_file_that_the_user_moved_is_kept_current_there() -> Result<()> {
    let project = aged()?;
    let current = project.read(DOCKERFILE)?.replace("WORKDIR /srv\n", "WORKDIR /app\n");
    project.write("docker/Dockerfile", &project.read(DOCKERFILE)?)?;
    project.remove(DOCKERFILE)?;
    let upgrade = project.ends(0, &["upgrade"])?;
    assert!(words(&upgrade.stdout).contains("update docker/Dockerfile was Dockerfile\n"), "{}", upgrade.stdout);
    assert_eq!(project.read("docker/Dockerfile")?, current);
    assert!(!project.exists(DOCKERFILE));
    project.ends(0, &["check"])?;
    Ok(())
}

#[test]
fn line_endings_of_a_checkout_are_no_edit() -> Result<()> {
    let project = aged()?;
    let crlf = |text: &str| text.replace('\n', "\r\n");
    let current = project.read(DOCKERFILE)?.replace("WORKDIR /srv\n", "WORKDIR /app\n");
    for path in [DOCKERFILE, "compose.yaml", "src/ops/env.ts"] {
        project.write(path, &crlf(&project.read(path)?))?;
    }
    project.ends(0, &["upgrade"])?;
    assert_eq!(project.read(DOCKERFILE)?, crlf(&current));
    assert!(project.ends(0, &["check"])?.stdout.ends_with(" unchanged\n"));
    Ok(())
}

#[test]
fn a_starter_that_changed_is_told_once_and_never_touched() -> Result<()> {
    let project = Project::new()?;
    project.age("src-server", "src/server.ts", "await app.listen", "void app.listen")?;
    let yours = project.read("src/server.ts")?;
    project.ends(0, &["check"])?;
    let diff = project.ends(0, &["diff"])?;
    assert!(diff.stdout.contains("-void app.listen"), "{}", diff.stdout);
    let upgrade = project.ends(0, &["upgrade"])?;
    assert!(words(&upgrade.stdout).contains("kept src/server.ts its starter changed"), "{}", upgrade.stdout);
    assert!(upgrade.stdout.contains("+await app.listen"), "{}", upgrade.stdout);
    assert_eq!(project.read("src/server.ts")?, yours);
    assert!(!project.ends(0, &["upgrade"])?.stdout.contains("server.ts"));
    Ok(())
}

#[test]
fn an_interrupted_run_is_told_and_left_to_the_next_one_that_writes() -> Result<()> {
    let project = Project::new()?;
    project.write(".seaworthy/txn/0", "half")?;
    for command in ["check", "diff"] {
        let refused = project.ends(5, &[command])?;
        assert!(refused.stderr.contains("was cut off there"), "{}", refused.stderr);
    }
    project.ends(5, &["upgrade", "--dry-run"])?;
    assert!(project.exists(".seaworthy/txn/0"));
    project.ends(0, &["upgrade"])?;
    assert!(!project.exists(".seaworthy/txn"));
    Ok(())
}
