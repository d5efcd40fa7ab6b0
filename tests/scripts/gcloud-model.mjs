// gcloud, skopeo and the address of a version, as functions from a call to what they answer. One project with one service.
import { readFileSync } from "node:fs";

const done = (status = 0, output = "") => ({ status, output });
const lines = (texts) => done(0, texts.map((text) => `${text}\n`).join(""));

/** Answers one call of `program`, and changes `all`: the project, what fails, and the calls so far. */
export function call(all, program, argv) {
  const line = `${program} ${argv.join(" ")}`;
  all.calls.push(line);
  const fault = all.faults[all.calls.length] ?? all.faults[Object.keys(all.faults).find((word) => line.includes(word))];
  if (fault === "fail") return done(1, "the stand-in fails this call\n");
  const { status, output } = { gcloud, skopeo, curl }[program](all, argv);
  return { status: fault === "kill after" ? "kill" : status, output };
}

const option = (argv, name) => argv.find((word) => word.startsWith(`--${name}=`))?.slice(name.length + 3);
/** The address of a tag. */
const address = (tag) => `https://${tag}---orders.example.org`;

function gcloud(all, argv) {
  const command = argv.slice(0, 3).join(" ");
  switch (command) {
    case "run services describe":
      if (!all.traffic) return done(1, "Cannot find service [orders]\n");
      return lines(all.traffic.map(({ revision, percent, tag }) => [revision, percent ?? "", tag ?? "", tag ? address(tag) : ""].join(",")));
    case "run services replace":
      return replace(all, readFileSync(argv[3], "utf8"), argv.includes("--dry-run"));
    case "run services update-traffic":
      return updateTraffic(all, argv);
    case "run jobs replace": {
      const text = readFileSync(argv[3], "utf8");
      all.job = { image: text.match(/image: (.*)/)[1], account: text.match(/serviceAccountName: (.*)/)[1] };
      return done();
    }
    case "run jobs executions":
      return lines(all.running);
    case "run jobs execute":
      all.migrated.push(all.job.image);
      return done(all.badMigrations.includes(all.job.image) ? 1 : 0);
    case "run revisions list": {
      const newestFirst = Object.entries(all.revisions).toReversed();
      const ready = (image) => [{ type: "Ready", status: all.broken.includes(image) ? "False" : "True" }];
      const labels = (name) => ({ follows: all.follows[name] });
      return done(0, JSON.stringify(newestFirst.map(([name, image]) => ({ metadata: { name, labels: labels(name) }, status: { conditions: ready(image) } }))));
    }
    case "auth print-access-token":
      return lines(["token"]);
  }
  if (command.startsWith("logging read")) {
    const revision = argv[2].match(/run\.googleapis\.com\/requests/) && argv[2].match(/revision_name=(\S+)/)[1];
    return lines(revision ? all.answers(all.revisions[revision]) : ["last words of the container"]);
  }
  return setup(all, argv);
}

function replace(all, text, isDry) {
  if (all.refuses) return done(1, "spec.template: Invalid value\n");
  const [, revision] = text.match(/^ {6}name: (.*)$/m);
  const image = text.match(/image: (.*)/)[1];
  if (isDry) return done();
  all.definition = text;
  all.revisions[revision] = image;
  all.follows[revision] = text.match(/^ {8}follows: (\S+)$/m)[1];
  const targets = [...text.split("  traffic:\n")[1].matchAll(/- revisionName: (\S+)\n +percent: (\d+)(?:\n +tag: (\S+))?/g)];
  all.traffic = targets.map(([, name, percent, tag]) => ({ revision: name, percent: Number(percent), tag }));
  return done(all.broken.includes(image) ? 1 : 0);
}

/** As gcloud does it: marks stay on what they are on, and shares stand beside them. */
function updateTraffic(all, argv) {
  const marks = all.traffic.filter(({ tag }) => tag && tag !== option(argv, "remove-tags")).map(({ revision, tag }) => ({ revision, tag }));
  const [tag, marked] = option(argv, "update-tags")?.split("=") ?? [];
  const kept = marks.filter((mark) => mark.tag !== tag).concat(tag ? [{ revision: marked, tag }] : []);
  const shares = option(argv, "to-revisions").split(",").map((share) => share.split("="));
  if (shares.some(([revision]) => !(revision in all.revisions))) return done(1, "no such revision\n");
  all.traffic = [...shares.map(([revision, percent]) => ({ revision, percent: Number(percent) })), ...kept];
  return done();
}

/** What setup.sh asks and makes: what is there once it was made is `all.made`. */
function setup(all, argv) {
  const line = argv.join(" ");
  if (line.startsWith("projects describe")) return lines(["123456789012"]);
  const thing = line.replace(/ (describe|create-oidc|create) /, " ").split(" --")[0].replace(/@\S+/, "");
  if (/ describe /.test(line)) return done(all.made.has(thing) ? 0 : 1, all.made.has(thing) && / providers describe /.test(line) ? `${all.trusted}\n` : "");
  if (/ create(-oidc)? /.test(line)) {
    if (all.made.has(thing)) return done(1, `${thing} is there already\n`);
    all.made.add(thing);
    all.trusted = option(argv, "attribute-condition") ?? all.trusted;
    return done();
  }
  if (line.startsWith("run deploy")) {
    all.revisions = { "orders-sample": "us-docker.pkg.dev/cloudrun/container/hello" };
    all.traffic = [{ revision: "orders-sample", percent: 100 }];
    return done();
  }
  if (/add-iam-policy-binding .*serviceAccount:/.test(line) && all.unknown-- > 0) return done(1, "the account does not exist\n");
  if (/add-iam-policy-binding|services enable/.test(line)) {
    all.bindings.add(line);
    return done();
  }
  return done(1, `the stand-in does not know: ${line}\n`);
}

function skopeo(all, argv) {
  const images = argv.filter((word) => word.startsWith("docker://")).map((word) => word.slice(9));
  switch (argv[0]) {
    case "login":
      return done();
    case "inspect":
      return done(all.registry.includes(images[0]) ? 0 : 1);
    case "copy": {
      if (!all.built.includes(images[0])) return done(1, "manifest unknown\n");
      if (!argv.includes("--preserve-digests")) return done(1, "the digest may change\n");
      all.registry.push(`${images[1].slice(0, images[1].lastIndexOf(":"))}@${images[0].split("@")[1]}`);
      return done();
    }
  }
  return done(1, `the stand-in does not know: skopeo ${argv.join(" ")}\n`);
}

/** What a version answers at the address of its tag. */
function curl(all, argv) {
  const tag = argv.at(-1).match(/^https:\/\/(\w+)---orders\.example\.org\/\w+$/)?.[1];
  const revision = all.traffic.find((target) => target.tag === tag)?.revision;
  return done(0, revision && !all.sick.includes(all.revisions[revision]) ? "200" : "503");
}
