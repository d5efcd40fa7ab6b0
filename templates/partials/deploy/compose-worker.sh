[# Functions `parts` and `stop_slot` where each slot has a worker. #]
# parts SLOT RELEASE: sets parts to the services of a slot. A release from before there were jobs has no worker.
parts=()
parts() {
  parts=("app-$1")
  if grep --quiet "^  worker-$1:" "${home}/releases/$2/compose.yaml"; then
    parts+=("worker-$1")
  fi
}

# stop_slot SLOT: with the files beside this script, which know the worker of any release. Both finish what they are at.
stop_slot() {
  in_release "${here##*/}" none stop "app-$1" "worker-$1"
}
