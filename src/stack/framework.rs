//! Web frameworks: what the emitted service, its routes and their tests are written for.

use std::fmt;

use serde::Serialize;

use super::parts::{Part, part};

/// A web framework.
#[derive(Serialize)]
pub struct Framework {
    /// Value of `stack.framework`.
    pub name: &'static str,
    /// Name for people.
    pub title: &'static str,
    /// Package that the type of the app comes from.
    pub package: &'static str,
    /// Type of what takes routes, in that package.
    pub app_type: &'static str,
    /// What is written for it; used only with it.
    #[serde(skip)]
    pub parts: &'static [Part],
}

/// All frameworks, in the order in which they are offered.
pub static FRAMEWORKS: &[Framework] = &[Framework {
    name: "fastify",
    title: "Fastify",
    package: "fastify",
    app_type: "FastifyInstance",
    parts: &[
        Part { dependencies: &["@fastify/cors", "@fastify/helmet", "fastify"], ..part("fastify", |_| true) },
        part("fastify-postgres", |plan| plan.features.database),
        Part { dependencies: &["@fastify/rate-limit"], ..part("fastify-redis", |plan| plan.features.redis) },
        part("fastify-stateless", |plan| !plan.features.database),
    ],
}];

impl Framework {
    /// The framework of a value of `stack.framework`.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        FRAMEWORKS.iter().find(|framework| framework.name == name)
    }
}

/// The name stands for the rest.
impl PartialEq for Framework {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Framework {}

impl fmt::Debug for Framework {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Framework").field(&self.name).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::question::Kind;
    use crate::spec::table::question;

    #[test]
    fn the_question_offers_what_is_described_here() {
        let Kind::Choice { built, .. } = question("stack.framework").unwrap().kind else {
            panic!("stack.framework is no choice")
        };
        let described: Vec<&str> = FRAMEWORKS.iter().map(|framework| framework.name).collect();
        assert_eq!(built, described);
    }
}
