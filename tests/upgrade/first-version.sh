#!/usr/bin/env bash
# From the tree of the first version that emitted one, with what people and bots do to such a tree, to today's:
#   tests/upgrade/first-version.sh      (as `tests/run.sh emitted` calls it, with the Node.js of the emitted code)
#
# first-version/orders is that tree, as it was emitted; first-version/edits.patch is what was done to it since.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
work=$(mktemp -d)
trap 'rm -rf "${work:?}"' EXIT
tree=${work}/orders
patch=${PWD}/tests/upgrade/first-version/edits.patch

die() {
  printf 'tests/upgrade/first-version.sh: %s\n' "$*" >&2
  exit 1
}

commit() {
  git -C "${tree}" add --all
  git -C "${tree}" -c user.name=a -c user.email=a@example.com commit --quiet --message "$1"
}

# seaworthy EXIT ARGUMENT...: runs the tool, which has to exit like this.
seaworthy() {
  local expected=$1 code=0
  shift
  cargo run --quiet -- "$@" || code=$?
  [[ ${code} == "${expected}" ]] || die "\`seaworthy $*\` exits ${code}, not ${expected}"
}

cp -r tests/upgrade/first-version/orders "${tree}"
git -C "${tree}" init --quiet
commit 'As it was emitted'
git -C "${tree}" apply "${patch}"
commit 'What was done to it since'

seaworthy 3 check "${tree}"
seaworthy 0 upgrade "${tree}"
commit 'Upgraded'

lost=0
while IFS= read -r line; do
  if ! grep --recursive --quiet --fixed-strings --line-regexp --exclude-dir=.git --exclude-dir=.seaworthy -e "${line}" "${tree}"; then
    printf 'lost: %s\n' "${line}" >&2
    lost=1
  fi
done < <(sed -n '/^+++/d; s/^+//p' "${patch}" | sort -u)
((lost == 0)) || die 'lines of the user are gone'
[[ ! -e ${tree}/.editorconfig ]] || die 'a deleted file came back'

seaworthy 0 check "${tree}"
seaworthy 0 upgrade "${tree}"
[[ -z $(git -C "${tree}" status --porcelain) ]] || die 'a second upgrade changes something'

cd "${tree}"
npm install --silent --no-audit --no-fund
npm run --silent build
npm run --silent typecheck
npm run --silent lint
npm test --silent
printf 'The tree of the first version: upgraded, built, tested.\n'
