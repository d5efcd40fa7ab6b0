//! Trees that are broken on purpose: each fault is found by its rule, and by no other.

use std::collections::BTreeSet;
use std::fs;

use anyhow::{Context, Result, ensure};
use seaworthy::review::{RULES, check};
use tempfile::TempDir;

use crate::support::{copy, fixture, report};

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
    fault("kustomize", KUBERNETES, "deploy/kubernetes/base/kustomization.yaml", "  - secret.yaml", "  - secret.yaml
  - ."),
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
    fault("connections-fit", COMPOSE, "compose.yaml", "max_connections=100", "max_connections=12"),
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
    fault("job-timeout", COMPOSE, WORKFLOW, "    timeout-minutes: 5
", ""),
    fault("workflow-permissions", COMPOSE, WORKFLOW, "permissions: {}
jobs:
  test:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    permissions:
      contents: read
", "jobs:
  test:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
"),
    fault("workflow-permissions", COMPOSE, WORKFLOW, "on: push\npermissions: {}", "on: push\npermissions: write-all"),
    fault("deploy-gated", COMPOSE, WORKFLOW, "    environment: production\n", ""),
    fault("deploy-gated", COMPOSE, WORKFLOW, "needs: [test, preflight]", "needs: [test]"),
    fault("no-expression-in-run", COMPOSE, WORKFLOW, "ssh \"$TARGET\"", "ssh ${{ vars.TARGET }}"),
];

#[test]
fn good_trees_are_clean() -> Result<()> {
    for tree in [COMPOSE, KUBERNETES] {
        let findings = check(&fixture(tree))?.findings;
        ensure!(findings.is_empty(), "{tree}:\n{}", report(&findings));
    }
    Ok(())
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
        let findings = check(directory.path())?.findings;
        let rules: BTreeSet<&str> = findings.iter().map(|finding| finding.rule.id).collect();
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
