//! `new` with a preset of several services: a workspace with a root, and each service in a folder of its own.

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::sandbox::Sandbox;

fn workspace() -> Result<Sandbox> {
    let sandbox = Sandbox::new()?;
    sandbox.succeed(&["new", "shop", "--preset", "monorepo", "-y", "--no-install"])?;
    Ok(sandbox)
}

#[test]
fn the_root_is_made_once_and_no_service_is_a_root_of_its_own() -> Result<()> {
    let sandbox = workspace()?;
    let tree = sandbox.tree("shop")?;
    for path in
        ["package.json", "pnpm-workspace.yaml", "turbo.json", "biome.jsonc", ".editorconfig", "packages/README.md"]
    {
        ensure!(tree.contains_key(path), "{path} is missing");
        for service in ["api", "web"] {
            let twin = format!("apps/{service}/{path}");
            ensure!(path == "package.json" || !tree.contains_key(&twin), "{twin} is a second root");
        }
    }
    let manifest = |path: &str| -> Result<Value> { Ok(serde_json::from_str(&sandbox.read(&format!("shop/{path}"))?)?) };
    let own = manifest("package.json")?["packageManager"].clone();
    ensure!(own.as_str().is_some_and(|it| it.starts_with("pnpm@")), "{own}");
    for (service, name) in [("api", "shop-api"), ("web", "shop-web")] {
        let manifest = manifest(&format!("apps/{service}/package.json"))?;
        assert_eq!((&manifest["name"], &manifest["packageManager"]), (&Value::from(name), &Value::Null));
    }
    Ok(())
}

#[test]
fn it_is_what_later_runs_expect_and_the_checker_finds_nothing() -> Result<()> {
    let sandbox = workspace()?;
    sandbox.succeed(&["check", "shop"])?;
    sandbox.succeed(&["check", "shop/apps/web"])?;
    let reviewed = sandbox.json(&["review", "shop", "--json"])?;
    assert_eq!(reviewed["findings"], Value::Array(Vec::new()));
    let again = sandbox.json(&["new", "shop", "--preset", "monorepo", "-y", "--no-install", "--json"])?;
    assert_eq!(again["outcome"], "unchanged");
    assert_eq!(again["answers"]["apps/web"]["project.name"]["value"], "shop-web");
    Ok(())
}

#[test]
fn images_have_the_packages_of_the_workspace_and_the_service_alone() -> Result<()> {
    let sandbox = workspace()?;
    for (own, other) in [("api", "web"), ("web", "api")] {
        for name in ["Dockerfile", "Dockerfile.dockerignore"] {
            let text = sandbox.read(&format!("shop/apps/{own}/{name}"))?;
            ensure!(text.contains("packages") && text.contains(&format!("apps/{own}/src")), "{own}/{name}: {text}");
            ensure!(!text.contains(&format!("apps/{other}")), "{own}/{name} takes {other}: {text}");
        }
        let workflow = sandbox.read(&format!("shop/.github/workflows/deploy-{own}.yml"))?;
        ensure!(workflow.contains("- \"packages/**\"") && !workflow.contains(&format!("apps/{other}")), "{workflow}");
    }
    Ok(())
}

#[test]
fn the_root_follows_the_answers_of_a_service_and_keeps_what_was_added_to_it() -> Result<()> {
    let sandbox = workspace()?;
    let manifest = sandbox.read("shop/package.json")?;
    sandbox.write(
        "shop/package.json",
        &manifest.replace("\"turbo run dev\",", "\"turbo run dev\",\n    \"seed\": \"node seed.js\","),
    )?;
    ensure!(
        sandbox.read("shop/pnpm-workspace.yaml")?.contains("msgpackr-extract"),
        "the queue's package is not pinned"
    );
    let web = sandbox.read("shop/apps/web/package.json")?;
    sandbox.succeed(&["upgrade", "shop/apps/api", "--set", "stack.queue=none"])?;
    let settings = sandbox.read("shop/pnpm-workspace.yaml")?;
    ensure!(!settings.contains("msgpackr-extract") && settings.contains("sharp"), "{settings}");
    ensure!(sandbox.read("shop/package.json")?.contains("seed.js"), "an edit is gone");
    assert_eq!(sandbox.read("shop/apps/web/package.json")?, web);
    sandbox.succeed(&["check", "shop"])?;
    Ok(())
}

#[test]
fn what_is_said_with_set_is_said_for_every_service() -> Result<()> {
    let sandbox = Sandbox::new()?;
    let set = ["--set", "project.name=mall", "--set", "stack.node=22"];
    sandbox.succeed(&[&["new", "shop", "--preset", "monorepo", "-y", "--no-install"], &set[..]].concat())?;
    for service in ["api", "web"] {
        assert_eq!(sandbox.read(&format!("shop/apps/{service}/.nvmrc"))?.trim(), "22");
        let answers = sandbox.read(&format!("shop/apps/{service}/seaworthy.toml"))?;
        ensure!(answers.contains(&format!("name = \"mall-{service}\"")), "{answers}");
    }
    let root: Value = serde_json::from_str(&sandbox.read("shop/package.json")?)?;
    let minimum = root["engines"]["node"].as_str().context("engines")?;
    assert_eq!((root["name"].as_str(), minimum), (Some("mall"), ">=22.21"));
    Ok(())
}

#[test]
fn one_service_is_looked_at_by_its_folder() -> Result<()> {
    let sandbox = workspace()?;
    let planned = sandbox.json(&["plan", "shop/apps/web", "--json"])?;
    assert_eq!(
        (&planned["project"]["name"], &planned["stack"]["port"]),
        (&Value::from("shop-web"), &Value::from(3001))
    );
    let played = sandbox.json(&["simulate", "shop/apps/api", "--json"])?;
    assert_eq!(played["project"], "shop-api");
    Ok(())
}
