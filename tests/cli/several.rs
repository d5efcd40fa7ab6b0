//! Several services of one workspace: each has its own answers, files, names and environments, and none touches another.

use anyhow::{Result, ensure};
use std::collections::BTreeSet;

use super::sandbox::{Sandbox, Tree};

/// A workspace with two services that both listen on port 3000, and a package that one of them needs.
fn workspace() -> Result<Sandbox> {
    let sandbox = Sandbox::new()?;
    for (path, text) in [
        ("package.json", r#"{ "name": "shop", "workspaces": ["apps/*", "packages/*"] }"#),
        ("package-lock.json", r#"{ "lockfileVersion": 3 }"#),
        (".nvmrc", "24"),
        ("README.md", "# Shop"),
        (
            "apps/api/package.json",
            r#"{ "name": "api", "scripts": { "start": "node a.js" }, "dependencies": { "db": "*" } }"#,
        ),
        ("apps/api/a.js", "require('http').createServer().listen(process.env.PORT || 3000);"),
        (
            "apps/web/package.json",
            r#"{ "name": "web", "scripts": { "start": "node w.js" }, "devDependencies": { "config": "*" } }"#,
        ),
        ("apps/web/w.js", "require('http').createServer().listen(process.env.PORT || 3000);"),
        ("packages/db/package.json", r#"{ "name": "db" }"#),
        ("packages/config/package.json", r#"{ "name": "config" }"#),
    ] {
        sandbox.write(&format!("shop/{path}"), &format!("{text}\n"))?;
    }
    Ok(sandbox)
}

fn with(sandbox: &Sandbox, folder: &str) -> Result<()> {
    sandbox.succeed(&["init", "shop", "-y", "--set", &format!("stack.app-dir={folder}")])?;
    Ok(())
}

/// Files that two looks at a tree have in common and that differ, and those that are gone.
fn changed(before: &Tree, after: &Tree) -> BTreeSet<String> {
    before.iter().filter(|(path, file)| after.get(*path) != Some(file)).map(|(path, _)| path.clone()).collect()
}

#[test]
fn a_second_service_touches_only_what_both_share() -> Result<()> {
    let sandbox = workspace()?;
    let theirs = sandbox.tree("shop")?;
    with(&sandbox, "apps/api")?;
    let first = sandbox.tree("shop")?;
    ensure!(changed(&theirs, &first).is_empty(), "{:?}", changed(&theirs, &first));
    with(&sandbox, "apps/web")?;
    let second = sandbox.tree("shop")?;
    let shared = [
        ".github/dependabot.yml",
        ".github/workflows/ci.yml",
        ".seaworthy/base/github-dependabot",
        ".seaworthy/base/github-workflows-ci",
        ".seaworthy/lock.toml",
        "seaworthy.toml",
    ];
    assert_eq!(changed(&first, &second).iter().map(String::as_str).collect::<Vec<_>>(), shared);
    let added = second.keys().filter(|path| !first.contains_key(*path));
    for path in added {
        let is_own = path.starts_with("apps/web/") || path.starts_with(".seaworthy/base/apps-web.");
        ensure!(is_own || path.starts_with(".github/workflows/") && path.ends_with("-web.yml"), "{path}");
    }
    sandbox.succeed(&["check", "shop"])?;
    sandbox.succeed(&["review", "shop"])?;
    Ok(())
}

/// What was emitted for the first service is nothing that the second one leaves out; what they wrote themselves is.
#[test]
fn manifests_of_another_service_are_not_left_out() -> Result<()> {
    let sandbox = workspace()?;
    sandbox.write("shop/old/kustomization.yaml", "resources: []\n")?;
    let init = |folder: &str, more: &[&str]| {
        let app_dir = format!("stack.app-dir={folder}");
        let arguments = ["init", "shop", "--set", &app_dir, "--set", "deploy.kubernetes-because=ours", "--json"];
        sandbox.json(&[&arguments[..], more].concat())
    };
    init("apps/api", &["-y"])?;
    ensure!(
        sandbox.tree("shop")?.keys().any(|path| path.starts_with("apps/api/") && path.ends_with("kustomization.yaml"))
    );
    for more in ["--dry-run", "-y"] {
        let told = init("apps/web", &[more])?;
        let left_out = told["left_out"].to_string();
        ensure!(left_out.matches("kustomization.yaml").count() == 1, "{more}: {left_out}");
        ensure!(left_out.contains("old/kustomization.yaml: stays"), "{more}: {left_out}");
    }
    Ok(())
}

#[test]
fn what_two_services_are_known_by_differs() -> Result<()> {
    let sandbox = workspace()?;
    with(&sandbox, "apps/api")?;
    with(&sandbox, "apps/web")?;
    let read = |folder: &str, path: &str| sandbox.read(&format!("shop/apps/{folder}/{path}"));
    for (path, line_start) in [("compose.yaml", "name: "), ("compose.yaml", "    ports: ")] {
        let line = |folder| {
            Ok::<_, anyhow::Error>(
                read(folder, path)?.lines().find(|it| it.starts_with(line_start)).map(ToOwned::to_owned),
            )
        };
        let (api, web) = (line("api")?, line("web")?);
        ensure!(api.is_some() && web.is_some() && api != web, "{path}: {api:?} and {web:?}");
    }
    let workflow = |name: &str| sandbox.read(&format!("shop/.github/workflows/deploy-{name}.yml"));
    let named = |text: &str| -> BTreeSet<String> {
        let starts = ["      group: ", "      name: ", "      APP_HOME: ", "name: ", "        run: echo \"image="];
        text.lines().filter(|line| starts.iter().any(|start| line.starts_with(start))).map(ToOwned::to_owned).collect()
    };
    let (api, web) = (named(&workflow("api")?), named(&workflow("web")?));
    ensure!(api.len() > 6, "{api:?}");
    ensure!(api.is_disjoint(&web), "both have {:?}", api.intersection(&web).collect::<Vec<_>>());
    Ok(())
}

#[test]
fn what_a_service_is_not_made_of_does_not_deploy_it() -> Result<()> {
    let sandbox = workspace()?;
    with(&sandbox, "apps/api")?;
    with(&sandbox, "apps/web")?;
    let workflow = sandbox.read("shop/.github/workflows/deploy-api.yml")?;
    ensure!(workflow.contains("- \"packages/db/**\"") && workflow.contains("- \"apps/api/**\""), "{workflow}");
    ensure!(!workflow.contains("apps/web") && !workflow.contains("packages/config"), "{workflow}");
    // A package that only its checks and its build need is part of it, too.
    let workflow = sandbox.read("shop/.github/workflows/deploy-web.yml")?;
    ensure!(workflow.contains("- \"packages/config/**\"") && !workflow.contains("packages/db"), "{workflow}");
    Ok(())
}

#[test]
fn an_upgrade_of_one_service_keeps_edits_in_both_and_the_text_of_the_other() -> Result<()> {
    let sandbox = workspace()?;
    with(&sandbox, "apps/api")?;
    with(&sandbox, "apps/web")?;
    let edit = |path: &str| -> Result<()> {
        let text = sandbox.read(path)?;
        sandbox.write(path, &format!("{text}# ours\n"))
    };
    for path in ["shop/apps/api/compose.yaml", "shop/apps/web/compose.yaml", "shop/.github/workflows/ci.yml"] {
        edit(path)?;
    }
    let before = sandbox.tree("shop")?;
    sandbox.succeed(&["upgrade", "shop/apps/web", "--set", "stack.redis=true"])?;
    let after = sandbox.tree("shop")?;
    for path in changed(&before, &after) {
        let is_own = path.starts_with("apps/web/") || path.starts_with(".seaworthy/base/apps-web.");
        ensure!(is_own || path == ".seaworthy/lock.toml" || path.ends_with("-web.yml"), "{path} changed");
    }
    let compose = sandbox.read("shop/apps/web/compose.yaml")?;
    ensure!(compose.contains("redis:") && compose.ends_with("# ours\n"), "{compose}");
    sandbox.succeed(&["check", "shop"])?;
    // All of them at once, with the edits of both still there.
    sandbox.succeed(&["upgrade", "shop"])?;
    ensure!(sandbox.read("shop/apps/api/compose.yaml")?.ends_with("# ours\n"), "an edit is gone");
    Ok(())
}

#[test]
fn files_of_theirs_in_the_place_of_a_second_service_stay() -> Result<()> {
    let sandbox = workspace()?;
    with(&sandbox, "apps/api")?;
    sandbox.write("shop/apps/web/Dockerfile", "FROM node:24\n")?;
    sandbox.write("shop/apps/web/docker-compose.yml", "services: {}\n")?;
    let report =
        sandbox.json(&["init", "shop", "-y", "--json", "--taken", "beside", "--set", "stack.app-dir=apps/web"])?;
    assert_eq!(sandbox.read("shop/apps/web/Dockerfile")?, "FROM node:24\n");
    ensure!(sandbox.read("shop/apps/web/Dockerfile.seaworthy")?.contains("HEALTHCHECK"), "nothing lies beside it");
    ensure!(!sandbox.path("shop/apps/web/compose.yaml").exists(), "docker-compose.yml would not be read any more");
    ensure!(report["left_out"].to_string().contains("/app/apps/web/deploy/image/probes.mjs"), "{}", report["left_out"]);
    sandbox.succeed(&["check", "shop"])?;
    Ok(())
}

#[test]
fn a_lost_record_is_rebuilt_for_all_services() -> Result<()> {
    let sandbox = workspace()?;
    with(&sandbox, "apps/api")?;
    with(&sandbox, "apps/web")?;
    let before = sandbox.tree("shop")?;
    std::fs::remove_dir_all(sandbox.path("shop/.seaworthy"))?;
    let lost = sandbox.run(&["check", "shop"])?;
    ensure!(lost.code == Some(1) && lost.stderr.contains("seaworthy rebase"), "{}", lost.stderr);
    sandbox.succeed(&["rebase", "shop"])?;
    sandbox.succeed(&["check", "shop"])?;
    let after = sandbox.tree("shop")?;
    ensure!(changed(&before, &after).iter().all(|path| path.starts_with(".seaworthy/")), "files changed");
    Ok(())
}
