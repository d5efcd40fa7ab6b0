// kubectl and the API servers of some clusters, as a function from a call to what it answers.
import { readFileSync } from "node:fs";

/** What stops a call: with it the status and the output. */
class Done {
  constructor(status = 0, output = "") {
    Object.assign(this, { status, output });
  }
}

/** Answers one call of kubectl, and changes `all`: the clusters, what fails, and the calls so far. */
export function kubectl(all, argv, kubeconfig) {
  all.calls.push(argv.join(" "));
  const fault = all.faults[all.calls.length] ?? all.faults[all.faultWords.find((word) => argv.join(" ").includes(word))];
  if (fault === "kill") return { status: "kill", output: "" };
  if (fault === "fail") return { status: 1, output: "the stand-in fails this call\n" };
  const target = kubeconfig && argv[0] !== "kustomize" ? readFileSync(kubeconfig, "utf8").trim() : "";
  const { status, output } = answer(all, argv, all.clusters[target], fault);
  return { status: fault === "kill after" ? "kill" : status, output };
}

function answer(all, argv, cluster, fault) {
  const option = (name) => argv.find((a) => a.startsWith(`--${name}=`))?.slice(name.length + 3);
  const asked = (word) => option("output").includes(word);
  const lines = (texts) => new Done(0, texts.map((text) => `${text}\n`).join(""));
  // The Deployment that a call is about.
  const one = /orders\S*-worker|component=worker/.test(argv.join(" ")) ? cluster?.worker : cluster;
  switch (argv.slice(0, 2).join(" ")) {
    case "config set-context":
    case "auth whoami":
    case "get pods,externalsecrets":
    case "get events":
      return new Done();
    case "rollout undo": {
      const wanted = one.replicasets.find((r) => r.revision === Number(option("to-revision")));
      if (!wanted) return new Done(1, "no such revision\n");
      if (wanted !== current(one)) wanted.revision = one.revision = next(one);
      return new Done();
    }
    case "rollout status":
      // No pods are as many as are wanted.
      if (one.replicas === 0) return new Done();
      return new Done(current(one) && !all.broken.includes(current(one).image) ? 0 : 1);
    case "patch deployment":
      one.replicas = JSON.parse(option("patch")).spec.replicas;
      scale(one);
      return new Done();
    case "get scaledobject":
      return lines(one.least ? ["scaledobject.keda.sh/orders-worker"] : []);
    case "get deployment":
      if (!one.revision) return new Done();
      if (one === cluster.worker) return lines([asked("revision") ? `${one.replicas} ${one.revision}` : `${one.replicas}`]);
      return lines([[one.revision, one.mark, ...(asked("verified-worker") ? [one.workerMark] : [])].join(" ")]);
    case "get replicasets":
      return lines(
        one.replicasets.map((r) => [r.revision, r.name, r.image, ...(asked("deploy/release") && r.release ? [r.release] : [])].join(" ")),
      );
    case "get pods":
      return lines((cluster.pods ?? [{ name: `${current(one).name}-1`, ready: "True" }]).map((pod) => `${pod.name} ${pod.ready} ${pod.ended ?? ""}`));
    case "get jobs":
      return lines([Object.keys(cluster.jobs).filter((name) => cluster.jobs[name] === "Active").join(" ")]);
    case "get job":
      return lines([cluster.jobs[argv[2]].replace("Active", "")]);
  }
  if (argv[0] === "kustomize") {
    const own = readFileSync(`${argv[1]}/kustomization.yaml`, "utf8");
    const overlay = own.match(/resources:\n {2}- (.*)/)[1];
    return lines([own + readFileSync(`${argv[1]}/${overlay}/kustomization.yaml`, "utf8")]);
  }
  if (argv[0] === "annotate") return annotate(cluster, argv.slice(3));
  if (argv[0] === "logs") return lines(cluster.log ?? ["last words of the pod"]);
  if (argv[0] === "apply") return option("dry-run") === "server" ? new Done() : apply(all, cluster, option("filename"), fault);
  return new Done(1, `the stand-in does not know: ${argv.join(" ")}\n`);
}

const current = (one) => one.replicasets.find((r) => r.revision === one.revision);
const next = (one) => Math.max(0, ...one.replicasets.map((r) => r.revision)) + 1;

/** KEDA, which keeps the least of workers also where somebody has stopped them. */
function scale(worker) {
  if (worker.least && worker.paused !== "true") worker.replicas = Math.max(worker.replicas, worker.least);
}

function annotate(cluster, words) {
  for (const [key, value] of words.map((word) => word.split("="))) {
    if (key === "deploy/verified-replicaset") cluster.mark = value;
    else if (key === "deploy/verified-worker-replicaset") cluster.workerMark = value;
    else if (key === "autoscaling.keda.sh/paused") {
      cluster.worker.paused = value;
      scale(cluster.worker);
    }
    else return new Done(1, `the stand-in does not know the annotation ${key}\n`);
  }
  return new Done();
}

function apply(all, cluster, file, fault) {
  const text = readFileSync(file, "utf8");
  const names = [...text.matchAll(/newName: (.*)\n +digest: (.*)/g)];
  const [image, worker] = names.map(([, name, digest]) => `${name}@${digest}`);
  if (file.endsWith("migrate.yaml")) {
    cluster.jobs[text.match(/migrate-[^"]*/)[0]] ??= all.badMigrations.includes(image) ? "Failed" : "Complete";
    return new Done();
  }
  const release = text.match(/"deploy.release": "([^"]*)"/)?.[1];
  roll(cluster, `rs-${image.at(-1)}`, image, release);
  if (fault === "kill between") return new Done("kill");
  if (worker) {
    roll(cluster.worker, `rs-worker-${worker.at(-2)}`, worker, release);
    const fixed = text.match(/name: \S+-worker\n +count: (.*)/)?.[1];
    // What is new and says no number has one pod; what is there keeps its own. KEDA looks later.
    cluster.worker.replicas = fixed === undefined ? (cluster.worker.replicas ?? 1) : Number(fixed);
    if (fixed === undefined) Object.assign(cluster.worker, { least: 2, paused: "false" });
  }
  return new Done();
}

function roll(one, name, image, release) {
  if (current(one)?.image !== image) {
    const known = one.replicasets.find((r) => r.image === image);
    if (known) known.revision = one.revision = next(one);
    else one.replicasets.push({ name, image, revision: (one.revision = next(one)) });
  }
  // ReplicaSets have the annotations that their Deployment had last.
  current(one).release = release;
}
