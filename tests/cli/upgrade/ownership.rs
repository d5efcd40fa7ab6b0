//! Files in the way, left to the user, taken back and brought back.

use std::fs;
use std::os::unix::fs::symlink;

use anyhow::Result;

use super::project::{Project, words};

/// The user has a file where the new answers put one.
fn blocked() -> Result<Project> {
    let project = Project::new()?;
    project.write("deploy/kubernetes/rollback.sh", "#!/bin/sh\necho ours\n")?;
    Ok(project)
}

const FILE: &str = "deploy/kubernetes/rollback.sh";
const GROW: [&str; 3] = ["upgrade", "--set", "scale.peak-rps=20000"];

#[test]
fn a_file_in_the_way_stops_everything_and_the_ways_on_are_named() -> Result<()> {
    let project = blocked()?;
    let before = project.tree()?;
    let refused = project.ends(5, &GROW)?;
    for word in
        ["deploy/kubernetes/rollback.sh: a file of yours", "seaworthy adopt", "seaworthy detach", "Nothing was written"]
    {
        assert!(refused.stderr.contains(word), "{}", refused.stderr);
    }
    assert_eq!(project.tree()?, before);
    Ok(())
}

#[test]
fn a_path_that_is_not_emitted_yet_is_detached_by_its_answers() -> Result<()> {
    let project = blocked()?;
    project.edit("seaworthy.toml", "peak-rps = ", "peak-rps = 20000 # ")?;
    assert!(project.ends(3, &["check"])?.stdout.contains("blocked"));
    assert!(project.ends(0, &["detach", FILE])?.stdout.contains("is yours now"));
    assert!(project.ends(0, &["detach", FILE])?.stdout.contains("was yours already"));
    project.ends(0, &["upgrade"])?;
    assert_eq!(project.read(FILE)?, "#!/bin/sh\necho ours\n");
    assert!(project.ends(0, &["check"])?.stdout.contains("1 detached"));
    Ok(())
}

#[test]
fn a_file_in_the_way_is_adopted_as_it_is() -> Result<()> {
    let project = blocked()?;
    project.edit("seaworthy.toml", "peak-rps = ", "peak-rps = 20000 # ")?;
    let adopted = project.ends(0, &["adopt", FILE])?;
    assert!(adopted.stdout.contains("+echo ours\n"), "{}", adopted.stdout);
    project.ends(0, &["upgrade"])?;
    assert_eq!(project.read(FILE)?, "#!/bin/sh\necho ours\n");
    assert!(
        words(&project.ends(0, &["check"])?.stdout).contains("unchanged deploy/kubernetes/rollback.sh your edits stay")
    );
    Ok(())
}

#[test]
fn both_versions_can_be_merged_by_hand() -> Result<()> {
    let project = blocked()?;
    project.edit("seaworthy.toml", "peak-rps = ", "peak-rps = 20000 # ")?;
    project.ends(4, &["adopt", "--merge", FILE])?;
    let both = project.read(FILE)?;
    assert!(
        both.contains("<<<<<<< yours\n") && both.contains("echo ours\n") && both.contains(">>>>>>> seaworthy "),
        "{both}"
    );
    project.ends(5, &["upgrade"])?;
    project.write(FILE, "#!/bin/sh\necho resolved\n")?;
    project.ends(0, &["resolve"])?;
    project.ends(0, &["upgrade"])?;
    assert_eq!(project.read(FILE)?, "#!/bin/sh\necho resolved\n");
    Ok(())
}

#[test]
fn a_deleted_file_stays_deleted_until_it_is_restored_or_detached() -> Result<()> {
    let project = Project::new()?;
    let dockerfile = project.read("Dockerfile")?;
    project.remove("Dockerfile")?;
    project.remove("compose.yaml")?;
    project.ends(0, &["upgrade"])?;
    assert!(!project.exists("Dockerfile"));
    let check = project.ends(3, &["check"])?;
    assert!(check.stderr.contains("`seaworthy restore FILE`, or `seaworthy detach FILE`"), "{}", check.stderr);
    assert_eq!(project.ends(0, &["restore", "Dockerfile"])?.stdout, "Dockerfile is back.\n");
    assert_eq!(project.read("Dockerfile")?, dockerfile);
    project.ends(0, &["detach", "compose.yaml"])?;
    project.ends(0, &["check"])?;

    project.edit("Dockerfile", "FROM", "# ours\nFROM")?;
    let there = project.ends(5, &["restore", "Dockerfile"])?;
    assert!(there.stderr.contains("`restore` overwrites nothing"), "{}", there.stderr);
    let gone = project.ends(5, &["adopt", "compose.yaml"])?;
    assert!(gone.stderr.contains("`seaworthy restore compose.yaml` writes it"), "{}", gone.stderr);
    project.ends(0, &["restore", "compose.yaml"])?;
    assert!(project.ends(0, &["check"])?.stdout.ends_with(" unchanged\n"));
    Ok(())
}

#[test]
fn a_deleted_starter_is_nobodys_business() -> Result<()> {
    let project = Project::new()?;
    project.remove("test/greetings.test.ts")?;
    project.ends(0, &["check"])?;
    project.ends(0, &["upgrade"])?;
    assert!(!project.exists("test/greetings.test.ts"));
    Ok(())
}

#[test]
fn files_are_named_from_where_the_user_stands() -> Result<()> {
    let project = Project::new()?;
    project.remove("src/ops/health.ts")?;
    project.remove("src/ops/safety.ts")?;
    let mut command = project.sandbox.command(crate::sandbox::SEAWORTHY)?;
    let run = command.current_dir(project.path("src")).args(["restore", "ops/health.ts", "--directory", ".."]);
    assert_eq!(crate::sandbox::outcome(run)?.stdout, "src/ops/health.ts is back.\n");
    project.sandbox.succeed(&["restore", "orders/src/ops/safety.ts", "--directory", "orders"])?;

    let near = project.ends(2, &["restore", "health.ts"])?;
    assert!(
        near.stderr.contains("health.ts is no file that seaworthy emits here; did you mean src/ops/health.ts?"),
        "{}",
        near.stderr
    );
    assert!(project.ends(2, &["detach", "../outside"])?.stderr.contains("is not a file below ."));
    Ok(())
}

#[test]
fn a_link_in_the_place_of_a_file_is_never_written_through() -> Result<()> {
    let project = Project::new()?;
    project.age("dockerfile", "Dockerfile", "WORKDIR /app\n", "WORKDIR /srv\n")?;
    fs::rename(project.path("Dockerfile"), project.sandbox.path("outside"))?;
    symlink("../outside", project.path("Dockerfile"))?;
    let outside = project.sandbox.read("outside")?;
    assert!(project.ends(5, &["upgrade"])?.stderr.contains("Dockerfile: it is a symbolic link"));
    assert!(project.ends(5, &["adopt", "Dockerfile"])?.stderr.contains("Dockerfile: it is a symbolic link"));
    project.ends(0, &["detach", "Dockerfile"])?;
    project.ends(0, &["upgrade"])?;
    assert_eq!(project.sandbox.read("outside")?, outside);
    Ok(())
}
