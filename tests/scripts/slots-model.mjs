// kubectl and the API servers of some clusters where a Service, or a route, chooses between two Deployments, as a function from a
// call to what it answers. Manifests are rendered by the real `kubectl kustomize`.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

const WORKER = "orders-worker";
const done = (status = 0, output = "") => ({ status, output });
const lines = (texts) => done(0, texts.map((text) => `${text}\n`).join(""));

/** Answers one call of kubectl, and changes `all`: the clusters, what fails, and the calls so far. */
export function kubectl(all, argv, kubeconfig) {
  const call = argv.join(" ");
  all.calls.push(call);
  const fault = all.faults[all.calls.length] ?? all.faults[all.faultWords.find((word) => call.includes(word))];
  if (fault === "kill") return { status: "kill", output: "" };
  if (fault === "fail") return done(1, "the stand-in fails this call\n");
  if (argv[0] === "kustomize") return done(fault === "kill after" ? "kill" : 0, rendered(argv[1]));
  const target = kubeconfig ? readFileSync(kubeconfig, "utf8").trim() : "";
  const cluster = all.clusters[target];
  const { status, output } = answered(all, argv, cluster, fault);
  // Whatever a call did: somebody answers requests after it, where somebody did before.
  if (cluster?.wasUp && !serving(all, cluster)) all.outages.push(call);
  if (cluster) cluster.wasUp ||= Boolean(serving(all, cluster));
  return { status: fault === "kill after" ? "kill" : status, output };
}

/** What goes against the rules of a cluster is refused, and kept for the test to see. */
function answered(all, argv, cluster, fault) {
  try {
    return answer(all, argv, cluster, fault);
  } catch (error) {
    all.outages.push(`${argv.join(" ")}: ${error.message}`);
    return done(1, `${error.stack}\n`);
  }
}

// By what was asked for: the manifests are the same for each desk.
const known = new Map();

/** What the real kubectl makes of a folder. */
function rendered(folder) {
  const key = readFileSync(`${folder}/kustomization.yaml`, "utf8");
  if (!known.has(key)) known.set(key, execFileSync("kubectl", ["kustomize", folder], { encoding: "utf8" }));
  return known.get(key);
}

/** Whose image answers requests: of the Deployments that the Service selects, or the route leads to, one with pods that are ready. */
export function serving(all, cluster) {
  if (cluster.backends) {
    const [first, ...others] = cluster.backends.filter((it) => (it.weight ?? 1) > 0);
    if (others.length > 0) throw new Error("two slots get requests");
    // Load balancers have to know a slot before its turn.
    return available(all, cluster.deployments[first.name]) > 0 ? cluster.deployments[first.name].image : undefined;
  }
  if (cluster.service === undefined) return undefined;
  const names = cluster.service === null ? Object.keys(cluster.deployments) : [`orders-${cluster.service}`];
  const up = names.filter((name) => name !== WORKER && available(all, cluster.deployments[name]) > 0);
  return cluster.deployments[up[0]]?.image;
}

const available = (all, deployment) => (deployment && !all.broken.includes(deployment.image) ? deployment.replicas : 0);

function answer(all, argv, cluster, fault) {
  const option = (name) => argv.find((a) => a.startsWith(`--${name}=`))?.slice(name.length + 3);
  const { deployments } = cluster ?? {};
  const named = (word) => deployments[word.replace("deployment/", "")];
  switch (argv.slice(0, 2).join(" ")) {
    case "config set-context":
    case "auth whoami":
    case "get pods,externalsecrets":
    case "get events":
      return done();
    case "get httproute":
      return lines((cluster.backends ?? []).map((it) => `${it.weight ?? 1} ${it.name}`));
    case "patch httproute":
      turn(all, cluster, JSON.parse(option("patch"))[0].value);
      return done();
    case "get service":
      return cluster.service === undefined ? done() : lines([cluster.service ?? ""]);
    case "get deployments": {
      const worker = option("output").includes("worker-replicaset");
      const of = Object.entries(deployments).filter(([name]) => name !== WORKER);
      return lines(
        of.map(([name, it]) => {
          const up = available(all, it) || "";
          return [name, it.replicas, up, it.image, it.mark ?? "", ...(worker ? [it.workerMark ?? ""] : [])].join("|");
        }),
      );
    }
    case "get deployment": {
      const it = named(argv[2]);
      return it ? lines([option("output").includes("revision") ? `${it.replicas} ${it.revision}` : `${it.replicas}`]) : done();
    }
    case "get replicasets":
      return lines((deployments[WORKER]?.replicasets ?? []).map((r) => [r.revision, r.name, r.image].join(" ")));
    case "get horizontalpodautoscaler":
      return cluster.scaled ? lines(["horizontalpodautoscaler.autoscaling/orders"]) : done();
    case "get scaledobject":
      return cluster.keda ? lines([`scaledobject.keda.sh/${WORKER}`]) : done();
    case "patch service":
      cluster.service = JSON.parse(option("patch")).spec.selector.slot;
      return done();
    case "patch horizontalpodautoscaler.autoscaling/orders":
      cluster.scaled = JSON.parse(option("patch")).spec.scaleTargetRef.name;
      return done();
    case "patch deployment":
      named(argv[2]).replicas = JSON.parse(option("patch")).spec.replicas;
      return done();
    case "rollout status": {
      const it = named(argv[2]);
      return done(it && available(all, it) === it.replicas ? 0 : 1);
    }
    case "rollout undo": {
      const worker = deployments[WORKER];
      const wanted = worker.replicasets.find((r) => r.revision === Number(option("to-revision")));
      if (!wanted) return done(1, "no such revision\n");
      Object.assign(worker, { revision: (wanted.revision = next(worker)), image: wanted.image });
      return done();
    }
    case "get pods": {
      const own = cluster.pods ?? [{ name: `orders-${cluster.service}-1`, ready: "True" }];
      return lines(own.map((pod) => `${pod.name} ${pod.ready} ${pod.ended ?? ""}`));
    }
    case "get jobs":
      return lines([Object.keys(cluster.jobs).filter((name) => cluster.jobs[name] === "Active").join(" ")]);
    case "get job":
      return lines([cluster.jobs[argv[2]].replace("Active", "")]);
  }
  if (argv[0] === "port-forward") {
    all.asked = named(argv[1])?.image;
    if (available(all, named(argv[1])) === 0) return done(1, "no pod is running\n");
    return lines([`Forwarding from 127.0.0.1:40000 -> ${argv[2].slice(1)}`, `Forwarding from [::1]:40000 -> ${argv[2].slice(1)}`]);
  }
  if (argv[0] === "annotate" && argv[2].startsWith("scaledobject")) {
    cluster.keda = argv[3].split("=")[1] === "true" ? "paused" : "goes on";
    return done();
  }
  if (argv[0] === "annotate") return annotate(named(argv.find((word) => word.startsWith("deployment/"))), argv.slice(2));
  if (argv[0] === "logs") return lines(cluster.log ?? ["last words of the pod"]);
  if (argv[0] === "apply") return option("dry-run") === "server" ? done() : apply(all, cluster, option("filename"), fault);
  return done(1, `the stand-in does not know: ${argv.join(" ")}\n`);
}

