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
export const image = (digit) => `ghcr.io/acme/orders@sha256:${digit.repeat(64)}`;

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
const current = () => cluster.replicasets.find((r) => r.revision === cluster.revision);
const next = () => Math.max(0, ...cluster.replicasets.map((r) => r.revision)) + 1;
const out = (text) => process.stdout.write(text + "\\n");
const done = (status = 0) => { save(); if (fault === "kill after") process.kill(0, "SIGKILL"); process.exit(status); };

switch (argv.slice(0, 2).join(" ")) {
  case "config set-context": done();
  case "auth whoami": case "get pods,externalsecrets": case "get events": done();
  case "rollout undo": {
    const wanted = cluster.replicasets.find((r) => r.revision === Number(option("to-revision")));
    if (!wanted) { console.error("no such revision"); done(1); }
    wanted.revision = cluster.revision = next();
    done();
  }
  case "rollout status": done(current() && !all.broken.includes(current().image) ? 0 : 1);
  case "get deployment":
    if (cluster.revision) out(\`\${cluster.revision} \${cluster.mark ?? ""}\`);
    done();
  case "get replicasets":
    for (const r of cluster.replicasets) out(\`\${r.revision} \${r.name} \${r.image}\`);
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
if (argv[0] === "annotate") { cluster.mark = argv.at(-1).split("=")[1]; done(); }
if (argv[0] === "logs") { out("last words of the pod"); done(); }
if (argv[0] === "apply") {
  if (option("dry-run") === "server") done();
  const text = readFileSync(option("filename"), "utf8");
  const image = text.match(/newName: (.*)/)[1] + "@" + text.match(/digest: (.*)/)[1];
  if (option("filename").endsWith("migrate.yaml")) {
    cluster.jobs[text.match(/migrate-[^"]*/)[0]] ??= all.badMigrations.includes(image) ? "Failed" : "Complete";
    done();
  }
  if (current()?.image !== image) {
    const known = cluster.replicasets.find((r) => r.image === image);
    if (known) known.revision = cluster.revision = next();
    else cluster.replicasets.push({ name: \`rs-\${image.at(-1)}\`, image, revision: (cluster.revision = next()) });
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

/** A copy of the scripts with a real host name, and clusters where `serving` serves (nothing, where it is null). */
export function workplace({ targets = ["one"], serving = image("a"), verified = true, ...state } = {}) {
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
  const cluster = () =>
    serving === null
      ? { revision: 0, mark: null, jobs: {}, replicasets: [] }
      : {
          revision: 2,
          mark: verified ? `rs-${serving.at(-1)}` : null,
          jobs: {},
          replicasets: [
            { name: "rs-9", image: image("9"), revision: 1 },
            { name: `rs-${serving.at(-1)}`, image: serving, revision: 2 },
          ],
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
