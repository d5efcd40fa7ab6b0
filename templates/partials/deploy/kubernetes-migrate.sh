[# A function of deploy.sh. #]
migrate() {
  local active conditions='' deadline
  active=$(kubectl get jobs --selector="app.kubernetes.io/name=${service},app.kubernetes.io/component=migration" --output=jsonpath='{range .items[?(@.status.active)]}{.metadata.name}{" "}{end}')
  active=${active//${job}/}
  [[ -z ${active// /} ]] || die "${target} still runs the migration of another deploy (${active}): wait for it, then deploy again"
  kubectl "${apply[@]}" --filename="${scratch}/migrate.yaml"
  # Somewhat longer than the Job's own limit, so that the Job is what ends.
  deadline=$((SECONDS + ${MIGRATION_TIMEOUT:-660}))
  until [[ ${conditions} == *Complete* ]]; do
    if [[ ${conditions} == *Failed* ]] || ((SECONDS >= deadline)); then
      explain "batch.kubernetes.io/job-name=${job}"
      die "the migration failed on ${target}; the version that served before still serves"
    fi
    sleep "${POLL_SECONDS:-3}"
    # One request that fails says nothing about the migration.
    conditions=$(kubectl get job "${job}" --output=jsonpath='{.status.conditions[?(@.status=="True")].type}') || true
  done
  kubectl logs "job/${job}" --tail=50 || true
}
