#!/usr/bin/env bash
# credentials.sh RESOURCE_GROUP/CLUSTER
#
# Writes ${KUBECONFIG} for one AKS cluster that signs people in through Entra ID. It holds no token: kubectl asks az for
# one when it needs it. That is what kubelogin does too, which runners do not have.
set -euo pipefail

target=${1:?usage: credentials.sh RESOURCE_GROUP/CLUSTER}
if [[ ! ${target} =~ ^[A-Za-z0-9._()-]+/[A-Za-z0-9_-]+$ ]]; then
  printf 'error: %s is not RESOURCE_GROUP/CLUSTER\n' "${target}" >&2
  exit 1
fi

# The same in every tenant: the application that AKS API servers are known by.
api_server=6dae42f8-4368-4678-94ff-3960e28e3630

az aks get-credentials --resource-group "${target%/*}" --name "${target#*/}" --file "${KUBECONFIG:?}" --overwrite-existing
kubectl config set-credentials deployer \
  --exec-api-version=client.authentication.k8s.io/v1 --exec-interactive-mode=Never --exec-command=az \
  --exec-arg=account --exec-arg=get-access-token --exec-arg=--resource --exec-arg="${api_server}" --exec-arg=--output --exec-arg=json \
  --exec-arg=--query --exec-arg="{apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status: {token: accessToken}}"
kubectl config set-context --current --user=deployer
