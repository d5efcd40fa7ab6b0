//! What each program comes to as arguments of `node`.

use super::Packages;

/// Programs of packages: name, package, file that `node` runs.
const PROGRAMS: [(&str, &str, &str); 9] = [
    ("prisma", "prisma", "build/index.js"),
    ("knex", "knex", "bin/cli.js"),
    ("typeorm", "typeorm", "cli.js"),
    ("sequelize", "sequelize-cli", "lib/sequelize"),
    ("sequelize-cli", "sequelize-cli", "lib/sequelize"),
    // Since version 7.
    ("node-pg-migrate", "node-pg-migrate", "bin/node-pg-migrate.js"),
    ("db-migrate", "db-migrate", "bin/db-migrate"),
    ("drizzle-kit", "drizzle-kit", "bin.cjs"),
    ("react-router-serve", "@react-router/serve", "bin.js"),
];

/// Options of `node` that are for a developer's machine, without a value.
const FOR_DEVELOPMENT: [&str; 4] = ["--watch", "--watch-preserve-output", "--inspect", "--inspect-brk"];

/// Options that take a module.
const LOADS: [&str; 5] = ["-r", "--require", "--import", "--loader", "--experimental-loader"];

/// The arguments of `node` for a program and what it is called with.
pub(super) fn arguments(
    program: &str,
    rest: &[String],
    packages: &dyn Packages,
    dropped: &mut Vec<String>,
) -> Result<Vec<String>, String> {
    let program = program.rsplit('/').next().unwrap_or_default();
    match program {
        "node" => of_node(rest, packages, dropped),
        "nodemon" => of_watcher(program, rest, packages, dropped),
        "pm2" | "pm2-runtime" => of_pm2(program, rest, packages, dropped),
        "tsx" => with_loader("tsx", &["--import", "tsx"], rest, packages, dropped),
        "ts-node" | "ts-node-transpile-only" => {
            let register = if program == "ts-node" { "ts-node/register" } else { "ts-node/register/transpile-only" };
            needs("typescript", packages)?;
            with_loader("ts-node", &["-r", register], rest, packages, dropped)
        }
        "fastify" if rest.first().is_some_and(|it| it == "start") => {
            needs("fastify-cli", packages)?;
            // Outside of a container it listens on this machine only; the address is said, so that it never does.
            Ok(joined(&["node_modules/fastify-cli/cli.js", "start", "-a", "0.0.0.0"], &rest[1..]))
        }
        "next" if rest.first().is_some_and(|it| it == "start") => of_next(rest, packages),
        "nest" if rest.first().is_some_and(|it| it == "start") => packages
            .built_by_nest()
            .map(|file| vec![file])
            .ok_or_else(|| "runs the compiler of Nest: name what it builds".to_owned()),
        "bun" | "deno" => Err(format!("runs {program}, and the image has Node.js")),
        _ => match PROGRAMS.iter().find(|(name, ..)| *name == program) {
            Some((_, package, file)) => {
                needs(package, packages)?;
                Ok(joined(&[&format!("node_modules/{package}/{file}")], rest))
            }
            None => Err(format!("runs {program}, of which no file that `node` runs is known")),
        },
    }
}

fn joined(first: &[&str], rest: &[String]) -> Vec<String> {
    first.iter().map(|word| (*word).to_owned()).chain(rest.iter().cloned()).collect()
}

/// A package that has to be in the image.
fn needs(package: &str, packages: &dyn Packages) -> Result<(), String> {
    match packages.is_for_production(package) {
        Some(true) => Ok(()),
        Some(false) => Err(format!(
            "needs {package}, which is in devDependencies, and the image has none of those: move it to dependencies"
        )),
        None => Err(format!("needs {package}, which package.json does not name: add it to dependencies")),
    }
}

/// The options of `node`, without those that only a developer's machine wants.
fn of_node(rest: &[String], packages: &dyn Packages, dropped: &mut Vec<String>) -> Result<Vec<String>, String> {
    let mut arguments: Vec<String> = Vec::new();
    let mut words = rest.iter();
    while let Some(word) = words.next() {
        let (option, value) =
            word.split_once('=').map_or((word.as_str(), None), |(option, value)| (option, Some(value)));
        if !word.starts_with('-') {
            arguments.push(word.clone());
            arguments.extend(words.cloned());
            return Ok(arguments);
        }
        if FOR_DEVELOPMENT.contains(&option) {
            dropped.push(format!("{option}: it is for a developer's machine"));
        } else if option == "--env-file" || option == "--env-file-if-exists" {
            dropped.push(format!("{option}: the platform gives the environment"));
            if value.is_none() {
                words.next();
            }
        } else if LOADS.contains(&option) {
            let module = value.or_else(|| words.next().map(String::as_str)).unwrap_or_default();
            if is_dotenv(module) {
                dropped.push(format!("{module}: the platform gives the environment"));
                continue;
            }
            if let Some(package) = package_of(module) {
                needs(package, packages)?;
            }
            arguments.extend([option.to_owned(), module.to_owned()]);
        } else if matches!(option, "-e" | "--eval" | "-p" | "--print" | "--test") {
            return Err(format!("has {option} in it, and starts no file"));
        } else {
            arguments.push(word.clone());
        }
    }
    Err("starts no file".to_owned())
}

