#!/usr/bin/env bash
# What the deploy workflow does on the host, over ssh.
#   host.sh connect          from HOST, LOGIN, KNOWN_HOSTS and SSH_KEY: write the ssh configuration
#   host.sh copy COMMIT      deploy/compose as release COMMIT
#   host.sh deploy COMMIT IMAGE     run that release's deploy.sh; REGISTRY_TOKEN goes in by stdin
#   host.sh counts SECONDS   what was answered in the last SECONDS, for watch.sh: REQUESTS FAILED SLOW
#   host.sh confirm COMMIT IMAGE    mark IMAGE as verified, with that release's deploy.sh: what a later rollback goes back to
#   host.sh rollback COMMIT IMAGE   go back from IMAGE, with that release's deploy.sh; nothing where IMAGE does not serve
# APP_HOME is the service's folder on the host.
set -euo pipefail

home=${APP_HOME:?is set by the workflow}
folder=${RUNNER_TEMP:?is set by GitHub Actions}/ssh

fail() {
  printf '::error::%s\n' "$1"
  exit 1
}

# need VALUE NAME: NAME is what the environment's settings call it.
need() {
  if [[ -z $1 ]]; then
    fail "$2 is not set in this environment (Settings > Environments)"
  fi
}

connect() {
  local host=${HOST:-} login=${LOGIN:-} known_hosts=${KNOWN_HOSTS:-} key=${SSH_KEY:-}
  need "${host}" 'variable DEPLOY_HOST'
  need "${login}" 'variable DEPLOY_USER'
  need "${known_hosts}" 'variable DEPLOY_KNOWN_HOSTS'
  need "${key}" 'secret DEPLOY_SSH_KEY'
  if [[ ! ${host} =~ ^[A-Za-z0-9.:-]+$ || ! ${login} =~ ^[a-z_][a-z0-9_-]*$ ]]; then
    fail 'DEPLOY_HOST or DEPLOY_USER has characters that a host or a user name cannot have'
  fi
  umask 077
  mkdir -p "${folder}"
  printf '%s\n' "${key}" >"${folder}/key"
  printf '%s\n' "${known_hosts}" >"${folder}/known_hosts"
  # Only the key that was pinned beforehand is believed.
  cat >"${folder}/config" <<END
Host target
  HostName ${host}
  User ${login}
  IdentityFile ${folder}/key
  IdentitiesOnly yes
  UserKnownHostsFile ${folder}/known_hosts
  StrictHostKeyChecking yes
  BatchMode yes
  ConnectTimeout 20
  ServerAliveInterval 15
  ServerAliveCountMax 20
END
}

# on_host WORD...: runs the words as one command on the host, each quoted for the shell there.
on_host() {
  local command
  printf -v command '%q ' "$@"
  ssh -F "${folder}/config" target "${command}"
}

copy() {
  local release=${home}/releases/$1
  on_host mkdir -p "${release}"
  tar -C deploy/compose -cf - . | on_host tar -C "${release}" -xf -
}

case "${1:-}" in
  connect) connect ;;
  copy) copy "${2:?COMMIT}" ;;
  deploy)
    # Nobody has heard how far it came where the status is ssh's own.
    outputs=${GITHUB_OUTPUT:?is set by GitHub Actions}
    trap 'if (($? == 255)); then printf "lost=true\n" >>"${outputs}"; fi' EXIT
    # The job's own token: it ends with the job, and deploy.sh stores it nowhere.
    printf '%s\n' "${REGISTRY_TOKEN:?is set by the workflow}" |
      on_host env "REGISTRY_USER=${REGISTRY_USER:?is set by the workflow}" \
        "${home}/releases/${2:?COMMIT}/deploy.sh" "${3:?IMAGE}"
    ;;
  counts) on_host "${home}/current/counts.sh" "${2:?SECONDS}" </dev/null ;;
  confirm) on_host "${home}/releases/${2:?COMMIT}/deploy.sh" --confirm "${3:?IMAGE}" </dev/null ;;
  # Of this release, since the one in use may be older and know no IMAGE.
  rollback) on_host "${home}/releases/${2:?COMMIT}/deploy.sh" --rollback "${3:?IMAGE}" </dev/null ;;
  *)
    sed -n '2,9p' "$0" >&2
    exit 2
    ;;
esac
