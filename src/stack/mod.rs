//! What a service can be made of: each part is one descriptor and one template folder.

pub mod package_manager;
pub mod parts;
pub mod pins;

pub use package_manager::{NPM, PackageManager};
pub use parts::{PARTS, Part};
