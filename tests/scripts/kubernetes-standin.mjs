// A stand-in for kubectl and one cluster's API server: enough of both to take deploy.sh, rollback.sh and confirm.sh
// through every failure. The state is a JSON file, so that it outlives a script that was killed.
import { spawn } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const tree = process.env.SEAWORTHY_TREE;
if (!tree) throw new Error("SEAWORTHY_TREE must name a rendered repository for kubernetes");

export const scripts = join(tree, "deploy/kubernetes");
export const environment = readdirSync(join(scripts, "overlays")).at(-1);
export const hasMigrations = existsSync(join(scripts, "overlays", environment, "migrate"));
export const hasWorker = existsSync(join(scripts, "base/worker"));
export const image = (digit) => `ghcr.io/acme/orders@sha256:${digit.repeat(64)}`;
export const workerImage = (digit) => `ghcr.io/acme/orders@sha256:${digit.repeat(63)}0`;
/** What a version is made of: the images that deploy.sh is given. */
export const version = (digit) => (hasWorker ? [image(digit), workerImage(digit)] : [image(digit)]);

const KUBECTL = `#!/usr/bin/env node
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
const argv = process.argv.slice(2);
const option = (name) => argv.find((a) => a.startsWith(\`--\${name}=\`))?.slice(name.length + 3);
const file = process.env.STATE;
const all = JSON.parse(readFileSync(file, "utf8"));
all.calls.push(argv.join(" "));
const call = all.calls.length;
const fault = all.faults[call] ?? all.faults[all.faultWords.find((word) => argv.join(" ").includes(word))];
const save = () => writeFileSync(file, JSON.stringify(all));
save();
if (fault === "kill") process.kill(0, "SIGKILL");
if (fault === "fail") { console.error("the stand-in fails this call"); process.exit(1); }

const target = process.env.KUBECONFIG && argv[0] !== "kustomize" ? readFileSync(process.env.KUBECONFIG, "utf8").trim() : "";
const cluster = all.clusters[target];
const asked = (word) => option("output").includes(word);
// The Deployment that a call is about.
const one = /orders\\S*-worker|component=worker/.test(argv.join(" ")) ? cluster?.worker : cluster;
const current = (it = one) => it.replicasets.find((r) => r.revision === it.revision);
const next = (it = one) => Math.max(0, ...it.replicasets.map((r) => r.revision)) + 1;
const roll = (it, name, image, release) => {
  if (current(it)?.image !== image) {
    const known = it.replicasets.find((r) => r.image === image);
    if (known) known.revision = it.revision = next(it);
    else it.replicasets.push({ name, image, revision: (it.revision = next(it)) });
  }
  // ReplicaSets have the annotations that their Deployment had last.
  current(it).release = release;
};
const out = (text) => process.stdout.write(text + "\\n");
const done = (status = 0) => { save(); if (fault === "kill after") process.kill(0, "SIGKILL"); process.exit(status); };

switch (argv.slice(0, 2).join(" ")) {
  case "config set-context": done();
  case "auth whoami": case "get pods,externalsecrets": case "get events": done();
  case "rollout undo": {
    const wanted = one.replicasets.find((r) => r.revision === Number(option("to-revision")));
    if (!wanted) { console.error("no such revision"); done(1); }
    if (wanted !== current()) wanted.revision = one.revision = next();
    done();
  }
  case "rollout status": done(current() && !all.broken.includes(current().image) ? 0 : 1);
  case "patch deployment": one.replicas = JSON.parse(option("patch")).spec.replicas; done();
  case "get deployment":
    if (!one.revision) done();
    if (one === cluster.worker) out(\`\${one.replicas} \${one.revision}\`);
    else out([one.revision, one.mark, ...asked("verified-worker") ? [one.workerMark] : []].join(" "));
    done();
  case "get replicasets":
    for (const r of one.replicasets) out([r.revision, r.name, r.image, ...asked("deploy/release") && r.release ? [r.release] : []].join(" "));
    done();
  case "get jobs":
    out(Object.keys(cluster.jobs).filter((name) => cluster.jobs[name] === "Active").join(" "));
    done();
  case "get job": out(cluster.jobs[argv[2]].replace("Active", "")); done();
}
if (argv[0] === "kustomize") {
  const own = readFileSync(\`\${argv[1]}/kustomization.yaml\`, "utf8");
  const overlay = own.match(/resources:\\n  - (.*)/)[1];
  out(own + readFileSync(\`\${argv[1]}/\${overlay}/kustomization.yaml\`, "utf8"));
  done();
}
if (argv[0] === "annotate") {
  for (const [key, value] of argv.slice(3).map((word) => word.split("="))) {
    if (key === "deploy/verified-replicaset") cluster.mark = value;
    else if (key === "deploy/verified-worker-replicaset") cluster.workerMark = value;
    else done(1);
  }
  done();
}
if (argv[0] === "logs") { out("last words of the pod"); done(); }
if (argv[0] === "apply") {
  if (option("dry-run") === "server") done();
  const text = readFileSync(option("filename"), "utf8");
  const names = [...text.matchAll(/newName: (.*)\\n +digest: (.*)/g)];
  const [image, worker] = names.map(([, name, digest]) => name + "@" + digest);
  if (option("filename").endsWith("migrate.yaml")) {
    cluster.jobs[text.match(/migrate-[^"]*/)[0]] ??= all.badMigrations.includes(image) ? "Failed" : "Complete";
    done();
  }
  const release = text.match(/"deploy.release": "([^"]*)"/)?.[1];
  roll(cluster, \`rs-\${image.at(-1)}\`, image, release);
  if (fault === "kill between") { save(); process.kill(0, "SIGKILL"); }
  if (worker) {
    roll(cluster.worker, \`rs-worker-\${worker.at(-2)}\`, worker, release);
    cluster.worker.replicas = Number(text.match(/name: \\S+-worker\\n +count: (.*)/)[1]);
  }
  done();
}
console.error("the stand-in does not know: " + argv.join(" "));
done(1);
`;

