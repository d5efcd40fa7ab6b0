#!/usr/bin/env bash
# From `new` to a running stack in a real container engine, and to `npm run dev`, for each preset:
#   tests/engine.sh [PRESET]...     (as `tests/run.sh engine` calls it, with the Node.js of the emitted code)
#
# Uses the engine that DOCKER_HOST or the default socket gives, and removes what it made. The images that the emitted
# files name have to be there or to be had.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
work=$(mktemp -d)
project=orders

cleanup() {
  if [[ -e ${work}/${project}/compose.yaml ]]; then
    compose down --volumes --rmi local --timeout 5 >/dev/null 2>&1 || true
  fi
  rm -rf "${work:?}"
}
trap cleanup EXIT

say() { printf '\n== %s\n' "$*"; }

die() {
  printf 'tests/engine.sh: %s\n' "$*" >&2
  compose ps --all >&2 || true
  compose logs --tail 40 >&2 || true
  exit 1
}

compose() { docker compose --project-directory "${work}/${project}" "$@"; }

# inspect FORMAT: of the service's container.
inspect() { docker inspect --format "$1" "$(compose ps --all --quiet app)"; }

# expect WHAT FORMAT VALUE
expect() {
  local found
  found=$(inspect "$2")
  [[ ${found} == "$3" ]] || die "$1 is ${found}, not $3"
  printf '%-28s %s\n' "$1" "${found}"
}

start() {
  cargo run --quiet -- new "${work}/${project}" --preset "$1" --yes
  # All that a person has to do.
  (cd "${work}/${project}" && cp .env.example .env)
  compose --progress quiet up --build --detach --wait --wait-timeout 180 || die 'the stack does not become healthy'
}

use() {
  local url=http://127.0.0.1:3000
  "${work}/${project}/deploy/scripts/smoke-test.sh" "${url}" || die 'the smoke test fails'
  if [[ -d ${work}/${project}/migrations ]]; then
    curl --silent --fail --json '{"text":"kept"}' "${url}/notes" >/dev/null || die 'a note cannot be written'
    curl --silent --fail "${url}/notes" | grep -q kept || die 'the note is not there'
  else
    curl --silent --fail --json '{"name":"you"}' "${url}/greetings" >/dev/null || die 'there is no greeting'
  fi
}

check() {
  expect 'user' '{{.Config.User}}' 10001:10001
  expect 'entrypoint' '{{json .Config.Entrypoint}}' '["node"]'
  expect 'read-only root' '{{.HostConfig.ReadonlyRootfs}}' true
  expect 'capabilities dropped' '{{json .HostConfig.CapDrop}}' '["ALL"]'
  expect 'memory limit' '{{.HostConfig.Memory}}' 536870912
  expect 'processes at most' '{{.HostConfig.PidsLimit}}' 128
  if [[ -n $(compose ps --services | grep -x database || true) ]]; then
    [[ -z $(compose port database 5432 2>/dev/null | grep -v ':0$' || true) ]] || die 'the database is published'
  fi
  compose stop app
  expect 'exit code after a stop' '{{.State.ExitCode}}' 0
  compose down --volumes --timeout 5 >/dev/null 2>&1
}

# develop: `npm run dev` on this machine, after the same one copy of .env.example.
develop() {
  local pid ready=false
  (cd "${work}/${project}" && exec setsid npm run dev) >"${work}/dev.log" 2>&1 &
  pid=$!
  for _ in {1..120}; do
    if curl --silent --fail --max-time 2 http://127.0.0.1:3000/readyz >/dev/null; then
      ready=true
      break
    fi
    sleep 1
  done
  kill -- "-${pid}" 2>/dev/null || true
  wait "${pid}" 2>/dev/null || true
  [[ ${ready} == true ]] || {
    cat "${work}/dev.log" >&2
    die '`npm run dev` does not become ready'
  }
  printf '%-28s %s\n' 'npm run dev' ready
}

if ! docker info >/dev/null 2>&1; then
  printf 'tests/engine.sh: no container engine answers; start one, or set DOCKER_HOST\n' >&2
  exit 1
fi
for preset in "${@:-minimal api at-scale}"; do
  for name in ${preset}; do
    say "engine: ${name}"
    start "${name}"
    use
    check
    develop
    compose down --volumes --rmi local --timeout 5 >/dev/null 2>&1
    rm -rf "${work:?}/${project}"
  done
done
say 'engine: all passed'
