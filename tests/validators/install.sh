#!/usr/bin/env bash
# Installs every validator in the pinned version into DIR: DIR/venv for Python's, DIR/node for npm's.
#   tests/validators/install.sh DIR
# Does nothing where DIR already holds these versions. Needs python3 with venv, node 20 or later, npm, and kubectl on the PATH.
set -euo pipefail

directory=${1:?usage: install.sh DIR}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
inputs=("${here}/install.sh" "${here}/requirements.txt" "${here}/package.json" "${here}/workflows.mjs")

mkdir -p "${directory}/node"
directory=$(cd "${directory}" && pwd)
wanted=$(cat "${inputs[@]}" | sha256sum)
if [[ "$(cat "${directory}/installed" 2>/dev/null || true)" == "${wanted}" ]]; then
  exit 0
fi
rm -f "${directory}/installed"

for tool in python3 node npm kubectl; do
  if ! command -v "${tool}" >/dev/null; then
    echo "install.sh: ${tool} is not on the PATH; install it first." >&2
    exit 1
  fi
done

python3 -m venv "${directory}/venv"
# uv resolves and unpacks in seconds what takes pip a minute.
"${directory}/venv/bin/pip" install --quiet --disable-pip-version-check uv==0.13.8
"${directory}/venv/bin/uv" pip install --quiet --python "${directory}/venv/bin/python" --requirement "${here}/requirements.txt"

cp "${here}/package.json" "${here}/workflows.mjs" "${directory}/node/"
(
  cd "${directory}/node"
  npm install --silent --no-fund --no-audit --no-package-lock
  # The parser's JSON imports need a bundler on Node 20.
  node_modules/.bin/esbuild workflows.mjs --bundle --platform=node --format=cjs --outfile=workflows.cjs --log-level=warning
)
printf '%s\n' "${wanted}" >"${directory}/installed"
