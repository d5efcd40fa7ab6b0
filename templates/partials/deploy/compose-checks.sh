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
