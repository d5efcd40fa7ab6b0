//! The agreement checker over every golden tree, and over trees that are broken on purpose.

mod agreement;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use agreement::{Finding, Node, RULES, Repository, Value, check, parse};
use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

/// A good tree, and one textual change that makes exactly one rule find something.
struct Fault {
    rule: &'static str,
    tree: &'static str,
    file: &'static str,
    from: &'static str,
    to: &'static str,
}

const COMPOSE: &str = "good-compose";
const KUBERNETES: &str = "good-kubernetes";
const DEPLOYMENT: &str = "deploy/kubernetes/base/deployment.yaml";
const POLICY: &str = "deploy/kubernetes/base/policy.yaml";
const SCALING: &str = "deploy/kubernetes/overlays/production/scaling.yaml";
const WORKFLOW: &str = ".github/workflows/deploy.yml";
const ENV: &str = "src/ops/env.ts";

const fn fault(
    rule: &'static str,
    tree: &'static str,
    file: &'static str,
    from: &'static str,
    to: &'static str,
) -> Fault {
    Fault { rule, tree, file, from, to }
}

#[rustfmt::skip] // A table, read by its columns.
const FAULTS: &[Fault] = &[
    fault("readable", COMPOSE, "compose.dev.yaml", "services:", "services: ]"),
    fault("readable", COMPOSE, WORKFLOW, "on: push", "on: push\non: pull_request"),
    fault("readable", COMPOSE, ENV, "z.object({", "z.map({"),
    fault("kustomize", KUBERNETES, "deploy/kubernetes/base/kustomization.yaml", "  - secret.yaml", "  - secret.yaml\n  - nowhere.yaml"),
    fault("kustomize", KUBERNETES, "deploy/kubernetes/overlays/staging/kustomization.yaml", "kind: PodDisruptionBudget", "kind: DisruptionBudget"),
    fault("kustomize", KUBERNETES, "deploy/kubernetes/overlays/production/kustomization.yaml", "images:", "namePrefix: x-\nimages:"),
    fault("one-port", COMPOSE, "Dockerfile", "EXPOSE 3000", "EXPOSE 8080"),
    fault("one-port", COMPOSE, "Dockerfile", "127.0.0.1:3000", "127.0.0.1:8080"),
    fault("one-port", COMPOSE, ".env.example", "PORT=3000", "PORT=8080"),
    fault("one-port", COMPOSE, "compose.yaml", "127.0.0.1:3000:3000", "127.0.0.1:3000:8080"),
    fault("one-port", COMPOSE, "deploy/compose/Caddyfile", "app-green:3000", "app-green:3001"),
    fault("one-port", KUBERNETES, "deploy/kubernetes/base/kustomization.yaml", "PORT=3000", "PORT=8080"),
    fault("one-port", KUBERNETES, DEPLOYMENT, "containerPort: 3000", "containerPort: 8080"),
    fault("declared-ports", KUBERNETES, DEPLOYMENT, "port: http\n          life", "port: web\n          life"),
    fault("declared-ports", KUBERNETES, "deploy/kubernetes/base/service.yaml", "targetPort: http", "targetPort: 8080"),
    fault("declared-ports", KUBERNETES, POLICY, "- port: http", "- port: 8080"),
    fault("env-example", COMPOSE, ".env.example", "SHUTDOWN_DELAY_MS=0\n", ""),
    fault("env-example", COMPOSE, ".env.example", "PORT=3000", "PORT=3000\nPROT=3000"),
    fault("env-declared", COMPOSE, "deploy/compose/compose.yaml", "APP_ENV: production", "APP_ENV: production\n    LOG_LEVLE: info"),
    fault("env-declared", COMPOSE, WORKFLOW, "          DATABASE_URL:", "          DB_POOL: 5\n          DATABASE_URL:"),
    fault("env-declared", KUBERNETES, "deploy/kubernetes/base/kustomization.yaml", "DATABASE_POOL_MAX", "POOL_MAX"),
    fault("env-supplied", COMPOSE, "deploy/compose/compose.yaml", "    DATABASE_URL: ${DATABASE_URL:?}\n", ""),
    fault("env-supplied", KUBERNETES, "deploy/kubernetes/base/kustomization.yaml", "      - APP_ENV=production\n", ""),
    fault("env-values", COMPOSE, "deploy/compose/compose.yaml", "APP_ENV: production", "APP_ENV: live"),
    fault("hard-limit", COMPOSE, ENV, ".max(30_000)", ".max(60_000)"),
    fault("hard-limit", COMPOSE, ENV, ".default(2_000)", ".default(25_000)"),
    fault("grace-period", COMPOSE, "deploy/compose/compose.yaml", "stop_grace_period: 30s", "stop_grace_period: 28s"),
    fault("grace-period", COMPOSE, "compose.yaml", "  stop_grace_period: 30s\n", ""),
    fault("grace-period", KUBERNETES, DEPLOYMENT, "seconds: 10", "seconds: 15"),
    fault("keep-alive", COMPOSE, "deploy/compose/Caddyfile", "keepalive 60s", "keepalive 90s"),
    fault("keep-alive", COMPOSE, "deploy/compose/Caddyfile", "keepalive 60s", "dial_timeout 1s"),
    fault("keep-alive", KUBERNETES, "src/server.ts", "server.keepAliveTimeout = 65_000;", ""),
    fault("memory-limit", COMPOSE, "deploy/compose/compose.yaml", "        memory: 512m", "        cpus: 1"),
    fault("heap-within-limit", COMPOSE, "Dockerfile", "percentage=75", "percentage=80"),
    fault("heap-within-limit", COMPOSE, "Dockerfile", "--max-old-space-size-percentage=75", "--enable-source-maps"),
    fault("heap-within-limit", KUBERNETES, "Dockerfile", "-percentage=75", "=448"),
    fault("request-within-limit", COMPOSE, "compose.yaml", "memory: 256m", "memory: 1g"),
    fault("request-within-limit", KUBERNETES, DEPLOYMENT, "              memory: 512Mi\n            limits", "              memory: 1Gi\n            limits"),
    fault("quantities", KUBERNETES, DEPLOYMENT, "cpu: 500m", "cpu: lots"),
    fault("quantities", COMPOSE, "compose.yaml", "interval: 5s", "interval: 5"),
    fault("connections-fit", COMPOSE, "compose.yaml", "max_connections=100", "max_connections=20"),
    fault("connections-fit", KUBERNETES, SCALING, "maxReplicas: 10", "maxReplicas: 40"),
    fault("connections-fit", KUBERNETES, "seaworthy.toml", "200", "50"),
    fault("hpa-range", KUBERNETES, SCALING, "minReplicas: 2", "minReplicas: 10"),
    fault("hpa-range", KUBERNETES, "deploy/kubernetes/overlays/production/deployment.yaml", "replicas: null", "replicas: 2"),
    fault("hpa-target", KUBERNETES, SCALING, "kind: Deployment", "kind: StatefulSet"),
    fault("pdb-allows", KUBERNETES, POLICY, "maxUnavailable: 1", "minAvailable: 2"),
    fault("selectors-match", KUBERNETES, "deploy/kubernetes/base/service.yaml", "app: orders", "app: order"),
    fault("selectors-match", KUBERNETES, POLICY, "  selector:\n    matchLabels:\n      app: orders", "  selector:\n    matchLabels:\n      app: order"),
    fault("selectors-match", KUBERNETES, POLICY, "  podSelector:\n    matchLabels:\n      app: orders", "  podSelector:\n    matchLabels:\n      app: order"),
    fault("selectors-match", KUBERNETES, DEPLOYMENT, "              app: orders", "              app: order"),
    fault("references", KUBERNETES, DEPLOYMENT, "name: orders-secrets", "name: order-secrets"),
    fault("references", KUBERNETES, DEPLOYMENT, "serviceAccountName: orders", "serviceAccountName: order"),
    fault("references", KUBERNETES, "deploy/kubernetes/overlays/production/ingress.yaml", "      name: orders", "      name: order"),
    fault("references", KUBERNETES, "deploy/kubernetes/overlays/production/ingress.yaml", "number: 80", "number: 8080"),
    fault("compose-declared", COMPOSE, "compose.yaml", "networks:\n  back:", "networks:\n  front:"),
    fault("compose-declared", COMPOSE, "compose.yaml", "volumes:\n  data:", "volumes:\n  date:"),
    fault("compose-declared", COMPOSE, "deploy/compose/compose.yaml", "  app-green:\n    <<: *app", "  app-green:\n    <<: *app\n    secrets: [token]\n    depends_on: [app-red]"),
    fault("compose-healthy", COMPOSE, "compose.yaml", "    healthcheck:\n      test: [CMD, pg_isready]\n      interval: 5s\n", ""),
    fault("database-private", COMPOSE, "compose.dev.yaml", "127.0.0.1:5432:5432", "5432:5432"),
    fault("image-tags", COMPOSE, "deploy/compose/compose.yaml", "caddy:2.11.4", "caddy"),
    fault("image-tags", COMPOSE, "Dockerfile", "FROM node:24.1.0-trixie-slim\n", "FROM node:latest\n"),
    fault("image-tags", COMPOSE, WORKFLOW, "image: postgres:17.11", "image: postgres:latest"),
    fault("image-tags", KUBERNETES, "deploy/kubernetes/overlays/staging/kustomization.yaml", "newTag: 1.0.0", "newTag: latest"),
    fault("no-secret-literal", COMPOSE, "compose.yaml", "      POSTGRES_PASSWORD: ${POSTGRES_PASSWORD:?}", "      POSTGRES_PASSWORD: hunter2"),
    fault("no-secret-literal", COMPOSE, "deploy/compose/compose.yaml", "DATABASE_URL: ${DATABASE_URL:?}", "DATABASE_URL: postgres://app:hunter2@db/app"),
    fault("no-secret-literal", COMPOSE, WORKFLOW, "${{ secrets.DEPLOY_TOKEN }}", "ghp_0123"),
    fault("no-secret-literal", KUBERNETES, POLICY, "apiVersion: policy/v1", "apiVersion: v1\nkind: Secret\nmetadata:\n  name: token\nstringData:\n  TOKEN: abc\n---\napiVersion: policy/v1"),
    fault("actions-pinned", COMPOSE, WORKFLOW, "@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1", "@v7"),
    fault("actions-pinned", COMPOSE, WORKFLOW, " # v7.0.1", ""),
    fault("job-bounds", COMPOSE, WORKFLOW, "    timeout-minutes: 5\n", ""),
    fault("job-bounds", COMPOSE, WORKFLOW, "    permissions:\n      contents: read\n", ""),
    fault("job-bounds", COMPOSE, WORKFLOW, "on: push\npermissions: {}", "on: push\npermissions: write-all"),
    fault("deploy-gated", COMPOSE, WORKFLOW, "    environment: production\n", ""),
    fault("deploy-gated", COMPOSE, WORKFLOW, "needs: [test, preflight]", "needs: [test]"),
    fault("no-expression-in-run", COMPOSE, WORKFLOW, "ssh \"$TARGET\"", "ssh ${{ vars.TARGET }}"),
];

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/agreement/fixtures").join(name)
}

