//! The image of code that was there before. What it needs at run time is not known file by file, so that everything goes
//! in that `.dockerignore` lets through.

use super::{Build, Copy, Image, Install, Manager, Run, context};
use crate::plan::existing::{PROBES_MODULE, commands_of};
use crate::spec::Existing;
use crate::stack::PackageManager;

/// Hidden settings of compilers, which builds and some services read, wherever they lie.
pub(super) const BUILD_SETTINGS: [&str; 3] = ["**/.babelrc*", "**/.browserslistrc", "**/.swcrc"];

/// What installs read and nothing else does: settings, which may hold a token, and the manager's own release.
const SETTINGS_OF_INSTALLS: [&str; 5] = [".npmrc", ".yarnrc", ".yarnrc.yml", ".yarn", "bunfig.toml"];

/// Puts the stages together.
pub(super) fn image(existing: &Existing, packages: &PackageManager, base: String, manager: Manager) -> Image {
    let copies = install_copies(existing, packages);
    let (hidden, _) = context(copies.iter());
    let settings = settings_of_installs(&copies);
    let install = Install {
        copies,
        comment: "Without the prepare script, if there is one: it is for a repository, and sees neither Git nor sources here.",
        all: quiet(packages, packages.install),
        // A service that needs no package at run time gets an empty folder: the last stage takes it all the same.
        production: Some(quiet(packages, &format!("{} && mkdir -p node_modules", packages.install_production))),
    };
    let (install, build, contents) = if existing.install.is_empty() {
        let (build, contents) = with_packages_apart(existing, packages, &settings);
        (install, build, contents)
    } else {
        with_install_scripts(existing, packages, &settings, install)
    };
    let (install, build, contents) = if existing.output.is_empty() {
        (install, build, contents)
    } else {
        only_output(existing, packages, install, build)
    };
    let tidy = contents.iter().any(|it| it.from == Some(SOURCES)).then(|| remove(settings.iter().copied()));
    let preload = ["--import".to_owned(), PROBES_MODULE.to_owned()];
    let start = preload.into_iter().chain(existing.start.iter().cloned()).collect();
    let hidden_context = hidden.into_iter().chain(BUILD_SETTINGS.map(ToOwned::to_owned)).collect();
    let mounts = existing.writable.clone();
    Image {
        base,
        manager,
        manifests: String::new(),
        tidy: tidy.unwrap_or_default(),
        install,
        build,
        contents,
        mounts,
        workdir: String::new(),
        start,
        worker_start: Vec::new(),
        context: Vec::new(),
        hidden_context,
    }
}

/// The stage in which sources lose the settings of installs, where no other stage does that.
const SOURCES: &str = "sources";

/// Those of them that the repository has.
fn settings_of_installs(copies: &[Copy]) -> Vec<&'static str> {
    let sources: Vec<&str> = copies.iter().flat_map(|it| &it.sources).map(|it| it.trim_end_matches('*')).collect();
    let is_at =
        |path: &str, name: &str| path.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    SETTINGS_OF_INSTALLS.into_iter().filter(|name| sources.iter().any(|path| is_at(path, name))).collect()
}

/// The command that removes these paths, each once; empty without any.
fn remove<'a>(paths: impl Iterator<Item = &'a str>) -> String {
    let mut distinct: Vec<&str> = Vec::new();
    for path in paths {
        if !distinct.contains(&path) {
            distinct.push(path);
        }
    }
    if distinct.is_empty() { String::new() } else { format!("rm -rf {}", distinct.join(" ")) }
}

/// Manifest, lock file and settings in one layer, and each folder of patches and the like in one of its own.
fn install_copies(existing: &Existing, packages: &PackageManager) -> Vec<Copy> {
    if existing.install_files.is_empty() {
        let settings = format!("{}*", packages.settings_file);
        return vec![Copy::of_repository(&["package.json", packages.lock_file, &settings], "./")];
    }
    let (below, at_root): (Vec<&str>, Vec<&str>) =
        existing.install_files.iter().map(String::as_str).partition(|path| path.contains('/'));
    let root: Vec<&str> = ["package.json"].into_iter().chain(at_root).collect();
    let others = below.iter().map(|path| {
        let target = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let slash = if path.ends_with('/') { "" } else { "/" };
        Copy::of_repository(&[path.trim_end_matches('/')], &format!("./{target}{slash}"))
    });
    [Copy::of_repository(&root, "./")].into_iter().chain(others).collect()
}

