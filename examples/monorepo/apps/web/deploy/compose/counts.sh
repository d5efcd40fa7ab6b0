#!/usr/bin/env bash
# What Caddy answered in the last SECONDS, for deploy/scripts/watch.sh: REQUESTS FAILED SLOW.
#   counts.sh SECONDS
# It reads Caddy's log of requests, in which probes and deploy.sh do not appear. Logs rotate: under more load than they hold
# it counts the newest requests, of which the shares are as good. What was under way at the switch counts too.
set -euo pipefail

readonly project=shop-web
readonly slow_ms=1000

seconds=${1:-}
if [[ ! ${seconds} =~ ^[0-9]{1,6}$ ]]; then
  printf 'usage: counts.sh SECONDS\n' >&2
  exit 2
fi
caddy=$(docker ps --quiet --filter "label=com.docker.compose.project=${project}" --filter label=com.docker.compose.service=caddy)
if [[ -z ${caddy} ]]; then
  printf 'counts.sh: Caddy does not run on this host: %s/deploy.sh --status\n' "${BASH_SOURCE[0]%/*}" >&2
  exit 1
fi
# Caddy's own messages are on stderr.
docker logs --since "${seconds}s" "${caddy%%$'\n'*}" 2>/dev/null | awk -v slow_ms="${slow_ms}" '
  # The number behind a name in the line.
  function value(name) {
    return match($0, "\"" name "\":[0-9.]+") ? substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 3) + 0 : 0
  }
  /"logger":"http\.log\.access/ {
    requests++
    if (value("status") >= 500) failed++
    if (value("duration") * 1000 > slow_ms) slow++
  }
  END { print requests + 0, failed + 0, slow + 0 }
' || {
  printf 'counts.sh: the log of Caddy cannot be read: docker logs %s\n' "${caddy%%$'\n'*}" >&2
  exit 1
}
