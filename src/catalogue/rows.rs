//! The rows of what does not depend on the framework: one for each template, in the order of the template folders.

use super::Row;
use crate::plan::{Environment, Plan};
use crate::render::file_set::Policy;

/// Their files, of all plans.
pub(super) static ROWS: &[Row] = &[
    // common
    merge("nvmrc", "common/.nvmrc.j2"),
    merge("dockerignore", "common/.dockerignore.j2").when(with_code),
    merge("env-example", "common/.env.example.j2"),
    merge("github-dependabot", "common/.github/dependabot.yml.j2").when(alone),
    merge("github-workflows-ci", "common/.github/workflows/ci.yml.j2").when(alone),
    merge("dockerfile", "common/Dockerfile.j2"),
    merge("compose", "common/compose.yaml.j2"),
    merge("deploy-scripts-preflight-script", "common/deploy/scripts/preflight.sh"),
    merge("deploy-scripts-smoke-test-script", "common/deploy/scripts/smoke-test.sh"),
    merge("deploy-scripts-superseded-script", "common/deploy/scripts/superseded.sh"),
    merge("deploy-scripts-reviewed-script", "common/deploy/scripts/reviewed.sh").when(by_pull_request),
    merge("deploy-scripts-notify-script", "common/deploy/scripts/notify.sh.j2").when(tells_slack),
    merge("deploy-scripts-watch-script", "common/deploy/scripts/watch.sh.j2"),
    merge("docs-deployment", "common/docs/DEPLOYMENT.md.j2"),
    merge("src-ops-connections", "common/src/ops/connections.ts.j2").when(with_typed_ops),
    merge("src-ops-env", "common/src/ops/env.ts.j2").when(with_typed_env),
    merge("src-ops-health", "common/src/ops/health.ts.j2").when(with_typed_ops),
    merge("docs-simulation", "common/docs/simulation.svg.j2"),
    merge("src-ops-safety", "common/src/ops/safety.ts.j2").when(with_code),
    merge("src-ops-shutdown", "common/src/ops/shutdown.ts.j2").when(with_typed_ops),
    // cloud-run
    merge("github-workflows-deploy", "cloud-run/.github/workflows/deploy.yml.j2"),
    merge("deploy-cloud-run-confirm-script", "cloud-run/deploy/cloud-run/confirm.sh"),
    merge("deploy-cloud-run-counts-script", "cloud-run/deploy/cloud-run/counts.sh.j2"),
    merge("deploy-cloud-run-deploy-script", "cloud-run/deploy/cloud-run/deploy.sh.j2"),
    merge("deploy-cloud-run-lib-script", "cloud-run/deploy/cloud-run/lib.sh.j2"),
    merge("deploy-cloud-run-rollback-script", "cloud-run/deploy/cloud-run/rollback.sh"),
    merge("deploy-cloud-run-service", "cloud-run/deploy/cloud-run/ENV/service.yaml.j2"),
    merge("deploy-cloud-run-setup-script", "cloud-run/deploy/cloud-run/setup.sh.j2"),
    // cloud-run-database
    merge("deploy-cloud-run-migrate", "cloud-run-database/deploy/cloud-run/ENV/migrate.yaml.j2"),
    // compose
    merge("github-workflows-deploy", "compose/.github/workflows/deploy.yml.j2"),
    merge("deploy-compose-caddyfile", "compose/deploy/compose/Caddyfile.j2"),
    merge("deploy-compose-compose", "compose/deploy/compose/compose.yaml.j2"),
    merge("deploy-compose-counts-script", "compose/deploy/compose/counts.sh.j2"),
    merge("deploy-compose-deploy-script", "compose/deploy/compose/deploy.sh.j2"),
    merge("deploy-compose-host-env-example", "compose/deploy/compose/host.env.example.j2"),
    merge("deploy-scripts-host-script", "compose/deploy/scripts/host.sh.j2"),
    // compose-database
    merge("deploy-compose-backup-script", "compose-database/deploy/compose/backup.sh.j2"),
    merge("deploy-compose-restore-script", "compose-database/deploy/compose/restore.sh.j2"),
    // dependencies
    merge("compose-dev", "dependencies/compose.dev.yaml.j2"),
    // ecs
    merge("github-workflows-deploy", "ecs/.github/workflows/deploy.yml.j2"),
    merge("deploy-ecs-confirm-script", "ecs/deploy/ecs/confirm.sh"),
    merge("deploy-ecs-counts-script", "ecs/deploy/ecs/counts.sh.j2"),
    merge("deploy-ecs-deploy-script", "ecs/deploy/ecs/deploy.sh.j2"),
    merge("deploy-ecs-foundation", "ecs/deploy/ecs/foundation.yaml.j2"),
    merge("deploy-ecs-lib-script", "ecs/deploy/ecs/lib.sh.j2"),
    merge("deploy-ecs-rollback-script", "ecs/deploy/ecs/rollback.sh.j2"),
    merge("deploy-ecs-task-service", "ecs/deploy/ecs/task-service.json.j2"),
    merge("deploy-ecs-environment", "ecs/deploy/ecs/ENV/environment.json.j2"),
    merge("deploy-ecs-parameters", "ecs/deploy/ecs/ENV/parameters.json.j2"),
    merge("deploy-ecs-service", "ecs/deploy/ecs/ENV/service.json.j2"),
    // ecs-database
    merge("deploy-ecs-task-migrate", "ecs-database/deploy/ecs/task-migrate.json.j2"),
    // ecs-hpa
    merge("deploy-ecs-scaling-policy", "ecs-hpa/deploy/ecs/ENV/scaling-policy.json.j2").when(autoscaled),
    merge("deploy-ecs-scaling-target", "ecs-hpa/deploy/ecs/ENV/scaling-target.json.j2").when(autoscaled),
    // ecs-queue
    merge("deploy-ecs-task-worker", "ecs-queue/deploy/ecs/task-worker.json.j2"),
    merge("deploy-ecs-worker", "ecs-queue/deploy/ecs/ENV/worker.json.j2"),
    // existing
    merge("dockerignore", "existing/.dockerignore.j2"),
    merge("deploy-image-manifests", "existing-workspace/deploy/image/manifests.mjs"),
    merge("deploy-image-probes", "existing/deploy/image/probes.mjs.j2"),
    // existing-database
    merge("deploy-image-database", "existing-database/deploy/image/database.mjs.j2"),
    // existing-kept
    merge("deploy-compose-backup-files-script", "existing-kept/deploy/compose/backup-files.sh.j2"),
    merge("deploy-compose-restore-files-script", "existing-kept/deploy/compose/restore-files.sh.j2"),
    merge("deploy-image-kept", "existing-kept/deploy/image/kept.mjs"),
    // kubernetes
    merge("github-workflows-deploy", "kubernetes/.github/workflows/deploy.yml.j2"),
    merge("deploy-kubernetes-base-deployment", "kubernetes/deploy/kubernetes/base/deployment.yaml.j2"),
    merge(
        "deploy-kubernetes-base-foundation-kustomization",
        "kubernetes/deploy/kubernetes/base/foundation/kustomization.yaml.j2",
    ),
    merge(
        "deploy-kubernetes-base-foundation-network-policy",
        "kubernetes/deploy/kubernetes/base/foundation/network-policy.yaml.j2",
    ),
    merge(
        "deploy-kubernetes-base-foundation-service-account",
        "kubernetes/deploy/kubernetes/base/foundation/service-account.yaml.j2",
    ),
    merge("deploy-kubernetes-base-kustomization", "kubernetes/deploy/kubernetes/base/kustomization.yaml.j2"),
    merge("deploy-kubernetes-base-network-policy", "kubernetes/deploy/kubernetes/base/network-policy.yaml.j2"),
    merge(
        "deploy-kubernetes-base-pod-disruption-budget",
        "kubernetes/deploy/kubernetes/base/pod-disruption-budget.yaml.j2",
    ),
    merge("deploy-kubernetes-base-service", "kubernetes/deploy/kubernetes/base/service.yaml.j2"),
    merge(
        "deploy-kubernetes-base-setup-deployer-role",
        "kubernetes/deploy/kubernetes/base/setup/deployer-role.yaml.j2",
    ),
    merge("deploy-kubernetes-base-setup-kustomization", "kubernetes/deploy/kubernetes/base/setup/kustomization.yaml"),
    merge("deploy-kubernetes-base-setup-limit-range", "kubernetes/deploy/kubernetes/base/setup/limit-range.yaml.j2"),
    merge("deploy-kubernetes-counts-script", "kubernetes/deploy/kubernetes/counts.sh.j2"),
    merge(
        "deploy-kubernetes-overlays-foundation-kustomization",
        "kubernetes/deploy/kubernetes/overlays/ENV/foundation/kustomization.yaml.j2",
    ),
    merge(
        "deploy-kubernetes-overlays-foundation-registry-secret",
        "kubernetes/deploy/kubernetes/overlays/ENV/foundation/registry-secret.yaml.j2",
    ),
    merge("deploy-kubernetes-overlay-kustomization", "kubernetes/deploy/kubernetes/overlays/ENV/kustomization.yaml.j2"),
    merge(
        "deploy-kubernetes-overlays-setup-kustomization",
        "kubernetes/deploy/kubernetes/overlays/ENV/setup/kustomization.yaml.j2",
    ),
    merge(
        "deploy-kubernetes-overlays-setup-namespace",
        "kubernetes/deploy/kubernetes/overlays/ENV/setup/namespace.yaml.j2",
    ),
    merge(
        "deploy-kubernetes-overlays-setup-resource-quota",
        "kubernetes/deploy/kubernetes/overlays/ENV/setup/resource-quota.yaml.j2",
    ),
    // kubernetes-aws
    merge("deploy-kubernetes-credentials-script", "kubernetes-aws/deploy/kubernetes/credentials.sh"),
    merge(
        "deploy-kubernetes-overlays-setup-deployer-binding",
        "kubernetes-aws/deploy/kubernetes/overlays/ENV/setup/deployer-binding.yaml.j2",
    ),
    merge(
        "deploy-kubernetes-overlays-setup-secret-store",
        "kubernetes-aws/deploy/kubernetes/overlays/ENV/setup/secret-store.yaml.j2",
    ),
    // kubernetes-azure
    merge("deploy-kubernetes-credentials-script", "kubernetes-azure/deploy/kubernetes/credentials.sh"),
    merge(
        "deploy-kubernetes-overlays-setup-deployer-binding",
        "kubernetes-azure/deploy/kubernetes/overlays/ENV/setup/deployer-binding.yaml.j2",
    ),
    merge(
        "deploy-kubernetes-overlays-setup-secret-store",
        "kubernetes-azure/deploy/kubernetes/overlays/ENV/setup/secret-store.yaml.j2",
    ),
    // kubernetes-blue-green
    merge("deploy-kubernetes-confirm-script", "kubernetes-blue-green/deploy/kubernetes/confirm.sh.j2"),
    merge("deploy-kubernetes-deploy-script", "kubernetes-blue-green/deploy/kubernetes/deploy.sh.j2"),
    merge("deploy-kubernetes-lib-script", "kubernetes-blue-green/deploy/kubernetes/lib.sh.j2"),
    merge("deploy-kubernetes-rollback-script", "kubernetes-blue-green/deploy/kubernetes/rollback.sh.j2"),
    // kubernetes-database
    merge("deploy-kubernetes-base-migrate-job", "kubernetes-database/deploy/kubernetes/base/migrate/job.yaml.j2"),
    merge(
        "deploy-kubernetes-base-migrate-kustomization",
        "kubernetes-database/deploy/kubernetes/base/migrate/kustomization.yaml",
    ),
    merge(
        "deploy-kubernetes-base-migrate-network-policy",
        "kubernetes-database/deploy/kubernetes/base/migrate/network-policy.yaml.j2",
    ),
    merge(
        "deploy-kubernetes-overlays-migrate-external-secret",
        "kubernetes-database/deploy/kubernetes/overlays/ENV/migrate/external-secret.yaml.j2",
    ),
    merge(
        "deploy-kubernetes-overlays-migrate-kustomization",
        "kubernetes-database/deploy/kubernetes/overlays/ENV/migrate/kustomization.yaml.j2",
    ),
    // kubernetes-database-direct
    merge(
        "deploy-kubernetes-base-network-policy-database",
        "kubernetes-database-direct/deploy/kubernetes/base/network-policy-database.yaml.j2",
    ),
    // kubernetes-gateway
    merge("deploy-kubernetes-base-http-route", "kubernetes-gateway/deploy/kubernetes/base/http-route.yaml.j2"),
    // kubernetes-gcp
    merge(
        "deploy-kubernetes-base-health-check-policy",
        "kubernetes-gcp/deploy/kubernetes/base/health-check-policy.yaml.j2",
    )
    .when(asked_by_google),
    merge("deploy-kubernetes-credentials-script", "kubernetes-gcp/deploy/kubernetes/credentials.sh"),
    merge(
        "deploy-kubernetes-overlays-setup-deployer-binding",
        "kubernetes-gcp/deploy/kubernetes/overlays/ENV/setup/deployer-binding.yaml.j2",
    ),
    merge(
        "deploy-kubernetes-overlays-setup-secret-store",
        "kubernetes-gcp/deploy/kubernetes/overlays/ENV/setup/secret-store.yaml.j2",
    ),
    // kubernetes-hpa
    merge(
        "deploy-kubernetes-overlays-horizontal-pod-autoscaler",
        "kubernetes-hpa/deploy/kubernetes/overlays/ENV/horizontal-pod-autoscaler.yaml.j2",
    )
    .when(autoscaled),
    // kubernetes-ingress
    merge("deploy-kubernetes-base-ingress", "kubernetes-ingress/deploy/kubernetes/base/ingress.yaml.j2"),
    // kubernetes-keda
    merge(
        "deploy-kubernetes-overlays-foundation-queue-secret",
        "kubernetes-keda/deploy/kubernetes/overlays/ENV/foundation/queue-secret.yaml.j2",
    ),
    merge(
        "deploy-kubernetes-overlays-worker-scaling",
        "kubernetes-keda/deploy/kubernetes/overlays/ENV/worker-scaling.yaml.j2",
    ),
    // kubernetes-none
    merge("deploy-kubernetes-credentials-script", "kubernetes-none/deploy/kubernetes/credentials.sh"),
    merge(
        "deploy-kubernetes-overlays-setup-deployer-binding",
        "kubernetes-none/deploy/kubernetes/overlays/ENV/setup/deployer-binding.yaml.j2",
    ),
    merge(
        "deploy-kubernetes-overlays-setup-secret-store",
        "kubernetes-none/deploy/kubernetes/overlays/ENV/setup/secret-store.yaml.j2",
    ),
    // kubernetes-outgoing
    merge(
        "deploy-kubernetes-base-network-policy-outgoing",
        "kubernetes-outgoing/deploy/kubernetes/base/network-policy-outgoing.yaml.j2",
    ),
    // kubernetes-queue
    merge(
        "deploy-kubernetes-base-worker-deployment",
        "kubernetes-queue/deploy/kubernetes/base/worker/deployment.yaml.j2",
    ),
    merge(
        "deploy-kubernetes-base-worker-kustomization",
        "kubernetes-queue/deploy/kubernetes/base/worker/kustomization.yaml",
    ),
    merge(
        "deploy-kubernetes-base-worker-network-policy",
        "kubernetes-queue/deploy/kubernetes/base/worker/network-policy.yaml.j2",
    ),
    merge(
        "deploy-kubernetes-base-worker-pod-disruption-budget",
        "kubernetes-queue/deploy/kubernetes/base/worker/pod-disruption-budget.yaml.j2",
    ),
    // kubernetes-redis
    merge(
        "deploy-kubernetes-base-network-policy-redis",
        "kubernetes-redis/deploy/kubernetes/base/network-policy-redis.yaml.j2",
    ),
    // kubernetes-rolling
    merge("deploy-kubernetes-confirm-script", "kubernetes-rolling/deploy/kubernetes/confirm.sh.j2"),
    merge("deploy-kubernetes-deploy-script", "kubernetes-rolling/deploy/kubernetes/deploy.sh.j2"),
    merge("deploy-kubernetes-lib-script", "kubernetes-rolling/deploy/kubernetes/lib.sh.j2"),
    merge("deploy-kubernetes-rollback-script", "kubernetes-rolling/deploy/kubernetes/rollback.sh.j2"),
    // kubernetes-secrets
    merge(
        "deploy-kubernetes-overlays-foundation-external-secret",
        "kubernetes-secrets/deploy/kubernetes/overlays/ENV/foundation/external-secret.yaml.j2",
    ),
    // npm, pnpm, yarn, bun: how packages are installed
    once("npmrc", "npm/.npmrc"),
    merge("pnpm-workspace", "pnpm/pnpm-workspace.yaml.j2"),
    merge("yarnrc", "yarn/.yarnrc.yml"),
    merge("github-yarn-package", "yarn-workflow/.github/yarn/package.json.j2"),
    merge("github-yarn-package-lock", "yarn-workflow/.github/yarn/package-lock.json.j2"),
    merge("bunfig", "bun/bunfig.toml"),
    // pgbouncer
    merge(
        "deploy-kubernetes-base-network-policy-database",
        "pgbouncer/deploy/kubernetes/base/network-policy-database.yaml.j2",
    ),
    merge(
        "deploy-kubernetes-base-pgbouncer-deployment",
        "pgbouncer/deploy/kubernetes/base/pgbouncer/deployment.yaml.j2",
    ),
    merge(
        "deploy-kubernetes-base-pgbouncer-kustomization",
        "pgbouncer/deploy/kubernetes/base/pgbouncer/kustomization.yaml.j2",
    ),
    merge(
        "deploy-kubernetes-base-pgbouncer-network-policy",
        "pgbouncer/deploy/kubernetes/base/pgbouncer/network-policy.yaml.j2",
    ),
    merge(
        "deploy-kubernetes-base-pgbouncer-pgbouncer-ini",
        "pgbouncer/deploy/kubernetes/base/pgbouncer/pgbouncer.ini.j2",
    ),
    merge(
        "deploy-kubernetes-base-pgbouncer-pod-disruption-budget",
        "pgbouncer/deploy/kubernetes/base/pgbouncer/pod-disruption-budget.yaml.j2",
    ),
    merge("deploy-kubernetes-base-pgbouncer-service", "pgbouncer/deploy/kubernetes/base/pgbouncer/service.yaml.j2"),
    merge("deploy-kubernetes-overlays-pooler-secret", "pgbouncer/deploy/kubernetes/overlays/ENV/pooler-secret.yaml.j2"),
    // postgres
    merge("src-ops-migrate", "postgres/src/ops/migrate.ts"),
    // queue
    merge("src-ops-heartbeat", "queue/src/ops/heartbeat.ts.j2"),
    merge("src-ops-queue", "queue/src/ops/queue.ts.j2"),
    merge("src-ops-retry-failed", "queue/src/ops/retry-failed.ts"),
    merge("src-ops-work", "queue/src/ops/work.ts.j2"),
    merge("src-ops-worker-probe", "queue/src/ops/worker-probe.ts.j2"),
    merge("src-ops-worker-services", "queue/src/ops/worker-services.ts.j2"),
    once("src-worker", "queue/src/worker.ts").when(with_app),
    merge("test-integration-jobs-test", "queue/test/integration/jobs.test.ts"),
    merge("test-worker-test", "queue/test/worker.test.ts.j2"),
    // queue-postgres
    once("src-jobs-index", "queue-postgres/src/jobs/index.ts.j2").when(with_app),
    once("src-jobs-reports", "queue-postgres/src/jobs/reports.ts.j2"),
    once("test-reports-test", "queue-postgres/test/reports.test.ts"),
    // queue-stateless
    once("src-jobs-index", "queue-stateless/src/jobs/index.ts").when(with_app),
    once("src-jobs-reports", "queue-stateless/src/jobs/reports.ts.j2"),
    once("test-reports-test", "queue-stateless/test/reports.test.ts"),
    // redis
    merge("src-ops-redis", "redis/src/ops/redis.ts.j2"),
    // repository
    merge("github-dependabot", "repository/.github/dependabot.yml.j2"),
    merge("github-workflows-ci", "repository/.github/workflows/ci.yml.j2"),
    // service
    once("editorconfig", "service/.editorconfig").when(alone),
    once("gitignore", "service/.gitignore.j2").when(compiled_file_by_file),
    once("readme", "service/README.md.j2"),
    once("biome", "service/biome.jsonc.j2").when(alone),
    merge("package", "service/package.json.j2"),
    once("src-logger", "service/src/logger.ts.j2"),
    merge("src-ops-proxies", "service/src/ops/proxies.ts.j2"),
    merge("src-ops-services", "service/src/ops/services.ts.j2").when(with_app),
    merge("test-env-test", "service/test/env.test.ts.j2"),
    merge("test-health-test", "service/test/health.test.ts.j2"),
    merge("test-shutdown-test", "service/test/shutdown.test.ts"),
    merge("tsconfig-build", "service/tsconfig.build.json").when(compiled_file_by_file),
    merge("tsconfig", "service/tsconfig.json.j2").when(compiled_file_by_file),
    // service-of-several
    merge("github-workflows-ci", "service-of-several/.github/workflows/ci.yml.j2"),
    // storage
    merge("deploy-storage-apply-script", "storage/deploy/storage/apply.sh"),
    merge("deploy-storage-bucket-policy", "storage/deploy/storage/bucket-policy.json"),
    merge("deploy-storage-cors", "storage/deploy/storage/cors.json"),
    merge("deploy-storage-lifecycle", "storage/deploy/storage/lifecycle.json.j2"),
    merge("deploy-storage-service-policy", "storage/deploy/storage/service-policy.json"),
    merge("src-ops-storage", "storage/src/ops/storage.ts.j2"),
    once("src-tenant", "storage/src/tenant.ts"),
    once("src-uploads", "storage/src/uploads.ts"),
    merge("test-storage-test", "storage/test/storage.test.ts"),
    once("test-tenant-test", "storage/test/tenant.test.ts"),
    // storage-identity
    merge("deploy-storage-trust-policy", "storage-identity/deploy/storage/ENV/trust-policy.json.j2"),
    // workspace
    once("workspace-editorconfig", "workspace/.editorconfig.j2"),
    once("workspace-gitignore", "workspace/.gitignore"),
    once("workspace-readme", "workspace/README.md.j2"),
    once("workspace-biome", "workspace/biome.jsonc.j2"),
    merge("workspace-package", "workspace/package.json.j2"),
    once("workspace-packages-readme", "workspace/packages/README.md.j2"),
    merge("workspace-pnpm", "workspace/pnpm-workspace.yaml.j2"),
    merge("workspace-turbo", "workspace/turbo.json"),
];

