//! `review` over every golden tree, every combination of answers, and trees that are broken on purpose.

mod faults;
mod fuzz;
mod golden;
mod support;
mod table;