const CREDENTIALS = `#!/usr/bin/env bash
set -eu
if [[ " \${REFUSED:-} " == *" $1 "* ]]; then exit 1; fi
printf '%s\\n' "$1" >"\${KUBECONFIG}"
`;

/**
 * A copy of the scripts with a real host name, and clusters where `serving` serves (nothing, where it is null), with its
 * worker, where there are `jobs`.
 */
export function workplace({ targets = ["one"], serving = image("a"), verified = true, jobs = hasWorker, ...state } = {}) {
  const dir = mkdtempSync(join(tmpdir(), "kubernetes-"));
  const bin = join(dir, "bin");
  const deploy = join(dir, "deploy/kubernetes");
  mkdirSync(bin);
  cpSync(scripts, deploy, { recursive: true });
  write(join(bin, "kubectl"), KUBECTL);
  write(join(bin, "package.json"), '{"type": "module"}');
  write(join(deploy, "credentials.sh"), CREDENTIALS);
  const overlay = join(deploy, "overlays", environment, "kustomization.yaml");
  writeFileSync(overlay, readFileSync(overlay, "utf8").replace(/\S+\.invalid$/gm, "orders.example.org"));
  for (const script of ["deploy.sh", "rollback.sh", "confirm.sh"]) chmodSync(join(deploy, script), 0o755);
  const cluster = () => {
    const none = { revision: 0, replicasets: [] };
    if (serving === null) return { ...none, mark: null, jobs: {}, worker: none };
    const digit = serving.at(-1);
    const kept = (prefix, of) => ({
      revision: 2,
      replicasets: [
        { name: `${prefix}-9`, image: of("9"), revision: 1, release: "0-9" },
        { name: `${prefix}-${digit}`, image: of(digit), revision: 2, release: `0-${digit}` },
      ],
    });
    const marks = verified ? { mark: `rs-${digit}`, workerMark: `rs-worker-${digit}` } : { mark: null };
    const worker = { ...kept("rs-worker", workerImage), replicas: 2 };
    return { ...kept("rs", image), ...marks, jobs: {}, worker: jobs ? worker : none };
  };
  const file = join(dir, "state.json");
  const start = {
    calls: [],
    faults: {},
    faultWords: Object.keys(state.faults ?? {}).filter((key) => Number.isNaN(Number(key))),
    broken: [],
    badMigrations: [],
    clusters: Object.fromEntries(targets.map((target) => [target, cluster()])),
    ...state,
  };
  writeFileSync(file, JSON.stringify(start));
  return {
    deploy,
    overlay,
    get state() {
      return JSON.parse(readFileSync(file, "utf8"));
    },
    change(more) {
      writeFileSync(file, JSON.stringify({ ...this.state, ...more }));
    },
    /** What answers requests: the newest version, or the one before it while that does not get ready. */
    serving(target = targets[0]) {
      const { clusters, broken } = this.state;
      const newestFirst = clusters[target].replicasets.toSorted((a, b) => b.revision - a.revision);
      return newestFirst.find((r) => !broken.includes(r.image))?.image;
    },
    /** The same of the worker: whose image takes jobs. */
    working(target = targets[0]) {
      const { clusters, broken } = this.state;
      const { replicas, replicasets } = clusters[target].worker;
      const newestFirst = replicasets.toSorted((a, b) => b.revision - a.revision);
      return replicas > 0 ? newestFirst.find((r) => !broken.includes(r.image))?.image : undefined;
    },
    /** Both, as `version` gives them. */
    pair(target = targets[0]) {
      return hasWorker ? [this.serving(target), this.working(target)] : [this.serving(target)];
    },
    run(script, args, env = {}) {
      return new Promise((resolve) => {
        // A process group of its own, which the stand-in can kill as a whole.
        const child = spawn(join(deploy, script), args, {
          detached: true,
          env: {
            PATH: `${bin}:${process.env.PATH}`,
            STATE: file,
            DEPLOY_TARGETS: targets.join(" "),
            RELEASE: "1-1",
            POLL_SECONDS: "0.01",
            MIGRATION_TIMEOUT: "2",
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

function write(path, text) {
  writeFileSync(path, text, { mode: 0o755 });
}
