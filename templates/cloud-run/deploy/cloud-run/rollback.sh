#!/usr/bin/env bash
# rollback.sh ENVIRONMENT [REVISION | previous]
#
# Goes back to the last version that passed its smoke test, or does nothing where that one has all the traffic already. With a
# revision, or `previous` for the verified one before what serves, goes to that one and counts it as good from then on.
# The code goes back, and the settings and versions of secrets with it; the database does not.
set -euo pipefail

here=$(dirname -- "${BASH_SOURCE[0]}")
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "${here}/lib.sh"

environment=${1:?usage: rollback.sh ENVIRONMENT [REVISION | previous]}
wanted=${2:-verified}
start "${environment}"
look
good=$(tagged good)
candidate=$(tagged new)
serving=$(serving)

# read_revisions: sets `revisions` to those that have become ready, newest first, and `follows` to the verified one that served
# before what serves now.
revisions='' follows=''
read_revisions() {
  local all
  all=$(gcloud run revisions list --service="${service}" --sort-by='~metadata.creationTimestamp' --format=json)
  revisions=$(jq --raw-output '.[] | select(any(.status.conditions[]?; .type == "Ready" and .status == "True")) | .metadata.name' <<<"${all}")
  follows=$(jq --raw-output --arg serving "${serving}" '.[] | select(.metadata.name == $serving) | .metadata.labels.follows // empty' <<<"${all}")
}

# among NAME: that one, if it has become ready.
among() { awk -v wanted="$1" '$0 == wanted' <<<"${revisions}"; }

[[ ${wanted} == verified && -n ${good} ]] || read_revisions
case ${wanted} in
  verified) choice=${good} ;;
  previous) choice=$(among "${follows}") ;;
  *) choice=$(among "${wanted}") ;;
esac
[[ -n ${choice} ]] || die "there is no ${wanted} version of ${service}; ${serving:-nothing} serves. Ready are:
${revisions}"
percent=$(share "${choice}")
if [[ ${percent} == 100 && -z ${candidate} && ${good} == "${choice}" ]]; then
  say "${choice} serves already"
  exit
fi
route "${choice}" good
"${route[@]}" >/dev/null || die "going back to ${choice} failed: run this again, and look at it now; ${serving} had most of the traffic"
say "${choice} serves all requests"
