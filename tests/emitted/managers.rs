//! A tree speaks of its own package manager and its own Node.js everywhere, and of no other.

use anyhow::{Context, Result, ensure};
use seaworthy::stack::pins::Pins;
use seaworthy::stack::{NODE_RELEASES, PACKAGE_MANAGERS, PackageManager};
use toml::Value;

use super::answers::{Emitted, emit, with};

fn tree(manager: &PackageManager, node: &str) -> Result<Emitted> {
    let answers = [("stack.package-manager", manager.name), ("stack.node", node)];
    emit(&with(&[&answers.map(|(key, value)| (key, Value::from(value)))[..], &[("stack.redis", true.into())]].concat()))
}

fn text<'a>(emitted: &'a Emitted, path: &str) -> Result<&'a str> {
    let file = emitted.files.files().iter().find(|file| file.path == path).with_context(|| format!("no {path}"))?;
    Ok(std::str::from_utf8(&file.contents)?)
}

#[test]
fn files_name_the_commands_of_one_manager_only() -> Result<()> {
    for manager in PACKAGE_MANAGERS {
        let emitted = tree(manager, "24")?;
        for file in emitted.files.files().iter().filter(|file| !file.path.starts_with(".seaworthy/")) {
            let text = String::from_utf8_lossy(&file.contents);
            for other in PACKAGE_MANAGERS.iter().filter(|other| **other != *manager) {
                let commands =
                    [other.run, other.test, other.install, other.audit, other.lock_file, other.settings_file];
                for command in commands {
                    // npm installs Yarn for the workflows, from a lock file of its own.
                    let own = |line: &&str| !line.contains(" --prefix .github/");
                    let found = text.lines().filter(own).find(|line| names(line, command));
                    ensure!(found.is_none(), "{} for {}: {}: {found:?}", file.path, manager.name, command);
                }
            }
        }
    }
    Ok(())
}

/// Whether a line has a command that is not the end of a longer word, as `npm run` is in `pnpm run`.
fn names(line: &str, command: &str) -> bool {
    line.match_indices(command).any(|(start, _)| !line[..start].ends_with(|c: char| c.is_ascii_alphanumeric()))
}

#[test]
fn image_and_workflows_install_from_its_lock_file_in_its_exact_version() -> Result<()> {
    let pins = Pins::embedded()?;
    for manager in PACKAGE_MANAGERS {
        let emitted = tree(manager, "24")?;
        let specifier = format!("npm install --global {}@{}", manager.package, pins.package_managers[manager.name]);
        let dockerfile = text(&emitted, "Dockerfile")?;
        for wanted in
            [&*specifier, manager.install, manager.install_production, manager.lock_file, manager.settings_file]
        {
            ensure!(dockerfile.contains(wanted), "{}: the Dockerfile lacks {wanted}", manager.name);
        }
        let ignore = text(&emitted, ".dockerignore")?;
        for wanted in [manager.lock_file, manager.settings_file] {
            ensure!(ignore.lines().any(|line| line == format!("!{wanted}")), "{}: no {wanted}", manager.name);
        }
        let ci = text(&emitted, ".github/workflows/ci.yml")?;
        let wanted = ["install", "test", "audit"].into_iter().zip([manager.install, manager.test, manager.audit]);
        for (what, command) in wanted {
            ensure!(ci.contains(&format!("run: {command}\n")), "{}: CI does not {what} with {command}", manager.name);
        }
        // Each but npm gets in by a step of its own, in the jobs that install, and in the one that audits.
        let steps =
            ["uses: pnpm/setup@", "uses: oven-sh/setup-bun@", "run: |\n          npm ci --prefix .github/yarn\n"];
        let count: usize = steps.iter().map(|step| ci.matches(step).count()).sum();
        ensure!(count == if manager.comes_with_node { 0 } else { 3 }, "{}: {count} steps in {ci}", manager.name);
        let manifest = text(&emitted, "package.json")?;
        let pin = format!("\"packageManager\": \"{}@{}\"", manager.name, pins.package_managers[manager.name]);
        ensure!(manifest.contains(&pin), "{}: {manifest}", manager.name);
        ensure!(emitted.files.files().iter().any(|file| file.path == manager.settings_file), "{}", manager.name);
    }
    Ok(())
}

#[test]
fn the_image_leaves_out_a_tool_that_is_a_peer() -> Result<()> {
    for manager in PACKAGE_MANAGERS {
        for access in ["pg", "prisma"] {
            let answers = [
                ("stack.package-manager", manager.name),
                ("stack.database", "postgres"),
                ("stack.data-access", access),
            ];
            let emitted = emit(&with(&answers.map(|(key, value)| (key, Value::from(value)))))?;
            let option = if access == "prisma" { manager.without_peers } else { "" };
            let wanted = format!("    {}{option}\n", manager.install_production);
            ensure!(text(&emitted, "Dockerfile")?.contains(&wanted), "{} with {access}: {wanted}", manager.name);
        }
    }
    Ok(())
}

#[test]
fn image_types_and_version_files_agree_on_node() -> Result<()> {
    let pins = Pins::embedded()?;
    for release in NODE_RELEASES {
        let emitted = tree(PACKAGE_MANAGERS[0], release.major)?;
        let pin = &pins.node[release.major];
        ensure!(text(&emitted, "Dockerfile")?.starts_with(&format!("FROM {} AS base\n", pin.image)), "{}", pin.image);
        ensure!(pin.image.starts_with(&format!("node:{}-", release.major)), "{}", pin.image);
        ensure!(pin.types.starts_with(&format!("{}.", release.major)), "{}", pin.types);
        ensure!(text(&emitted, ".nvmrc")? == format!("{}\n", release.major), "{}", release.major);
        let manifest = text(&emitted, "package.json")?;
        ensure!(manifest.contains(&format!("\"node\": \">={}\"", release.minimum)), "{manifest}");
        ensure!(manifest.contains(&format!("\"@types/node\": \"{}\"", pin.types)), "{manifest}");
    }
    Ok(())
}

#[test]
fn each_manager_is_told_once_which_install_scripts_need_not_run() -> Result<()> {
    let esbuild = |manager: &PackageManager, framework: &str, access: &str| -> Result<(usize, usize)> {
        let answers = [
            ("stack.package-manager", manager.name),
            ("stack.framework", framework),
            ("stack.database", "postgres"),
            ("stack.data-access", access),
        ];
        let emitted = emit(&with(&answers.map(|(key, value)| (key, Value::from(value)))))?;
        let count = |path| -> Result<usize> { Ok(text(&emitted, path)?.matches("esbuild").count()) };
        Ok((count("package.json")?, count(manager.settings_file)?))
    };
    for manager in PACKAGE_MANAGERS {
        let wanted = match manager.name {
            "npm" | "yarn" => (1, 0),
            "pnpm" => (0, 1),
            // It runs none that is not named, and does not warn of them.
            _ => (0, 0),
        };
        // Where both have it, it stands there once.
        for (framework, access) in [("nest", "pg"), ("nest", "drizzle"), ("hono", "drizzle")] {
            let found = esbuild(manager, framework, access)?;
            ensure!(found == wanted, "{} with {framework} and {access}: {found:?}", manager.name);
        }
        ensure!(esbuild(manager, "hono", "pg")? == (0, 0), "{}", manager.name);
    }
    Ok(())
}
