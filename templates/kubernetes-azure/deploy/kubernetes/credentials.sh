#!/usr/bin/env bash
# credentials.sh RESOURCE_GROUP/CLUSTER
# credentials.sh --token
#
# Writes ${KUBECONFIG} for one AKS cluster that signs people in through Entra ID. It holds no token: kubectl runs --token
# when it needs one. That is what kubelogin does too, which runners do not have.
set -euo pipefail

if [[ ${1:-} == --token ]]; then
  # The same in every tenant: the application that AKS API servers are known by.
  exec az account get-access-token --resource 6dae42f8-4368-4678-94ff-3960e28e3630 --output json \
    --query "{apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status: {token: accessToken}}"
fi

target=${1:?usage: credentials.sh RESOURCE_GROUP/CLUSTER}
if [[ ! ${target} =~ ^[A-Za-z0-9_][A-Za-z0-9._()-]*/[A-Za-z0-9][A-Za-z0-9_-]*$ ]]; then
  printf 'error: %s is not RESOURCE_GROUP/CLUSTER\n' "${target}" >&2
  exit 1
fi

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)

az aks get-credentials --resource-group "${target%/*}" --name "${target#*/}" --file "${KUBECONFIG:?}" --overwrite-existing
kubectl config set-credentials deployer \
  --exec-api-version=client.authentication.k8s.io/v1 --exec-interactive-mode=Never \
  --exec-command="${here}/credentials.sh" --exec-arg=--token
kubectl config set-context --current --user=deployer
