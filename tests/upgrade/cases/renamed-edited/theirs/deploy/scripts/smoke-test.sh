#!/usr/bin/env bash
set -euo pipefail
url=$1
curl --fail --max-time 5 "${url}/readyz"
