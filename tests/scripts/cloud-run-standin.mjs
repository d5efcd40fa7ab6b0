// A project of Google Cloud with a service, against which the scripts of a rendered tree (SEAWORTHY_TREE) run.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { standin } from "./answering.mjs";
import { call } from "./gcloud-model.mjs";
import { addStandins, place, run, tree } from "./standin.mjs";

export const scripts = join(tree, "deploy/cloud-run");
const folders = readdirSync(scripts).filter((name) => existsSync(join(scripts, name, "service.yaml")));
export const environment = "production";
export const others = folders.filter((name) => name !== environment);
export const hasMigrations = existsSync(join(scripts, environment, "migrate.yaml"));

const DIGEST = (digit) => `sha256:${digit.repeat(64)}`;
/** As it was built. */
export const image = (digit) => `ghcr.io/acme/orders@${DIGEST(digit)}`;
/** Where Cloud Run takes it from. */
export const copied = (digit) => `europe-west3-docker.pkg.dev/acme-orders/orders/service@${DIGEST(digit)}`;

const GOOD = (count) => Array(count).fill("200\t0.050s");

/** A project in which version a serves and is verified, after version 9. */
export function project(more = {}) {
  const root = place({});
  const all = {
    calls: [],
    faults: {},
    broken: [],
    badMigrations: [],
    sick: [],
    running: [],
    migrated: [],
    registry: [],
    built: ["a", "b", "c"].map(image),
    revisions: { "orders-r0-9": copied("9"), "orders-r0-1": copied("a") },
    traffic: [{ revision: "orders-r0-1", percent: 100 }, { revision: "orders-r0-1", tag: "good" }],
    answers: () => GOOD(1000),
    follows: { "orders-r0-1": "orders-r0-9" },
    unknown: 0,
    made: new Set(),
    bindings: new Set(),
    ...more,
  };
  const programs = ["gcloud", "skopeo", "curl"];
  addStandins(
    root,
    Object.fromEntries(programs.map((name) => [name, standin(root, name, (argv) => call(all, name, argv), { reads: name === "skopeo" ? "login" : "", errors: true })])),
  );
  const share = (wanted) =>
    all.traffic.filter(({ revision }) => all.revisions[revision] === wanted).reduce((sum, { percent }) => sum + (percent ?? 0), 0);
  return {
    all,
    /** How many percent of the requests the version of `digit` gets. */
    share: (digit) => share(copied(digit)),
    /** The image with that mark. */
    marked: (tag) => all.revisions[all.traffic.find((target) => target.tag === tag)?.revision],
    run: (script, args, env = {}) =>
      run(root, join(scripts, script), args, {
        env: {
          GCP_PROJECT: "acme-orders",
          GCP_REGION: "europe-west3",
          GITHUB_REPOSITORY_ID: "4711",
          RELEASE: "1-1",
          WATCH_PAUSE: "0",
          SMOKE_PAUSE: "0",
          SETUP_PAUSE: "0",
          ...env,
        },
      }),
    deploy(digit = "b", env = {}) {
      return this.run("deploy.sh", [environment, image(digit)], env);
    },
  };
}
