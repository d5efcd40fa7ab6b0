//! What `cargo package` would publish: cargo leaves out folders that look like packages of their own, and
//! a template that is missing there is missing in every installed copy.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

#[test]
fn every_template_and_preset_is_in_the_package() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let output = Command::new(env!("CARGO"))
        .args(["package", "--list", "--allow-dirty", "--offline"])
        .current_dir(root)
        .output()
        .expect("cargo starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let listed = String::from_utf8(output.stdout).expect("paths are text");
    let listed: BTreeSet<&str> = listed.lines().collect();

    let mut wanted = Vec::new();
    for folder in ["templates", "presets", "src"] {
        files_below(root, &root.join(folder), &mut wanted).expect("a folder of the repository");
    }
    assert!(wanted.len() > 100, "only {} files were found", wanted.len());
    let missing: Vec<&String> = wanted.iter().filter(|path| !listed.contains(path.as_str())).collect();
    assert!(missing.is_empty(), "not in the package: {missing:?}");
}

fn files_below(root: &Path, folder: &Path, found: &mut Vec<String>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files_below(root, &path, found)?;
        } else if let Ok(relative) = path.strip_prefix(root) {
            found.push(relative.to_string_lossy().into_owned());
        }
    }
    Ok(())
}
