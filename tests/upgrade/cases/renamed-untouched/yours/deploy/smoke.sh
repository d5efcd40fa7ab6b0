#!/usr/bin/env bash
set -euo pipefail
url=$1
curl --fail "${url}/readyz"