fn examples() -> Result<Vec<PathBuf>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let mut trees = Vec::new();
    for entry in fs::read_dir(&folder).with_context(|| format!("reading {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            trees.push(path);
        }
    }
    ensure!(!trees.is_empty(), "{} holds no golden tree", folder.display());
    Ok(trees)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

fn report(findings: &[Finding]) -> String {
    let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

#[test]
fn good_trees_are_clean() -> Result<()> {
    for tree in [COMPOSE, KUBERNETES] {
        let findings = check(&fixture(tree))?;
        ensure!(findings.is_empty(), "{tree}:\n{}", report(&findings));
    }
    Ok(())
}

#[test]
fn examples_agree() -> Result<()> {
    let mut failures = Vec::new();
    for tree in examples()? {
        let findings = check(&tree)?;
        if !findings.is_empty() {
            failures.push(format!("{}:\n{}", tree.display(), report(&findings)));
        }
        // Nothing found must not mean nothing read.
        let repository = Repository::read(&tree)?;
        let read = [
            ("keys in the env schema", repository.schema.len()),
            ("compose files", repository.compose.len()),
            ("workflows", repository.workflows.len()),
            ("instructions in the Dockerfile", repository.dockerfile.map_or(0, |image| image.instructions.len())),
        ];
        for (what, count) in read {
            ensure!(count > 0, "{}: no {what} were read", tree.display());
        }
    }
    ensure!(failures.is_empty(), "{}", failures.join("\n"));
    Ok(())
}

/// Answers that change which files there are or which numbers stand in them; every one with every other.
const STACKS: &[&[&str]] = &[
    &["stack.database=postgres", "stack.redis=true"],
    &["stack.database=postgres", "stack.redis=false", "stack.port=8080"],
    &["stack.database=none", "stack.redis=true"],
    &["stack.database=none", "stack.redis=false"],
];
const PLATFORMS: &[&[&str]] = &[
    &["scale.peak-rps=50"],
    &["scale.peak-rps=900", "scale.rps-per-replica=500"],
    &["scale.peak-rps=12000", "scale.trough-rps=100", "scale.db-max-connections=500", "deploy.cloud=aws"],
    &["scale.team-size=11", "scale.trough-rps=50", "deploy.cloud=gcp"],
    &["scale.regions=3", "scale.peak-rps=9000", "scale.db-max-connections=120", "deploy.cloud=azure"],
    &["deploy.kubernetes-because=the platform team runs one", "scale.peak-rps=3000", "scale.availability=99.99"],
];
const ENVIRONMENTS: &[&[&str]] = &[
    &["deploy.environments=production"],
    &["deploy.environments=staging,production"],
    &["deploy.environments=dev,acceptance,live"],
];

#[allow(clippy::print_stdout, reason = "the count is part of the result")]
#[test]
fn every_combination_agrees() -> Result<()> {
    let folder = TempDir::new()?;
    let mut trees = 0;
    let mut failures = Vec::new();
    for (stack, platform, environments) in combinations() {
        let answers = [stack, platform, environments].concat();
        let tree = folder.path().join(format!("tree-{trees}"));
        let mut command = Command::new(env!("CARGO_BIN_EXE_seaworthy"));
        command.args(["new", "--yes", "--no-install", "--set", "project.name=orders"]).arg(&tree);
        command.args(answers.iter().flat_map(|answer| ["--set", answer]));
        let output = command.output()?;
        ensure!(output.status.success(), "{answers:?}: {}", String::from_utf8_lossy(&output.stderr));
        let findings = check(&tree)?;
        if !findings.is_empty() {
            failures.push(format!("{answers:?}:\n{}", report(&findings)));
        }
        trees += 1;
    }
    println!("{trees} trees checked against {} rules", RULES.len());
    ensure!(trees == STACKS.len() * PLATFORMS.len() * ENVIRONMENTS.len());
    ensure!(failures.is_empty(), "{}", failures.join("\n"));
    Ok(())
}

type Answers = &'static [&'static str];

