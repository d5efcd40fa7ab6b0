//! Object storage: how long what the service signs is good for, how long it waits for S3, and where its credentials come from.

use serde::Serialize;

use super::decision::Ledger;
use super::platform::Platform;
use super::timeouts::Timeouts;
use crate::spec::{Cloud, Spec};

/// Seconds in which an upload may begin. The AWS SDK renews temporary credentials when they have less than this left, and
/// what is signed ends with them at the latest.
const UPLOAD_SECONDS: u32 = 300;

/// Seconds in which a download may begin.
const DOWNLOAD_SECONDS: u32 = 60;

/// Milliseconds to connect.
const CONNECT_MS: u32 = 1000;

/// Milliseconds that S3 may take for one answer.
const ATTEMPT_MS: u32 = 3000;

/// How often a call is tried.
const ATTEMPTS: u32 = 3;

/// Milliseconds for the pauses between attempts.
const PAUSES_MS: u32 = 1000;

/// Milliseconds that a stopping instance has left when the longest call has ended.
const LEFT_MS: u32 = 400;

/// Largest file unless the environment says otherwise, MiB.
const MAX_MIB: u32 = 10;

/// Largest file that the environment may allow, MiB: keeping a file copies it within one request.
pub(super) const MOST_MIB: u32 = 100;

/// Days after which S3 removes what was begun and not finished: the shortest time that it counts in.
const UNFINISHED_DAYS: u32 = 1;

/// Folder of the pod's token, in the container.
const TOKEN_FOLDER: &str = "/run/secrets/aws";

/// The token's file in it.
const TOKEN_NAME: &str = "token";

/// Object storage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Storage {
    /// Seconds in which an upload may begin after its form was signed.
    pub upload_seconds: u32,
    /// Seconds in which a download may begin after its link was signed.
    pub download_seconds: u32,
    /// Milliseconds to connect to S3.
    pub connect_timeout_ms: u32,
    /// Milliseconds that S3 may take for one answer.
    pub attempt_timeout_ms: u32,
    /// How often a call is tried.
    pub attempts: u32,
    /// Milliseconds for all attempts of a call and the pauses between them.
    pub answer_ms: u32,
    /// Largest file unless the environment says otherwise, MiB.
    pub max_mib: u32,
    /// The same, bytes.
    pub max_bytes: u32,
    /// Largest file that the environment may allow, bytes.
    pub most_bytes: u32,
    /// Days after which a file that nobody kept is removed.
    pub incoming_days: u32,
    /// Days after which the parts of an unfinished multipart upload are removed.
    pub multipart_days: u32,
    /// Folder of the pod's token, in the container.
    pub token_folder: &'static str,
    /// The token's file in it.
    pub token_name: &'static str,
    /// Whether S3 belongs to what readiness asks for.
    pub in_readiness: bool,
    /// Where the deployed service's credentials come from.
    #[serde(flatten)]
    pub credentials: Credentials,
}

/// Where the credentials come from; exactly one is true.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[allow(clippy::struct_excessive_bools, reason = "templates ask one of them by name; exactly one is true")]
pub struct Credentials {
    /// A token of the pod, which AWS exchanges for a role.
    pub web_identity: bool,
    /// The role of the machine.
    pub machine_role: bool,
    /// The role of the task.
    pub task_role: bool,
    /// A key in the environment.
    pub keys: bool,
}

/// Decides all of it; none without object storage.
pub(super) fn decide(spec: &Spec, platform: Platform, timeouts: &Timeouts, ledger: &mut Ledger) -> Option<Storage> {
    if !spec.storage {
        return None;
    }
    let credentials = credentials(spec, platform, ledger);
    let in_readiness = readiness(ledger);
    let (upload_seconds, download_seconds) = signatures(ledger);
    // Where an instance has to stop fast, so does a call.
    let attempt_ms = ATTEMPT_MS.min((timeouts.drain_seconds * 1000).saturating_sub(PAUSES_MS + LEFT_MS) / ATTEMPTS);
    let answer_ms = ledger.decide(
        "storage.answer_ms",
        "Longest call to S3",
        ATTEMPTS * attempt_ms + PAUSES_MS,
        "ms",
        format!(
            "{ATTEMPTS} attempts of at most {attempt_ms} ms, {CONNECT_MS} ms of them to connect, and the pauses between them; \
             shorter than the {} s in which a stopping instance finishes its requests",
            timeouts.drain_seconds
        ),
    );
    ledger.from(&["stack.storage"]);
    let max_mib = ledger.decide(
        "storage.max_mib",
        "Largest upload",
        MAX_MIB,
        "MiB",
        format!(
            "enough for documents and photographs; UPLOAD_MAX_BYTES raises it up to {MOST_MIB} MiB, beyond which a form is the \
             wrong way: a connection that is lost begins again"
        ),
    );
    ledger.from(&["stack.storage"]);
    ledger
        .rejected("A signed PUT", "it takes a file of any size; only the policy of a form holds the client to a limit");
    let incoming_days = ledger.decide(
        "storage.incoming_days",
        "Uploads that nobody kept are removed after",
        UNFINISHED_DAYS,
        "day",
        "the shortest time that S3 counts in; an upload is over within minutes",
    );
    ledger.from(&["stack.storage"]);
    Some(Storage {
        upload_seconds,
        download_seconds,
        connect_timeout_ms: CONNECT_MS,
        attempt_timeout_ms: attempt_ms,
        attempts: ATTEMPTS,
        answer_ms,
        max_mib,
        max_bytes: max_mib * 1024 * 1024,
        most_bytes: MOST_MIB * 1024 * 1024,
        incoming_days,
        multipart_days: UNFINISHED_DAYS,
        token_folder: TOKEN_FOLDER,
        token_name: TOKEN_NAME,
        in_readiness,
        credentials,
    })
}

