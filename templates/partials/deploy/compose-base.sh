say() { printf '%(%H:%M:%S)T %s\n' -1 "$*"; }
fail() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

# What serves, by the state file, and what to go back to: slot, image, release, previous_image, previous_release[% if features.queue %], worker, previous_worker[% endif %],
# verified, previous_verified. Empty before the first deploy.
declare -A serving=()
[% if features.queue %]
# The worker's image that belongs to an image of the service.
declare -A worker_of=()
[% endif %]
read_state() {
  local key value
  serving=()
  if [[ -f ${state} ]]; then
    while IFS='=' read -r key value; do
      serving[${key}]=${value}
    done <"${state}"
  fi
[% if features.queue %]
  if [[ -n ${serving[worker]:-} ]]; then
    worker_of[${serving[image]}]=${serving[worker]}
  fi
  if [[ -n ${serving[previous_worker]:-} ]]; then
    worker_of[${serving[previous_image]}]=${serving[previous_worker]}
  fi
[% endif %]
}

# in_release NAME IMAGE ARGUMENT...: docker compose with that release's files.
in_release() {
  local release=$1 image=$2 began=${SECONDS}
  shift 2
  IMAGE=${image}[% if features.queue %] WORKER_IMAGE=${worker_of[${image:-none}]:-none}[% endif %] docker compose --project-directory "${home}" --env-file "${home}/.env" \
    --file "${home}/releases/${release}/compose.yaml" "$@" || return
  # At the limit of its wait Compose now and then ends as if all were healthy.
  if [[ " $* " =~ ' --wait-timeout '([0-9]+)' ' ]]; then ((SECONDS - began < BASH_REMATCH[1])); fi
}

# One at a time on this host: whoever comes second waits.
take_turn() {
  exec {lock}>"${home}/.lock"
  flock --timeout 600 "${lock}" || fail "another deploy or restore has been running for ten minutes"
}
