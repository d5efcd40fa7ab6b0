#!/usr/bin/env bash
# Puts one image into service on this host without a failed request, or goes back to the last one that was verified.
#   deploy.sh IMAGE@sha256:... WORKER_IMAGE@sha256:...   back up, migrate, start the idle slot, switch to it, stop the old slot
#   deploy.sh --confirm IMAGE     mark it as verified: what a later rollback goes back to
#   deploy.sh --rollback [IMAGE]  switch to the last verified image and its files, or do nothing unless IMAGE serves; migrations are not undone
#   deploy.sh --status
# It lives in HOME/releases/NAME/ beside the compose.yaml that it starts. A registry token may come in on stdin.
# Whatever fails, the slot that served before serves on. A run that was cut short is tidied up by the next one.
# Without -e: it would be off in every function that a condition calls. Each step says what its failure means.
set -uo pipefail

readonly required_keys=(APP_ENV SITE_ADDRESS POSTGRES_PASSWORD REDIS_PASSWORD)
# ENVIRONMENT:KEY, for keys that not every environment needs.
readonly required_in=()
readonly infrastructure=(database redis)
readonly migrates=true
readonly project=shop-api
readonly slot_timeout=120

here=$(realpath "${BASH_SOURCE[0]%/*}")
readonly here home=${here%/releases/*}
readonly state=${home}/state

say() { printf '%(%H:%M:%S)T %s\n' -1 "$*"; }
fail() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

# What serves, by the state file, and what to go back to: slot, image, release, previous_image, previous_release, worker, previous_worker,
# verified, previous_verified. Empty before the first deploy.
declare -A serving=()
# The worker's image that belongs to an image of the service.
declare -A worker_of=()
read_state() {
  local key value
  serving=()
  if [[ -f ${state} ]]; then
    while IFS='=' read -r key value; do
      serving[${key}]=${value}
    done <"${state}"
  fi
  if [[ -n ${serving[worker]:-} ]]; then
    worker_of[${serving[image]}]=${serving[worker]}
  fi
  if [[ -n ${serving[previous_worker]:-} ]]; then
    worker_of[${serving[previous_image]}]=${serving[previous_worker]}
  fi
}

# in_release NAME IMAGE ARGUMENT...: docker compose with that release's files.
in_release() {
  local release=$1 image=$2 began=${SECONDS}
  shift 2
  IMAGE=${image} WORKER_IMAGE=${worker_of[${image:-none}]:-none} docker compose --project-directory "${home}" --env-file "${home}/.env" \
    --file "${home}/releases/${release}/compose.yaml" "$@" || return
  # At the limit of its wait Compose now and then ends as if all were healthy.
  if [[ " $* " =~ ' --wait-timeout '([0-9]+)' ' ]]; then ((SECONDS - began < BASH_REMATCH[1])); fi
}

# One at a time on this host: whoever comes second waits.
take_turn() {
  exec {lock}>"${home}/.lock"
  flock --timeout 600 "${lock}" || fail "another deploy or restore has been running for ten minutes"
}

# parts SLOT RELEASE: sets parts to the services of a slot. A release from before there were jobs has no worker.
parts=()
parts() {
  parts=("app-$1")
  if grep --quiet "^  worker-$1:" "${home}/releases/$2/compose.yaml"; then
    parts+=("worker-$1")
  fi
}

# stop_slot SLOT: with the files beside this script, which know the worker of any release. Both finish what they are at.
stop_slot() {
  in_release "${here##*/}" none stop "app-$1" "worker-$1"
}

check_tools() {
  local tool
  for tool in docker curl flock; do
    [[ -n $(command -v "${tool}" || true) ]] || fail "${tool} is not installed on this host"
  done
}

