[# A function of deploy.sh. #]
# explain: what an operator would look at first.
explain() {
  kubectl get pods,externalsecrets --output=wide || true
  kubectl get events --field-selector=type=Warning --sort-by=.lastTimestamp || true
  kubectl logs --selector="$1" --all-containers --prefix --tail=50 || true
}
