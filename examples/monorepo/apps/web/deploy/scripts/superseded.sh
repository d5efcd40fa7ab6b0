#!/usr/bin/env bash
# Fails when ENVIRONMENT runs a newer commit than this one: a run that is approved late, or started again, would put an
# older version back.
#   superseded.sh ENVIRONMENT
# DEPLOY_ANYWAY: the whole hash of the one commit that may go out all the same.
# Anything that the API answers and that is not understood here counts as a failure.
set -euo pipefail

repository=${GITHUB_REPOSITORY:?is set by GitHub Actions}
commit=${GITHUB_SHA:?is set by GitHub Actions}

if (($# != 1)); then
  printf 'usage: superseded.sh ENVIRONMENT\n' >&2
  exit 2
fi
environment=$1

stop() {
  printf '::error::%s\n' "$1"
  printf '  what to do: %s\n' "$2"
  exit 1
}

# ask PATH FILTER: FILTER of each page of the API's answer, one line for each value.
answer=''
ask() {
  if ! answer=$(gh api --paginate "repos/${repository}/$1" --jq "$2" 2>&1); then
    stop "environment ${environment}: what it runs cannot be read: ${answer//$'\n'/ }" \
      "run this job again; if it stays, give the job the permissions contents: read and deployments: read"
  fi
}

# read_deployed: the commit of the newest deployment here that succeeded; empty before the first one.
deployed=''
read_deployed() {
  local line
  local -a deployments
  ask "deployments?environment=${environment}&per_page=100" '.[] | "\(.id) \(.sha)"'
  mapfile -t deployments <<<"${answer}"
  for line in "${deployments[@]}"; do
    if [[ -z ${line} ]]; then
      continue
    fi
    # One that another has replaced is inactive by now, but has succeeded before.
    ask "deployments/${line%% *}/statuses?per_page=100" '.[].state'
    if [[ $'\n'${answer}$'\n' == *$'\nsuccess\n'* ]]; then
      deployed=${line#* }
      return
    fi
  done
}

if [[ ${DEPLOY_ANYWAY:-} == "${commit}" ]]; then
  printf '::warning::DEPLOY_ANYWAY lets %s out, whatever %s runs; delete the variable afterwards\n' "${commit}" "${environment}"
  exit
fi
read_deployed
if [[ -z ${deployed} ]]; then
  printf '%s has no successful deployment yet\n' "${environment}"
  exit
fi
ask "compare/${deployed}...${commit}" .status
anyway="to deploy it all the same, set the variable DEPLOY_ANYWAY of the environment to ${commit} and run this job again"
case ${answer} in
  ahead | identical) printf '%s runs %s; this commit is not older\n' "${environment}" "${deployed}" ;;
  behind) stop "environment ${environment} runs ${deployed}, which is newer than ${commit}" "nothing, if that is right; ${anyway}" ;;
  diverged) stop "environment ${environment} runs ${deployed}, which is not part of this commit's history" "look whether main was rewritten; ${anyway}" ;;
  *) stop "environment ${environment}: how ${commit} follows ${deployed} is not understood: ${answer//$'\n'/ }" "${anyway}" ;;
esac
