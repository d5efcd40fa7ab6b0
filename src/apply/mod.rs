//! From a set of files to a changed disk: what stands there, what would change, and one transaction
//! that changes it.
//!
//! [`Target`] looks, [`with_lock`] adds the record of what is emitted, [`ChangeSet`] decides, and
//! [`transaction`] is the only place that writes. A command calls [`transaction::recover`] first,
//! so that whatever an interrupted run left is either finished or gone.

pub mod change_set;
pub mod fitting;
mod folder;
pub mod lock;
pub mod path;
pub mod target;
pub mod transaction;

pub use change_set::{Change, ChangeSet, Class};
pub use fitting::{Fitting, WhereTaken};
pub use lock::{Lock, with_lock};
pub use target::{OnDisk, State, Target};

/// The folder of our own bookkeeping, committed with the user's repository.
pub const OWN_FOLDER: &str = ".seaworthy";
/// What was emitted last, per file.
pub const LOCK_FILE: &str = ".seaworthy/lock.toml";
/// A running or interrupted transaction; never committed.
pub const TRANSACTION_FOLDER: &str = ".seaworthy/txn";
