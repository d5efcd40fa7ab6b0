//! `diff`, `upgrade`, `check` and the commands around them, on a repository that was emitted by an older version.

mod answers;
mod damage;
mod flow;
mod git;
mod json;
mod ownership;
mod project;
mod read_only;
