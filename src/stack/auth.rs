//! Sign-in services: the keys that their SDKs read.

/// A sign-in service.
#[derive(Debug, PartialEq, Eq)]
pub struct Auth {
    /// Value of `stack.auth`.
    pub name: &'static str,
    /// Its keys, all of them required wherever the service runs.
    pub keys: &'static [AuthKey],
}

/// A key of a sign-in service.
#[derive(Debug, PartialEq, Eq)]
pub struct AuthKey {
    /// Name in the environment, as the SDK reads it.
    pub name: &'static str,
    /// Whether it must be kept from users.
    pub secret: bool,
    /// Value in `.env.example`: has the form of a test key, which production refuses.
    pub example: &'static str,
    /// What it is for.
    pub description: &'static str,
}

impl Auth {
    /// The service of a value of `stack.auth`; none for `none`.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        AUTHS.iter().find(|auth| auth.name == name)
    }
}

/// All of them, in the order of the question.
pub static AUTHS: &[Auth] = &[Auth {
    name: "clerk",
    keys: &[
        AuthKey {
            name: "CLERK_PUBLISHABLE_KEY",
            secret: false,
            example: "pk_test_replace-me",
            description: "Says which Clerk application users sign in to; browsers get it too.",
        },
        AuthKey {
            name: "CLERK_SECRET_KEY",
            secret: true,
            example: "sk_test_replace-me",
            description: "Key of the same Clerk application for calls to its API.",
        },
    ],
}];
