[# What lib.sh knows of the worker. #]
worker=${service}-worker
worker_selector="app.kubernetes.io/name=${service},app.kubernetes.io/component=worker"
# Beside the mark, so that one request marks a pair: the worker's ReplicaSet of that version. Empty where it has no worker.
worker_mark=deploy/verified-worker-replicaset
[% if not rollout.blue_green %]
# On both Deployments, and from there on their ReplicaSets: the run that put them there. It says which belong together.
release_key=deploy/release
[% endif %]

# look_at_worker: the same of the worker. One that was stopped, because the version that serves has none, does not count.
look_at_worker() {
  local deployment count
  deployment=$(kubectl get deployment "${worker}" --ignore-not-found --output=jsonpath='{.spec.replicas} {.metadata.annotations.deployment\.kubernetes\.io/revision}')
  read -r count worker_revision <<<"${deployment}"
  [[ ${count:-0} != 0 ]] || worker_revision=''
[% if rollout.blue_green %]
  worker_history=$(kubectl get replicasets --selector="${worker_selector}" --output=jsonpath='{range .items[*]}{.metadata.annotations.deployment\.kubernetes\.io/revision}{" "}{.metadata.name}{" "}{.spec.template.spec.containers[0].image}{"\n"}{end}')
[% else %]
  worker_history=$(kubectl get replicasets --selector="${worker_selector}" --output=jsonpath="{range .items[*]}{.metadata.annotations.deployment\.kubernetes\.io/revision}{\" \"}{.metadata.name}{\" \"}{.spec.template.spec.containers[0].image}{\" \"}{.metadata.annotations.${release_key}}{\"\n\"}{end}")
[% endif %]
}

[% if rollout.blue_green %]
# worker_entry KEY: the newest worker whose revision or ReplicaSet is KEY, or nothing.
[% else %]
# verified_worker: the ReplicaSet of the verified version's worker, or nothing where that has none.
verified_worker() { say "${verified_worker}"; }

# worker_entry KEY: the newest worker whose revision, ReplicaSet or release is KEY, or nothing.
[% endif %]
worker_entry() {
  awk -v key="$1" '($1 == key || $2 == key[% if not rollout.blue_green %] || $4 == key[% endif %]) && $1 > newest { newest = $1; line = $0 } END { print line }' <<<"${worker_history}"
}

# worker_replicaset: of the workers that take jobs, or nothing.
worker_replicaset() {
  local line replicaset
  [[ -n ${worker_revision} ]] || return 0
  line=$(worker_entry "${worker_revision}")
  read -r _ replicaset _ <<<"${line}"
  say "${replicaset}"
}
[% if features.worker_scaling %]

# scaling paused|goes-on: whether KEDA leaves the number of workers alone. It would start those that a rollback has stopped.
scaling() {
  local scaler paused=false
  [[ $1 != paused ]] || paused=true
  # Not there before the first deploy that brings it.
  scaler=$(kubectl get scaledobject "${worker}" --ignore-not-found --output=name)
  [[ -z ${scaler} ]] || kubectl annotate --overwrite "${scaler}" "autoscaling.keda.sh/paused=${paused}"
}

# scale_worker COUNT
scale_worker() {
  kubectl patch deployment "${worker}" --type=merge --patch="{\"spec\": {\"replicas\": $1}}"
}

# least_workers: as many as KEDA always keeps.
least_workers() { sed -n 's/^  minReplicaCount: //p' "${here}/overlays/${environment:?}/worker-scaling.yaml"; }
[% endif %]