pub(super) const fn merge(id: &'static str, template: &'static str) -> Row {
    Row { id, template, policy: Policy::Merge, when: always }
}

pub(super) const fn once(id: &'static str, template: &'static str) -> Row {
    Row { id, template, policy: Policy::Once, when: always }
}

impl Row {
    pub(super) const fn when(self, when: fn(&Plan, Option<&Environment>) -> bool) -> Self {
        Self { when, ..self }
    }
}

fn always(_: &Plan, _: Option<&Environment>) -> bool {
    true
}

/// With emitted code.
fn with_code(plan: &Plan, _: Option<&Environment>) -> bool {
    !plan.features.existing
}

/// Where the service is the repository.
fn alone(plan: &Plan, _: Option<&Environment>) -> bool {
    !plan.place.is_within()
}

/// With emitted code, or with code of ours in TypeScript beside code that was there before.
fn with_typed_ops(plan: &Plan, _: Option<&Environment>) -> bool {
    !plan.features.existing || plan.existing.ops.as_ref().is_some_and(|it| it.typed)
}

/// The same, where the schema of the environment is part of it.
fn with_typed_env(plan: &Plan, _: Option<&Environment>) -> bool {
    !plan.features.existing || plan.existing.ops.as_ref().is_some_and(|it| it.typed && it.env)
}

/// Where what is open is handed to what is there already, and no module is given it.
fn with_app(plan: &Plan, _: Option<&Environment>) -> bool {
    !plan.stack.framework.modules && !plan.stack.framework.bundled
}

fn by_pull_request(plan: &Plan, _: Option<&Environment>) -> bool {
    plan.approval.pull_request
}

fn tells_slack(plan: &Plan, _: Option<&Environment>) -> bool {
    plan.notify.slack
}

fn compiled_file_by_file(plan: &Plan, _: Option<&Environment>) -> bool {
    !plan.stack.framework.bundled
}

fn asked_by_google(plan: &Plan, _: Option<&Environment>) -> bool {
    plan.routing.is_some_and(|routing| routing.google)
}

fn autoscaled(_: &Plan, environment: Option<&Environment>) -> bool {
    environment.is_some_and(|environment| environment.hpa)
}
