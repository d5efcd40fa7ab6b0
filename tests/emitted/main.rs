//! From answers to files, without a disk: the platform rule, the numbers of the plan, and what holds for every
//! emitted file whatever the answers say.

mod answers;
mod autoscaling;
mod env_values;
mod files;
mod hostile;
mod managers;
mod plan_numbers;
mod platform_rule;
mod structure;
