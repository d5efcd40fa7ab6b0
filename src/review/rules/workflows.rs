//! Workflows that gate what they say they gate.

use std::collections::BTreeSet;

use crate::review::read::workflow::{Job, Workflow};
use crate::review::{Node, Problem, Repository, Risk, Rule, Severity};

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "actions-pinned",
        description: "Every action is pinned to a full commit, with its version in a comment.",
        risk: Risk::Security,
        severity: Severity::Medium,
        why: "A tag can be moved to other code, which then runs with this workflow's rights and secrets.",
        source: Some("https://docs.github.com/en/actions/reference/security/secure-use"),
        check: actions_pinned,
    },
    Rule {
        id: "workflow-permissions",
        description: "Every job runs with permissions that the workflow or the job states, and none may write everything.",
        risk: Risk::Security,
        severity: Severity::Medium,
        why: "Otherwise every step, third-party actions included, may hold a token that can write to the repository.",
        source: Some("https://docs.github.com/en/actions/reference/security/secure-use"),
        check: permissions,
    },
    Rule {
        id: "job-timeout",
        description: "Every job has a time limit.",
        risk: Risk::Cost,
        severity: Severity::Low,
        why: "A step that hangs is paid for until GitHub ends it after six hours, and blocks the next deploy of its group.",
        source: Some("https://docs.github.com/en/actions/reference/limits"),
        check: timeouts,
    },
    Rule {
        id: "deploy-gated",
        description: "A job that deploys has an environment and comes after the preflight that checks its approval rules.",
        risk: Risk::Security,
        severity: Severity::High,
        why: "Whoever can push, or a stolen token, deploys to production without anyone being asked.",
        source: Some("https://docs.github.com/en/actions/reference/workflows-and-actions/deployments-and-environments"),
        check: deploy_gated,
    },
    Rule {
        id: "no-expression-in-run",
        description: "Scripts get values through env, never through an expression that is pasted into them.",
        risk: Risk::Security,
        severity: Severity::High,
        why: "A branch name or title is pasted into the script before the shell reads it: its author runs commands with the workflow's rights.",
        source: Some("https://docs.github.com/en/actions/concepts/security/script-injections"),
        check: no_expression_in_run,
    },
];

fn actions_pinned(repository: &Repository) -> Vec<Problem> {
    let steps = repository.workflows.iter().flat_map(|workflow| {
        let jobs = workflow.jobs();
        let uses = jobs.into_iter().flat_map(|job| {
            job.node.get("uses").into_iter().chain(job.steps().iter().filter_map(|step| step.get("uses")))
        });
        uses.collect::<Vec<_>>()
    });
    steps
        .filter(|uses| !uses.text().is_some_and(|text| text.starts_with("./") || text.starts_with("$/")))
        .filter(|uses| !is_pinned(uses) || !has_version_comment(repository.line(&uses.place)))
        .map(|uses| {
            Problem::new(
                &uses.place,
                format!("{} is not pinned to a commit with its version beside it", uses.text().unwrap_or_default()),
                "Write owner/action@<40 hex digits> # vX.Y.Z.",
            )
        })
        .collect()
}

fn is_pinned(uses: &Node) -> bool {
    let version = uses.text().and_then(|text| text.split_once('@')).map(|(_, version)| version);
    version.is_some_and(|version| version.len() == 40 && version.chars().all(|c| c.is_ascii_hexdigit()))
}

fn has_version_comment(line: &str) -> bool {
    let comment = line.split_once(" # ").map(|(_, comment)| comment.trim());
    comment.is_some_and(|comment| comment.trim_start_matches('v').starts_with(|c: char| c.is_ascii_digit()))
}

fn permissions(repository: &Repository) -> Vec<Problem> {
    let fix = "Write permissions: {} at the top, and grant in each job what it needs.";
    let mut problems = Vec::new();
    for workflow in &repository.workflows {
        let granted = workflow.node.get("permissions");
        let jobs = workflow.jobs();
        let open = jobs.iter().find(|job| granted.is_none() && job.node.get("permissions").is_none());
        problems.extend(open.map(|job| {
            Problem::new(job.place, format!("nothing states the permissions of the job {}", job.name), fix)
        }));
        let all = granted.into_iter().chain(jobs.iter().filter_map(|job| job.node.get("permissions")));
        let all = all.filter(|granted| granted.text() == Some("write-all"));
        problems.extend(all.map(|granted| Problem::new(&granted.place, "grants every permission there is", fix)));
    }
    problems
}

fn timeouts(repository: &Repository) -> Vec<Problem> {
    let jobs = repository.workflows.iter().flat_map(Workflow::jobs);
    let endless = jobs.filter(|job| {
        // A limit on every step bounds the job as well.
        let steps = job.steps();
        let is_bounded = !steps.is_empty() && steps.iter().all(|step| step.get("timeout-minutes").is_some());
        job.node.get("timeout-minutes").is_none() && !job.is_call() && !is_bounded
    });
    endless
        .map(|job| {
            Problem::new(
                job.place,
                format!("the job {} has no time limit", job.name),
                "Set timeout-minutes; the default is six hours.",
            )
        })
        .collect()
}

