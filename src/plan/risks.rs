//! What the answers leave open or accept, for whoever approves.

use super::platform::{Need, Platform};
use super::{Approval, Database};
use crate::spec::{Route, Spec};

/// What whoever approves has to answer, since no file can.
#[must_use]
pub fn questions(spec: &Spec, chosen: Platform) -> Vec<String> {
    let scale = &spec.scale;
    let mut questions = vec![
        format!(
            "Are {} requests/s the peak of the next twelve months, campaigns included? Every size follows from it.",
            scale.peak_rps
        ),
        format!(
            "Was an availability of {} % promised to anybody? It leaves {} minutes a month.",
            scale.availability,
            scale.availability.minutes_down_a_month()
        ),
    ];
    if spec.database {
        let host = if chosen == Platform::Compose { "off the machine" } else { "out of the account" };
        questions.push(format!("Who rehearses a restore before the first deploy, and who copies backups {host}?"));
    }
    if spec.database && chosen != Platform::Compose {
        questions.push(format!(
            "Does the database allow {} connections at its size, to this service alone?",
            scale.db_max_connections
        ));
    }
    if chosen == Platform::Kubernetes && spec.deploy.route == Route::Ingress {
        questions.push(
            "Which controller reads the Ingress, and who keeps it up to date? ingress-nginx was retired in March 2026."
                .to_owned(),
        );
    }
    if scale.rps_per_replica.is_none() {
        questions.push("Who measures one instance under load, and by when?".to_owned());
    }
    questions
}

/// All of them, as sentences.
#[must_use]
pub fn risks(spec: &Spec, chosen: Platform, need: Need, approval: Approval, database: &Database) -> Vec<String> {
    let mut risks = Vec::new();
    if spec.scale.rps_per_replica.is_none() {
        risks.push(
            "The capacity of one instance is an assumption; measure it under load and set scale.rps-per-replica."
                .to_owned(),
        );
    }
    if spec.queue {
        risks.push(
            "How many workers the jobs need is an assumption; watch how long jobs wait in the queue, and set WORKER_CONCURRENCY or add workers."
                .to_owned(),
        );
    }
    if spec.storage {
        risks.push(
            "Uploads answer 401 until src/tenant.ts takes the tenant of a request from your sign-in; have that file reviewed like a lock on a door."
                .to_owned(),
        );
        risks.push(
            "Nothing looks into the files: S3 takes the client's word for their type, and no scanner runs.".to_owned(),
        );
    }
    if chosen == Platform::Compose {
        risks.push("One machine is one point of failure: its loss is an outage until it is rebuilt from the runbook and the latest backup.".to_owned());
        if spec.existing.as_ref().is_some_and(|existing| !existing.kept.is_empty()) {
            risks.push(
                "What the service keeps in files lies on that one disk, and no deploy copies it: run backup-files.sh each night, and take the archives off the machine."
                    .to_owned(),
            );
        }
        if need.beyond_one_machine_availability {
            risks.push(format!(
                "The target of {} % is not to be reached on one machine; it was chosen by deploy.platform.",
                spec.scale.availability
            ));
        }
    }
    if chosen == Platform::CloudRun {
        risks.push(
            "Cloud Run gives an instance 10 s to stop, whatever is set: requests and uploads that run longer may be cut off at a deploy and when the load falls."
                .to_owned(),
        );
        risks.push(
            "Anyone may call the service without signing in to Google: what needs a user has to check that itself."
                .to_owned(),
        );
    }
    if !approval.second_person {
        risks.push("With one person, nobody but the author sees a change before production.".to_owned());
    }
    if spec.scale.regions > 1 && spec.database {
        risks.push(
            "All regions share one primary database: its region is still one point of failure for writes.".to_owned(),
        );
    }
    if spec.database && spec.existing.is_some() {
        risks.push(format!(
            "Nothing but the code itself holds its pool to {} connections an instance: it has to read DATABASE_POOL_MAX, or have the number.",
            database.pool_max
        ));
    }
    if database.tight {
        risks.push(
            "The pools are smaller than wanted, so that all instances fit into the database; a larger peak needs a larger max_connections."
                .to_owned(),
        );
    }
    risks
}