check_env_file() {
  local key missing=() mode environment wanted=("${required_keys[@]}")
  if [[ ! -f ${home}/.env ]]; then
    fail "${home}/.env is missing; host.env.example beside this script shows what belongs in it"
  fi
  mode=$(stat --format=%a "${home}/.env")
  if [[ ${mode} != *00 ]]; then
    fail "${home}/.env holds secrets and its mode is ${mode}: chmod 600 it"
  fi
  environment=$(sed --quiet --regexp-extended "s/^APP_ENV=[\"']?([a-z0-9-]+)[\"']?[[:space:]]*$/\1/p" "${home}/.env")
  for key in "${required_in[@]}"; do
    if [[ ${key%%:*} == "${environment}" ]]; then
      wanted+=("${key#*:}")
    fi
  done
  for key in "${wanted[@]}"; do
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

# fetch IMAGE...: a name by digest is the same bytes everywhere, so what is here already is not pulled again.
fetch() {
  local name token='' config=${home}/.registry pulled=true
  if [[ ! -t 0 ]]; then
    read -r -t 10 token || true
  fi
  if docker image inspect "$@" >/dev/null 2>&1; then
    return
  fi
  # The token is kept in a folder that goes away again, also after a run that was cut short, and not in the user's own
  # Docker configuration.
  rm -rf "${config}"
  mkdir --mode=700 "${config}" || fail "${config} cannot be made (is the disk full?); nothing has changed"
  if [[ -n ${token} ]]; then
    # It warns of the folder on stderr.
    if ! docker --config "${config}" login "${1%%/*}" --username "${REGISTRY_USER:-token}" --password-stdin \
      <<<"${token}" >"${config}/login" 2>&1; then
      cat "${config}/login" >&2
      pulled=false
    fi
  else
    cp "${DOCKER_CONFIG:-${HOME}/.docker}/config.json" "${config}/" 2>/dev/null || true
  fi
  if [[ ${pulled} == true ]]; then
    for name in "$@"; do
      docker --config "${config}" pull --quiet "${name}" >/dev/null || pulled=false
    done
  fi
  rm -rf "${config}"
  if [[ ${pulled} == false ]]; then
    fail "$* cannot be pulled; nothing has changed"
  fi
}

# drop_images IMAGE: all of this project's but that one, the one that serves and the one before. Docker itself keeps those
# that a container still uses.
drop_images() {
  local name id ids keep=' '
  for name in "$1" "${serving[image]:-}" "${serving[previous_image]:-}" "${worker_of[@]}"; do
    if [[ -n ${name} ]]; then
      keep+="$(docker image inspect --format '{{.Id}}' "${name}" 2>/dev/null || true) "
    fi
  done
  ids=$(docker image ls --quiet --no-trunc --filter "label=org.opencontainers.image.title=${project}" | sort --unique) ||
    say "warning: old images cannot be listed"
  for id in ${ids}; do
    if [[ ${keep} != *" ${id} "* ]]; then
      docker image rm "${id}" >/dev/null 2>&1 || true
    fi
  done
}

# drop_releases: keeps the files of this release, of the one that serves, the one before, and any that came after this one
# (another run may wait for its turn).
drop_releases() {
  local folder name
  for folder in "${home}"/releases/*/; do
    folder=${folder%/}
    name=${folder##*/}
    if [[ ${folder} -ot ${here} && ${name} != "${serving[release]}" && ${name} != "${serving[previous_release]}" ]]; then
      rm -rf "${folder}"
    fi
  done
}

declare -rA other=([blue]=green [green]=blue)

# write FILE: stdin becomes FILE, at once or not at all.
write() {
  cat >"$1.new" && chmod 644 "$1.new" && sync "$1.new" && mv --force "$1.new" "$1"
}

# write_state: `serving` is what the next run starts from.
write_state() {
  local key
  for key in slot image release previous_image previous_release worker previous_worker verified previous_verified; do
    printf '%s=%s\n' "${key}" "${serving[${key}]:-}"
  done | write "${state}"
}

# Of the version that serves, and of the one to go back to. A state file from before there was this mark does not say it, and
# its versions count as good.
is_verified() { [[ ${serving[verified]:-true} == true ]]; }
has_verified() { [[ -n ${serving[previous_image]:-} && ${serving[previous_verified]:-true} == true ]]; }

