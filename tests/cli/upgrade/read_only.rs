//! What only looks never writes: it works on a tree that cannot be written, and without git.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use anyhow::Result;

use super::project::Project;
use crate::sandbox::{SEAWORTHY, outcome};

#[test]
fn looking_opens_nothing_for_writing() -> Result<()> {
    let project = Project::committed()?;
    project.age("dockerfile", "Dockerfile", "WORKDIR /app\n", "WORKDIR /srv\n")?;
    project.remove("compose.yaml")?;
    let before = project.tree()?;
    let index = fs::read(project.path(".git/index"))?;
    for folder in ["", ".seaworthy", ".seaworthy/base", "src", ".git"] {
        fs::set_permissions(project.path(folder), fs::Permissions::from_mode(0o555))?;
    }
    for (arguments, code) in
        [(&["check"][..], 3), (&["diff"], 3), (&["upgrade", "--dry-run"], 0), (&["rebase", "--dry-run"], 0)]
    {
        project.ends(code, arguments)?;
    }
    for folder in [".git", "src", ".seaworthy/base", ".seaworthy", ""] {
        fs::set_permissions(project.path(folder), fs::Permissions::from_mode(0o755))?;
    }
    assert_eq!(project.tree()?, before);
    assert_eq!(fs::read(project.path(".git/index"))?, index);
    Ok(())
}

#[test]
fn without_git_everything_but_the_index_is_the_same() -> Result<()> {
    let project = Project::committed()?;
    project.age("dockerfile", "Dockerfile", "WORKDIR /app\n", "WORKDIR /srv\n")?;
    project.edit("Dockerfile", "WORKDIR /srv\n", "WORKDIR /ours\n")?;
    let run = |arguments: &[&str]| {
        let mut command = project.sandbox.command(SEAWORTHY)?;
        outcome(command.env("PATH", "/nonexistent").current_dir(project.path("")).args(arguments))
    };
    assert_eq!(run(&["upgrade"])?.code, Some(4));
    assert!(project.read("Dockerfile")?.contains("<<<<<<< yours"));
    project.write("Dockerfile", &project.read(".seaworthy/pending/dockerfile")?)?;
    assert_eq!(run(&["resolve"])?.code, Some(0));
    assert_eq!(run(&["check"])?.code, Some(0));
    Ok(())
}
