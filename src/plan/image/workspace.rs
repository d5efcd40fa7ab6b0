//! The image of one service of a workspace: its folder, the packages of the workspace that it is made of, and what these
//! need at run time.
//!
//! The layout stays that of the repository, so that links between packages hold. `turbo prune` would write another lock
//! file, and `pnpm deploy` leaves out what `.gitignore` names, which is what was built; an install of a part from the one
//! lock file is what each of the package managers can do.

use super::existing::BUILD_SETTINGS;
use super::{Build, Copy, Image, Install, Manager, Run, context};
use crate::plan::existing::{PROBES_MODULE, workspace_build};
use crate::spec::Existing;
use crate::stack::PackageManager;

/// Puts the stages together for the service in `folder`. `own` stands in front of the paths of emitted files: it is empty where
/// they lie at the root.
pub(super) fn image(
    folder: &str,
    own: &str,
    existing: &Existing,
    packages: &PackageManager,
    base: String,
    manager: Manager,
) -> Image {
    let run = |command: String| Run { command, cache: packages.cache };
    // Whoever needs no package at run time gets an empty folder: the last stage takes it all the same.
    let part = packages.install_part(folder, &existing.packages);
    let install = Install {
        copies: vec![Copy::of_stage("manifests", "/app", "./")],
        comment: "",
        all: run(format!("{}{}", packages.as_it_is, packages.install)),
        // What Next.js puts together for a server holds the packages that it needs.
        production: existing
            .output
            .is_empty()
            .then(|| run(format!("mkdir -p node_modules && {}{part}", packages.as_it_is))),
    };
    let needed: Vec<&str> = existing.install_files.iter().map(String::as_str).collect();
    let contents = if existing.output.is_empty() {
        contents(folder, own, existing, packages)
    } else {
        only_output(folder, own, &existing.output)
    };
    let copies = [Copy::of_repository(&needed, "./")];
    let (hidden, _) = context(copies.iter());
    let preload = ["--import".to_owned(), format!("/app/{own}{}", PROBES_MODULE.trim_start_matches("./"))];
    Image {
        base,
        manager,
        manifests: needed.join(" "),
        tidy: String::new(),
        install,
        build: build(folder, existing, packages),
        contents,
        mounts: existing.writable.iter().map(|path| format!("{folder}/{path}")).collect(),
        workdir: format!("/app/{folder}"),
        start: preload.into_iter().chain(existing.start.iter().cloned()).collect(),
        worker_start: Vec::new(),
        context: Vec::new(),
        hidden_context: hidden.into_iter().chain(BUILD_SETTINGS.map(ToOwned::to_owned)).collect(),
    }
}

fn build(folder: &str, existing: &Existing, packages: &PackageManager) -> Build {
    let commands = workspace_build(folder, existing, packages);
    if commands.is_empty() {
        return Build { copies: Vec::new(), commands, take_out: None };
    }
    // The last stage has the packages of production already, and what the build left for itself is of no use there.
    let own = existing.packages.iter().map(String::as_str).chain([folder]).map(|path| format!("{path}/node_modules"));
    let left = existing.writable.iter().map(|path| format!("{folder}/{path}"));
    let clean = format!("rm -rf {}", own.chain(left).collect::<Vec<_>>().join(" "));
    let clean = existing.output.is_empty().then_some(clean);
    let commands: Vec<String> = commands.into_iter().chain(clean).collect();
    Build { copies: vec![Copy::of_repository(&["."], "./")], commands: vec![commands.join(" && ")], take_out: None }
}

/// What a build puts together by itself: with the layout of the repository at `.`, and beside it what lies in the folder.
fn only_output(folder: &str, own: &str, output: &[String]) -> Vec<Copy> {
    let taken = output.iter().map(|entry| match entry.split_once(':') {
        Some((from, ".")) => Copy::of_stage("build", &format!("/app/{folder}/{from}"), "./"),
        Some((from, to)) => Copy::of_stage("build", &format!("/app/{folder}/{from}"), &format!("./{folder}/{to}")),
        None => Copy::of_stage("build", &format!("/app/{folder}/{entry}"), &format!("./{folder}/{entry}")),
    });
    let preloaded = format!("{own}deploy/image");
    taken.chain([Copy::of_repository(&[&preloaded], &format!("./{preloaded}"))]).collect()
}

