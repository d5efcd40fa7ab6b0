#!/usr/bin/env bash
set -euo pipefail
# Ours: the probe needs a header.
url=$1
curl --fail --max-time 5 "${url}/readyz"