fn credentials(spec: &Spec, platform: Platform, ledger: &mut Ledger) -> Credentials {
    let (value, reason) = match (platform, spec.deploy.cloud) {
        (Platform::Kubernetes, Cloud::None) => (
            "access key",
            "AWS cannot ask a cluster of one's own who a pod is; the key comes from the secret store and may do no more than deploy/storage/service-policy.json says",
        ),
        (Platform::Kubernetes, _) => (
            "pod identity",
            "AWS exchanges a token of the pod, which lasts an hour, for the rights of a role: no key is kept anywhere",
        ),
        (Platform::CloudRun, _) => (
            "access key",
            "AWS does not know who the service is; the key comes from Secret Manager and may do no more than deploy/storage/service-policy.json says",
        ),
        (Platform::Ecs, _) => (
            "task role",
            "ECS hands the task keys of its role, which last hours: none is kept anywhere, and no other task has that role",
        ),
        (_, Cloud::Aws) => {
            ("machine role", "the machine hands out keys of its role, which last hours: none is kept on it")
        }
        _ => (
            "access key",
            "AWS does not know who this machine is; the key stands in its .env and may do no more than deploy/storage/service-policy.json says",
        ),
    };
    let value = ledger.decide("storage.credentials", "Credentials for S3", value, "", reason);
    ledger.from(&["stack.storage", "deploy.cloud"]);
    Credentials {
        web_identity: value == "pod identity",
        machine_role: value == "machine role",
        task_role: value == "task role",
        keys: value == "access key",
    }
}

fn readiness(ledger: &mut Ledger) -> bool {
    let in_readiness = ledger.decide(
        "storage.in_readiness",
        "Readiness asks S3",
        false,
        "",
        "an outage of S3 would take all instances out of service at once and mend nothing; only /uploads answers 503 then",
    );
    ledger.from(&["stack.storage"]);
    ledger.rejected(
        "A check that only reports S3 as degraded",
        "every instance would ask S3 every few seconds, and pay for it, to say what the answers of /uploads and the log say",
    );
    in_readiness
}

fn signatures(ledger: &mut Ledger) -> (u32, u32) {
    let upload = ledger.decide(
        "storage.upload_seconds",
        "A form for an upload is good for",
        UPLOAD_SECONDS,
        "s",
        "time to send it again after a lost connection; temporary credentials, with which it ends at the latest, are renewed this long before their end",
    );
    ledger.from(&["stack.storage"]);
    let download = ledger.decide(
        "storage.download_seconds",
        "A link for a download is good for",
        DOWNLOAD_SECONDS,
        "s",
        "whoever has the link gets the file; a browser follows it at once, and what has begun may take longer",
    );
    ledger.from(&["stack.storage"]);
    (upload, download)
}

#[cfg(test)]
mod tests {
    use crate::plan::{Plan, plan};
    use crate::spec::{Answers, Spec};

    fn planned(assignments: &[&str]) -> Plan {
        let mut answers = Answers::default();
        for assignment in [&["project.name=orders", "stack.storage=s3"], assignments].concat() {
            answers.set_from_flag(assignment).unwrap();
        }
        plan(&Spec::new(answers).unwrap()).unwrap()
    }

    fn required_in(plan: &Plan, name: &str) -> Option<usize> {
        plan.env.iter().find(|key| key.name == name).map(|key| key.required_in.len())
    }

    #[test]
    fn a_key_is_needed_only_where_the_platform_has_no_identity() {
        const KUBERNETES: &str = "deploy.kubernetes-because=x";
        for cloud in ["aws", "gcp", "azure"] {
            let plan = planned(&[KUBERNETES, &format!("deploy.cloud={cloud}")]);
            assert_eq!(required_in(&plan, "AWS_ROLE_ARN"), Some(2), "{cloud}");
            assert_eq!(required_in(&plan, "AWS_ACCESS_KEY_ID"), None, "{cloud}");
            assert!(plan.features.web_identity);
        }
        for assignments in [&["deploy.cloud=none"][..], &["deploy.cloud=gcp"], &[KUBERNETES, "deploy.cloud=none"]] {
            let plan = planned(assignments);
            assert_eq!(required_in(&plan, "AWS_SECRET_ACCESS_KEY"), Some(2), "{assignments:?}");
            assert!(!plan.features.web_identity);
        }
        let on_machine = planned(&["deploy.cloud=aws"]);
        assert_eq!(required_in(&on_machine, "AWS_ACCESS_KEY_ID"), Some(0));
        assert!(on_machine.env.iter().all(|key| key.name != "AWS_ROLE_ARN"));
    }

    #[test]
    fn a_call_ends_before_a_stopping_instance_does() {
        let plan = planned(&[]);
        let storage = plan.storage.unwrap();
        assert!(storage.attempts * storage.attempt_timeout_ms < storage.answer_ms);
        assert!(storage.connect_timeout_ms < storage.attempt_timeout_ms);
        assert!(storage.answer_ms < plan.timeouts.drain_seconds * 1000);
        assert!(storage.max_bytes < storage.most_bytes);
    }
}
