#!/usr/bin/env bash
# Installs what the tests need and runs all of them, or the steps that are named:
#   tests/run.sh [--all] [rust | emitted | scripts | space | validators | engine | sample | capacity | simulation | compare]...
#
# rust        formatting, lints, and the tests of the tool itself
# emitted     each preset (web, whose build takes long, in the files that are about its own server), and each other framework
#             with PostgreSQL, Redis, files and the keys of a sign-in service, from `new` on: install, build, lint, tests, and
#             its behaviour with a real PostgreSQL and Redis; in saas also background jobs, whose worker is stopped and killed
#             under them, and files in an S3 on this machine; one tree for each other data access; and the first version's
#             tree, edited and upgraded
# scripts     the emitted shell scripts, against stand-ins for docker, kubectl and the rest
# space       a pairwise cover of all answers: each row as a tree, reviewed, parsed, compiled and linted
# validators  linters and parsers over the golden trees, the answer space and what `init` adds to the repositories of its
#             tests, in their strictest form
#
# engine, which needs a container engine and is not part of all: each preset's image and stack in it; a matrix of
# Node.js, package managers, frameworks and data access, each with a real install; and a sample: some trees of the answer
# space, other ones for each commit.
#
# capacity, which is not part of all either: requests per second of one emitted instance on one core.
#
# simulation, likewise: what `seaworthy simulate` predicts of one instance beside what is measured of it, from a third of its load
# to beyond it; writes the table of docs/SIMULATION.md, and fails where the model is off. On an idle machine, within five minutes.
#
# compare, likewise: the cases of the upgrade through other tools; writes docs/UPGRADES.md.
#
# --all takes the whole answer space instead of the sample, every combination of the matrix, every point at which a deploy is
# killed, and proves by trying every row that what the tool refuses together fits together nowhere. All of them take long.
#
# What is downloaded stays in SEAWORTHY_TEST_CACHE (default: ~/.cache/seaworthy-tests). Debian packages that are missing
# are installed when this runs as root, and named otherwise.
set -euo pipefail

# Package managers and others behave differently there: the same everywhere.
export CI=true

cd "$(dirname "${BASH_SOURCE[0]}")/.."
cache=${SEAWORTHY_TEST_CACHE:-${XDG_CACHE_HOME:-${HOME}/.cache}/seaworthy-tests}
work=$(mktemp -d)
mkdir -p "${cache}"

# The trees of the answer space; several runs can share them by naming a folder.
space=${SEAWORTHY_SPACE:-${work}/space}

# What the tests count; the sums are printed at the end.
export SEAWORTHY_COUNTS=${SEAWORTHY_COUNTS:-${work}/counts}

