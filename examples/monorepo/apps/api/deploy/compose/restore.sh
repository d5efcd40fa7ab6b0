#!/usr/bin/env bash
# Puts a dump of the database back: all of it, or nothing changes.
#   restore.sh FILE      FILE is one that backup.sh wrote
# It is loaded into a database of its own while the service runs on. Then the service stops for some seconds, the two change
# places, and the version that serves brings the tables to its own level. What the dump replaced stays in the database
# before_TIME, so what was written after the dump can still be had. To go back to older code, deploy.sh --rollback first.
set -uo pipefail

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

# in_database PROGRAM ARGUMENT...: in the database's container, as the user that owns everything there.
in_database() {
  local program=$1
  shift
  in_release "${serving[release]}" none exec --no-TTY database "${program}" --username="${project}" "$@"
}

# rename FROM TO FROM TO: both or none.
rename() {
  in_database psql --dbname=postgres --quiet --set=ON_ERROR_STOP=1 --output=/dev/null --single-transaction \
    --command="SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname IN ('$1', '$3')" \
    --command="ALTER DATABASE \"$1\" RENAME TO \"$2\"" \
    --command="ALTER DATABASE \"$3\" RENAME TO \"$4\"" </dev/null
}

start() {
  parts "${serving[slot]}" "${serving[release]}"
  in_release "${serving[release]}" "${serving[image]}" up --detach --no-deps --wait --wait-timeout "${slot_timeout}" \
    "${parts[@]}"
}

load() {
  in_database dropdb --if-exists --force restoring </dev/null &&
    in_database createdb --template=template0 restoring </dev/null &&
    in_database pg_restore --dbname=restoring --exit-on-error --single-transaction <"$1"
}

restore() {
  local file=$1 before
  printf -v before 'before_%(%Y%m%dT%H%M%S)T' -1
  say "loading ${file}"
  load "${file}" || fail "${file} cannot be loaded; nothing has changed"
  say "stopping the service"
  { stop_slot blue && stop_slot green; } ||
    fail "the service does not stop; run deploy.sh or restore.sh again"
  if ! rename "${project}" "${before}" restoring "${project}"; then
    start || true
    fail "the databases did not change places; the service runs with the data that it had"
  fi
  say "migrating"
  if ! in_release "${serving[release]}" "${serving[image]}" run --rm --no-deps --no-TTY migrate </dev/null; then
    rename "${project}" restoring "${before}" "${project}" || fail "the dump does not fit this version, and stays in place: roll back"
    start || true
    fail "the dump cannot be brought to the level of this version; the service runs with the data that it had"
  fi
  say "starting slot ${serving[slot]}"
  start || fail "the dump is in place, but the service does not become healthy: docker compose --project-name ${project} logs"
  say "restored; what was there before is the database ${before}. Once nobody needs it:"
  say "docker compose --project-name ${project} exec database dropdb --username=${project} ${before}"
}

if (($# != 1)) || [[ $1 == -* ]]; then
  sed --quiet '2,3s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
  exit 2
fi
[[ -r $1 ]] || fail "$1 cannot be read"
take_turn
read_state
[[ -n ${serving[slot]:-} ]] || fail "nothing is deployed yet: deploy first, then restore"
in_release "${serving[release]}" "${serving[image]}" up --detach --no-recreate --wait --wait-timeout "${slot_timeout}" database ||
  fail "the database does not start; nothing has changed"
restore "$1"
