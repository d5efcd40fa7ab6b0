//! Workflows that run only code that someone trusts, one deploy at a time, after the tests.

use std::collections::BTreeSet;

use crate::review::read::workflow::{Job, Workflow};
use crate::review::{Node, Problem, Repository, Risk, Rule, Severity};

use super::workflows::deploys;

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "untrusted-checkout",
        description: "A workflow with the repository's secrets never checks out the code of a pull request.",
        risk: Risk::Security,
        severity: Severity::Critical,
        why: "Anyone may open a pull request: its build scripts then run with a token that can write, and with every secret.",
        source: Some("https://docs.github.com/en/actions/reference/security/secure-use"),
        check: untrusted_checkout,
    },
    Rule {
        id: "deploy-one-at-a-time",
        description: "Deploys of an environment wait for each other and are never cancelled half way.",
        risk: Risk::Availability,
        severity: Severity::Medium,
        why: "Two at once leave whichever finishes last, and a cancelled one leaves half of each.",
        source: Some(
            "https://docs.github.com/en/actions/how-tos/write-workflows/choose-when-workflows-run/control-workflow-concurrency",
        ),
        check: one_at_a_time,
    },
    Rule {
        id: "deploy-after-tests",
        description: "A deploy on push waits for the tests of the same workflow.",
        risk: Risk::Availability,
        severity: Severity::Medium,
        why: "What fails its tests is in production before anyone reads that it does.",
        source: None,
        check: after_tests,
    },
    Rule {
        id: "cloud-keys",
        description: "Workflows get short-lived cloud credentials by OIDC, and hold no key.",
        risk: Risk::Security,
        severity: Severity::Medium,
        why: "A key that leaks in a log or a fork works until someone notices; a token by OIDC is void within the hour.",
        source: Some("https://docs.github.com/en/actions/concepts/security/openid-connect"),
        check: cloud_keys,
    },
];

/// Whether a workflow runs on an event, in any of the forms of `on`.
fn runs_on(workflow: &Workflow, event: &str) -> bool {
    // YAML 1.1 readers would take `on` for true; this one does not.
    let Some(on) = workflow.node.get("on") else { return false };
    on.text() == Some(event)
        || on.items().iter().any(|it| it.text() == Some(event))
        || on.get(event).is_some()
        || on.entries().iter().any(|(name, _)| name.text() == Some(event))
}

fn untrusted_checkout(repository: &Repository) -> Vec<Problem> {
    let mut problems = Vec::new();
    for workflow in repository.workflows.iter().filter(|it| runs_on(it, "pull_request_target")) {
        for step in workflow.jobs().iter().flat_map(Job::steps) {
            let is_checkout = step.text_at(&["uses"]).is_some_and(|uses| uses.starts_with("actions/checkout@"));
            let fields = ["ref", "repository"].iter().filter_map(|field| step.at(&["with", field]));
            let heads = ["pull_request.head", "github.head_ref", "refs/pull/"];
            let mut foreign =
                fields.filter(|it| it.text().is_some_and(|it| heads.iter().any(|head| it.contains(head))));
            if let Some(node) = foreign.next().filter(|_| is_checkout) {
                problems.push(Problem::new(
                    &node.place,
                    "checks out code that anyone can send, with the repository's secrets at hand",
                    "Run it on pull_request, without secrets; do what needs them in a second workflow on workflow_run.",
                ));
            }
        }
    }
    problems
}

fn one_at_a_time(repository: &Repository) -> Vec<Problem> {
    let mut problems = Vec::new();
    for workflow in &repository.workflows {
        // What another workflow calls runs in the group of the caller.
        if runs_on(workflow, "workflow_call") {
            continue;
        }
        for job in workflow.jobs().into_iter().filter(deploys) {
            let group = job.node.get("concurrency").or_else(|| workflow.node.get("concurrency"));
            let cancels =
                group.and_then(|group| group.get("cancel-in-progress")).filter(|it| it.text() == Some("true"));
            let (place, message) = match (group, cancels) {
                (None, _) => (job.place, format!("two runs of the job {} may deploy at once", job.name)),
                (_, Some(cancels)) => (&cancels.place, format!("a new run cancels the job {} half way", job.name)),
                _ => continue,
            };
            problems.push(Problem::new(
                place,
                message,
                "Set concurrency: { group: deploy-ENVIRONMENT, cancel-in-progress: false } on the workflow or the job.",
            ));
        }
    }
    problems
}

fn after_tests(repository: &Repository) -> Vec<Problem> {
    let mut problems = Vec::new();
    for workflow in repository.workflows.iter().filter(|it| runs_on(it, "push")) {
        let jobs = workflow.jobs();
        // A repository that tests in another workflow may protect its branch with it; nothing here can tell.
        if !jobs.iter().any(tests) {
            continue;
        }
        for job in jobs.iter().filter(|job| deploys(job) && !tests(job) && !follows(&jobs, job)) {
            problems.push(Problem::new(
                job.place,
                format!("the job {} deploys without waiting for the tests", job.name),
                "Add the job with the tests to its needs.",
            ));
        }
    }
    problems
}

fn follows(jobs: &[Job<'_>], job: &Job<'_>) -> bool {
    let mut open = job.needs();
    let mut seen = BTreeSet::new();
    while let Some(name) = open.pop() {
        let Some(needed) = jobs.iter().find(|job| job.name == name && seen.insert(job.name)) else { continue };
        if tests(needed) {
            return true;
        }
        open.extend(needed.needs());
    }
    false
}

fn tests(job: &Job<'_>) -> bool {
    let words = [
        "npm test",
        "npm t\n",
        "run test",
        "yarn test",
        "pnpm test",
        "bun test",
        "vitest",
        "jest",
        "node --test",
        "playwright test",
    ];
    let scripts = format!("{}\n", job.scripts());
    // A call of another workflow may be the tests.
    let called =
        job.node.text_at(&["uses"]).is_some_and(|uses| ["test", "ci", "check"].iter().any(|it| uses.contains(it)));
    called || words.iter().any(|word| scripts.contains(word))
}

fn cloud_keys(repository: &Repository) -> Vec<Problem> {
    let mut problems = Vec::new();
    for workflow in &repository.workflows {
        let mut blocks: Vec<&Node> = workflow.node.get("env").into_iter().collect();
        for job in workflow.jobs() {
            blocks.extend(job.node.get("env"));
            blocks.extend(job.steps().iter().flat_map(|step| [step.get("env"), step.get("with")]).flatten());
        }
        for (name, value) in blocks.into_iter().flat_map(Node::entries) {
            let keys = [
                "AWS_SECRET_ACCESS_KEY",
                "aws-secret-access-key",
                "credentials_json",
                "AZURE_CREDENTIALS",
                "AZURE_CLIENT_SECRET",
            ];
            let is_key = name.text().is_some_and(|name| keys.contains(&name));
            // `creds` of azure/login takes a JSON with a secret.
            let is_azure =
                name.text() == Some("creds") && value.text().is_some_and(|it| it.to_uppercase().contains("AZURE"));
            if (is_key || is_azure) && value.text().is_some_and(|it| it.contains("secrets.")) {
                problems.push(Problem::new(
                    &name.place,
                    format!("{} is a key that does not expire", name.text().unwrap_or_default()),
                    "Trust this repository's OIDC tokens in the cloud, give the job id-token: write, and delete the key.",
                ));
            }
        }
    }
    problems
}
