// A stand-in for kubectl and one cluster's API server: enough of both to take deploy.sh, rollback.sh and confirm.sh
// through every failure, with rolling updates. The state is in this process, so that it outlives a script that was killed.
import { spawn } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { isAbsolute, join } from "node:path";
import { standin } from "./answering.mjs";
import { kubectl } from "./kubectl-model.mjs";

const tree = process.env.SEAWORTHY_TREE;
if (!tree) throw new Error("SEAWORTHY_TREE must name a rendered repository for kubernetes");

export const scripts = join(tree, "deploy/kubernetes");
export const environment = readdirSync(join(scripts, "overlays")).at(-1);
export const hasMigrations = existsSync(join(scripts, "overlays", environment, "migrate"));
export const hasWorker = existsSync(join(scripts, "base/worker"));
export const image = (digit) => `ghcr.io/acme/orders@sha256:${digit.repeat(64)}`;
export const workerImage = (digit) => `ghcr.io/acme/orders@sha256:${digit.repeat(63)}0`;
/** Whether KEDA sets the number of workers. */
export const isScaled = existsSync(join(scripts, "overlays", environment, "worker-scaling.yaml"));
/** What a version is made of: the images that deploy.sh is given. */
export const version = (digit) => (hasWorker ? [image(digit), workerImage(digit)] : [image(digit)]);

const CREDENTIALS = `#!/usr/bin/env bash
set -eu
if [[ " \${REFUSED:-} " == *" $1 "* ]]; then exit 1; fi
printf '%s\\n' "$1" >"\${KUBECONFIG}"
`;

/** A copy of the scripts with a real host name, and a kubectl that is `kubectl` of the state `all`. */
export function desk(all, kubectl, targets) {
  const dir = mkdtempSync(join(tmpdir(), "kubernetes-"));
  const bin = join(dir, "bin");
  const deploy = join(dir, "deploy/kubernetes");
  mkdirSync(bin);
  cpSync(join(tree, "deploy"), join(dir, "deploy"), { recursive: true });
  write(join(deploy, "credentials.sh"), CREDENTIALS);
  const overlay = join(deploy, "overlays", environment, "kustomization.yaml");
  writeFileSync(overlay, readFileSync(overlay, "utf8").replace(/\S+\.invalid$/gm, "orders.example.org"));
  for (const script of ["deploy.sh", "rollback.sh", "confirm.sh", "counts.sh"]) chmodSync(join(deploy, script), 0o755);
  chmodSync(join(dir, "deploy/scripts/smoke-test.sh"), 0o755);
  const answer = (argv, { env }) => kubectl(all, argv, env.KUBECONFIG);
  write(join(bin, "kubectl"), standin(dir, "kubectl", answer, { variables: ["KUBECONFIG"], errors: true }));
  return {
    bin,
    deploy,
    overlay,
    /** The state itself, to change what the clusters are like. */
    live: all,
    get state() {
      return structuredClone(all);
    },
    change(more) {
      Object.assign(all, more);
    },
    /** As the workflow does. */
    watch() {
      return this.run(join(tree, "deploy/scripts/watch.sh"), [join(deploy, "counts.sh"), environment]);
    },
    run(script, args, env = {}) {
      return new Promise((resolve) => {
        // A process group of its own, which the stand-in can kill as a whole.
        const child = spawn(isAbsolute(script) ? script : join(deploy, script), args, {
          detached: true,
          env: {
            PATH: `${bin}:${process.env.PATH}`,
            DEPLOY_TARGETS: targets.join(" "),
            RELEASE: "1-1",
            POLL_SECONDS: "0.01",
            MIGRATION_TIMEOUT: "2",
            WATCH_PAUSE: "0",
            SMOKE_ATTEMPTS: "2",
            SMOKE_PAUSE: "0",
            ...env,
          },
        });
        let output = "";
        for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (output += data));
        child.on("close", (status, signal) => resolve({ status, signal, output }));
      });
    },
    leftovers: () => readdirSync(deploy).filter((name) => name.startsWith(".run-")),
  };
}

/**
 * A desk, and clusters where `serving` serves (nothing, where it is null), with its
 * worker, where there are `jobs`.
 */
export function workplace({ targets = ["one"], serving = image("a"), verified = true, jobs = hasWorker, ...state } = {}) {
  const cluster = () => {
    const none = () => ({ revision: 0, replicasets: [] });
    if (serving === null) return { ...none(), mark: null, jobs: {}, worker: none() };
    const digit = serving.at(-1);
    const kept = (prefix, of) => ({
      revision: 2,
      replicasets: [
        { name: `${prefix}-9`, image: of("9"), revision: 1, release: "0-9" },
        { name: `${prefix}-${digit}`, image: of(digit), revision: 2, release: `0-${digit}` },
      ],
    });
    const marks = verified ? { mark: `rs-${digit}`, workerMark: `rs-worker-${digit}` } : { mark: null };
    const worker = { ...kept("rs-worker", workerImage), replicas: 2, ...(isScaled && { least: 2, paused: "false" }) };
    return { ...kept("rs", image), ...marks, jobs: {}, worker: jobs ? worker : none() };
  };
  const all = {
    calls: [],
    faults: {},
    faultWords: Object.keys(state.faults ?? {}).filter((key) => Number.isNaN(Number(key))),
    broken: [],
    badMigrations: [],
    clusters: Object.fromEntries(targets.map((target) => [target, cluster()])),
    ...state,
  };
  const at = desk(all, kubectl, targets);
  return Object.assign(at, {
    /** What answers requests: the newest version, or the one before it while that does not get ready. */
    serving(target = targets[0]) {
      const { clusters, broken } = at.state;
      const newestFirst = clusters[target].replicasets.toSorted((a, b) => b.revision - a.revision);
      return newestFirst.find((r) => !broken.includes(r.image))?.image;
    },
    /** The same of the worker: whose image takes jobs. */
    working(target = targets[0]) {
      const { clusters, broken } = at.state;
      const { replicas, replicasets } = clusters[target].worker;
      const newestFirst = replicasets.toSorted((a, b) => b.revision - a.revision);
      return replicas > 0 ? newestFirst.find((r) => !broken.includes(r.image))?.image : undefined;
    },
    /** Both, as `version` gives them. */
    pair(target = targets[0]) {
      return hasWorker ? [this.serving(target), this.working(target)] : [this.serving(target)];
    },
  });
}

function write(path, text) {
  writeFileSync(path, text, { mode: 0o755 });
}
