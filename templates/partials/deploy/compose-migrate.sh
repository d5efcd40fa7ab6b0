back_up() {
  "${here}/backup.sh" || fail "no backup, so no migration; ${serving[slot]:-nothing} serves on"
}

migrate() {
  local release=$1 image=$2 earlier_runs
  local -a running
  local -a earlier=(--filter "label=com.docker.compose.project=${project}" --filter label=com.docker.compose.oneoff=True)
  # The container of a run that was cut short goes on by itself: two at once would fail on each other's lock.
  earlier_runs=$(docker ps --quiet "${earlier[@]}")
  if [[ -n ${earlier_runs} ]]; then
    say "waiting for the migration of an earlier run"
    mapfile -t running <<<"${earlier_runs}"
    timeout 600 docker wait "${running[@]}" >/dev/null || fail "the migration of an earlier run does not end: docker ps; nothing has changed"
  fi
  docker container prune --force "${earlier[@]}" >/dev/null || say "warning: containers of earlier migrations were not removed"
  say "migrating"
  in_release "${release}" "${image}" run --rm --no-deps --no-TTY migrate </dev/null ||
    fail "the migration failed (see above); ${serving[slot]:-nothing} serves on, and the backup is from just before"
}
