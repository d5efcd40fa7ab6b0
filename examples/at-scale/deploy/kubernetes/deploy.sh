#!/usr/bin/env bash
# deploy.sh ENVIRONMENT IMAGE@sha256:DIGEST
#
# On every cluster in DEPLOY_TARGETS: has the API server check the manifests, migrates the database, rolls the service
# out, and puts the last verified version back where that fails. Nothing is changed anywhere until every cluster has
# accepted the manifests. Running it again, also after it was killed, is safe. confirm.sh says when the version is good.
set -euo pipefail

here=$(dirname -- "${BASH_SOURCE[0]}")
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "${here}/lib.sh"

environment=${1:?usage: deploy.sh ENVIRONMENT IMAGE@sha256:DIGEST}
image=${2:?usage: deploy.sh ENVIRONMENT IMAGE@sha256:DIGEST}
[[ ${image} =~ ^[^@[:space:]]+@sha256:[0-9a-f]{64}$ ]] || die "${image} names no digest: deploy what was built, not a tag"
start "${environment}"

# Each run gets a migration Job of its own; the same run finds its Job again.
release=${RELEASE:-$(date +%s)}
digest=${image#*@sha256:}
job="migrate-${digest:0:12}-${release}"
apply=(apply --server-side --force-conflicts --field-manager=deploy)

# render OVERLAY FILE: the overlay with this image and, for migrations, this run's name.
render() {
  mkdir "${scratch}/$1"
  cat >"${scratch}/$1/kustomization.yaml" <<EOF
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
  - ../../overlays/$2
images:
  - name: ${service}
    newName: ${image%@*}
    digest: sha256:${digest}
patches:
  - target:
      kind: Job
      name: migrate
    options:
      allowNameChange: true
    patch: '[{"op": "replace", "path": "/metadata/name", "value": "${job}"}]'
EOF
  kubectl kustomize "${scratch}/$1" >"${scratch}/$1.yaml"
}

# explain: what an operator would look at first.
explain() {
  kubectl get pods,externalsecrets --output=wide || true
  kubectl get events --field-selector=type=Warning --sort-by=.lastTimestamp || true
  kubectl logs --selector="$1" --all-containers --prefix --tail=50 || true
}

check() {
  local file
  for file in "${scratch}"/*.yaml; do
    kubectl "${apply[@]}" --dry-run=server --filename="${file}" >/dev/null || {
      kubectl auth whoami || true
      die "${target} refuses the manifests (above); nothing was changed"
    }
  done
}

migrate() {
  local active conditions='' deadline
  active=$(kubectl get jobs --selector="app.kubernetes.io/name=${service},app.kubernetes.io/component=migration" --output=jsonpath='{range .items[?(@.status.active)]}{.metadata.name}{" "}{end}')
  active=${active//${job}/}
  [[ -z ${active// /} ]] || die "${target} still runs the migration of another deploy (${active}): wait for it, then deploy again"
  kubectl "${apply[@]}" --filename="${scratch}/migrate.yaml"
  # Somewhat longer than the Job's own limit, so that the Job is what ends.
  deadline=$((SECONDS + ${MIGRATION_TIMEOUT:-660}))
  until [[ ${conditions} == *Complete* ]]; do
    if [[ ${conditions} == *Failed* ]] || ((SECONDS >= deadline)); then
      explain "batch.kubernetes.io/job-name=${job}"
      die "the migration failed on ${target}; the version that served before still serves"
    fi
    sleep "${POLL_SECONDS:-3}"
    # One request that fails says nothing about the migration.
    conditions=$(kubectl get job "${job}" --output=jsonpath='{.status.conditions[?(@.status=="True")].type}') || true
  done
  kubectl logs "job/${job}" --tail=50 || true
}

# remember: without a verified version yet, what is there now and healthy is what a failed rollout goes back to.
remember() {
  local line replicaset
  look
  [[ -n ${revision} && -z ${verified} ]] || return 0
  if kubectl rollout status "deployment/${service}" --timeout=5s; then
    line=$(serving)
    read -r _ replicaset _ <<<"${line}"
    kubectl annotate --overwrite "deployment/${service}" "${mark}=${replicaset}"
  fi
}

roll_out() {
  remember
  if ! kubectl "${apply[@]}" --filename="${scratch}/release.yaml" ||
    ! kubectl rollout status "deployment/${service}" --timeout="${ROLLOUT_TIMEOUT:-900s}"; then
    explain "${selector}"
    "${here}/rollback.sh" "${environment}" || die "the rollout failed on ${target}, and so did going back: look at it now"
    die "the rollout failed on ${target}; see above for the version that serves"
  fi
  say "${target}: ${image} serves"
}

render release "${environment}"
if grep -q '\.invalid$' "${scratch}/release.yaml"; then
  die "${here}/overlays/${environment}/kustomization.yaml still has a host name in .invalid: set the real one"
fi
[[ ! -d ${here}/overlays/${environment}/migrate ]] || render migrate "${environment}/migrate"

for cluster in "${targets[@]}"; do
  connect "${cluster}"
  check
done
if [[ -f ${scratch}/migrate.yaml ]]; then
  for cluster in "${targets[@]}"; do
    connect "${cluster}"
    migrate
  done
fi
for cluster in "${targets[@]}"; do
  connect "${cluster}"
  roll_out
done