/** Gives the route other backends. One that gets requests was known before, where there was a route. */
function turn(all, cluster, backends) {
  const taking = backends.find((it) => (it.weight ?? 1) === 1);
  if (cluster.backends && !cluster.backends.some((it) => it.name === taking.name)) throw new Error(`${taking.name} was not known`);
  for (const { name } of backends) if (!cluster.services.includes(name)) throw new Error(`there is no Service ${name}`);
  cluster.backends = backends;
}

const next = (one) => Math.max(0, ...one.replicasets.map((r) => r.revision)) + 1;

function annotate(deployment, words) {
  if (!deployment) return done(1, "no such deployment\n");
  const keys = { "deploy/verified-image": "mark", "deploy/verified-worker-replicaset": "workerMark" };
  for (const word of words.filter((it) => it.startsWith("deploy/"))) {
    const [key, value] = word.split("=");
    if (value !== undefined) deployment[keys[key]] = value;
    else delete deployment[keys[key.slice(0, -1)]];
  }
  return done();
}

/** Takes the objects of a file one after the other, as kubectl does. */
function apply(all, cluster, file, fault) {
  const objects = readFileSync(file, "utf8").split(/^---$/m);
  // Services first: what leads to them is of no use before.
  objects.sort((a, b) => Number(/^kind: Service$/m.test(b)) - Number(/^kind: Service$/m.test(a)));
  for (const [index, text] of objects.entries()) {
    if (fault === "kill between" && index === Math.floor(objects.length / 2)) return { status: "kill", output: "" };
    one(all, cluster, text);
  }
  return done();
}

function one(all, cluster, text) {
  const kind = text.match(/^kind: (.*)$/m)?.[1];
  const name = text.match(/^metadata:\n(?: {2}.*\n)*? {2}name: (.*)$/m)?.[1];
  const image = text.match(/ image: (.*)$/m)?.[1];
  if (kind === "Service" && name === "orders") cluster.service = text.match(/^ {2}selector:\n(?: {4}.*\n)*? {4}slot: (.*)$/m)[1];
  if (kind === "Service" && /^orders-(blue|green)$/.test(name)) {
    if ([...text.matchAll(/ slot: (.*)$/gm)].some((match) => `orders-${match[1]}` !== name)) throw new Error(`${name} selects another slot`);
    cluster.services = [...new Set([...cluster.services, name])];
  }
  if (kind === "HealthCheckPolicy" && text.match(/^ {4}name: (.*)$/m)[1] !== name) throw new Error(`the policy ${name} is for another Service`);
  if (kind === "HTTPRoute") {
    const list = text.match(/backendRefs:\n((?: {4,}.*\n)*)/)[1].split(/^ *- /m).filter((one) => one.startsWith("name: "));
    const field = (one, key) => one.match(new RegExp(`${key}: (.*)`))?.[1];
    turn(all, cluster, list.map((one) => ({ name: field(one, "name"), weight: Number(field(one, "weight") ?? 1) })));
  }
  if (kind === "HorizontalPodAutoscaler") cluster.scaled = text.match(/^ {2}scaleTargetRef:\n(?: {4}.*\n)*? {4}name: (.*)$/m)[1];
  if (kind === "Job") cluster.jobs[name] ??= all.badMigrations.includes(image) ? "Failed" : "Complete";
  if (kind === "ScaledObject") cluster.keda = text.includes('paused: "true"') ? "paused" : "goes on";
  if (kind !== "Deployment") return;
  const slot = name.split("-")[1];
  if (slot !== "worker") {
    const told = [...text.matchAll(/ slot: (.*)$/gm)].map((match) => match[1]);
    // Its own label, its selector and its pods.
    if (told.join() !== [slot, slot, slot].join()) throw new Error(`${name} has the slots ${told}`);
  }
  const known = (cluster.deployments[name] ??= { replicas: 1, replicasets: [] });
  const replicas = text.match(/^ {2}replicas: (.*)$/m)?.[1];
  if (replicas !== undefined) known.replicas = Number(replicas);
  if (known.image === image) return;
  Object.assign(known, { image, revision: next(known) });
  known.replicasets.push({ name: `rs-${slot}-${image.at(slot === "worker" ? -2 : -1)}`, image, revision: known.revision });
}
