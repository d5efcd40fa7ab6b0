[# Of deploy.sh: refuses what the files of the repository leave open. #]
[% if routing.ingress %]
if placeholders=$(grep '\.invalid$' "${scratch}/[= rendered =].yaml"); then
  printf '%s\n' "${placeholders}" >&2
  die "${here}/overlays/${environment}/kustomization.yaml still has these in .invalid: set the real ones"
fi
[% else %]
if grep -q '\.invalid$' "${scratch}/[= rendered =].yaml"; then
  die "${here}/overlays/${environment}/kustomization.yaml still has a host name in .invalid: set the real one"
fi
[% endif %]
