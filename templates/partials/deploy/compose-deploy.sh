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
[% if features.queue %]
  if [[ -n ${2:-} ]]; then
    worker_of[${image}]=$2
  fi
  if [[ ! ${worker_of[${image}]:-} =~ ^([a-z0-9][a-z0-9./:_-]*@)?sha256:[0-9a-f]{64}$ ]]; then
    fail "name the worker's image by its digest too (NAME@sha256:...)"
  fi
[% endif %]
  in_release "${release}" "${image}" config --quiet || fail "compose.yaml or .env is not valid; nothing has changed"
  # First of all: a disk that is full has no room for what comes.
  drop_images "${image}"
  fetch "${image}"[% if features.queue %] "${worker_of[${image}]}"[% endif +%]
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
if (($# != 1 && $# != 2)) || [[ $1 == -* && $1 != --rollback && "$1 $#" != '--confirm 2' ]][% if not features.queue %] || [[ $# == 2 && $1 != --* ]][% endif %]; then
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
  deploy [= '"$@"' if features.queue else '"$1"' =]
fi
