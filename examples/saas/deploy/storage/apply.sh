#!/usr/bin/env bash
# Makes the bucket of one environment, or brings its settings up to date: run it again after a change of these files.
#   apply.sh BUCKET [ORIGIN...]
# BUCKET is the environment's S3_BUCKET, in AWS_REGION. ORIGIN is where the pages come from that send and fetch files:
# https://app.example. Needs the AWS CLI, signed in as an administrator of the account.
set -euo pipefail

usage() {
  printf 'apply.sh: %s\nusage: AWS_REGION=REGION apply.sh BUCKET [ORIGIN...]\n' "$1" >&2
  exit 2
}

bucket=${1:-}
region=${AWS_REGION:-}
# A name with dots has no TLS certificate.
[[ ${bucket} =~ ^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$ ]] || usage 'BUCKET has 3 to 63 lower-case letters, digits and -'
[[ ${region} =~ ^[a-z]{2}(-[a-z]+)+-[0-9]+$ ]] || usage 'set AWS_REGION, for example to eu-central-1'
shift
for origin; do
  [[ ${origin} =~ ^https?://[A-Za-z0-9.-]+(:[0-9]+)?$ ]] || usage "${origin} is no origin: scheme, host and port only"
done

cd "$(dirname "${BASH_SOURCE[0]}")"
# Names are not secret: without the owner, settings could go to a bucket of somebody else.
owner=$(aws sts get-caller-identity --region "${region}" --query Account --output text)

# s3 COMMAND [ARGUMENT...]: on the bucket.
s3() {
  printf '%s\n' "$1"
  aws s3api "$1" --region "${region}" --bucket "${bucket}" --expected-bucket-owner "${owner}" "${@:2}"
}

make() {
  # The first region has no name here.
  local -a place=()
  [[ ${region} == us-east-1 ]] || place=(--create-bucket-configuration "LocationConstraint=${region}")
  printf 'create-bucket\n'
  aws s3api create-bucket --region "${region}" --bucket "${bucket}" "${place[@]}" >/dev/null
}

if ! aws s3api head-bucket --region "${region}" --bucket "${bucket}" --expected-bucket-owner "${owner}" >/dev/null 2>&1; then
  make
fi
s3 put-public-access-block --public-access-block-configuration \
  BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true
# No access lists: who may do what stands in policies alone.
s3 put-bucket-ownership-controls --ownership-controls 'Rules=[{ObjectOwnership=BucketOwnerEnforced}]'
s3 put-bucket-encryption --server-side-encryption-configuration \
  'Rules=[{ApplyServerSideEncryptionByDefault={SSEAlgorithm=AES256}}]'
policy=$(sed "s|BUCKET|${bucket}|g" bucket-policy.json)
s3 put-bucket-policy --policy "${policy}"
s3 put-bucket-lifecycle-configuration --lifecycle-configuration file://lifecycle.json
if (($# > 0)); then
  printf -v origins '"%s", ' "$@"
  rules=$(sed "s|\"ORIGIN\"|${origins%, }|" cors.json)
  s3 put-bucket-cors --cors-configuration "${rules}"
else
  s3 delete-bucket-cors
fi
printf '%s is set up\n' "${bucket}"
