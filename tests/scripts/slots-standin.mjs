// Clusters with two slots, for deploy.sh, rollback.sh, confirm.sh and counts.sh of a rendered tree (SEAWORTHY_TREE).
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { standin } from "./answering.mjs";
import { desk, environment, hasWorker, image, isScaled, scripts, workerImage } from "./kubernetes-standin.mjs";
import { kubectl, serving } from "./slots-model.mjs";

const scaler = join(scripts, "overlays", environment, "horizontal-pod-autoscaler.yaml");
/** The fewest pods, where an autoscaler sets their number. */
export const least = existsSync(scaler) ? Number(readFileSync(scaler, "utf8").match(/minReplicas: (\d+)/)[1]) : undefined;
/** Whether the route leads to a slot, and not the Service. */
export const isRouted = existsSync(join(scripts, "base/http-route.yaml"));
const PODS = 12;

/** A Deployment with one version, which was verified. */
function slot(digit, replicas) {
  const own = { replicas, image: image(digit), revision: 1, replicasets: [], mark: image(digit) };
  return hasWorker ? { ...own, workerMark: `rs-worker-${digit}` } : own;
}

function worker(digits) {
  const replicasets = digits.map((digit, index) => ({ name: `rs-worker-${digit}`, image: workerImage(digit), revision: index + 1 }));
  return { replicas: 2, image: replicasets.at(-1).image, revision: replicasets.length, replicasets };
}

/** What a cluster is like: `blue` serves version a, and green has version 9 and no pods. */
export function usual() {
  const deployments = { "orders-blue": slot("a", PODS), "orders-green": slot("9", 0) };
  if (hasWorker) deployments["orders-worker"] = worker(["9", "a"]);
  const way = isRouted
    ? { backends: [{ name: "orders-blue", weight: 1 }, { name: "orders-green", weight: 0 }], services: ["orders-blue", "orders-green"] }
    : { service: "blue" };
  return { ...way, scaled: least ? "orders-blue" : undefined, keda: isScaled ? "goes on" : undefined, deployments, jobs: {} };
}

/** Before the first deploy. */
export const nothing = () => ({ services: [], scaled: undefined, deployments: {}, jobs: {} });

/** A cluster where version a was deployed by rolling updates. */
export function rolling() {
  const deployments = { orders: { ...slot("a", PODS), mark: undefined } };
  if (hasWorker) deployments["orders-worker"] = worker(["a"]);
  const way = isRouted ? { backends: [{ name: "orders" }], services: ["orders"] } : { service: null };
  return { ...way, scaled: least ? "orders" : undefined, deployments, jobs: {} };
}

/** A desk, and clusters that are like `cluster()` says. Versions in `broken` never get ready, those in `unfit` fail the smoke test. */
export function workplace({ targets = ["one"], cluster = usual, ...state } = {}) {
  const all = {
    calls: [],
    faults: {},
    faultWords: Object.keys(state.faults ?? {}).filter((key) => Number.isNaN(Number(key))),
    broken: [],
    unfit: [],
    badMigrations: [],
    /** Calls after which nobody answered requests any more. */
    outages: [],
    clusters: Object.fromEntries(targets.map((target) => [target, cluster()])),
    ...state,
  };
  const at = desk(all, kubectl, targets);
  const curl = (argv) => ({ status: 0, output: argv.at(-1).startsWith("http://127.0.0.1:40000/") && !all.unfit.includes(all.asked) ? "200" : "503" });
  writeFileSync(join(at.bin, "curl"), standin(at.bin, "curl", curl), { mode: 0o755 });
  return Object.assign(at, {
    /** Whose image answers requests. */
    serving: (target = targets[0]) => serving(all, all.clusters[target]),
    /** The slot that gets the requests. */
    slot(target = targets[0]) {
      const { backends, service } = all.clusters[target];
      return backends ? backends.find((it) => (it.weight ?? 1) === 1).name : service && `orders-${service}`;
    },
    /** Whose image takes jobs. */
    working(target = targets[0]) {
      const worker = all.clusters[target].deployments["orders-worker"];
      return worker?.replicas > 0 ? worker.image : undefined;
    },
    /** Both, as `version` gives them. */
    pair: (target = targets[0]) => (hasWorker ? [at.serving(target), at.working(target)] : [at.serving(target)]),
    /** Deployments that have pods, without the worker's. */
    running: (target = targets[0]) =>
      Object.entries(all.clusters[target].deployments)
        .filter(([name, it]) => name !== "orders-worker" && it.replicas > 0)
        .map(([name]) => name)
        .sort(),
  });
}
