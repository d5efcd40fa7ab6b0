//! The scripts of a package: which one builds, which one starts, and which are neither.

use super::fact::Fact;
use super::look::{App, Look};
use super::mask::without_secrets;

/// Names under which people keep the build, the most usual first.
const BUILDS: [&str; 6] = ["build", "build:prod", "build:production", "compile", "build:ts", "tsc"];

/// Names under which people keep the start of the built service.
pub(crate) const STARTS: [&str; 4] = ["start:prod", "start:production", "start", "serve"];

/// Scripts that the package manager runs by itself when it installs.
const ON_INSTALL: [&str; 5] = ["preinstall", "install", "postinstall", "prepare", "prepublish"];

/// What is told of a script that sets up Git hooks.
pub(crate) const GIT_HOOKS: &str = "git hooks, with a development tool";

/// Those of them that an install for production runs as well, and that may need any file of the repository.
const ALWAYS_ON_INSTALL: [&str; 3] = ["preinstall", "install", "postinstall"];

/// Programs that make something that runs out of the source.
const BUILDERS: [&str; 22] = [
    "tsc",
    "tsup",
    "tsdown",
    "esbuild",
    "swc",
    "rollup",
    "vite",
    "webpack",
    "next",
    "nest",
    "ncc",
    "babel",
    "unbuild",
    "parcel",
    "rspack",
    "nuxt",
    "nuxi",
    "astro",
    "remix",
    "react-router",
    "tspc",
    "ttsc",
];

/// Programs that run other scripts, which may build.
const RUNNERS: [&str; 12] =
    ["npm", "pnpm", "yarn", "bun", "turbo", "nx", "run-s", "run-p", "npm-run-all", "wireit", "lerna", "node"];

/// What a script does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Does {
    Build,
    Image,
    Nothing,
}

pub(crate) fn look(look: &mut Look<'_>, app: &App<'_>) {
    let folder = app.folder();
    for name in BUILDS {
        let Some((command, key)) = app.manifest.script(name) else { continue };
        let evidence = look.tree.evidence(&key.place);
        match does(command) {
            Does::Build => {
                look.add(Fact::new("build-script", folder, name, evidence));
                break;
            }
            Does::Image => look.add(Fact::new("other-script", folder, format!("{name}: builds an image"), evidence)),
            Does::Nothing => look.add(Fact::new("other-script", folder, format!("{name}: builds nothing"), evidence)),
        }
    }
    if let Some((name, key)) = STARTS.iter().find_map(|name| Some((*name, app.manifest.script(name)?.1))) {
        look.add(Fact::new("start-script", folder, name, look.tree.evidence(&key.place)));
        let command = app.manifest.script(name).map(|(command, _)| without_secrets(command)).unwrap_or_default();
        look.add(Fact::new("start-command", folder, command, look.tree.evidence(&key.place)));
    }
    checks(look, app);
    for name in ON_INSTALL {
        let Some((command, key)) = app.manifest.script(name) else { continue };
        let says = programs(command).next().unwrap_or_default();
        let what = match says.as_str() {
            "husky" | "lefthook" | "simple-git-hooks" | "is-ci" => GIT_HOOKS,
            "patch-package" => "patches packages that were installed",
            "prisma" => "makes the database client",
            _ => "runs at install",
        };
        look.add(Fact::new("other-script", folder, format!("{name}: {what}"), look.tree.evidence(&key.place)));
        if ALWAYS_ON_INSTALL.contains(&name) {
            look.add(Fact::new("install-script", folder, name, look.tree.evidence(&key.place)));
        }
    }
}

/// Scripts that look at the code and end: linters, types and tests. What npm writes into a new package is none.
fn checks(look: &mut Look<'_>, app: &App<'_>) {
    for (name, command, key) in app.manifest.scripts() {
        let is_check = name.starts_with("lint") || name.starts_with("test") || name.contains("check");
        let ends = !["watch", "no test specified", "--fix", "--write"]
            .iter()
            .any(|word| name.contains(word) || command.contains(word));
        if is_check && ends {
            look.add(Fact::new("check-script", app.folder(), name, look.tree.evidence(&key.place)));
        }
    }
}

fn does(command: &str) -> Does {
    let programs: Vec<String> = programs(command).collect();
    let is_one_of = |known: &[&str]| programs.iter().any(|program| known.contains(&program.as_str()));
    if is_one_of(&["docker", "podman", "buildah", "docker-compose"]) {
        Does::Image
    } else if is_one_of(&BUILDERS) || is_one_of(&RUNNERS) {
        Does::Build
    } else {
        Does::Nothing
    }
}

/// The programs of a shell command, without variables in front, `npx` and the like.
pub(crate) fn programs(command: &str) -> impl Iterator<Item = String> {
    let commands = command.split(['&', '|', ';', '\n']);
    commands.filter_map(|part| words(part).into_iter().next())
}

/// The words of one command from its program on.
pub(crate) fn words(part: &str) -> Vec<String> {
    let is_before = |word: &&str| {
        let is_variable = word
            .split_once('=')
            .is_some_and(|(name, _)| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'));
        is_variable
            || ["npx", "pnpx", "bunx", "exec", "cross-env", "dotenv", "env", "time", "--", "(", "-y", "--yes", "dlx"]
                .contains(word)
    };
    let all = part.split_whitespace().skip_while(is_before);
    let mut words: Vec<String> = all.map(|word| word.trim_matches(['"', '\'', '(', ')']).to_owned()).collect();
    if let Some(program) = words.first_mut() {
        *program = program.rsplit('/').next().unwrap_or_default().to_owned();
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_builds_is_told_from_what_does_not() {
        for command in
            ["tsc -p .", "rimraf dist && npx tsc", "NODE_ENV=production next build", "npm run a && npm run b"]
        {
            assert_eq!(does(command), Does::Build, "{command}");
        }
        assert_eq!(does("docker build -t x ."), Does::Image);
        for command in ["echo nothing to build", "husky", "prisma generate", ""] {
            assert_eq!(does(command), Does::Nothing, "{command}");
        }
    }
}