fn combinations() -> impl Iterator<Item = (Answers, Answers, Answers)> {
    STACKS.iter().flat_map(|stack| {
        let platforms = PLATFORMS.iter().map(move |platform| (stack, platform));
        platforms.flat_map(|(stack, platform)| ENVIRONMENTS.iter().map(move |names| (*stack, *platform, *names)))
    })
}

#[test]
fn each_fault_is_found_by_its_rule_alone() -> Result<()> {
    let mut failures = Vec::new();
    for fault in FAULTS {
        let directory = TempDir::new()?;
        copy(&fixture(fault.tree), directory.path())?;
        let path = directory.path().join(fault.file);
        let text = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
        ensure!(text.matches(fault.from).count() > 0, "{} is not in {}", fault.from, fault.file);
        fs::write(&path, text.replacen(fault.from, fault.to, 1))?;
        let findings = check(directory.path())?;
        let rules: BTreeSet<&str> = findings.iter().map(|finding| finding.rule).collect();
        if rules != BTreeSet::from([fault.rule]) {
            let Fault { rule, file, from, to, .. } = fault;
            failures.push(format!("{rule}: {file}: {from:?} -> {to:?} gave\n{}", report(&findings)));
        }
    }
    ensure!(failures.is_empty(), "{}", failures.join("\n"));
    Ok(())
}