# The trees of the engine's tests have images, containers and volumes.
cleanup() {
  local -a running
  mapfile -t running < <(jobs -p)
  [[ ${#running[@]} == 0 ]] || kill "${running[@]}" 2>/dev/null || true
  if [[ -e ${work}/engine ]]; then
    node tests/engine/clean.mjs "${work}/engine" || true
  fi
  rm -rf "${work}"
}
trap cleanup EXIT

presets=(minimal api at-scale)
# Beside pg, which the presets have, and Prisma, which saas has.
data_accesses=(drizzle)
# Beside Fastify, which they have too.
frameworks=(express hono nest)
node_major=24

# What begins, and how many seconds the run has taken so far.
say() { printf '\n== %s (%s s)\n' "$*" "${SECONDS}"; }

die() {
  printf 'tests/run.sh: %s\n' "$*" >&2
  exit 1
}

# debian COMMAND PACKAGE: a program from Debian's packages.
debian() {
  if [[ -x $(command -v "$1" || true) || -n $(compgen -G "/usr/lib/postgresql/*/bin/$1" || true) ]]; then
    return
  fi
  [[ $(id -u) == 0 && -x /usr/bin/apt-get ]] || die "$1 is missing; install it (Debian: apt-get install $2)"
  if [[ ! -e ${work}/apt ]]; then
    apt-get update -qq
    # PostgreSQL's package would start a cluster of its own.
    mkdir -p /etc/postgresql-common
    [[ -e /etc/postgresql-common/createcluster.conf ]] || echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf
    touch "${work}/apt"
  fi
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$2" >/dev/null
}

# The emitted code runs on this Node.js, whatever else is installed.
node_and_modules() {
  local system machine modules=${cache}/node-${node_major}
  command -v npm >/dev/null || die 'npm is missing; install Node.js with npm'
  system=$(uname -s | tr '[:upper:]' '[:lower:]')
  machine=$(uname -m | sed 's/x86_64/x64/; s/aarch64/arm64/')
  if [[ ! -e ${modules}/complete ]]; then
    # Beside its place and then moved: another run may be doing the same.
    local made=${modules}.$$
    npm install --silent --no-audit --no-fund --prefix "${made}" \
      "node-${system}-${machine}@${node_major}" autocannon@9.0.0 squawk-cli@2.66.0
    touch "${made}/complete"
    if [[ -e ${modules}/complete ]]; then
      rm -rf "${made}"
    else
      rm -rf "${modules}"
      mv "${made}" "${modules}"
    fi
  fi
  PATH=${modules}/node_modules/node-${system}-${machine}/bin:${PATH}
  export PATH SEAWORTHY_TEST_MODULES=${modules}/node_modules
  [[ $(node --version) == v${node_major}.* ]] || die "node is $(node --version), not ${node_major}"
}

# schema_engine TREE: Prisma's schema engine in the version that the packages of TREE name, see tests/service/schema-engine.mjs.
schema_engine() {
  local version folder
  version=$(node -p 'require(process.argv[1]).version' "$1/node_modules/@prisma/engines-version/package.json")
  folder=${cache}/schema-engine-${version}
  if [[ ! -e ${folder}/complete ]]; then
    npm install --silent --no-audit --no-fund --prefix "${folder}" "@prisma/schema-engine-wasm@${version}"
    touch "${folder}/complete"
  fi
  export SEAWORTHY_SCHEMA_ENGINE=${folder}/node_modules
}

# package_managers: those that Node.js does not bring, in the versions that the emitted files name.
package_managers() {
  local version names=() folder
  for version in pnpm=pnpm yarn=@yarnpkg/cli-dist bun=bun; do
    names+=("${version#*=}@$(sed -n '/^\[package-managers\]/,/^\[tools\]/s/^'"${version%%=*}"' = "\(.*\)"/\1/p' src/stack/pins.toml)")
  done
  folder=${cache}/managers-$(printf '%s\n' "${names[@]}" | cksum | cut -d ' ' -f 1)
  if [[ ! -e ${folder}/complete ]]; then
    npm install --silent --global --prefix "${folder}.$$" "${names[@]}"
    touch "${folder}.$$/complete"
    # Beside its place and then moved: another run may be doing the same.
    mv --no-target-directory "${folder}.$$" "${folder}" 2>/dev/null || rm -rf "${folder}.$$"
  fi
  PATH=${folder}/bin:${PATH}
  export PATH
}

rust() {
  say 'rust: formatting, lints, tests'
  debian groff groff-base
  # Kills and hinders the tool at every call that changes the disk; there is none elsewhere.
  [[ $(uname -s) != Linux ]] || debian strace strace
  cargo fmt --check
  cargo clippy --all-targets --quiet -- --deny warnings
  # The random cases are the same in every run, so that a red one says something about the change; another seed, or
  # PROPTEST_CASES, looks further.
  PROPTEST_RNG_SEED=${PROPTEST_RNG_SEED:-20261121} SEAWORTHY_SPACE=${space} cargo test
}

# An S3 on this machine.
moto() {
  if [[ ! -e ${cache}/moto/complete ]]; then
    rm -rf "${cache}/moto"
    python3 -m venv "${cache}/moto"
    "${cache}/moto/bin/pip" install --quiet 'moto[server]==5.2.5'
    touch "${cache}/moto/complete"
  fi
  export SEAWORTHY_TEST_TOOLS=${cache}/moto/bin
}

# The trees of the answer space; the tests of the tool leave them when they ran before.
space_trees() {
  [[ -e ${space}/complete ]] || SEAWORTHY_SPACE=${space} cargo test --quiet --test space -- --nocapture
}

space() {
  local major
  say 'space: a pairwise cover of all answers'
  node_and_modules
  space_trees
  for major in 22 24 26; do
    node tests/space/typescript.mjs "${space}" "${work}/typescript-${major}" "${major}"
  done
  say 'space: src/ops in code that was there before'
  cargo build --quiet
  SEAWORTHY_PACKAGES=${work}/typescript-24 node --test tests/entry/entry.test.mjs
  if [[ ${all} == true ]]; then
    cargo test --quiet --release --test space -- --ignored --nocapture
  fi
}

# tree KEY PRESET [OPTION...]: makes it once, and says where.
tree() {
  local folder=${work}/$1
  if [[ ! -e ${folder} ]]; then
    mkdir "${folder}"
    cargo run --quiet -- new "${folder}/orders" --preset "$2" --yes "${@:3}" >&2 || die "new --preset $2 failed"
  fi
  printf '%s\n' "${folder}/orders"
}

# own_checks TREE: what its own CI does.
own_checks() {
  git -C "$1" init --quiet
  (
    cd "$1"
    npm ci --silent --no-audit --no-fund
    npm run --silent build
    npm run --silent typecheck
    npm run --silent lint
    npm test --silent
  )
}

emitted() {
  emitted_frameworks
  emitted_data_accesses
  emitted_pages
}

emitted_tools() {
  debian initdb postgresql
  debian redis-server redis-server
  node_and_modules
  moto
}

emitted_frameworks() {
  local preset framework queue tree
  emitted_tools
  for preset in "${presets[@]}"; do
    say "emitted: ${preset}"
    tree=$(tree "${preset}" "${preset}")
    own_checks "${tree}"
    SEAWORTHY_TREE=${tree} node --test 'tests/service/*.test.mjs'
  done
  for framework in "${frameworks[@]}"; do
    say "emitted: ${framework}"
    # A worker of its own kind, which is an application context of Nest.
    queue=none
    [[ ${framework} != nest ]] || queue=bullmq
    # On ECS their probes tell more than elsewhere.
    tree=$(tree "${framework}" api --set "stack.framework=${framework}" --set stack.auth=clerk --set "stack.queue=${queue}" --set stack.storage=s3 \
      --set deploy.platform=ecs --set deploy.cloud=aws)
    own_checks "${tree}"
    SEAWORTHY_TREE=${tree} node --test 'tests/service/*.test.mjs'
  done
}

emitted_data_accesses() {
  local data_access tree
  emitted_tools
  say 'emitted: saas'
  tree=$(tree saas saas)
  own_checks "${tree}"
  schema_engine "${tree}"
  SEAWORTHY_TREE=${tree} node --test tests/service/{env,health,migrations,prisma,worker}.test.mjs tests/service/storage/s3.test.mjs
  for data_access in "${data_accesses[@]}"; do
    say "emitted: ${data_access}"
    tree=$(tree "${data_access}" api --set "stack.data-access=${data_access}")
    own_checks "${tree}"
    SEAWORTHY_TREE=${tree} node --test tests/service/{health,migrations}.test.mjs
  done
  say 'emitted: from the first version'
  tests/upgrade/first-version.sh
}

# An application in Next.js takes ten times the CPU for a request: beside others it would be overloaded, not tested.
emitted_pages() {
  local tree
  debian initdb postgresql
  node_and_modules
  say 'emitted: web'
  tree=$(tree web web)
  own_checks "${tree}"
  SEAWORTHY_TREE=${tree} node --test tests/service/{env,shutdown}.test.mjs
}

compare() {
  if [[ ! -e ${cache}/compare/complete ]]; then
    rm -rf "${cache}/compare"
    python3 -m venv "${cache}/compare"
    "${cache}/compare/bin/pip" install --quiet copier==9.19.1 cruft==2.16.0
    touch "${cache}/compare/complete"
  fi
  mkdir -p docs
  python3 tests/upgrade/compare.py --tools "${cache}/compare" --output docs/UPGRADES.md
}

# The presets' files share trees, images and running stacks, so they run one after another; the rest has its own and runs
# beside them. Deploys are measured under load, so they run alone.
engine() {
  say "engine: ${presets[*]}"
  node_and_modules
  package_managers
  if [[ ${all} == true ]]; then
    export SEAWORTHY_MATRIX=all SEAWORTHY_SCAFFOLDS=all SEAWORTHY_KILLS=all
  fi
  debian curl curl
  docker version >/dev/null 2>&1 || die 'no container engine answers; start one, or set DOCKER_HOST'
  mkdir "${work}/engine"
  export SEAWORTHY_TREES=${work}/engine
  local chosen=${SEAWORTHY_PRESETS:-${presets[*]}}
  # Alone: steps that another build has at the same time are shared with it, and then not told as cached.
  SEAWORTHY_PRESETS=${chosen} node --test tests/engine/builds.test.mjs
  beside engine_others
  SEAWORTHY_PRESETS=${chosen} \
    node --test --test-concurrency=1 tests/engine/{health,image,limits,migrations,networks,shutdown,start}.test.mjs
  joined engine_others
  say 'engine: deploys'
  node --test tests/engine/deploy.test.mjs
}

engine_others() {
  node --test --test-concurrency=1 tests/engine/{worker,init,matrix}.test.mjs
  # The one whose code is made in the image's build.
  SEAWORTHY_PRESETS=api,stack.data-access=prisma \
    node --test --test-concurrency=1 tests/engine/{image,migrations}.test.mjs
  sample
}

sample() {
  local size=${SEAWORTHY_SAMPLE:-2}
  if [[ ${all} == true ]]; then
    size=all
  fi
  say "sample: ${size} trees of the answer space in the engine"
  node_and_modules
  debian curl curl
  space_trees
  SEAWORTHY_SPACE=${space} SEAWORTHY_SAMPLE=${size} node --test tests/space/sample.test.mjs
}

capacity() {
  local tree
  debian initdb postgresql
  debian redis-server redis-server
  node_and_modules
  tree=$(tree api api)
  (cd "${tree}" && npm run --silent build)
  SEAWORTHY_TREE=${tree} node tests/bench/capacity.mjs
}

simulation() {
  local tree
  debian initdb postgresql
  debian redis-server redis-server
  debian taskset util-linux
  node_and_modules
  cargo build --quiet
  tree=$(tree simulation api)
  # A handler of the size that the plan assumes, as the team's own would be.
  cp tests/simulation/work.ts "${tree}/src/routes/"
  sed -i -e 's|^import { noteRoutes } .*|&\nimport { workRoutes } from "./work.ts";|' \
    -e 's|^  noteRoutes(.*|&\n  workRoutes(app, services.database.pool);|' "${tree}/src/routes/index.ts"
  (cd "${tree}" && npm run --silent build)
  SEAWORTHY_TREE=${tree} SEAWORTHY_BINARY=${PWD}/target/debug/seaworthy node tests/simulation/measure.mjs docs/SIMULATION.md
}

scripts() {
  local -A suites=(
    [api]='tests/scripts/preflight.test.mjs tests/scripts/superseded.test.mjs tests/scripts/smoke-test.test.mjs tests/scripts/watch.test.mjs tests/scripts/compose-watch.test.mjs tests/scripts/compose-deploy.test.mjs tests/scripts/compose-confirm.test.mjs tests/scripts/compose-host.test.mjs'
    [at-scale]='tests/scripts/kubernetes-credentials.test.mjs tests/scripts/kubernetes-deploy.test.mjs tests/scripts/kubernetes-faults.test.mjs tests/scripts/kubernetes-routing.test.mjs tests/scripts/kubernetes-watch.test.mjs tests/scripts/setup-github.test.mjs'
  )
  local preset suite cloud
  node_and_modules
  debian jq jq
  debian curl curl
  for preset in "${!suites[@]}"; do
    say "scripts: ${preset}"
    read -ra suite <<<"${suites[${preset}]}"
    SEAWORTHY_TREE=$(tree "bare-${preset}" "${preset}" --no-install) node --test "${suite[@]}"
  done
  say 'scripts: jobs and files'
  SEAWORTHY_TREE=$(tree bare-jobs api --no-install --set stack.queue=bullmq --set stack.storage=s3 --set deploy.approval=pull-request --set deploy.notify=slack) \
    node --test tests/scripts/{compose-deploy,compose-worker,storage,reviewed,notify}.test.mjs
  SEAWORTHY_TREE=$(tree bare-jobs api) node --test --test-name-pattern='nobody confirmed is not' tests/scripts/compose-confirm.test.mjs
  say 'scripts: ECS'
  SEAWORTHY_TREE=$(tree bare-ecs saas --no-install --set deploy.cloud=aws --set deploy.platform=ecs --set scale.peak-rps=1500) \
    node --test tests/scripts/ecs-{deploy,faults}.test.mjs
  SEAWORTHY_TREE=$(tree bare-ecs-minimal minimal --no-install --set deploy.cloud=aws --set deploy.platform=ecs) \
    node --test --test-name-pattern='first deploy|autoscaler|gives it up|previous|counts' tests/scripts/ecs-deploy.test.mjs
  say 'scripts: jobs on Kubernetes'
  SEAWORTHY_TREE=$(tree bare-jobs-kubernetes at-scale --no-install --set stack.queue=bullmq) \
    node --test tests/scripts/kubernetes-worker.test.mjs
  say 'scripts: jobs on Kubernetes, scaled by KEDA, behind an Ingress'
  SEAWORTHY_TREE=$(tree bare-jobs-keda at-scale --no-install --set stack.queue=bullmq --set deploy.worker-scaling=keda --set deploy.routing=ingress) \
    node --test tests/scripts/kubernetes-{worker,faults,routing}.test.mjs
  say 'scripts: two slots on Kubernetes'
  # The manifests of the slots are rendered by the real one.
  command -v kubectl >/dev/null || die 'kubectl is missing; install it'
  SEAWORTHY_TREE=$(tree bare-slots at-scale --no-install --set deploy.rollout=blue-green --set stack.queue=bullmq --set deploy.worker-scaling=keda --set deploy.routing=ingress) \
    node --test tests/scripts/slots-{deploy,faults}.test.mjs
  # Without autoscaler, database, Redis and jobs.
  SEAWORTHY_TREE=$(tree bare-slots-fixed at-scale --no-install --set deploy.rollout=blue-green --set stack.database=none --set stack.redis=false --set scale.peak-rps=40 --set scale.trough-rps=40 --set deploy.kubernetes-because=x) \
    node --test --test-name-pattern='first deploy|same|as many pods|stands by|from rolling updates' tests/scripts/slots-deploy.test.mjs
  say 'scripts: files that stay'
  if [[ ! -e ${work}/kept ]]; then
    cp -R tests/detect/fixtures/sqlite-in-a-folder/repo "${work}/kept"
    cargo run --quiet -- init "${work}/kept" --yes 2>"${work}/kept.err" >&2 || { cat "${work}/kept.err"; die 'init failed'; }
  fi
  SEAWORTHY_TREE=${work}/kept node --test tests/scripts/kept-files.test.mjs
  say 'scripts: Cloud Run'
  SEAWORTHY_TREE=$(tree cloud-run api --no-install --set deploy.platform=cloud-run --set deploy.cloud=gcp) \
    node --test tests/scripts/cloud-run-{deploy,setup}.test.mjs
  for cloud in gcp azure none; do
    say "scripts: credentials for ${cloud}"
    SEAWORTHY_TREE=$(tree "${cloud}" at-scale --no-install --set "deploy.cloud=${cloud}") \
      node --test tests/scripts/kubernetes-credentials.test.mjs
  done
}

# fitted FOLDER: what `init` adds to the repositories of its tests that it fits, on two platforms and one of them on all, each as a tree.
fitted() {
  local repository platform tree
  local -a set platforms
  cargo build --quiet
  for repository in tests/detect/fixtures/*/repo; do
    platforms=(compose kubernetes)
    [[ ${repository} != */prisma-postgres/* ]] || platforms+=(ecs cloud-run)
    for platform in "${platforms[@]}"; do
      tree=$1/fitted-$(basename "${repository%/repo}")-${platform}
      set=(--set project.name=fitted --set "deploy.platform=${platform}")
      case ${platform} in
        kubernetes) set+=(--set 'deploy.kubernetes-because=We run one.') ;;
        ecs) set+=(--set deploy.cloud=aws) ;;
        cloud-run) set+=(--set deploy.cloud=gcp) ;;
      esac
      mkdir -p "$1"
      cp -R "${repository}" "${tree}"
      if ! cargo run --quiet -- init "${tree}" --yes "${set[@]}" 2>"${tree}.err" >&2; then
        rm -rf "${tree}"
        continue
      fi
      # What was there before is not what is looked at.
      (cd "${repository}" && find . -type f -exec rm -f "${tree}/{}" \;)
      cargo run --quiet -- review "${tree}" >"${tree}.err" || { cat "${tree}.err"; die "findings in ${tree##*/}"; }
    done
  done
  # Two services of one workspace, on a platform each.
  repository=tests/detect/fixtures/turborepo/repo tree=$1/fitted-several
  cp -R "${repository}" "${tree}"
  cargo run --quiet -- init "${tree}" --yes --set stack.app-dir=apps/api --set stack.database=postgres \
    --set deploy.platform=kubernetes --set 'deploy.kubernetes-because=We run one.' 2>"${tree}.err" >&2 || die "$(<"${tree}.err")"
  cargo run --quiet -- init "${tree}" --yes --set stack.app-dir=apps/web --set stack.redis=true 2>"${tree}.err" >&2 || die "$(<"${tree}.err")"
  (cd "${repository}" && find . -type f -exec rm -f "${tree}/{}" \;)
  cargo run --quiet -- review "${tree}" >"${tree}.err" || { cat "${tree}.err"; die "findings in ${tree##*/}"; }
  compgen -G "$1/fitted-*-kubernetes/" >/dev/null || die 'no repository of the tests is fitted'
  [[ -d $1/fitted-prisma-postgres-ecs && -d $1/fitted-prisma-postgres-cloud-run ]] || die 'no repository of the tests is fitted to ECS and Cloud Run'
}

validators() {
  say 'validators: golden trees, the answer space and fitted repositories'
  node_and_modules
  tests/validators/install.sh "${cache}/validators"
  "${cache}/validators/venv/bin/python" tests/validators/selftest.py --tools "${cache}/validators"
  space_trees
  fitted "${work}/fitted"
  "${cache}/validators/venv/bin/python" tests/validators/run.py --tools "${cache}/validators" examples/*/ "${space}"/tree-*/ "${work}/fitted"/*/
}

all=false
if [[ ${1:-} == --all ]]; then
  all=true
  shift
fi

# beside STEP: in the background; joined STEP waits for it, prints what it said, and fails if it failed.
declare -A beside=()
beside() {
  "$1" >"${work}/$1.log" 2>&1 &
  beside[$1]=$!
}
joined() {
  local status=0
  wait "${beside[$1]}" || status=$?
  cat "${work}/$1.log"
  [[ ${status} == 0 ]] || die "the step $1 failed, see above"
}

# The services and scripts mostly wait, so they run beside what computes, in two lanes of about the same length.
everything() {
  debian groff groff-base
  debian jq jq
  debian curl curl
  # Before the lanes, which would both install them.
  emitted_tools
  cargo build --quiet
  beside emitted_frameworks
  beside data_accesses_and_scripts
  rust
  space
  validators
  joined data_accesses_and_scripts
  joined emitted_frameworks
  emitted_pages
}

data_accesses_and_scripts() {
  emitted_data_accesses
  scripts
}

if [[ $# == 0 ]]; then
  everything
fi
for step; do
  case ${step} in
    rust | emitted | scripts | space | validators | engine | sample | capacity | simulation | compare) "${step}" ;;
    *) die "there is no step ${step}" ;;
  esac
done
if [[ -s ${SEAWORTHY_COUNTS} ]]; then
  say 'counted'
  node tests/counts.mjs "${SEAWORTHY_COUNTS}"
fi
say 'all passed'
