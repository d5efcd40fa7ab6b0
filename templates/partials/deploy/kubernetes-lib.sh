[# What lib.sh has whatever the rollout: how to speak, and which cluster. #]
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
