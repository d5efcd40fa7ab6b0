//! Changed answers: in the file, or by `--set`.

use anyhow::Result;

use super::project::{Project, differing, words};

const KUBERNETES: [&str; 2] = ["--set", "scale.peak-rps=20000"];
const COMPOSE: [&str; 2] = ["--set", "scale.peak-rps=20"];

#[test]
fn answers_are_set_in_place_and_the_files_follow() -> Result<()> {
    let project = Project::new()?;
    project.edit("seaworthy.toml", "[stack]", "# our stack\n[stack]")?;
    project.ends(0, &["upgrade", "--set", "stack.port=4000"])?;
    let answers = project.read("seaworthy.toml")?;
    assert!(answers.contains("# our stack\n[stack]"), "{answers}");
    assert!(answers.contains("\nport = 4000\n"), "{answers}");
    assert!(project.read("Dockerfile")?.contains("4000"));
    project.ends(0, &["check"])?;
    Ok(())
}

#[test]
fn a_team_that_grows_and_shrinks_gets_its_files_and_loses_them_untouched() -> Result<()> {
    let project = Project::new()?;
    let small = project.tree()?;
    project.ends(0, &[&["upgrade"][..], &KUBERNETES].concat())?;
    assert!(project.exists("deploy/kubernetes/base/deployment.yaml"));
    assert!(!project.exists("deploy/compose"));
    project.ends(0, &["check"])?;
    project.ends(0, &[&["upgrade"][..], &COMPOSE].concat())?;
    assert!(!project.exists("deploy/kubernetes"));
    assert_eq!(differing(&project.tree()?, &small), Vec::<&str>::new());
    Ok(())
}

#[test]
fn an_edited_file_that_is_emitted_no_more_is_kept_and_merged_when_it_comes_back() -> Result<()> {
    let project = Project::new()?;
    let file = "deploy/compose/Caddyfile";
    let edited = project.read(file)? + "# ours\n";
    project.write(file, &edited)?;
    let grown = project.ends(0, &[&["upgrade"][..], &KUBERNETES].concat())?;
    assert!(
        words(&grown.stdout).contains("kept deploy/compose/Caddyfile it is emitted no more; you edited it"),
        "{}",
        grown.stdout
    );
    assert_eq!(project.read(file)?, edited);
    project.ends(0, &["check"])?;
    project.ends(0, &[&["upgrade"][..], &COMPOSE].concat())?;
    assert_eq!(project.read(file)?, edited);
    assert!(words(&project.ends(0, &["check"])?.stdout).contains("unchanged deploy/compose/Caddyfile your edits stay"));
    Ok(())
}

#[test]
fn an_edit_of_the_answers_file_is_drift_until_the_upgrade() -> Result<()> {
    let project = Project::new()?;
    project.edit("seaworthy.toml", "port = 3000", "port = 4000")?;
    let check = project.ends(3, &["check"])?;
    assert!(check.stderr.contains("`seaworthy upgrade` brings it up to date"), "{}", check.stderr);
    project.ends(0, &["upgrade"])?;
    project.ends(0, &["check"])?;
    Ok(())
}

#[test]
fn wrong_answers_are_told_with_their_place_and_change_nothing() -> Result<()> {
    let project = Project::new()?;
    let before = project.tree()?;
    let wrong = project.ends(2, &["upgrade", "--set", "stack.prot=4000"])?;
    assert!(wrong.stderr.contains("did you mean \"stack.port\"?"), "{}", wrong.stderr);
    let unfit = project.ends(2, &["upgrade", "--set", "scale.trough-rps=900"])?;
    assert!(unfit.stderr.contains("--set scale.trough-rps"), "{}", unfit.stderr);
    assert_eq!(project.tree()?, before);

    project.edit("seaworthy.toml", "port = 3000", "port = \"many\"")?;
    for command in ["check", "diff", "upgrade"] {
        let invalid = project.ends(2, &[command])?;
        assert!(invalid.stderr.contains("seaworthy.toml:"), "{}", invalid.stderr);
    }
    project.write("seaworthy.toml", "<<<<<<< HEAD\nschema = 1\n=======\nschema = 1\n>>>>>>> other\n")?;
    assert!(project.ends(5, &["check"])?.stderr.contains("seaworthy.toml:1: conflict markers"));
    project.remove("seaworthy.toml")?;
    assert!(project.ends(2, &["check"])?.stderr.contains("git checkout HEAD -- seaworthy.toml"));
    Ok(())
}