fn is_dotenv(module: &str) -> bool {
    ["dotenv/config", "dotenv/config.js", "dotenv-flow/config", "dotenv-safe/config"].contains(&module)
}

/// The package of a module that is neither a file nor Node's own.
fn package_of(module: &str) -> Option<&str> {
    if module.starts_with(['.', '/']) || module.starts_with("node:") || module.is_empty() {
        return None;
    }
    let parts = if module.starts_with('@') { 2 } else { 1 };
    let end = module.match_indices('/').nth(parts - 1).map_or(module.len(), |(at, _)| at);
    Some(&module[..end])
}

/// TypeScript through a loader that has to be in the image.
fn with_loader(
    package: &str,
    loader: &[&str],
    rest: &[String],
    packages: &dyn Packages,
    dropped: &mut Vec<String>,
) -> Result<Vec<String>, String> {
    let rest: Vec<String> = rest.iter().filter(|word| !matches!(word.as_str(), "watch" | "run")).cloned().collect();
    let arguments = of_node(&rest, packages, dropped)?;
    needs(package, packages).map_err(|why| format!("{why}; or have the build write JavaScript, and start that"))?;
    Ok(joined(loader, &arguments))
}

/// `nodemon FILE`: it starts anew what changes, and nothing changes in an image.
fn of_watcher(
    program: &str,
    rest: &[String],
    packages: &dyn Packages,
    dropped: &mut Vec<String>,
) -> Result<Vec<String>, String> {
    let has_options = rest.iter().any(|word| matches!(word.as_str(), "--exec" | "-x" | "--config"));
    if has_options || rest.first().is_none_or(|word| word.starts_with('-') || word.ends_with(".ts")) {
        return Err(format!("runs {program} with more than a file: say what it starts"));
    }
    dropped.push(format!("{program}: nothing changes in an image"));
    of_node(rest, packages, dropped)
}

/// What was built: by itself where the build makes it so, else with the package. The port comes from the environment.
fn of_next(rest: &[String], packages: &dyn Packages) -> Result<Vec<String>, String> {
    if packages.is_standalone_next() {
        return Ok(vec!["server.js".to_owned()]);
    }
    needs("next", packages)?;
    if let (Some(file), false) =
        (packages.typed_next_settings(), packages.is_for_production("typescript") == Some(true))
    {
        return Err(format!(
            "makes Next.js read {file}, for which the image has no TypeScript: set output: \"standalone\" in it, which needs \
             neither and gives the smallest image; or make it next.config.mjs"
        ));
    }
    let mut kept = Vec::new();
    let mut words = rest.iter().skip(1);
    while let Some(word) = words.next() {
        if matches!(word.as_str(), "-p" | "--port" | "-H" | "--hostname") {
            words.next();
        } else if !["--port=", "--hostname="].iter().any(|start| word.starts_with(start)) {
            kept.push(word.clone());
        }
    }
    Ok(joined(&["node_modules/next/dist/bin/next", "start"], &kept))
}

/// `pm2-runtime FILE`: the platform starts what ended, and as many as are needed.
fn of_pm2(
    program: &str,
    rest: &[String],
    packages: &dyn Packages,
    dropped: &mut Vec<String>,
) -> Result<Vec<String>, String> {
    let file = rest.iter().find(|word| !word.starts_with('-') && *word != "start");
    let Some(file) = file.filter(|file| [".js", ".mjs", ".cjs"].iter().any(|end| file.ends_with(end))) else {
        return Err(format!("runs {program} without a file that `node` runs: say which one it starts"));
    };
    if file.contains(".config.") {
        return Err(format!("runs {program} by {file}: say the script that it names"));
    }
    dropped.push(format!("{program}: the platform starts what ended, and as many instances as the plan says"));
    of_node(std::slice::from_ref(file), packages, dropped)
}