/// Git hooks and builds that an install would start have neither a repository nor sources here. npm, which every image of
/// Node.js has, takes the script out; it has to be forced where package.json asks for another package manager.
fn quiet(packages: &PackageManager, command: &str) -> Run {
    let force = if packages.comes_with_node { "" } else { "--force " };
    let command = format!("npm pkg delete {force}scripts.prepare && {}{command}", packages.as_it_is);
    Run { command, cache: packages.cache }
}

/// The packages of production come from a stage of their own, so that a build that changes none of them leaves their layer.
fn with_packages_apart(existing: &Existing, packages: &PackageManager, settings: &[&str]) -> (Build, Vec<Copy>) {
    let packages_of_production = Copy::of_stage("dependencies", "/app/node_modules", "./node_modules");
    let sources = Copy::of_repository(&["."], "./");
    if existing.build.is_empty() {
        let sources = if settings.is_empty() { sources } else { Copy::of_stage(SOURCES, "/app", "./") };
        return (
            Build { copies: Vec::new(), commands: Vec::new(), take_out: None },
            vec![packages_of_production, sources],
        );
    }
    // The last stage has those of production already, and what the build left for itself is of no use there.
    let own = existing.writable.iter().map(String::as_str);
    let clean = remove(packages.leaves.iter().copied().chain(own).chain(settings.iter().copied()));
    let commands: Vec<String> = commands_of(packages.run, &existing.build).chain([clean]).collect();
    let build = Build { copies: vec![sources], commands: vec![commands.join(" && ")], take_out: None };
    (build, vec![packages_of_production, Copy::of_stage("build", "/app", "./")])
}

/// The same where the build writes all that runs: nothing else goes into the image, packages neither.
fn only_output(
    existing: &Existing,
    packages: &PackageManager,
    install: Install,
    build: Build,
) -> (Install, Build, Vec<Copy>) {
    let commands: Vec<String> = commands_of(packages.run, &existing.build).collect();
    let build = Build { commands: vec![commands.join(" && ")], take_out: None, ..build };
    let taken = existing.output.iter().map(|entry| {
        let (from, to) = entry.split_once(':').unwrap_or((entry, entry));
        let target = if to == "." { "./".to_owned() } else { format!("./{to}") };
        Copy::of_stage("build", &format!("/app/{from}"), &target)
    });
    let preloaded = Copy::of_repository(&["deploy/image"], "./deploy/image");
    (Install { production: None, ..install }, build, taken.chain([preloaded]).collect())
}

