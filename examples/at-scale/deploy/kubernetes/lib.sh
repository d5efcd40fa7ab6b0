# shellcheck shell=bash
# Shared by the scripts beside this file: which objects, in which namespace, on which clusters. They set `here`.

shopt -s inherit_errexit

: "${here:?}"
service=checkout
selector="app.kubernetes.io/name=${service},app.kubernetes.io/component=service"
# On the Deployment: the ReplicaSet of the last version that passed its smoke test. It is kept in the cluster, not in a
# file, so that it outlives a run that was killed.
mark=deploy/verified-replicaset

say() { printf '%s\n' "$*"; }

die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# start ENVIRONMENT: sets namespace, targets and scratch, a directory that goes when the script ends.
start() {
  local overlay="${here}/overlays/$1"
  [[ -f ${overlay}/kustomization.yaml ]] || die "no environment $1: there is no ${overlay}"
  namespace=$(sed -n 's/^namespace: //p' "${overlay}/kustomization.yaml")
  read -ra targets <<<"${DEPLOY_TARGETS:-}"
  ((${#targets[@]} > 0)) || die "DEPLOY_TARGETS is empty: set it to the clusters of $1"
  # Beside the overlays, since kustomize takes relative paths only.
  scratch=$(mktemp -d "${here}/.run-XXXXXX")
  trap 'rm -rf "${scratch}"' EXIT
}

# connect TARGET: points kubectl at one cluster and at the namespace.
connect() {
  target=$1
  export KUBECONFIG="${scratch}/${target//[^A-Za-z0-9.-]/_}.kubeconfig"
  if [[ ! -s ${KUBECONFIG} ]]; then
    "${here}/credentials.sh" "${target}"
    kubectl config set-context --current --namespace="${namespace}" >/dev/null
  fi
}

# look: reads from the cluster what the functions below answer from. Empty answers before the first deploy.
look() {
  local deployment
  deployment=$(kubectl get deployment "${service}" --ignore-not-found --output=jsonpath="{.metadata.annotations.deployment\.kubernetes\.io/revision} {.metadata.annotations.${mark}}")
  read -r revision verified <<<"${deployment}"
  # A line for each version that is kept: REVISION REPLICASET IMAGE.
  history=$(kubectl get replicasets --selector="${selector}" --output=jsonpath='{range .items[*]}{.metadata.annotations.deployment\.kubernetes\.io/revision}{" "}{.metadata.name}{" "}{.spec.template.spec.containers[0].image}{"\n"}{end}')
}

serving() { [[ -z ${revision} ]] || entry "${revision}"; }

verified() { [[ -z ${verified} ]] || entry "${verified}"; }

previous() { awk -v serving="${revision}" '$1 < serving && $1 > newest { newest = $1; line = $0 } END { print line }' <<<"${history}"; }

# entry KEY: the line whose revision or ReplicaSet is KEY, or nothing.
entry() { awk -v key="$1" '$1 == key || $2 == key' <<<"${history}"; }
