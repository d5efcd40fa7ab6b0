//! What a service can be made of: each part is one descriptor and one template folder.

pub mod data_access;
pub mod framework;
pub mod node;
pub mod package_manager;
pub mod parts;
pub mod pins;

pub use data_access::{DATA_ACCESSES, DataAccess};
pub use framework::{FRAMEWORKS, Framework};
pub use node::{NODE_RELEASES, NodeRelease};
pub use package_manager::{PACKAGE_MANAGERS, PackageManager};
pub use parts::Part;
