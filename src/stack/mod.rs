//! What a service can be made of: each part is one descriptor and one template folder.

pub mod auth;
pub mod data_access;
pub mod framework;
pub mod node;
mod ops_parts;
pub mod package_manager;
pub mod parts;
pub mod pins;

pub use auth::{AUTHS, Auth};
pub use data_access::{DATA_ACCESSES, DataAccess};
pub use framework::{FRAMEWORKS, Framework};
pub use node::{NODE_RELEASES, NodeRelease};
pub use package_manager::{PACKAGE_MANAGERS, PackageManager};
pub use parts::Part;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::question::Kind;
    use crate::spec::table::question;

    fn offered(key: &str) -> &'static [&'static str] {
        match question(key).unwrap().kind {
            Kind::Choice { built, .. } => built,
            _ => panic!("{key} is no choice"),
        }
    }

    #[test]
    fn the_questions_offer_what_is_described_here() {
        assert_eq!(offered("stack.framework"), FRAMEWORKS.iter().map(|it| it.name).collect::<Vec<_>>());
        assert_eq!(offered("stack.node"), NODE_RELEASES.iter().map(|it| it.major).collect::<Vec<_>>());
        assert_eq!(offered("stack.package-manager"), PACKAGE_MANAGERS.iter().map(|it| it.name).collect::<Vec<_>>());
        assert_eq!(
            offered("stack.auth"),
            ["none"].into_iter().chain(AUTHS.iter().map(|it| it.name)).collect::<Vec<_>>()
        );
        assert_eq!(offered("stack.data-access"), DATA_ACCESSES.iter().map(|it| it.name).collect::<Vec<_>>());
    }
}
