#!/usr/bin/env bash
# Fails unless this commit came to main by a pull request that another person approved exactly as it is, and nothing can
# come there in another way.
#   reviewed.sh
# For repositories whose plan makes no job wait for a reviewer: what is approved is the change, before it is merged.
# Anything that the API answers and that is not understood here counts as a failure.
set -uo pipefail

repository=${GITHUB_REPOSITORY:?is set by GitHub Actions}
commit=${GITHUB_SHA:?is set by GitHub Actions}

if (($# != 0)); then
  printf 'usage: reviewed.sh\n' >&2
  exit 2
fi

stop() {
  printf '::error::%s\n' "$1"
  printf '  what to do: %s\n' "$2"
  exit 1
}

# ask PATH: sets answer to the entries of all pages, one list.
answer=''
ask() {
  if ! answer=$(gh api --paginate --slurp "repos/${repository}/$1" 2>&1) ||
    ! answer=$(jq --compact-output 'if all(.[]; type == "array") then add // [] else error("no list") end' <<<"${answer}" 2>&1); then
    stop "$1 cannot be read: ${answer//$'\n'/ }" "run this job again; if it stays, give it the permission pull-requests: read"
  fi
}

# holds FILTER: whether FILTER is true of the answer.
holds() {
  local told
  told=$(jq "$1" 2>/dev/null <<<"${answer}") && [[ ${told} == true ]]
}

# What GitHub itself holds everybody to, whoever may merge: the rules of rulesets that are in force.
ask rules/branches/main
if ! holds 'any(.[]; .type == "pull_request" and .parameters.required_approving_review_count >= 1
  and .parameters.dismiss_stale_reviews_on_push == true and .parameters.require_last_push_approval == true)'; then
  stop 'main takes changes that nobody approved as they are' \
    'Settings > Rules > Rulesets, for main: require a pull request with 1 approval, dismiss stale approvals, and require approval of the most recent push; with nobody who may bypass it'
fi
if ! holds 'any(.[]; .type == "non_fast_forward")'; then
  stop 'main can be rewritten' 'Settings > Rules > Rulesets, for main: block force pushes'
fi

ask "commits/${commit}/pulls"
found=$(jq --raw-output --arg commit "${commit}" '
  [.[] | select(.merged_at != null and .base.ref == "main" and .merge_commit_sha == $commit)]
  | if length == 1 then .[0] | "\(.number) \(.head.sha) \(.user.login)" else "" end' 2>/dev/null <<<"${answer}") || found=''
if [[ ! ${found} =~ ^([0-9]+)\ ([0-9a-f]{40})\ ([^[:space:]]+)$ ]]; then
  stop "${commit} did not come to main by a merged pull request" 'make the change a pull request, and have another person approve it; what main holds now goes out with it'
fi
number=${BASH_REMATCH[1]} head=${BASH_REMATCH[2]} author=${BASH_REMATCH[3]}

ask "pulls/${number}/commits"
if holds 'length >= 250'; then
  # The API lists no more: whoever wrote the rest could be the one who approved.
  stop "pull request ${number} has more commits than GitHub lists" 'make it several pull requests of fewer than 250 commits; what main holds now goes out with the next one'
fi
if ! people=$(jq --compact-output '[.[] | .author.login?, .committer.login? | strings] | unique' 2>/dev/null <<<"${answer}"); then
  stop "who wrote pull request ${number} is not understood" 'run this job again'
fi

# The last word of each person counts; a comment takes none back.
ask "pulls/${number}/reviews"
found=$(jq --raw-output --arg author "${author}" --arg head "${head}" --argjson people "${people}" '
  [.[] | select(.state != "COMMENTED" and .state != "PENDING")] | group_by(.user.login) | map(last)
  | map(select(.state == "APPROVED" and .commit_id == $head and .user.type == "User"
    and (.author_association | IN("OWNER", "MEMBER", "COLLABORATOR"))
    and .user.login != $author and (.user.login as $login | $people | index($login) == null)))
  | map(.user.login) | join(" ")' 2>/dev/null <<<"${answer}") || found=''
if [[ -z ${found} ]]; then
  stop "pull request ${number}: nobody but its authors approved ${head}, its last commit" \
    'have another person with write access approve the next pull request before it is merged; what main holds now goes out with it'
fi
printf 'Pull request %s was approved as it is by %s.\n' "${number}" "${found}"
