#!/usr/bin/env bash
# Puts one image into service on this host without a failed request, or goes back to the one before.
#   deploy.sh IMAGE@sha256:...   back up, migrate, start the idle slot, switch to it, stop the old slot
#   deploy.sh --rollback         switch to the previous image and its files; migrations are not undone
#   deploy.sh --status
# It lives in HOME/releases/NAME/ beside the compose.yaml that it starts. A registry token may come in on stdin.
# Whatever fails, the slot that served before serves on. A run that was cut short is tidied up by the next one.
# Without -e: it would be off in every function that a condition calls. Each step says what its failure means.
set -uo pipefail

readonly required_keys=(APP_ENV SITE_ADDRESS POSTGRES_PASSWORD REDIS_PASSWORD)
readonly infrastructure=(database redis)
readonly migrates=true
readonly project=orders
readonly slot_timeout=120

here=$(realpath "${BASH_SOURCE[0]%/*}")
readonly here home=${here%/releases/*}
readonly state=${home}/state

say() { printf '%(%H:%M:%S)T %s\n' -1 "$*"; }
fail() {
  printf 'deploy.sh: %s\n' "$*" >&2
  exit 1
}

# What serves, by the state file: slot, image, release, previous_image, previous_release. Empty before the first deploy.
declare -A serving=()
read_state() {
  local key value
  serving=()
  if [[ -f ${state} ]]; then
    while IFS='=' read -r key value; do
      serving[${key}]=${value}
    done <"${state}"
  fi
}

declare -rA other=([blue]=green [green]=blue)

# write FILE: stdin becomes FILE, at once or not at all.
write() {
  local draft
  draft=$(mktemp "$1.XXXXXX")
  cat >"${draft}" && chmod 644 "${draft}" && sync "${draft}" && mv --force "${draft}" "$1"
}

# in_release NAME IMAGE ARGUMENT...: docker compose with that release's files.
in_release() {
  local release=$1 image=$2
  shift 2
  IMAGE=${image} docker compose --project-directory "${home}" --env-file "${home}/.env" \
    --file "${home}/releases/${release}/compose.yaml" "$@"
}

check_env_file() {
  local key missing=() mode
  if [[ ! -f ${home}/.env ]]; then
    fail "${home}/.env is missing; host.env.example beside this script shows what belongs in it"
  fi
  mode=$(stat --format=%a "${home}/.env")
  if [[ ${mode} != *00 ]]; then
    fail "${home}/.env holds secrets and its mode is ${mode}: chmod 600 it"
  fi
  for key in "${required_keys[@]}"; do
    if ! grep --quiet --extended-regexp "^${key}=.*[^[:space:]\"']" "${home}/.env"; then
      missing+=("${key}")
    fi
  done
  if ((${#missing[@]} > 0)); then
    fail "not set in ${home}/.env: ${missing[*]}"
  fi
  # They become part of a URL.
  if grep --quiet --extended-regexp '^(POSTGRES|REDIS)_PASSWORD=.*[^A-Za-z0-9._~-]' "${home}/.env"; then
    fail "POSTGRES_PASSWORD and REDIS_PASSWORD may have letters, digits and ._~- only: openssl rand -hex 32"
  fi
}

# fetch IMAGE: a name by digest is the same bytes everywhere, so what is here already is not pulled again.
fetch() {
  local token='' config registry=${1%%/*} pulled=true
  if [[ ! -t 0 ]]; then
    read -r -t 10 token || true
  fi
  if docker image inspect "$1" >/dev/null 2>&1; then
    return
  fi
  # The token is kept in a folder that goes away again, not in the user's own Docker configuration.
  config=$(mktemp -d)
  if [[ -n ${token} ]]; then
    docker --config "${config}" login "${registry}" --username "${REGISTRY_USER:-token}" --password-stdin \
      <<<"${token}" >/dev/null || pulled=false
  else
    cp "${DOCKER_CONFIG:-${HOME}/.docker}/config.json" "${config}/" 2>/dev/null || true
  fi
  if [[ ${pulled} == true ]]; then
    docker --config "${config}" pull --quiet "$1" || pulled=false
  fi
  rm -rf "${config}"
  if [[ ${pulled} == false ]]; then
    fail "$1 cannot be pulled; nothing has changed"
  fi
}

# start_caddy RELEASE: with that release's configuration, which is a no-op while that does not change.
start_caddy() {
  local attempt
  mkdir --parents "${home}/caddy/slot"
  chmod 755 "${home}/caddy" "${home}/caddy/slot"
  write "${home}/caddy/Caddyfile" <"${home}/releases/$1/Caddyfile" &&
    in_release "$1" none up --detach --no-deps --wait caddy || return
  # One that has just been started needs a moment before it listens.
  for ((attempt = 0; attempt < 5; attempt++)); do
    in_release "$1" none exec --no-TTY caddy \
      caddy reload --config /etc/caddy/Caddyfile --adapter caddyfile </dev/null && return
    sleep 1
  done
  return 1
}

# point_at SLOT: where Caddy sends the next request. Those under way end where they began.
point_at() {
  if [[ $1 == green ]]; then
    : >"${home}/caddy/slot/green"
  else
    rm --force "${home}/caddy/slot/green"
  fi
}

# verify: the service through Caddy, as the users get it.
verify() {
  local address attempt
  address=$(in_release "$1" none port caddy 8081) || return
  for ((attempt = 0; attempt < 10; attempt++)); do
    if curl --silent --fail --max-time 5 --output /dev/null "http://${address}/readyz"; then
      return
    fi
    sleep 1
  done
  return 1
}

stop_slot() {
  in_release "$2" none stop "app-$1"
}

# recover: the state file decides what serves, whatever a run that was cut short left behind.
recover() {
  local slot=${serving[slot]:-} image=${serving[image]:-} release=${serving[release]:-}
  if [[ -z ${slot} ]]; then
    return
  fi
  if ! in_release "${release}" "${image}" up --detach --no-deps --no-recreate --wait \
    --wait-timeout "${slot_timeout}" "app-${slot}"; then
    say "warning: slot ${slot}, which should be serving, is not healthy"
    return
  fi
  if ! start_caddy "${release}" || ! point_at "${slot}"; then
    fail "Caddy does not start with the files of release ${release}"
  fi
  stop_slot "${other[${slot}]}" "${release}"
}

# put IMAGE RELEASE: from the idle slot's start to the old slot's end.
put() {
  local image=$1 release=$2 old=${serving[slot]:-} slot
  slot=${other[${old:-green}]}
  local previous_image=${serving[image]:-} previous_release=${serving[release]:-}
  # The same version once more: what to go back to stays.
  if [[ ${image} == "${previous_image}" ]]; then
    previous_image=${serving[previous_image]:-} previous_release=${serving[previous_release]:-}
  fi

  say "starting slot ${slot}"
  if ! in_release "${release}" "${image}" up --detach --no-deps --force-recreate --wait \
    --wait-timeout "${slot_timeout}" "app-${slot}"; then
    in_release "${release}" "${image}" logs --no-log-prefix --tail 50 "app-${slot}" >&2 || true
    stop_slot "${slot}" "${release}" || true
    fail "the new version does not become healthy (its last lines are above); ${old:-nothing} serves on"
  fi

  say "switching to slot ${slot}"
  if ! start_caddy "${release}" || ! point_at "${slot}" || ! verify "${release}"; then
    in_release "${release}" none logs --no-log-prefix --tail 20 caddy >&2 || true
    if [[ -n ${old} ]] && ! { point_at "${old}" && start_caddy "${serving[release]}"; }; then
      fail "the switch failed, and so did switching back: both slots are left running; run deploy.sh again"
    fi
    stop_slot "${slot}" "${release}" || true
    fail "the new version is healthy but does not answer through Caddy (its last lines are above); ${old:-nothing} serves on"
  fi

  # From here on the new version is the one that serves, also for a run that recovers from this one.
  write "${state}" <<END || fail "${state} cannot be written; both slots are left running: run deploy.sh again"
slot=${slot}
image=${image}
release=${release}
previous_image=${previous_image}
previous_release=${previous_release}
END
  ln --symbolic --force --no-dereference "releases/${release}" "${home}/current.new"
  mv --force --no-target-directory "${home}/current.new" "${home}/current"

  if [[ -n ${old} ]]; then
    say "stopping slot ${old}"
    stop_slot "${old}" "${release}" || say "warning: slot ${old} did not stop"
  fi
  say "slot ${slot} serves ${image}"
}

# tidy: keeps the files of this release and the one before, and the images that a container still uses.
tidy() {
  local folder name
  read_state
  for folder in "${home}"/releases/*/; do
    folder=${folder%/}
    name=${folder##*/}
    if [[ ${name} != "${serving[release]}" && ${name} != "${serving[previous_release]}" ]]; then
      rm -rf "${folder}"
    fi
  done
  docker image prune --all --force --filter "label=org.opencontainers.image.title=${project}" --filter until=24h >/dev/null ||
    say "warning: old images were not removed"
}

deploy() {
  local image=$1 release=${here##*/}
  if [[ ! ${image} =~ ^([a-z0-9][a-z0-9./:_-]*@)?sha256:[0-9a-f]{64}$ ]]; then
    fail "${image}: name the image by its digest (NAME@sha256:...)"
  fi
  in_release "${release}" "${image}" config --quiet || fail "compose.yaml or .env is not valid; nothing has changed"
  fetch "${image}"
  if ((${#infrastructure[@]} > 0)); then
    in_release "${release}" "${image}" up --detach --wait "${infrastructure[@]}" ||
      fail "${infrastructure[*]}: not healthy; the service itself was not touched"
  fi
  recover
  if [[ ${migrates} == true ]]; then
    "${here}/backup.sh" || fail "no backup, so no migration; nothing has changed"
    say "migrating"
    in_release "${release}" "${image}" run --rm --no-deps --no-TTY migrate </dev/null ||
      fail "the migration failed (see above); ${serving[slot]:-nothing} serves on, and the backup is from just before"
  fi
  put "${image}" "${release}"
  tidy
}

roll_back() {
  local image=${serving[previous_image]:-} release=${serving[previous_release]:-}
  if [[ -z ${image} ]]; then
    fail "there is no previous version"
  fi
  recover
  put "${image}" "${release}"
}

if [[ ${1:-} == --status ]]; then
  cat "${state}" 2>/dev/null || echo "nothing is deployed yet"
  exit
fi
if (($# != 1)) || [[ $1 == -* && $1 != --rollback ]]; then
  sed --quiet '2,8s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
  exit 2
fi

check_env_file
exec {lock}>"${home}/.lock"
flock --timeout 600 "${lock}" || fail "another deploy has been running for ten minutes"
read_state
if [[ $1 == --rollback ]]; then
  roll_back
else
  deploy "$1"
fi
