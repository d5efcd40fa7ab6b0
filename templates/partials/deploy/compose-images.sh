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
  for name in "$1" "${serving[image]:-}" "${serving[previous_image]:-}"[% if features.queue %] "${worker_of[@]}"[% endif %]; do
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
