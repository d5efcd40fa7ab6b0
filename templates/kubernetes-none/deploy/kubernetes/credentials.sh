#!/usr/bin/env bash
# credentials.sh API_SERVER
# credentials.sh --token API_SERVER
#
# Writes ${KUBECONFIG} for a cluster whose API server trusts GitHub's tokens. It holds no token: kubectl runs --token for a
# new one when the last has run out, which is after five minutes. The token is for this one API server (its audience).
# By hand, outside of a job: copies the current context of ~/.kube/config, if it is this API server.
set -euo pipefail

if [[ ${1:-} == --token ]]; then
  curl --silent --show-error --fail --retry 3 --max-time 20 --get --data-urlencode "audience=${2:?}" \
    --header "Authorization: Bearer ${ACTIONS_ID_TOKEN_REQUEST_TOKEN:?the job needs id-token: write}" \
    "${ACTIONS_ID_TOKEN_REQUEST_URL:?the job needs id-token: write}" |
    jq --exit-status '{
      apiVersion: "client.authentication.k8s.io/v1",
      kind: "ExecCredential",
      status: {token: .value, expirationTimestamp: (now + 240 | todate)}
    } | select(.status.token != null)'
  exit
fi

target=${1:?usage: credentials.sh API_SERVER}
if [[ ! ${target} =~ ^https://[A-Za-z0-9.:/-]+$ ]]; then
  printf 'error: %s is not the https:// address of an API server\n' "${target}" >&2
  exit 1
fi

: "${KUBECONFIG:?}"
if [[ -z ${GITHUB_ACTIONS:-} && -z ${KUBE_CA_CERTIFICATE:-} ]]; then
  own=(kubectl config view --kubeconfig="${HOME}/.kube/config" --minify)
  server=$("${own[@]}" --output=jsonpath='{.clusters[0].cluster.server}')
  if [[ ${server} != "${target}" ]]; then
    printf 'error: the current context is %s, not %s\n' "${server}" "${target}" >&2
    exit 1
  fi
  umask 077
  "${own[@]}" --raw --flatten >"${KUBECONFIG}"
  exit
fi

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
authority="${KUBECONFIG}.ca"
printf '%s\n' "${KUBE_CA_CERTIFICATE:?the PEM certificates of the clusters\' authorities}" >"${authority}"

kubectl config set-cluster cluster --server="${target}" --certificate-authority="${authority}" --embed-certs=true
kubectl config set-credentials deployer \
  --exec-api-version=client.authentication.k8s.io/v1 --exec-interactive-mode=Never \
  --exec-command="${here}/credentials.sh" --exec-arg=--token --exec-arg="${target}"
kubectl config set-context cluster --cluster=cluster --user=deployer
kubectl config use-context cluster
