//! Taking a target for one run: the transaction folder, and the lock of the file in it.
//!
//! The folder is made exclusively, and its `owner` file stays locked for as long as the process
//! lives. The system drops the lock with the process, so that a run that was killed is told from
//! one that goes on without trusting process ids.

use std::cell::RefCell;
use std::fs::{File, TryLockError};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use anyhow::{Context, bail};

use super::disk::{Disk, is_at};
use super::ground::{
    OWNER, busy, cannot_create, cannot_tell, ensure_own_folder, ensure_root, is_race, missing_folders, open_left_over,
    open_ours, open_target, remove_empty, transaction_folder,
};
use super::spot::Spot;
use crate::apply::folder::{Folder, Found, Held, Way};
use crate::apply::path::split;
use crate::apply::{OWN_FOLDER, TRANSACTION_FOLDER};
use crate::failure::{REFUSED, exit_code};
use crate::render::file_set::Mode;

/// The longest chain of folders that a run makes to get to its target; more in an `owner` file is
/// not from us.
const MOST_LEVELS: usize = 64;

/// A target that belongs to this run.
pub(super) struct Claim {
    root: PathBuf,
    /// The target, open.
    target: Rc<Folder>,
    /// The transaction folder, open.
    folder: Rc<Folder>,
    /// A path below the target, and a place in the folder that it names.
    last: RefCell<Option<(String, Spot)>>,
    /// How many folders were made to get to the root, itself included.
    made: usize,
    /// Holds the lock.
    owner: File,
}

impl Drop for Claim {
    /// Closing the file would not do while a child of this process still has it: between `fork` and
    /// `exec`.
    fn drop(&mut self) {
        let _ = self.owner.unlock();
    }
}

impl Claim {
    /// Makes the target where it is missing, and the transaction folder in it.
    ///
    /// # Errors
    /// Refused when another run has the target; otherwise when the disk refuses. Then everything
    /// made is gone again.
    pub(super) fn take(disk: &mut Disk<'_>, root: &Path) -> anyhow::Result<Self> {
        let missing = missing_folders(root)?;
        let result = Self::try_take(disk, root, &missing);
        if result.as_ref().is_err_and(|error| exit_code(error) != REFUSED) {
            // The error that is on its way tells more than one of the cleaning.
            let _ = remove_empty(disk, root, missing.len());
        }
        result
    }

    fn try_take(disk: &mut Disk<'_>, root: &Path, missing: &[&Path]) -> anyhow::Result<Self> {
        for folder in missing {
            ensure_root(disk, root, folder)?;
        }
        let target = open_target(root)?;
        let own = Spot::new(Rc::clone(&target), OWN_FOLDER, root.join(OWN_FOLDER));
        ensure_own_folder(disk, root, &own)?;
        let Some(folder) = transaction_folder(root, &own)? else { return Err(busy(root)) };
        match disk.create_folder(&folder) {
            Err(error) if is_race(&error) => return Err(busy(root)),
            result => result.with_context(|| cannot_create(folder.shown()))?,
        }
        let claim = Self::sign(disk, root, target, &folder, missing.len());
        if claim.as_ref().is_err_and(|error| exit_code(error) != REFUSED) {
            if let Ok(open) = folder.open() {
                let _ = disk.remove_file(&Spot::new(Rc::new(open), OWNER, folder.shown().join(OWNER)));
            }
            let _ = disk.remove_folder(&folder);
        }
        claim
    }

    /// Writes and locks the owner file of a folder that was just made.
    fn sign(disk: &mut Disk<'_>, root: &Path, target: Rc<Folder>, folder: &Spot, made: usize) -> anyhow::Result<Self> {
        let doing = || format!("cannot write {}", folder.shown().join(OWNER).display());
        let open = match folder.open() {
            // The recovery of another run was faster.
            Err(error) if is_race(&error) => return Err(busy(root)),
            open => Rc::new(open.with_context(doing)?),
        };
        let owner = Spot::new(Rc::clone(&open), OWNER, folder.shown().join(OWNER));
        let mut file = match disk.create_file(&owner, Mode::Regular) {
            Err(error) if is_race(&error) => return Err(busy(root)),
            result => result.with_context(doing)?,
        };
        // Without locks (some network file systems) the folder alone has to do.
        if let Err(TryLockError::WouldBlock) = file.try_lock() {
            return Err(busy(root));
        }
        if !is_at(&file, &owner).with_context(doing)? {
            return Err(busy(root));
        }
        let text = format!("pid {}\nfolders-made {made}\n", std::process::id());
        disk.write(&mut file, &owner, text.as_bytes()).with_context(doing)?;
        Ok(Self { root: root.to_owned(), target, folder: open, last: RefCell::default(), made, owner: file })
    }

