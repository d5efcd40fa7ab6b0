#!/usr/bin/env bash
# rollback.sh ENVIRONMENT [REVISION | previous]
#
# Goes back to the last version that passed its smoke test, or does nothing where that one has all the traffic already. With a
# revision, or `previous`, goes to that one and counts it as good from then on.
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

# kept: the revisions that have become ready, newest first.
kept() {
  gcloud run revisions list --service="${service}" --sort-by='~metadata.creationTimestamp' --format=json |
    jq --raw-output '.[] | select(any(.status.conditions[]?; .type == "Ready" and .status == "True")) | .metadata.name'
}

revisions=''
[[ ${wanted} == verified && -n ${good} ]] || revisions=$(kept)
case ${wanted} in
  verified) choice=${good} ;;
  previous)
    choice=$(awk -v serving="${serving}" 'found { print; exit } $0 == serving { found = 1 }' <<<"${revisions}")
    ;;
  *)
    choice=$(awk -v wanted="${wanted}" '$0 == wanted' <<<"${revisions}")
    ;;
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
