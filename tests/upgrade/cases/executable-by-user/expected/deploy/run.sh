#!/usr/bin/env bash
set -euo pipefail
url=$1
curl --fail --silent "${url}/readyz"