fn deploy_gated(repository: &Repository) -> Vec<Problem> {
    let mut problems = Vec::new();
    // Only where the repository has such a check; GitHub's own setting is not in the files.
    let has_preflight =
        repository.workflows.iter().flat_map(Workflow::jobs).any(|job| job.scripts().contains("preflight"));
    for workflow in &repository.workflows {
        for job in workflow.jobs() {
            let has_environment = job.node.get("environment").is_some();
            if deploys(&job) && !has_environment {
                problems.push(Problem::new(
                    job.place,
                    format!("the job {} deploys without an environment, so nobody is asked", job.name),
                    "Give it environment: NAME.",
                ));
            }
            if has_preflight && (deploys(&job) || has_environment) && !follows_preflight(workflow, &job) {
                problems.push(Problem::new(
                    job.place,
                    format!("the job {} does not wait for the preflight", job.name),
                    "Add the job that runs preflight.sh to its needs.",
                ));
            }
        }
    }
    problems
}

/// Whether a job changes what runs somewhere: it applies manifests, works on a host or calls a platform.
pub(super) fn deploys(job: &Job<'_>) -> bool {
    const COMMANDS: [&str; 17] = [
        "kubectl apply",
        "kubectl rollout restart",
        "kubectl set image",
        "helm upgrade",
        "deploy.sh",
        "gcloud run deploy",
        "aws ecs update-service",
        "docker stack deploy",
        "flyctl deploy",
        "fly deploy",
        "vercel --prod",
        "vercel deploy --prod",
        "wrangler deploy",
        "serverless deploy",
        "cdk deploy",
        "terraform apply",
        "kubectl rollout undo",
    ];
    const ACTIONS: [&str; 7] = [
        "google-github-actions/deploy-cloudrun@",
        "aws-actions/amazon-ecs-deploy-task-definition@",
        "azure/webapps-deploy@",
        "azure/container-apps-deploy-action@",
        "appleboy/ssh-action@",
        "azure/k8s-deploy@",
        "akhileshns/heroku-deploy@",
    ];
    let scripts = job.scripts();
    let by_ssh =
        scripts.lines().any(|line| line.trim_start().starts_with("ssh ") || line.trim_start().starts_with("scp "));
    let uses = job.steps().iter().filter_map(|step| step.text_at(&["uses"]));
    let by_action = uses.map(str::to_lowercase).any(|uses| ACTIONS.iter().any(|action| uses.starts_with(action)));
    by_ssh || by_action || COMMANDS.iter().any(|command| scripts.contains(command))
}

fn follows_preflight(workflow: &Workflow, job: &Job<'_>) -> bool {
    let jobs = workflow.jobs();
    let mut open = job.needs();
    let mut seen = BTreeSet::new();
    while let Some(name) = open.pop() {
        let Some(needed) = jobs.iter().find(|job| job.name == name && seen.insert(job.name)) else {
            continue;
        };
        if needed.scripts().contains("preflight") {
            return true;
        }
        open.extend(needed.needs());
    }
    false
}

fn no_expression_in_run(repository: &Repository) -> Vec<Problem> {
    let jobs = repository.workflows.iter().flat_map(Workflow::jobs);
    let scripts = jobs.flat_map(|job| job.steps().iter().filter_map(script).collect::<Vec<_>>());
    scripts
        .filter_map(|script| Some((script, foreign_expression(script.text()?)?)))
        .map(|(script, expression)| {
            Problem::new(
                &script.place,
                format!("the text of {expression} becomes a part of this script"),
                "Pass the value through env and use \"$NAME\".",
            )
        })
        .collect()
}

/// What a step runs: its shell script, or that of actions/github-script.
fn script(step: &Node) -> Option<&Node> {
    let is_script = step.text_at(&["uses"]).is_some_and(|uses| uses.starts_with("actions/github-script@"));
    step.get("run").or_else(|| step.at(&["with", "script"]).filter(|_| is_script))
}

/// The first expression whose value someone outside may choose: an event's texts, a branch's name, an input, or what another
/// step made of them. Numbers, hashes and names that the repository itself gives are not.
fn foreign_expression(script: &str) -> Option<&str> {
    const FOREIGN: [&str; 7] =
        ["github.event.", "github.head_ref", "github.ref_name", "github.ref", "inputs.", "steps.", "needs."];
    const HARMLESS: [&str; 11] = [
        ".number",
        ".sha",
        ".id",
        ".before",
        ".after",
        ".merged",
        ".draft",
        ".result",
        ".outcome",
        ".conclusion",
        ".run_number",
    ];
    let expressions =
        script.split("${{").skip(1).filter_map(|rest| rest.split_once("}}")).map(|(inner, _)| inner.trim());
    expressions.into_iter().find(|inner| {
        // A comparison gives true or false.
        let is_bool = inner.contains("==") || inner.contains("!=");
        let is_foreign = FOREIGN.iter().any(|start| inner.contains(start));
        is_foreign && !is_bool && !HARMLESS.iter().any(|end| inner.ends_with(end))
    })
}
