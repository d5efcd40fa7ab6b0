//! Emits the deployment files of a Node/TypeScript service.
//!
//! Each stage takes the value of the one before, and nothing runs back up:
//!
//! 1. [`spec`]: the answers, from flags, an answers file, a preset and the interview.
//! 2. [`plan`]: what follows from them, every derived value with its reason.
//! 3. [`catalogue`] and [`render`]: the files that the plan calls for, from `templates/`. [`stack`]
//!    says which parts there are, and what each brings.
//! 4. [`merge`]: what the user made of a file, and what is emitted now, in one text.
//! 5. [`apply`]: those files against the disk, written as one transaction.
//!
//! [`simulation`] plays what a plan has to stand: a rise of the load, a lost instance, a deploy.
//!
//! [`setup`] asks GitHub for the settings that the workflows of a plan stand on, and makes what is missing.
//!
//! [`detect`] reads a repository that somebody else wrote and says what it is made of, and [`review`] what is wrong with
//! its deployment files; both only read. [`entry`] finds where
//! the calls of `src/ops` go in its entry point.
//!
//! [`why`] says what a line of an emitted file depends on, by going through stages 2 and 3 again with one thing otherwise.
//!
//! [`cli`] wires the stages to commands, [`ui`] is the only place that prints. Stages 2 and 3 touch no
//! disk, clock, terminal or environment.

pub mod apply;
pub mod catalogue;
pub mod cli;
pub mod detect;
pub mod emit;
pub mod entry;
pub mod failure;
pub mod install;
mod jsonc;
pub mod merge;
pub mod plan;
pub mod render;
pub mod review;
pub mod setup;
pub mod simulation;
pub mod spec;
pub mod stack;
pub mod text;
pub mod ui;
pub mod upgrade;
pub mod why;
