// One host with stand-ins for docker and curl, on which deploy.sh of a rendered tree runs.
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { standin } from "./answering.mjs";
import { curl, docker, freshState } from "./docker-model.mjs";
import { addStandins, place, run, tree } from "./standin.mjs";

export const files = join(tree, "deploy/compose");
export const script = readFileSync(join(files, "deploy.sh"), "utf8");
export const migrates = script.includes("migrates=true");
export const keys = script.match(/required_keys=\((.*)\)/)[1].split(" ");
export const hasWorker = script.includes("WORKER_IMAGE");
/** Of the worker that belongs to the image of the same digit. */
export const workerImage = (digit) => `ghcr.io/acme/orders@sha256:${digit.repeat(63)}0`;
export const image = (digit) => `ghcr.io/acme/orders@sha256:${digit.repeat(64)}`;

export function host({ env = keys.map((key) => `${key}=x`).join("\n") } = {}) {
  const root = place({ sleep: "#!/bin/sh\n" });
  const home = join(root, "home");
  mkdirSync(home);
  writeFileSync(join(home, ".env"), `${env}\n`, { mode: 0o600 });
  let state = freshState();
  const isGreen = () => existsSync(join(home, "caddy/slot/green"));
  const callCurl = (argv) => curl(state, argv, isGreen());
  const callDocker = (argv, { env, input }) => docker(state, argv, { image: env.IMAGE, workerImage: env.WORKER_IMAGE, input });
  addStandins(root, {
    docker: standin(root, "docker", callDocker, { variables: ["IMAGE", "WORKER_IMAGE"], reads: "login" }),
    curl: standin(root, "curl", callCurl),
  });
  return {
    home,
    get docker() {
      return state;
    },
    /** Changes the stand-in's state, and forgets the calls so far. */
    set(change) {
      state = { ...state, calls: [], faults: {}, ...change };
    },
    /** `edit` changes deploy.sh, as other answers would have. */
    deploy(name, args = hasWorker ? [image(name), workerImage(name)] : [image(name)], { input = "token\n", edit = (text) => text } = {}) {
      const release = join(home, "releases", name);
      cpSync(files, release, { recursive: true });
      writeFileSync(join(release, "deploy.sh"), edit(script));
      for (const file of readdirSync(release).filter((name) => name.endsWith(".sh"))) chmodSync(join(release, file), 0o755);
      return run(root, join(release, "deploy.sh"), args, { input, env: { REGISTRY_USER: "someone" } });
    },
    counts: (seconds) => run(root, join(home, "current/counts.sh"), [seconds]),
    /** As the workflow does, but for ssh. */
    watch: () => run(root, join(tree, "deploy/scripts/watch.sh"), [join(home, "current/counts.sh")]),
    rollBack: () => run(root, join(home, "current/deploy.sh"), ["--rollback"]),
    /** As the workflow does: from the image of its own release. */
    rollBackFrom: (name) => run(root, join(home, "releases", name, "deploy.sh"), ["--rollback", image(name)]),
    /** As the workflow does after its watch. */
    confirm: (name, what = image(name)) => run(root, join(home, "releases", name, "deploy.sh"), ["--confirm", what]),
    /** The state file as an object. */
    state: () => Object.fromEntries(readFileSync(join(home, "state"), "utf8").trim().split("\n").map((line) => line.split("="))),
    /** The image that a request reaches now, or null. */
    serving: () => (callCurl(["http://localhost"]).status === 0 ? state.running[isGreen() ? "app-green" : "app-blue"] : null),
    /** Service -> image of the workers. */
    workers: () => Object.fromEntries(Object.entries(state.running).filter(([service]) => service.startsWith("worker-"))),
    slots: () => Object.keys(state.running).filter((service) => service.startsWith("app-")),
    file: (name) => readFileSync(join(home, name), "utf8"),
  };
}
