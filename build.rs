//! Rebuilds the crate when an embedded file changes: `include_dir!` does not tell cargo about new files.

fn main() {
    for folder in ["templates", "presets"] {
        println!("cargo:rerun-if-changed={folder}");
    }
}
