//! kubectl is the judge of whether overlays are built right.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, anyhow, ensure};

use crate::review::{Node, Repository, Value, parse};

/// The golden trees, and the small one of the tests.
fn trees() -> Result<Vec<PathBuf>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut trees = vec![root.join("tests/review/fixtures/good-kubernetes")];
    for entry in fs::read_dir(root.join("examples"))? {
        trees.push(entry?.path());
    }
    trees.retain(|tree| tree.is_dir());
    Ok(trees)
}

#[test]
fn overlays_are_built_as_kubectl_builds_them() -> Result<()> {
    let mut built = 0;
    for tree in trees()? {
        let repository = Repository::read(&tree)?;
        for overlay in &repository.overlays {
            let folder = tree.join(&overlay.folder);
            let output = Command::new("kubectl").arg("kustomize").arg(&folder).output().context("running kubectl")?;
            built += 1;
            ensure!(
                output.status.success(),
                "kubectl kustomize {}:\n{}",
                folder.display(),
                String::from_utf8_lossy(&output.stderr)
            );
            let text = String::from_utf8(output.stdout)?;
            let expected: Vec<String> =
                parse("kubectl", &text).map_err(|error| anyhow!(error.message))?.iter().map(canonical).collect();
            let own: Vec<String> = overlay.objects.iter().map(canonical).collect();
            for object in &own {
                ensure!(
                    expected.contains(object),
                    "{}: kubectl does not build\n{object}\nbut\n{}",
                    folder.display(),
                    expected.join("\n")
                );
            }
            ensure!(
                own.len() == expected.len(),
                "{}: {} objects, kubectl builds {}",
                folder.display(),
                own.len(),
                expected.len()
            );
        }
    }
    ensure!(built > 2, "only {built} overlays were built");
    Ok(())
}

/// An object as text: sorted keys, no nulls, and names without the hash that kustomize appends.
fn canonical(node: &Node) -> String {
    match &node.value {
        Value::Scalar { text, .. } => without_hash(text).to_owned(),
        Value::Sequence(items) => {
            let items: Vec<String> = items.iter().map(canonical).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Mapping(entries) => {
            let mut fields: Vec<String> = entries
                .iter()
                .filter(|(_, value)| !value.is_null())
                .map(|(key, value)| format!("{}: {}", canonical(key), canonical(value)))
                .collect();
            fields.sort();
            format!("{{{}}}", fields.join(", "))
        }
    }
}

/// kustomize's hash: ten of the letters and digits that cannot be misread.
fn without_hash(text: &str) -> &str {
    match text.rsplit_once('-') {
        Some((name, hash)) if hash.len() == 10 && hash.chars().all(|c| "bcdfghkmt2456789".contains(c)) => name,
        _ => text,
    }
}
