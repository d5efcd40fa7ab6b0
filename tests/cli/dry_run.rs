//! `--dry-run` and `plan` write nothing, and the exit code is the one of the real run.

use anyhow::Result;

use super::sandbox::Sandbox;

#[test]
fn nothing_is_written() -> Result<()> {
    let sandbox = Sandbox::new()?;
    sandbox.succeed(&["new", "orders", "--preset", "at-scale", "-y", "--dry-run"])?;
    sandbox.succeed(&["new", "orders", "--preset", "at-scale", "-y", "--dry-run", "--json"])?;
    sandbox.succeed(&["plan", "orders", "--preset", "at-scale"])?;
    assert!(sandbox.tree(".")?.is_empty());
    assert!(!sandbox.path("orders").exists());
    Ok(())
}

#[test]
fn a_directory_in_use_is_refused_and_left_alone() -> Result<()> {
    let sandbox = Sandbox::new()?;
    sandbox.write("orders/notes.txt", "mine")?;
    let before = sandbox.tree(".")?;
    for more in [&["--dry-run"][..], &["--no-install"]] {
        let outcome = sandbox.run(&[&["new", "orders", "--preset", "api", "-y"], more].concat())?;
        assert_eq!(outcome.code, Some(5), "{}", outcome.stderr);
        assert_eq!(sandbox.tree(".")?, before);
    }
    Ok(())
}

#[test]
fn it_lists_what_the_real_run_writes() -> Result<()> {
    let sandbox = Sandbox::new()?;
    let arguments = ["new", "orders", "--preset", "api", "-y", "--no-install", "--json"];
    let preview = sandbox.json(&[&arguments[..], &["--dry-run"]].concat())?;
    let written = sandbox.json(&arguments)?;
    assert_eq!(preview["outcome"], "dry-run");
    assert_eq!(written["outcome"], "written");
    assert_eq!(preview["changes"], written["changes"]);
    Ok(())
}

#[test]
fn people_see_the_platform_its_reason_and_the_files() -> Result<()> {
    let sandbox = Sandbox::new()?;
    let text = sandbox.succeed(&["new", "orders", "--preset", "api", "-y", "--dry-run"])?.stdout;
    for part in ["orders on Compose on one machine", "because 50 requests per second", "not Kubernetes:", "Dockerfile"]
    {
        assert!(text.contains(part), "{part} is missing in:\n{text}");
    }
    Ok(())
}
