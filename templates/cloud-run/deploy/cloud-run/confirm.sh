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
look
serving=$(serving)
[[ -n ${serving} ]] || die "${service} has no revision that serves"
percent=$(share "${serving}")
[[ ${percent} == 100 ]] || die "${serving} has ${percent} % of the traffic: a deploy was cut short; run rollback.sh ${environment}"
route "${serving}" good
"${route[@]}" >/dev/null
say "${serving} is verified"
