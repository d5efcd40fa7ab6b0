//! Which package manager, in which version, as manifest and lock files say.

use super::fact::{Evidence, Fact};
use super::installs_with;
use super::look::Look;
use super::tree::Tree;

/// The question that the name of the package manager answers.
const QUESTION: &str = "stack.package-manager";

/// Lock files, each with who writes it.
const LOCKS: [(&str, &str); 6] = [
    ("package-lock.json", "npm"),
    ("npm-shrinkwrap.json", "npm"),
    ("pnpm-lock.yaml", "pnpm"),
    ("yarn.lock", "yarn"),
    ("bun.lock", "bun"),
    ("bun.lockb", "bun"),
];

/// One place that names a package manager.
struct Claim {
    name: String,
    evidence: Evidence,
}

/// The package manager that writes a lock file.
pub(crate) fn writer(lock: &str) -> Option<&'static str> {
    LOCKS.iter().find(|(path, _)| *path == lock).map(|(_, name)| *name)
}

pub(crate) fn look(look: &mut Look<'_>) {
    let mut claims: Vec<Claim> = Vec::new();
    declared(look, &mut claims);
    locked(look, &mut claims);
    let Some(first) = claims.first() else {
        let reason = "no packageManager, devEngines or lock file; without a lock file no build is repeatable";
        look.unknown("package-manager", "", Some(QUESTION), reason.to_owned());
        return;
    };
    let agree = claims.iter().all(|claim| claim.name == first.name);
    for claim in &claims {
        let fact = Fact::new("package-manager", "", &claim.name, claim.evidence.clone());
        look.add(fact.answering(QUESTION, &claim.name));
    }
    if !agree {
        let names = crate::detect::listed(claims.iter().map(|claim| claim.name.as_str()));
        let message = format!("{names}: only one of them can install the packages");
        let evidence = claims.into_iter().map(|claim| claim.evidence).collect();
        look.contradict("package-manager", "", Some(QUESTION), message, evidence);
    }
    for (path, name) in LOCKS.iter().filter(|(path, _)| look.tree.has(path)) {
        let (format, place) = lock_version(look.tree, path);
        let format = format.trim_start_matches(" (format ").trim_end_matches(')');
        installs_with::look(look, name, format, &place);
    }
}

/// `packageManager` and `devEngines.packageManager` of the manifest.
fn declared(look: &mut Look<'_>, claims: &mut Vec<Claim>) {
    if let Some(node) = look.root.node.get("packageManager")
        && let Some((name, version)) = node.text().map(|text| text.split_once('@').unwrap_or((text, "")))
    {
        let evidence = look.tree.evidence(&node.place);
        // A hash behind `+` says which bytes, not which version.
        let version = version.split('+').next().unwrap_or_default();
        if !version.is_empty() {
            look.add(Fact::new("package-manager-version", "", version, evidence.clone()));
        }
        claims.push(Claim { name: name.to_owned(), evidence });
    }
    let Some(engines) = look.root.node.at(&["devEngines", "packageManager"]) else { return };
    // One of several managers is enough, so only a single one says which.
    let each = if engines.items().is_empty() { std::slice::from_ref(engines) } else { engines.items() };
    let [one] = each else { return };
    let Some(name) = one.get("name") else { return };
    let evidence = look.tree.evidence(&name.place);
    if let (Some(version), false) = (one.get("version"), has_version(look)) {
        let at = look.tree.evidence(&version.place);
        look.add(Fact::new("package-manager-version", "", version.text().unwrap_or_default(), at));
    }
    claims.push(Claim { name: name.text().unwrap_or_default().to_owned(), evidence });
}

/// The lock files, with the version of their format.
fn locked(look: &mut Look<'_>, claims: &mut Vec<Claim>) {
    for (path, name) in LOCKS.iter().filter(|(path, _)| look.tree.has(path)) {
        let (format, evidence) = lock_version(look.tree, path);
        look.add(Fact::new("lock-file", "", format!("{path}{format}"), evidence.clone()));
        claims.push(Claim { name: (*name).to_owned(), evidence });
        // Yarn 1 and its successors share the name of the file and nothing else.
        if *path == "yarn.lock" && !has_version(look) {
            let version = if format.contains("v1") { "1" } else { "2 or later" };
            look.add(Fact::new("package-manager-version", "", version, lock_version(look.tree, path).1));
        }
    }
    if claims.iter().any(|claim| claim.name == "yarn") && look.tree.has(".yarnrc.yml") {
        for start in ["yarnPath:", "nodeLinker:"] {
            if let Some(evidence) = look.line_with(".yarnrc.yml", start) {
                look.add(Fact::new("package-manager-setting", "", evidence.text.clone(), evidence));
            }
        }
    }
}

fn has_version(look: &Look<'_>) -> bool {
    look.report.value("package-manager-version", "").is_some()
}

/// ` (format N)` and the line that says it.
fn lock_version(tree: &Tree, path: &str) -> (String, Evidence) {
    let head = tree.head(path).unwrap_or_default();
    for (index, line) in head.lines().enumerate() {
        let bare = line.trim_start_matches(['{', ' ', '\t', '"']);
        let version = if let Some(rest) = bare.strip_prefix("lockfileVersion") {
            rest.trim_matches(|c: char| !c.is_ascii_digit()).to_owned()
        } else if bare.starts_with("# yarn lockfile v1") {
            "v1".to_owned()
        } else if let (Some(rest), "yarn.lock") = (bare.strip_prefix("version:"), path) {
            rest.trim().to_owned()
        } else {
            continue;
        };
        return (format!(" (format {version})"), Evidence::new(path, Some(index + 1), line));
    }
    (String::new(), Tree::file_evidence(path))
}