/// The same where scripts of the repository run at install: they may need any file, so that all files go in before it, and
/// packages that only building needs, so that these go out at the end.
fn with_install_scripts(
    existing: &Existing,
    packages: &PackageManager,
    settings: &[&str],
    install: Install,
) -> (Install, Build, Vec<Copy>) {
    let install = Install {
        copies: vec![Copy::of_repository(&["."], "./")],
        comment: "Scripts of the repository run here, so its files come first; without prepare, which is for Git and publishing.",
        production: None,
        ..install
    };
    let beside = packages.leaves.get(1..).unwrap_or_default();
    let clean = [packages.take_out.to_owned(), remove(beside.iter().chain(settings).copied())];
    let command = clean.iter().filter(|it| !it.is_empty()).map(String::as_str).collect::<Vec<_>>().join(" && ");
    let take_out = Run { command, cache: packages.cache };
    let commands: Vec<String> = commands_of(packages.run, &existing.build).collect();
    let commands = if commands.is_empty() { Vec::new() } else { vec![commands.join(" && ")] };
    let build = Build { copies: Vec::new(), commands, take_out: Some(take_out) };
    (install, build, vec![Copy::of_stage("build", "/app", "./")])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::{Managed, Origin};

    fn image_of(specifier: &str, change: impl FnOnce(&mut Existing)) -> Image {
        let mut existing = Existing::empty(Origin::Default);
        existing.start = vec!["server.js".to_owned()];
        let managed = Managed::parse(specifier).unwrap();
        change(&mut existing);
        let run = Run { command: String::new(), cache: "" };
        let stage = Manager { stage: managed.manager.name, comment: String::new(), install: run };
        image(&existing, managed.manager, "node".to_owned(), stage)
    }

    fn copies(image: &Image) -> Vec<&str> {
        image.install.copies.iter().map(|it| it.arguments.as_str()).collect()
    }

    #[test]
    fn an_install_gets_its_lock_file_its_settings_and_each_folder_as_a_folder() {
        let needed = ["yarn.lock", ".yarnrc.yml", ".yarn/releases/", "vendor/a.tgz"];
        let image = image_of("yarn@4.10.3", |it| it.install_files = needed.map(ToOwned::to_owned).to_vec());
        let expected =
            ["package.json yarn.lock .yarnrc.yml ./", ".yarn/releases ./.yarn/releases", "vendor/a.tgz ./vendor/"];
        assert_eq!(copies(&image), expected);
        assert_eq!(image.hidden_context[..2], [".yarnrc.yml", ".yarn/releases"]);
        assert!(!image.hidden_context.iter().any(|it| it == ".npmrc"), "settings of another manager");
    }

    #[test]
    fn an_answers_file_of_before_still_finds_its_lock_file() {
        assert_eq!(copies(&image_of("npm@11.19.1", |_| {})), ["package.json package-lock.json .npmrc* ./"]);
    }

    #[test]
    fn what_only_building_needs_is_taken_out_by_the_manager_that_put_it_in() {
        for (manager, command) in [
            ("npm@11.19.1", "npm prune --omit=dev"),
            ("pnpm@10.20.0", "pnpm prune --prod"),
            ("pnpm@12.21.0", "pnpm_config_pm_on_fail=ignore pnpm prune --prod"),
            ("yarn@1.22.22", "yarn install --frozen-lockfile --production"),
            ("yarn@4.18.1", "yarn workspaces focus --production && rm -rf .yarn"),
            ("bun@1.4.5", "npm prune --omit=dev --no-package-lock --ignore-scripts --force"),
        ] {
            let image = image_of(manager, |it| it.install = vec!["postinstall".to_owned()]);
            let take_out = image.build.take_out.as_ref().unwrap().command.clone();
            assert!(take_out.contains(command), "{manager}: {take_out}");
            // Any but npm runs the scripts of the repository again, whose packages are gone by then.
            assert_eq!(
                take_out.contains("scripts.postinstall"),
                !take_out.starts_with("npm prune "),
                "{manager}: {take_out}"
            );
            assert!(!take_out.contains("rm -rf node_modules"), "{manager}: what scripts made in packages is lost");
            assert!(image.install.production.is_none() && copies(&image) == [". ./"], "{manager}");
        }
    }

    #[test]
    fn prepare_never_runs_and_what_an_install_leaves_does_not_hide_the_packages_of_production() {
        let image = image_of("yarn@4.18.1", |it| it.build = vec!["build".to_owned()]);
        for run in [Some(&image.install.all), image.install.production.as_ref()].into_iter().flatten() {
            assert!(run.command.starts_with("npm pkg delete --force scripts.prepare && "), "{}", run.command);
        }
        assert_eq!(image.build.commands, ["yarn run build && rm -rf node_modules .yarn .yarnrc.yml"]);
    }

    #[test]
    fn settings_of_installs_which_may_hold_a_token_are_in_no_layer_of_the_last_stage() {
        let needed = || vec!["package-lock.json".to_owned(), ".npmrc".to_owned()];
        let plain = image_of("npm@11.19.1", |it| it.install_files = needed());
        assert_eq!(plain.tidy, "rm -rf .npmrc");
        assert_eq!(plain.contents.last().unwrap().arguments, "/app ./");
        let built = image_of("npm@11.19.1", |it| (it.install_files, it.build) = (needed(), vec!["build".to_owned()]));
        assert_eq!(
            (built.tidy.as_str(), built.build.commands.concat().as_str()),
            ("", "npm run build && rm -rf node_modules .npmrc")
        );
        let scripts =
            image_of("npm@11.19.1", |it| (it.install_files, it.install) = (needed(), vec!["postinstall".to_owned()]));
        assert_eq!(scripts.build.take_out.unwrap().command, "npm prune --omit=dev && rm -rf .npmrc");
        let without = image_of("npm@11.19.1", |it| it.install_files = vec!["package-lock.json".to_owned()]);
        assert_eq!((without.tidy.as_str(), without.contents.last().unwrap().arguments.as_str()), ("", ". ./"));
    }
}
