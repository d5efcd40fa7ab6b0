declare -rA other=([blue]=green [green]=blue)

# write FILE: stdin becomes FILE, at once or not at all.
write() {
  cat >"$1.new" && chmod 644 "$1.new" && sync "$1.new" && mv --force "$1.new" "$1"
}

# write_state: `serving` is what the next run starts from.
write_state() {
  local key
  for key in slot image release previous_image previous_release[% if features.queue %] worker previous_worker[% endif %] verified previous_verified; do
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

[% if not features.queue %]
stop_slot() {
  in_release "$2" none stop "app-$1"
}

[% endif %]
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
[% if features.queue %]
  parts "${slot}" "${release}"
[% endif %]
  if ! in_release "${release}" "${image}" up --detach --no-deps --no-recreate --wait \
    --wait-timeout "${slot_timeout}" "${infrastructure[@]}" [= '"${parts[@]}"' if features.queue else '"app-${slot}"' =]; then
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

[% if features.queue %]
  # The old worker takes jobs until the end: both versions do for a while, as the queue itself brings jobs from one to the other.
  parts "${slot}" "${release}"
[% endif %]
  say "starting slot ${slot}"
  # A run that was cut short while Compose replaced a container leaves two of them, which Compose cannot replace.
  in_release "${release}" none rm --stop --force [= '"${parts[@]}"' if features.queue else '"app-${slot}"' =] ||
    say "warning: the earlier containers of slot ${slot} were not removed"
  if ! in_release "${release}" "${image}" up --detach --no-deps --force-recreate --wait \
    --wait-timeout "${slot_timeout}" [= '"${parts[@]}"' if features.queue else '"app-${slot}"' =]; then
    in_release "${release}" "${image}" logs --no-log-prefix --tail 50 [= '"${parts[@]}"' if features.queue else '"app-${slot}"' =] >&2 || true
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
[% if features.queue %]
    [worker]=${worker_of[${image}]:-} [previous_worker]=${worker_of[${previous_image:-none}]:-}
[% endif %]
  )
  write_state || fail "${state} cannot be written; both slots are left running: run deploy.sh again"
  mark_current "${release}"

  if [[ -n ${old} ]]; then
    say "stopping slot ${old}"
    stop_slot "${old}" "${release}" || say "warning: slot ${old} did not stop"
  fi
  say "slot ${slot} serves ${image}"
}