# start_caddy RELEASE: with that release's configuration, which is a no-op while that does not change. A file that Caddy
# refuses never gets to the place from which it starts after a reboot.
start_caddy() {
  local attempt folder=${home}/caddy
  mkdir --parents "${folder}/slot" && chmod 755 "${folder}" "${folder}/slot" || return
  if [[ -z ${serving[slot]:-} || ! -f ${folder}/Caddyfile ]]; then
    write "${folder}/Caddyfile" <"${home}/releases/$1/Caddyfile" || return
  fi
  write "${folder}/Caddyfile.next" <"${home}/releases/$1/Caddyfile" &&
    in_release "$1" none up --detach --no-deps --wait --wait-timeout "${slot_timeout}" caddy || return
  # One that has just been started needs a moment before it listens.
  for ((attempt = 0; attempt < 5; attempt++)); do
    if in_release "$1" none exec --no-TTY caddy \
      caddy reload --config /etc/caddy/Caddyfile.next --adapter caddyfile </dev/null; then
      mv --force "${folder}/Caddyfile.next" "${folder}/Caddyfile"
      return
    fi
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

pointed_at() {
  if [[ -e ${home}/caddy/slot/green ]]; then
    echo green
  else
    echo blue
  fi
}

# answers SLOT RELEASE [HEADER]: whether a request through Caddy is answered: with the header `Slot: SLOT` by that slot, in
# use or not; without it, as the users get it, and from that slot.
answers() {
  local address attempt headers seen
  address=$(in_release "$2" none port caddy 8081) || return
  for ((attempt = 0; attempt < 5; attempt++)); do
    if headers=$(curl --silent --fail --max-time 5 --header "${3:-Slot:}" --output /dev/null --dump-header - \
      "http://${address}/readyz"); then
      seen=blue
      if [[ ${headers,,} == *$'\nslot: green'* ]]; then
        seen=green
      fi
      if [[ -n ${3:-} || ${seen} == "$1" ]]; then
        return
      fi
    fi
    sleep 1
  done
  return 1
}

# image_in SLOT: what runs there; empty when nothing does.
image_in() {
  local ids
  ids=$(docker ps --quiet --filter "label=com.docker.compose.project=${project}" \
    --filter "label=com.docker.compose.service=app-$1") && [[ -n ${ids} ]] && docker inspect --format '{{.Config.Image}}' "${ids%%$'\n'*}"
}

# mark_current RELEASE: whose scripts people and cron call.
mark_current() {
  if ! ln --symbolic --force --no-dereference "releases/$1" "${home}/current.new" ||
    ! mv --force --no-target-directory "${home}/current.new" "${home}/current"; then
    say "warning: ${home}/current still leads to another release"
  fi
}

# recover: the state file decides what serves, whatever a run that was cut short left behind. 1 when it cannot serve.
recover() {
  local slot=${serving[slot]:-} image=${serving[image]:-} release=${serving[release]:-}
  if [[ -z ${slot} ]]; then
    return 1
  fi
  mark_current "${release}"
  parts "${slot}" "${release}"
  if ! in_release "${release}" "${image}" up --detach --no-deps --no-recreate --wait \
    --wait-timeout "${slot_timeout}" "${infrastructure[@]}" "${parts[@]}"; then
    say "warning: slot ${slot}, which should be serving, or what it needs is not healthy"
    return 1
  fi
  if ! start_caddy "${release}" || ! point_at "${slot}"; then
    fail "Caddy does not start with the files of release ${release}"
  fi
  stop_slot "${other[${slot}]}" "${release}" || true
}

# put IMAGE RELEASE VERIFIED: from the idle slot's start to the old slot's end.
put() {
  local image=$1 release=$2 verified=$3 old='' slot=blue
  if [[ -n ${serving[slot]:-} ]]; then
    # What the users get, also where a run was cut short and `recover` could not set it right.
    old=$(pointed_at)
    slot=${other[${old}]}
  fi
  local previous_image=${serving[image]:-} previous_release=${serving[release]:-} previous_verified=${serving[verified]:-true}
  # What to go back to stays when the same version comes once more, and when it was seen to work and the one that serves was not.
  if [[ ${image} == "${previous_image}" ]] || { ! is_verified && has_verified; }; then
    previous_image=${serving[previous_image]:-} previous_release=${serving[previous_release]:-}
    previous_verified=${serving[previous_verified]:-true}
  fi
  # It is gone back to: there is none before it.
  if [[ ${image} == "${previous_image}" ]]; then
    previous_image='' previous_release='' previous_verified=''
  fi

  # The old worker takes jobs until the end: both versions do for a while, as the queue itself brings jobs from one to the other.
  parts "${slot}" "${release}"
  say "starting slot ${slot}"
  # A run that was cut short while Compose replaced a container leaves two of them, which Compose cannot replace.
  in_release "${release}" none rm --stop --force "${parts[@]}" ||
    say "warning: the earlier containers of slot ${slot} were not removed"
  if ! in_release "${release}" "${image}" up --detach --no-deps --force-recreate --wait \
    --wait-timeout "${slot_timeout}" "${parts[@]}"; then
    in_release "${release}" "${image}" logs --no-log-prefix --tail 50 "${parts[@]}" >&2 || true
    stop_slot "${slot}" "${release}" || true
    fail "the new version does not become healthy (its last lines are above); ${old:-nothing} serves on"
  fi

  # Caddy has to reach it before any user is sent there.
  say "switching to slot ${slot}"
  if ! start_caddy "${release}" || ! answers "${slot}" "${release}" "Slot: ${slot}" ||
    ! point_at "${slot}" || ! answers "${slot}" "${release}"; then
    in_release "${release}" none logs --no-log-prefix --tail 20 caddy >&2 || true
    if [[ -n ${old} ]] && ! { point_at "${old}" && start_caddy "${serving[release]}"; }; then
      fail "the switch failed, and so did switching back: both slots are left running; run deploy.sh again"
    fi
    stop_slot "${slot}" "${release}" || true
    fail "the new version is healthy but does not answer through Caddy (its last lines are above); ${old:-nothing} serves on"
  fi

  # From here on the new version is the one that serves, also for a run that recovers from this one.
  serving=(
    [slot]=${slot} [image]=${image} [release]=${release} [verified]=${verified}
    [previous_image]=${previous_image} [previous_release]=${previous_release} [previous_verified]=${previous_verified}
    [worker]=${worker_of[${image}]:-} [previous_worker]=${worker_of[${previous_image:-none}]:-}
  )
  write_state || fail "${state} cannot be written; both slots are left running: run deploy.sh again"
  mark_current "${release}"

  if [[ -n ${old} ]]; then
    say "stopping slot ${old}"
    stop_slot "${old}" "${release}" || say "warning: slot ${old} did not stop"
  fi
  say "slot ${slot} serves ${image}"
}

back_up() {
  "${here}/backup.sh" || fail "no backup, so no migration; ${serving[slot]:-nothing} serves on"
}

# await_earlier_migrations FILTER...: two at once would fail on each other's lock. Asked again each second, since `docker wait`
# fails for a container that ends and is removed in between.
await_earlier_migrations() {
  local tries running
  for ((tries = 0; tries < 600; tries++)); do
    running=$(docker ps --quiet "$@") || fail "Docker does not list the migrations of earlier runs; nothing has changed"
    if [[ -z ${running} ]]; then
      return
    fi
    if ((tries == 0)); then
      say "waiting for the migration of an earlier run"
    fi
    sleep 1
  done
  fail "the migration of an earlier run does not end: docker ps; nothing has changed"
}

migrate() {
  local release=$1 image=$2
  # The container of a run that was cut short goes on by itself.
  local -a earlier=(--filter "label=com.docker.compose.project=${project}" --filter label=com.docker.compose.oneoff=True)
  await_earlier_migrations "${earlier[@]}"
  docker container prune --force "${earlier[@]}" >/dev/null || say "warning: containers of earlier migrations were not removed"
  say "migrating"
  in_release "${release}" "${image}" run --rm --no-deps --no-TTY migrate </dev/null ||
    fail "the migration failed (see above); ${serving[slot]:-nothing} serves on, and the backup is from just before"
}

# start_infrastructure RELEASE IMAGE: what is not in two slots, as that release wants it.
start_infrastructure() {
  if ((${#infrastructure[@]} == 0)) ||
    in_release "$1" "$2" up --detach --wait --wait-timeout "${slot_timeout}" "${infrastructure[@]}"; then
    return
  fi
  in_release "$1" "$2" logs --tail 20 "${infrastructure[@]}" >&2 || true
  if [[ -n ${serving[slot]:-} ]]; then
    say "going back to ${infrastructure[*]} of release ${serving[release]}"
    in_release "${serving[release]}" "${serving[image]}" up --detach --wait --wait-timeout "${slot_timeout}" "${infrastructure[@]}" ||
      fail "${infrastructure[*]}: not healthy, neither as this release wants them nor as they were"
  fi
  fail "${infrastructure[*]}: not healthy as this release wants them (their last lines are above); the service itself was not touched"
}

deploy() {
  local image=$1 release=${here##*/} backed_up=false verified=false
  if [[ ! ${image} =~ ^([a-z0-9][a-z0-9./:_-]*@)?sha256:[0-9a-f]{64}$ ]]; then
    fail "${image}: name the image by its digest (NAME@sha256:...)"
  fi
  if [[ -n ${2:-} ]]; then
    worker_of[${image}]=$2
  fi
  if [[ ! ${worker_of[${image}]:-} =~ ^([a-z0-9][a-z0-9./:_-]*@)?sha256:[0-9a-f]{64}$ ]]; then
    fail "name the worker's image by its digest too (NAME@sha256:...)"
  fi
  in_release "${release}" "${image}" config --quiet || fail "compose.yaml or .env is not valid; nothing has changed"
  # First of all: a disk that is full has no room for what comes.
  drop_images "${image}"
  fetch "${image}" "${worker_of[${image}]}"
  # Before anything of the new release touches the data, if that can be had.
  if recover && [[ ${migrates} == true ]]; then
    back_up
    backed_up=true
  fi
  start_infrastructure "${release}" "${image}"
  if [[ ${migrates} == true ]]; then
    if [[ ${backed_up} == false ]]; then
      back_up
    fi
    migrate "${release}" "${image}"
  fi
  # Once more, as it was: what is known of it stays.
  if [[ ${image} == "${serving[image]:-}" && ${release} == "${serving[release]}" ]] && is_verified; then
    verified=true
  fi
  put "${image}" "${release}" "${verified}"
  read_state
  drop_releases
  drop_images "${image}"
}

roll_back() {
  local image=${serving[previous_image]:-} release=${serving[previous_release]:-} slot=${serving[slot]:-} seen in_use=''
  seen=$(pointed_at)
  if [[ -n ${slot} && ${seen} != "${slot}" ]]; then
    in_use=$(image_in "${seen}")
  fi
  # A deploy that did not get as far as its switch, or that somebody has gone back from: once more would be one version too far.
  if [[ -n ${slot} && -n ${1:-} && $1 != "${serving[image]}" && $1 != "${in_use}" && ${in_use:-none} != "${image}" ]]; then
    recover || fail "slot ${slot}, which should be serving, is not healthy"
    say "slot ${slot} serves ${serving[image]}, which is not what to go back from"
    return
  fi
  # Not so when it was a rollback that was cut short: that one goes on.
  if [[ -n ${in_use} && ${in_use} != "${image}" ]]; then
    say "a deploy was cut short after its switch; going back to before it"
    if is_verified || ! has_verified; then
      recover || fail "slot ${slot} with the version before does not become healthy; slot ${seen} serves on"
      say "slot ${slot} serves ${serving[image]}"
      return
    fi
    # Nor has anybody seen that one work: through it to the last one that was.
    recover || say "warning: slot ${slot} with the version before does not become healthy"
  fi
  if [[ -z ${image} ]]; then
    fail "there is no previous version; slot ${seen} serves on"
  fi
  if ! has_verified; then
    say "warning: no version has been verified yet; going back to the one that served before"
  fi
  put "${image}" "${release}" "${serving[previous_verified]:-true}"
}

confirm() {
  local slot=${serving[slot]:-} seen
  seen=$(pointed_at)
  if [[ ${serving[image]:-} != "$1" || ${seen} != "${slot}" ]]; then
    fail "$1 does not serve; nothing is marked. ${serving[image]:-Nothing} is what serves by ${state}"
  fi
  serving[verified]=true
  write_state || fail "${state} cannot be written; slot ${slot} serves $1, and is not marked as verified"
  say "slot ${slot} serves $1, which is verified"
}

if [[ ${1:-} == --status ]]; then
  cat "${state}" 2>/dev/null || echo "nothing is deployed yet"
  exit
fi
if (($# != 1 && $# != 2)) || [[ $1 == -* && $1 != --rollback && "$1 $#" != '--confirm 2' ]]; then
  sed --quiet '2,9s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
  exit 2
fi

check_tools
check_env_file
take_turn
[[ -f ${here}/compose.yaml ]] || fail "a newer deploy has removed the files of this release meanwhile; deploy it again if it is still wanted"
read_state
if [[ $1 == --rollback ]]; then
  roll_back "${2:-}"
elif [[ $1 == --confirm ]]; then
  confirm "$2"
else
  deploy "$@"
fi
