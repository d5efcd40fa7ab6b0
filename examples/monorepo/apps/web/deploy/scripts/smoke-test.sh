#!/usr/bin/env bash
# Asks a deployed service whether it works, from the outside.
#   smoke-test.sh URL
# SMOKE_ATTEMPTS and SMOKE_PAUSE (seconds) bound how long it is given.
set -euo pipefail

url=${1:-}
url=${url%/}
attempts=${SMOKE_ATTEMPTS:-10}
pause=${SMOKE_PAUSE:-3}
if [[ ! ${url} =~ ^https?://[^[:space:]]+$ ]]; then
  printf 'usage: smoke-test.sh URL (http or https; is the variable APP_URL of the environment set?)\n' >&2
  exit 2
fi

# check PATH: 0 once it answers 200; otherwise tells the last answer.
check() {
  local attempt answer=''
  for ((attempt = 1; attempt <= attempts; attempt++)); do
    if answer=$(curl --silent --show-error --max-time 10 --output /dev/null --write-out '%{http_code}' "${url}$1" 2>&1) &&
      [[ ${answer} == 200 ]]; then
      printf '%s: 200\n' "$1"
      return 0
    fi
    if ((attempt < attempts)); then
      sleep "${pause}"
    fi
  done
  printf '::error::%s%s: no 200 in %s attempts; the last answer: %s\n' "${url}" "$1" "${attempts}" "${answer//$'\n'/ }"
  return 1
}

check /livez
check /readyz
