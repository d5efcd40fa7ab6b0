//! The command line as its callers see it: the real binary, in a directory and an environment of its own.
//!
//! Messages and exit codes stand in `transcripts/*.txt`; `UPDATE_TRANSCRIPTS=1 cargo test --test cli`
//! writes down what the commands print now.

mod answers_file;
mod documents;
mod dry_run;
mod idle;
mod init;
mod interview;
mod json;
mod precedence;
mod presets;
mod readme;
mod review;
mod sandbox;
mod several;
mod streams;
mod transcripts;
mod upgrade;
mod workspace;
