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
definition=$(current "${service}")
[[ -n ${definition} ]] || die "${cluster} has no service ${service}"
mark "${definition}"
say "${cluster}: ${definition} is verified"