/// What changes least first: packages, then each folder with the packages beside it and what was built.
fn contents(folder: &str, own: &str, existing: &Existing, packages: &PackageManager) -> Vec<Copy> {
    let is_built = !workspace_build(folder, existing, packages).is_empty();
    let folders: Vec<&str> = existing.packages.iter().map(String::as_str).chain([folder]).collect();
    let of_stage =
        |stage: &'static str, path: &str| Copy::of_stage(stage, &format!("/app/{path}"), &format!("./{path}"));
    let installed = ["node_modules"].into_iter().chain(folders.iter().copied()).map(|it| of_stage("dependencies", it));
    let built = folders.iter().map(|path| {
        if is_built { of_stage("build", path) } else { Copy::of_repository(&[path], &format!("./{path}")) }
    });
    // It is in the folder of a service that has one of its own.
    let preloaded = own.is_empty().then(|| Copy::of_repository(&["deploy/image"], "./deploy/image"));
    installed.chain(built).chain(preloaded).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::{Managed, Origin};

    fn image_of(specifier: &str, change: impl FnOnce(&mut Existing)) -> Image {
        let mut existing = Existing::empty(Origin::Default);
        existing.start = vec!["dist/server.js".to_owned()];
        existing.packages = vec!["packages/db".to_owned()];
        existing.install_files = vec!["pnpm-lock.yaml".to_owned(), ".npmrc".to_owned(), "patches/".to_owned()];
        existing.build = vec!["build".to_owned()];
        existing.build_first = vec!["packages/db".to_owned()];
        change(&mut existing);
        let own = Managed::parse(specifier).unwrap();
        let run = Run { command: String::new(), cache: "" };
        let stage = Manager { stage: own.manager.name, comment: String::new(), install: run };
        image("apps/api", "", &existing, own.manager, "node".to_owned(), stage)
    }

    #[test]
    fn each_manager_installs_for_production_what_the_service_and_its_packages_need() {
        for (specifier, command) in [
            ("npm@11.19.1", "npm ci --omit=dev --workspace apps/api"),
            ("pnpm@10.20.0", "pnpm install --frozen-lockfile --prod --filter '{./apps/api}...'"),
            ("yarn@4.18.1", "yarn --cwd apps/api workspaces focus --production"),
            ("bun@1.4.5", "bun install --frozen-lockfile --production --filter ./apps/api"),
            (
                "yarn@1.22.22",
                "find . -mindepth 2 -name package.json ! -path './apps/api/*' ! -path './packages/db/*' -delete && \
                 yarn install --frozen-lockfile --production",
            ),
        ] {
            let image = image_of(specifier, |_| {});
            let production = image.install.production.unwrap().command;
            assert_eq!(production, format!("mkdir -p node_modules && {command}"), "{specifier}");
        }
    }

    #[test]
    fn what_the_service_depends_on_is_built_before_it() {
        let builds = |image: Image| image.build.commands.concat();
        let own = builds(image_of("pnpm@10.20.0", |_| {}));
        assert_eq!(
            own,
            "pnpm --dir packages/db run build && pnpm --dir apps/api run build && rm -rf packages/db/node_modules apps/api/node_modules"
        );
        let turbo = builds(image_of("pnpm@10.20.0", |it| it.build_with = vec!["turbo".to_owned()]));
        assert!(turbo.contains("node_modules/.bin/turbo run build --filter=./apps/api && rm -rf "), "{turbo}");
    }

    #[test]
    fn the_last_stage_has_the_service_and_its_packages_alone() {
        let image = image_of("pnpm@10.20.0", |_| {});
        let taken: Vec<&str> = image.contents.iter().map(|it| it.arguments.as_str()).collect();
        let expected = [
            "/app/node_modules ./node_modules",
            "/app/packages/db ./packages/db",
            "/app/apps/api ./apps/api",
            "/app/packages/db ./packages/db",
            "/app/apps/api ./apps/api",
            "deploy/image ./deploy/image",
        ];
        assert_eq!(taken, expected);
        assert_eq!(
            (image.workdir.as_str(), image.manifests.as_str()),
            ("/app/apps/api", "pnpm-lock.yaml .npmrc patches/")
        );
        assert_eq!(image.start, ["--import", "/app/deploy/image/probes.mjs", "dist/server.js"]);
        assert_eq!(image.hidden_context[0], ".npmrc");
    }

    #[test]
    fn what_next_puts_together_is_all_that_the_image_takes() {
        let image = image_of("pnpm@10.20.0", |it| {
            it.output = [".next/standalone:.", ".next/static", "public"].map(ToOwned::to_owned).into();
        });
        let taken: Vec<&str> = image.contents.iter().map(|it| it.arguments.as_str()).collect();
        let expected = [
            "/app/apps/api/.next/standalone ./",
            "/app/apps/api/.next/static ./apps/api/.next/static",
            "/app/apps/api/public ./apps/api/public",
            "deploy/image ./deploy/image",
        ];
        assert_eq!(taken, expected);
        assert!(image.install.production.is_none());
        let build = image.build.commands.concat();
        assert!(!build.contains("rm -rf"), "its packages are in what it put together: {build}");
    }

    #[test]
    fn without_a_build_the_sources_come_from_the_repository() {
        let image = image_of("npm@11.19.1", |it| (it.build, it.build_first) = (Vec::new(), Vec::new()));
        assert!(image.build.commands.is_empty());
        assert!(image.contents.iter().all(|it| it.from != Some("build")));
    }
}
