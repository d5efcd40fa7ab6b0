#!/usr/bin/env bash
# credentials.sh REGION/CLUSTER
#
# Writes ${KUBECONFIG} for one EKS cluster. It holds no token: kubectl asks `aws eks get-token` for one when it needs it.
set -euo pipefail

target=${1:?usage: credentials.sh REGION/CLUSTER}
if [[ ! ${target} =~ ^[a-z0-9][a-z0-9-]*/[A-Za-z0-9][A-Za-z0-9_-]*$ ]]; then
  printf 'error: %s is not REGION/CLUSTER\n' "${target}" >&2
  exit 1
fi

aws eks update-kubeconfig --region "${target%/*}" --name "${target#*/}" --kubeconfig "${KUBECONFIG:?}"
