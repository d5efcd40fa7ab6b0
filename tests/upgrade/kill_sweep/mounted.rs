//! Disks that are really full, read-only, or in two parts. Mounting needs root; without it, the sweep of errors
//! has to do.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::scene::{Scene, copy, snapshot, target};

/// Bytes of one page, which is what the smallest file takes in memory.
const PAGE: usize = 4096;

/// A file system of its own, as long as it lives.
struct Mount(PathBuf);

impl Mount {
    /// Nothing when the system does not let us.
    fn new(at: &Path, options: &str) -> Option<Self> {
        let status = Command::new("mount").args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(at).status().ok()?;
        if !status.success() {
            println!("not allowed to mount here: skipped");
        }
        status.success().then(|| Self(at.to_owned()))
    }

    fn remount(&self, options: &str) {
        let options = format!("remount,{options}");
        assert!(Command::new("mount").args(["-o", &options]).arg(&self.0).status().unwrap().success());
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

/// Runs the command, which has to fail and to change nothing; what it said.
fn failure(scene: &Scene, room: &Path) -> String {
    let output = scene.command(room).output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("nothing was written to orders"), "{told}");
    assert!(snapshot(&target(room)) == below_target(scene), "{told}");
    told
}

/// The tree before, by paths below the target.
fn below_target(scene: &Scene) -> super::scene::Snapshot {
    let below = |path: &String| path.strip_prefix("orders/").map(str::to_owned);
    scene.before.iter().filter_map(|(path, what)| Some((below(path)?, what.clone()))).collect()
}

/// Takes all room of a file system but some pages.
fn fill(at: &Path, free: usize) {
    let path = at.join("filler");
    let mut file = fs::File::create(&path).unwrap();
    let mut size = 0;
    while file.write_all(&[0; PAGE]).is_ok() {
        size += PAGE;
    }
    file.set_len(size.checked_sub(free * PAGE).unwrap() as u64).unwrap();
}

#[test]
fn a_full_disk_changes_nothing_and_is_told() {
    let scene = Scene::upgrade();
    let dir = tempfile::tempdir().unwrap();
    let Some(disk) = Mount::new(dir.path(), "size=4m") else { return };
    let mut failed = 0;
    for free in (0..).step_by(3) {
        let _ = fs::remove_dir_all(target(&disk.0));
        let _ = fs::remove_file(disk.0.join("filler"));
        copy(scene.room().path(), &disk.0);
        fill(&disk.0, free);
        if scene.command(&disk.0).output().unwrap().status.success() {
            break;
        }
        let told = failure(&scene, &disk.0);
        assert!(told.contains("free some space there, and run again"), "{told}");
        failed += 1;
    }
    assert!(failed > 5, "it failed with {failed} amounts of room");
    assert!(snapshot(&target(&disk.0)) != below_target(&scene));
}

#[test]
fn a_read_only_disk_changes_nothing_and_is_told() {
    let scene = Scene::upgrade();
    let dir = tempfile::tempdir().unwrap();
    let Some(disk) = Mount::new(dir.path(), "size=4m") else { return };
    copy(scene.room().path(), &disk.0);
    disk.remount("ro");
    let told = failure(&scene, &disk.0);
    assert!(told.contains("Read-only file system"), "{told}");
}

#[test]
fn bookkeeping_on_another_disk_changes_nothing_and_is_told() {
    let scene = Scene::upgrade();
    let room = scene.room();
    let own = target(room.path()).join(".seaworthy");
    let aside = tempfile::tempdir().unwrap();
    copy(&own, aside.path());
    let mode = fs::metadata(&own).unwrap().permissions();
    let Some(_disk) = Mount::new(&own, "size=4m") else { return };
    copy(aside.path(), &own);
    fs::set_permissions(&own, mode).unwrap();
    let told = failure(&scene, room.path());
    assert!(told.contains("it is on another file system than the folder .seaworthy"), "{told}");
}