    /// Takes over what a run that is no longer alive left behind; nothing when there is no such run.
    ///
    /// # Errors
    /// Refused when that run is alive, or a folder of ours is something else; otherwise when the disk
    /// refuses.
    pub(super) fn take_over(disk: &mut Disk<'_>, root: &Path) -> anyhow::Result<Option<Self>> {
        let looking = || format!("cannot look at {}", root.display());
        let target = match Folder::open(root) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            target => Rc::new(target.with_context(looking)?),
        };
        let own = Spot::new(Rc::clone(&target), OWN_FOLDER, root.join(OWN_FOLDER));
        let Some(folder) = transaction_folder(root, &own)? else { return Ok(None) };
        let Some(open) = open_ours(&folder)?.map(Rc::new) else { return Ok(None) };
        let owner = Spot::new(Rc::clone(&open), OWNER, folder.shown().join(OWNER));
        let mut file = match open_left_over(disk, &owner) {
            // The other run, or the recovery of a third one, has just ended or begun.
            Err(error) if is_race(&error) => return Err(busy(root)),
            file => file.with_context(|| format!("cannot take over {}", owner.shown().display()))?,
        };
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(busy(root)),
            Err(TryLockError::Error(error)) => return Err(error).with_context(|| cannot_tell(owner.shown())),
        }
        let doing = || format!("cannot read {}", owner.shown().display());
        if !is_at(&file, &owner).with_context(doing)? {
            return Err(busy(root));
        }
        let mut text = String::new();
        file.read_to_string(&mut text).with_context(doing)?;
        let made = text.lines().find_map(|line| line.strip_prefix("folders-made ")?.parse().ok());
        let made = made.unwrap_or(0).min(MOST_LEVELS);
        Ok(Some(Self { root: root.to_owned(), target, folder: open, last: RefCell::default(), made, owner: file }))
    }

    /// The path of the transaction folder, to show.
    pub(super) fn shown(&self) -> PathBuf {
        self.root.join(TRANSACTION_FOLDER)
    }

    /// A name in the transaction folder.
    pub(super) fn spot(&self, name: &str) -> Spot {
        Spot::new(Rc::clone(&self.folder), name, self.shown().join(name))
    }

    /// A file of the transaction folder.
    pub(super) fn read(&self, name: &str) -> anyhow::Result<Option<Vec<u8>>> {
        let doing = || format!("cannot read {}", self.shown().join(name).display());
        match self.folder.read(name).with_context(doing)? {
            Held::Nothing => Ok(None),
            Held::File(bytes, _) => Ok(Some(bytes)),
            Held::Other(found) => bail!("{} is {}", self.shown().join(name).display(), found.kind()),
        }
    }

    /// What is in the transaction folder.
    pub(super) fn names(&self) -> io::Result<Vec<String>> {
        self.folder.names()
    }

    /// A path below the target; nothing when the folder that it is in is not there, or is not one.
    pub(super) fn at(&self, path: &str) -> io::Result<Option<Spot>> {
        let folder = match self.target.way_to(path)? {
            Way::Here => Rc::clone(&self.target),
            Way::Open(folder) => Rc::new(folder),
            Way::Missing | Way::Blocked(..) => return Ok(None),
        };
        Ok(Some(Spot::new(folder, split(path).1, self.root.join(path))))
    }

    /// As [`Claim::at`], but in the folder that was open the last time, where it is the same: for many new
    /// files one after the other, while no folder comes or goes.
    pub(super) fn at_again(&self, path: &str) -> io::Result<Option<Spot>> {
        let (folder, name) = split(path);
        let mut last = self.last.borrow_mut();
        if let Some(spot) = last.as_ref().filter(|(of, _)| of == folder).map(|(_, spot)| spot.beside(name)) {
            return Ok(Some(spot));
        }
        let spot = self.at(path)?;
        *last = spot.as_ref().map(|spot| (folder.to_owned(), spot.beside(name)));
        Ok(spot)
    }

    /// What stands at a path below the target.
    pub(super) fn find(&self, path: &str) -> io::Result<Option<Found>> {
        self.at(path)?.map_or(Ok(None), |at| at.find())
    }

    /// Makes sure of what was done in the transaction folder.
    pub(super) fn flush(&self, disk: &mut Disk<'_>) -> io::Result<()> {
        disk.flush(self.folder.file(), &self.shown())
    }

    /// The target as the user named it.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// Ends the transaction, whichever way it went: removes its folder, and those of our folders
    /// that are empty then.
    pub(super) fn release(self, disk: &mut Disk<'_>) -> anyhow::Result<()> {
        let folder = self.shown();
        let doing = || format!("cannot remove {}", folder.display());
        for name in self.folder.names().with_context(doing)? {
            if name != OWNER {
                disk.remove_file(&self.spot(&name)).with_context(doing)?;
            }
        }
        disk.remove_file(&self.spot(OWNER)).with_context(doing)?;
        let own = Spot::new(Rc::clone(&self.target), OWN_FOLDER, self.root.join(OWN_FOLDER));
        let Some(itself) = transaction_folder(&self.root, &own)? else { return Ok(()) };
        match disk.remove_folder(&itself) {
            // Another run has come between, and takes what it finds for left behind; it removes the
            // folder.
            Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => return Ok(()),
            result => result.with_context(doing)?,
        }
        remove_empty(disk, &self.root, self.made).with_context(doing)
    }
}
