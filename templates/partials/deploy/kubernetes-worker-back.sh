[# Functions of rollback.sh where there is a worker. #]
# pair: sets worker_choice to the worker of the chosen version, or to nothing where that has none.
pair() {
[% if rollout.blue_green %]
  local key=${worker_of[${slot}]}
[% else %]
  local key
  key=$(verified_worker)
  [[ ${wanted} == verified ]] || read -r _ _ _ key <<<"${choice}"
[% endif %]
  worker_choice=''
  [[ -n ${key} ]] || return 0
  worker_choice=$(worker_entry "${key}")
  [[ -n ${worker_choice} ]] || die "${target} keeps no worker of that version; it has:
${worker_history}"
}

[% if not features.worker_scaling %]
# scale_worker COUNT
scale_worker() {
  kubectl patch deployment "${worker}" --type=merge --patch="{\"spec\": {\"replicas\": $1}}"
}

[% endif %]
# worker_back: has the chosen worker take the jobs, or nobody where that version has none. Others finish theirs first.
worker_back() {
  local number count
  if [[ -z ${worker_choice} ]]; then
[% if features.worker_scaling %]
    [[ -n ${worker_revision} ]] || return 0
    scaling paused
    scale_worker 0
[% else %]
    [[ -z ${worker_revision} ]] || scale_worker 0
[% endif %]
    return
  fi
[% if features.worker_scaling %]
  # A run that was killed may have left it paused.
  scaling goes-on
[% endif %]
  read -r number _ <<<"${worker_choice}"
  [[ ${number} != "${worker_revision}" ]] || return 0
  kubectl rollout undo "deployment/${worker}" --to-revision="${number}"
  # It was stopped: as many as the overlay says.
  if [[ -z ${worker_revision} ]]; then
[% if features.worker_scaling %]
    count=$(least_workers)
[% else %]
    count=$(awk -v name="${worker}" '$2 == "name:" && $3 == name { getline; print $2 }' "${here}/overlays/${environment}/kustomization.yaml")
[% endif %]
    scale_worker "${count:?no count of ${worker} in the overlay}"
  fi
}
