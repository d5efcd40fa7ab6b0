//! What is read of a repository: each kind of file as the rules ask for it.

pub(crate) mod cloud_run;
pub(crate) mod compose;
pub(crate) mod dockerfile;
pub(crate) mod ecs;
pub(crate) mod env;
pub(crate) mod glob;
pub(crate) mod kubernetes;
pub(crate) mod kustomize;
pub(crate) mod quantity;
pub(crate) mod repository;
pub(crate) mod scaler;
pub(crate) mod walk;
pub(crate) mod workflow;
pub(crate) mod yaml;
