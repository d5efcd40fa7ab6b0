//! What a GitHub repository has to be set to for the emitted workflows: said, compared with what is there, and made.
//!
//! ```text
//! wanted.rs    from the plan and the workflows on the disk: environments, rules of main, names of secrets and variables
//! gh.rs        GitHub's API through the program `gh`, which holds the sign-in
//! state.rs     what is set there now
//! compare.rs   what is missing, as calls; nothing that is stricter is ever taken back
//! ```

pub mod compare;
pub mod gh;
pub mod state;
pub mod wanted;

pub use compare::{Change, Outcome, compare};
pub use gh::Gh;
pub use state::{Reviewer, State};
pub use wanted::{Wanted, WantedEnvironment};
