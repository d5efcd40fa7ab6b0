#!/usr/bin/env bash
# Watches what users get from the version that has just begun to serve, and fails as soon as that is worse than the limits.
#   watch.sh COMMAND [ARGUMENT]...
# COMMAND is given a number of seconds as its last argument, and prints `REQUESTS FAILED SLOW`: how many requests were
# answered in that time, how many of them with 5xx, and how many later than the limit it knows. Its exit status 3 means
# that the version fails in a way that no request shows; what it says is passed on. After any other but 0 it is asked again.
# Exit status 1: take the version back. This script changes nothing.
set -uo pipefail

readonly minutes=5
readonly looks=10
readonly most_failed_percent=1
readonly most_slow_percent=5
readonly slow_ms=1000
# Of fewer a single failure would be a large share, so they are judged as if so many had come, the others all well.
readonly fewest_requests=500
pause=${WATCH_PAUSE:-30}

if (($# == 0)); then
  printf 'usage: watch.sh COMMAND [ARGUMENT]...\n' >&2
  exit 2
fi

stop() {
  printf '::error::%s\n' "$1"
  printf '  what to do: %s\n' "$2"
  exit 1
}

# percent PART WHOLE: sets share, with one decimal.
share=''
percent() {
  local tenths=$(($1 * 1000 / $2))
  share="$((tenths / 10)).$((tenths % 10)) %"
}

# ask SECONDS: sets requests, failed and slow, or returns 1 and says why.
requests=0 failed=0 slow=0 heard=false
ask() {
  local answer status=0
  answer=$("${command[@]}" "$1") || status=$?
  if ((status == 3)); then
    stop "the new version fails: ${answer//$'\n'/ }" "read what is above and the version's log"
  elif ((status == 0)) && [[ ${answer} =~ ^([0-9]{1,15})\ ([0-9]{1,15})\ ([0-9]{1,15})$ ]]; then
    requests=${BASH_REMATCH[1]} failed=${BASH_REMATCH[2]} slow=${BASH_REMATCH[3]} heard=true
  else
    printf '::warning::what users get cannot be counted (exit status %s): %s\n' "${status}" "${answer//$'\n'/ }"
    return 1
  fi
}

judge() {
  local of=${requests}
  if ((of < fewest_requests)); then
    of=${fewest_requests}
  fi
  if ((failed * 100 > of * most_failed_percent)); then
    percent "${failed}" "${requests}"
    stop "${share} of ${requests} requests failed, and the limit is ${most_failed_percent} %" \
      "look at the log of the new version for what it answers with 5xx"
  fi
  if ((slow * 100 > of * most_slow_percent)); then
    percent "${slow}" "${requests}"
    stop "${share} of ${requests} requests took longer than ${slow_ms} ms, and the limit is ${most_slow_percent} %" \
      "look at what became slow: a query without its index, a cold cache, a dependency"
  fi
}

command=("$@")
begin=${SECONDS}
# The last look counts: when it fails, it is taken again, and a version that nobody can see does not stay.
for ((look = 1; look <= looks + 3; look++)); do
  sleep "${pause}"
  elapsed=$((SECONDS - begin))
  heard=false
  if ask "$((elapsed > 0 ? elapsed : 1))"; then
    printf '%s s: %s requests, %s failed, %s slow\n' "${elapsed}" "${requests}" "${failed}" "${slow}"
    judge
  fi
  if ((look >= looks)) && [[ ${heard} == true ]]; then
    break
  fi
done

if [[ ${heard} == false ]]; then
  stop "nobody can say what users get from the new version: it could not be counted" \
    "mend what the warnings above say; then deploy again"
fi
if ((requests < fewest_requests)); then
  printf '::warning::%s requests in %s minutes are too few to judge by (%s would do): the version stays, unproven\n' \
    "${requests}" "${minutes}" "${fewest_requests}"
  exit
fi
printf 'The new version stays: %s of %s requests failed, %s were slow.\n' "${failed}" "${requests}" "${slow}"
