#!/usr/bin/env bash
# counts.sh ENVIRONMENT SECONDS
#
# What the version that serves answered in the last SECONDS, over every cluster in DEPLOY_TARGETS, for
# deploy/scripts/watch.sh: REQUESTS FAILED SLOW. It reads the service's own log, the newest lines of each of its pods: a JSON line
# with `res.statusCode` and `ms` (or `responseTime`) for each request. What never reached a pod is not in it.
# Exit status 3: a pod of this version was restarted in that time, or none is ready.
set -euo pipefail

here=$(dirname -- "${BASH_SOURCE[0]}")
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "${here}/lib.sh"

environment=${1:?usage: counts.sh ENVIRONMENT SECONDS}
seconds=${2:?usage: counts.sh ENVIRONMENT SECONDS}
readonly slow_ms=1000
# Of each pod: a sample, where it answers more.
readonly newest_lines=1000

# unfit REASON: what no request shows.
unfit() {
  say "$*"
  exit 3
}

# check_pods: those of the version that serves: NAME READY LAST_END of each.
check_pods() {
  local pods name ready ended since ready_pods=0
  pods=$(kubectl get pods --selector="${chosen}" --output=jsonpath='{range .items[*]}{.metadata.name}{" "}{.status.conditions[?(@.type=="Ready")].status}{" "}{.status.containerStatuses[?(@.name=="service")].lastState.terminated.finishedAt}{"\n"}{end}')
  since=$(date -u -d "-${seconds} seconds" +%Y-%m-%dT%H:%M:%SZ)
  while read -r name ready ended; do
    # Times in this form sort as text.
    [[ -z ${ended} || ${ended} < ${since} ]] || unfit "${target}: pod ${name} was restarted at ${ended}"
    [[ ${ready} != True ]] || ready_pods=$((ready_pods + 1))
  done <<<"${pods}"
  ((ready_pods > 0)) || unfit "${target}: no pod of ${version} is ready"
}

# count: adds what this cluster answered. A pod that has no log yet, because it waits for a machine, keeps the others from
# nothing: kubectl says so in a line that begins with `error:`. Where there is nothing else, nobody was heard.
requests=0 failed=0 slow=0
count() {
  local counts more_requests more_failed more_slow unheard
  counts=$(kubectl logs --selector="${chosen}" --container=service --ignore-errors --since="${seconds}s" --tail="${newest_lines}" |
    jq --raw-input --null-input --raw-output --argjson slow_ms "${slow_ms}" '
      reduce inputs as $text ([0, 0, 0, 0];
        if $text | startswith("error: ") then .[3] += 1
        else reduce ($text | fromjson? | objects | select(.res.statusCode? | numbers)) as $line (.;
          .[0] += 1
          | if $line.res.statusCode >= 500 then .[1] += 1 else . end
          | if ($line.ms // $line.responseTime // 0) > $slow_ms then .[2] += 1 else . end)
        end)
      | map(tostring) | join(" ")')
  read -r more_requests more_failed more_slow unheard <<<"${counts}"
  ((more_requests > 0 || unheard == 0)) || die "${target} gives the log of no pod"
  requests=$((requests + more_requests)) failed=$((failed + more_failed)) slow=$((slow + more_slow))
}

start "${environment}"
for cluster in "${targets[@]}"; do
  connect "${cluster}" >&2
  look
  line=$(serving)
  [[ -n ${line} ]] || die "${target} has no deployment of ${service}"
  read -r _ replicaset version _ <<<"${line}"
  chosen="${selector},pod-template-hash=${replicaset##*-}"
  check_pods
  count
done
say "${requests} ${failed} ${slow}"
