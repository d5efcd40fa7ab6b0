// A copy of the scripts for ECS of a rendered tree (SEAWORTHY_TREE), with stand-ins for aws and docker. The state is in this
// process, so that it outlives a script that was killed.
import { cpSync, existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { standin } from "./answering.mjs";
import { call, image as imageOf } from "./aws-model.mjs";
import { addStandins, place, run, tree } from "./standin.mjs";

const scripts = join(tree, "deploy/ecs");
export const environment = readdirSync(scripts, { withFileTypes: true }).filter((it) => it.isDirectory())[0].name;
export const hasMigrations = existsSync(join(scripts, "task-migrate.json"));
export const hasWorker = existsSync(join(scripts, "task-worker.json"));
export const isScaled = existsSync(join(scripts, environment, "scaling-target.json"));
const cluster = `orders-${environment}`;

const digest = (digit) => `sha256:${digit.repeat(64)}`;
const workerDigest = (digit) => `sha256:${digit.repeat(63)}0`;
export const image = (digit) => `ghcr.io/acme/orders@${digest(digit)}`;
export const workerImage = (digit) => `ghcr.io/acme/orders@${workerDigest(digit)}`;
/** What a version is made of: the images that deploy.sh is given. */
export const version = (digit) => (hasWorker ? [image(digit), workerImage(digit)] : [image(digit)]);

const registered = (family, revision, digest, tags = []) => ({
  family,
  revision,
  containerDefinitions: [{ image: `copies@${digest}` }],
  tags,
});

/** Versions 9 and a, of which `a` serves and is verified; nothing where `serving` is false, no worker without `jobs`. */
export function workplace({ serving = true, verified = true, jobs = hasWorker, ...state } = {}) {
  const root = place({});
  const deploy = join(root, "deploy/ecs");
  mkdirSync(deploy, { recursive: true });
  cpSync(scripts, deploy, { recursive: true });
  const steady = (serviceName, revision) => ({
    serviceName,
    desired: 2,
    tags: {},
    last: `${cluster}${serviceName.slice("orders".length)}:${revision}`,
    deployments: [
      { id: "ecs-svc/0", status: "PRIMARY", rolloutState: "COMPLETED", taskDefinition: `${cluster}${serviceName.slice("orders".length)}:${revision}` },
    ],
  });
  const of = (revision) => (jobs ? [{ key: "worker", value: `${cluster}-worker:${revision}` }] : []);
  const all = {
    calls: [],
    inputs: [],
    faults: {},
    stack: "UPDATE_COMPLETE",
    outputs: { Images: `123456789012.dkr.ecr.eu-central-1.amazonaws.com/${cluster}` },
    images: ["9", "a"].flatMap((digit) => [digest(digit), workerDigest(digit)]),
    lost: [],
    broken: [],
    slow: [],
    badMigrations: [],
    tasks: {},
    stopped: [],
    lag: 0,
    metrics: {},
    scaled: false,
    serial: 0,
    definitions: serving
      ? ["9", "a"].flatMap((digit, index) => [
          registered(cluster, index + 1, digest(digit), of(index + 1)),
          ...(jobs ? [registered(`${cluster}-worker`, index + 1, workerDigest(digit))] : []),
        ])
      : [],
    services: serving ? { orders: steady("orders", 2), ...(jobs ? { "orders-worker": steady("orders-worker", 2) } : {}) } : {},
    ...state,
  };
  if (serving && verified) all.services.orders.tags = { verified: `${cluster}:2`, "verified-before": `${cluster}:1` };
  for (const program of ["aws", "docker"]) {
    addStandins(root, { [program]: standin(root, program, (argv) => call(all, program, argv), { errors: true }) });
  }
  const digestOf = (name) => {
    const service = all.services[name];
    if (!service || service.desired === 0) return undefined;
    // Tasks of a newer deployment that is not given up serve, or will when ECS goes on.
    const { taskDefinition } = service.deployments.find((it) => it.status === "PRIMARY" && it.rolloutState !== "FAILED") ?? {};
    const given = taskDefinition && imageOf(all, taskDefinition).split("@")[1];
    const isBroken = given && [...all.broken, ...all.slow].some((it) => it.endsWith(given));
    const serves = isBroken || !given ? service.last && imageOf(all, service.last).split("@")[1] : given;
    return serves ? `ghcr.io/acme/orders@${serves}` : undefined;
  };
  return {
    deploy,
    all,
    mark: () => all.services.orders?.tags.verified,
    serving: () => digestOf("orders"),
    working: () => digestOf("orders-worker"),
    /** Both, as `version` gives them. */
    pair() {
      return hasWorker ? [this.serving(), this.working()] : [this.serving()];
    },
    run: (script, args, env = {}) =>
      run(root, join(deploy, script), args, {
        env: { RELEASE: "1-1", POLL_SECONDS: "0.01", MIGRATION_TIMEOUT: "5", ROLLOUT_TIMEOUT: "5", ...env },
      }),
  };
}
