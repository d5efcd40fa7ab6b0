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
