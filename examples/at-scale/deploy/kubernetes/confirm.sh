#!/usr/bin/env bash
# confirm.sh ENVIRONMENT
#
# Marks the version that serves as good, after its smoke test: it is what a later rollback goes back to.
set -euo pipefail

here=$(dirname -- "${BASH_SOURCE[0]}")
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "${here}/lib.sh"

environment=${1:?usage: confirm.sh ENVIRONMENT}
start "${environment}"

# All of them first: marked on one and not on another, a rollback would leave two versions serving.
for cluster in "${targets[@]}"; do
  connect "${cluster}"
  look
  line=$(serving)
  [[ -n ${line} ]] || die "${target} has no deployment of ${service}; nothing is marked"
done
for cluster in "${targets[@]}"; do
  connect "${cluster}"
  look
  line=$(serving)
  read -r _ replicaset image <<<"${line}"
  kubectl annotate --overwrite "deployment/${service}" "${mark}=${replicaset}"
  say "${target}: ${image} is verified"
done