#[test]
fn every_rule_has_a_fault_and_an_id_of_its_own() -> Result<()> {
    let mut seen = BTreeSet::new();
    for rule in RULES.iter() {
        ensure!(seen.insert(rule.id), "two rules are called {}", rule.id);
        ensure!(
            FAULTS.iter().any(|fault| fault.rule == rule.id),
            "no broken tree for {}: {}",
            rule.id,
            rule.description
        );
    }
    Ok(())
}

/// The checker builds overlays itself, to keep lines; kubectl is the judge of whether it does it right.
#[test]
fn overlays_are_built_as_kubectl_builds_them() -> Result<()> {
    let mut trees = examples()?;
    trees.push(fixture(KUBERNETES));
    for tree in trees {
        let repository = Repository::read(&tree)?;
        for overlay in &repository.overlays {
            let folder = tree.join(&overlay.folder);
            let output = Command::new("kubectl").arg("kustomize").arg(&folder).output().context("running kubectl")?;
            ensure!(
                output.status.success(),
                "kubectl kustomize {}:\n{}",
                folder.display(),
                String::from_utf8_lossy(&output.stderr)
            );
            let text = String::from_utf8(output.stdout)?;
            let expected: Vec<String> = parse("kubectl", &text)?.iter().map(canonical).collect();
            let own: Vec<String> = overlay.objects.iter().map(canonical).collect();
            for object in &own {
                ensure!(
                    expected.contains(object),
                    "{}: kubectl does not build\n{object}\nbut\n{}",
                    folder.display(),
                    expected.join("\n")
                );
            }
            ensure!(
                own.len() == expected.len(),
                "{}: {} objects, kubectl builds {}",
                folder.display(),
                own.len(),
                expected.len()
            );
        }
    }
    Ok(())
}

/// An object as text: sorted keys, no nulls, and names without the hash that kustomize appends.
fn canonical(node: &Node) -> String {
    match &node.value {
        Value::Scalar { text, .. } => without_hash(text).to_owned(),
        Value::Sequence(items) => {
            let items: Vec<String> = items.iter().map(canonical).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Mapping(entries) => {
            let mut fields: Vec<String> = entries
                .iter()
                .filter(|(_, value)| !value.is_null())
                .map(|(key, value)| format!("{}: {}", canonical(key), canonical(value)))
                .collect();
            fields.sort();
            format!("{{{}}}", fields.join(", "))
        }
    }
}

/// kustomize's hash: ten of the letters and digits that cannot be misread.
fn without_hash(text: &str) -> &str {
    match text.rsplit_once('-') {
        Some((name, hash)) if hash.len() == 10 && hash.chars().all(|c| "bcdfghkmt2456789".contains(c)) => name,
        _ => text,
    }
}
