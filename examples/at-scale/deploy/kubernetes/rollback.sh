#!/usr/bin/env bash
# rollback.sh ENVIRONMENT [REVISION | previous]
#
# On every cluster in DEPLOY_TARGETS: goes back to the last version that passed its smoke test, or does nothing where that
# one serves already. With a revision, or `previous`, goes to that one and counts it as good from then on.
# The code goes back, and the settings with it; the database does not.
set -euo pipefail

here=$(dirname -- "${BASH_SOURCE[0]}")
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "${here}/lib.sh"

environment=${1:?usage: rollback.sh ENVIRONMENT [REVISION | previous]}
wanted=${2:-verified}
start "${environment}"

back() {
  local choice number replicaset image
  look
  [[ -n ${revision} ]] || die "${target} has no deployment of ${service}: there is nothing to go back to"
  case ${wanted} in
    verified | previous) choice=$("${wanted}") ;;
    *) choice=$(entry "${wanted}") ;;
  esac
  [[ -n ${choice} ]] || die "${target} keeps no ${wanted} version; it has:
${history}"
  read -r number replicaset image <<<"${choice}"
  if [[ ${number} == "${revision}" ]]; then
    say "${target}: ${image} serves already"
  else
    kubectl rollout undo "deployment/${service}" --to-revision="${number}"
  fi
  kubectl rollout status "deployment/${service}" --timeout="${ROLLOUT_TIMEOUT:-900s}"
  [[ ${wanted} == verified ]] || kubectl annotate --overwrite "deployment/${service}" "${mark}=${replicaset}"
  say "${target}: ${image} serves"
}

# Each by a run of its own: one that cannot go back, or cannot be reached, keeps no other from it.
if ((${#targets[@]} > 1)); then
  failed=()
  for cluster in "${targets[@]}"; do
    DEPLOY_TARGETS=${cluster} "${here}/rollback.sh" "$@" || failed+=("${cluster}")
  done
  ((${#failed[@]} == 0)) || die "did not go back on ${failed[*]}: look at these now; see above for what serves on the others"
  exit
fi
connect "${targets[0]}"
back
