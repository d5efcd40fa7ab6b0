#!/usr/bin/env bash
# credentials.sh LOCATION/CLUSTER
#
# Writes ${KUBECONFIG} for one GKE cluster of the current project. It holds no token: kubectl asks gke-gcloud-auth-plugin
# for one when it needs it.
set -euo pipefail

target=${1:?usage: credentials.sh LOCATION/CLUSTER}
if [[ ! ${target} =~ ^[a-z0-9][a-z0-9-]*/[a-z0-9][a-z0-9-]*$ ]]; then
  printf 'error: %s is not LOCATION/CLUSTER\n' "${target}" >&2
  exit 1
fi

: "${KUBECONFIG:?}"
gcloud container clusters get-credentials "${target#*/}" --location="${target%/*}"
