#!/usr/bin/env bash
# Fails unless the last environment named really waits for a person before a job runs in it, and all of them, which hold
# credentials, are for jobs of main, or of protected branches, only.
#   preflight.sh [--second-person | --by-pull-request] ENVIRONMENT...
# --second-person: whoever started the run may not approve it.
# --by-pull-request: nobody is asked when the job starts; whether its change was approved is checked apart, and for main only.
# Anything that the API answers and that is not understood here counts as a failure.
set -uo pipefail

repository=${GITHUB_REPOSITORY:?is set by GitHub Actions}
problems=0

problem() {
  printf '::error::%s\n' "$1"
  printf '  what to do: %s\n' "$2"
  problems=$((problems + 1))
}

# holds JSON FILTER: whether FILTER is true of JSON; false too for nothing at all and for what is not JSON.
holds() {
  local answer
  answer=$(jq "$2" 2>/dev/null <<<"$1") && [[ ${answer} == true ]]
}

# read_environment NAME: its rules as JSON, or a problem and nothing.
rules=''
read_environment() {
  local settings="Settings > Environments"
  if ! rules=$(gh api "repos/${repository}/environments/$1" 2>&1); then
    problem "environment $1: cannot be read: ${rules//$'\n'/ }" \
      "create it under ${settings}; if it exists, give this job the permission actions: read"
    return 1
  fi
  if ! holds "${rules}" ".name == \"$1\" and (.protection_rules | type == \"array\")"; then
    problem "environment $1: the API's answer is not understood" "run this job again; if it stays, look at ${settings} by hand"
    return 1
  fi
}

check_reviewers() {
  local where="Settings > Environments > $1"
  if ! holds "${rules}" 'any(.protection_rules[]; .type == "required_reviewers" and (.reviewers | length) > 0)'; then
    problem "environment $1: nobody has to approve a deployment" "${where}: tick Required reviewers and name at least one"
  elif [[ $2 == true ]] &&
    ! holds "${rules}" 'all(.protection_rules[] | select(.type == "required_reviewers"); .prevent_self_review == true)'; then
    problem "environment $1: whoever starts a run may approve it alone" "${where}: tick Prevent self-review"
  fi
  if ! holds "${rules}" '.can_admins_bypass == false'; then
    printf '::warning::environment %s: administrators can skip the approval (%s)\n' "$1" "${where}"
  fi
}

check_branches() {
  local where="Settings > Environments > $1 > Deployment branches" answer
  if [[ ${by_pull_request} == true ]] && holds "${rules}" '.deployment_branch_policy.protected_branches == true'; then
    problem "environment $1: jobs of any protected branch may use its credentials, and only those of main are checked for an approval" \
      "${where}: choose Selected branches and name main"
  elif holds "${rules}" '.deployment_branch_policy.protected_branches == true'; then
    # With this setting and no protected branch, GitHub lets every branch deploy.
    if ! answer=$(gh api "repos/${repository}/branches/main" 2>&1) || ! holds "${answer}" '.protected == true'; then
      problem "environment $1: is limited to protected branches, and main is not known to be one" "protect main under Settings > Rules or Branches"
    fi
  elif holds "${rules}" '.deployment_branch_policy.custom_branch_policies == true'; then
    if ! answer=$(gh api "repos/${repository}/environments/$1/deployment-branch-policies" 2>&1) ||
      ! holds "${answer}" '.branch_policies | length > 0 and all(.[]; .name == "main" and (.type // "branch") == "branch")'; then
      # Whoever may push can make a branch that a pattern matches, or a tag.
      problem "environment $1: its branch rules cannot be read, or name more than the branch main" "${where}: name the branch main, and nothing else"
    fi
  else
    problem "environment $1: jobs of any branch may use its credentials" "${where}: choose Selected branches and name main"
  fi
}

second_person=false by_pull_request=false
case ${1:-} in
  --second-person)
    second_person=true
    shift
    ;;
  --by-pull-request)
    by_pull_request=true
    shift
    ;;
  *) ;;
esac
if (($# == 0)); then
  printf 'usage: preflight.sh [--second-person | --by-pull-request] ENVIRONMENT...\n' >&2
  exit 2
fi

for environment in "$@"; do
  if read_environment "${environment}"; then
    check_branches "${environment}"
    if [[ ${environment} == "${!#}" && ${by_pull_request} == false ]]; then
      check_reviewers "${environment}" "${second_person}"
    fi
  fi
done
if ((problems > 0)); then
  exit 1
fi
if [[ ${by_pull_request} == true ]]; then
  printf 'Only jobs of main may use the credentials of these environments.\n'
  exit
fi
printf 'Deployments to %s wait for an approval.\n' "${!#}"
