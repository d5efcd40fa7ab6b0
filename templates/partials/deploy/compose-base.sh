say() { printf '%(%H:%M:%S)T %s\n' -1 "$*"; }
fail() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
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

# in_release NAME IMAGE ARGUMENT...: docker compose with that release's files.
in_release() {
  local release=$1 image=$2
  shift 2
  IMAGE=${image} docker compose --project-directory "${home}" --env-file "${home}/.env" \
    --file "${home}/releases/${release}/compose.yaml" "$@"
}

# One at a time on this host: whoever comes second waits.
take_turn() {
  exec {lock}>"${home}/.lock"
  flock --timeout 600 "${lock}" || fail "another deploy or restore has been running for ten minutes"
}
