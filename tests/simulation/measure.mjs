// The simulation beside a measured run: the emitted service with a handler of the size that the plan reckons with, a real
// PostgreSQL, one core, and loads from a third of its capacity to beyond it. Writes the table of docs/SIMULATION.md, then
// fails where the model is further off than the tolerance.
//
//   SEAWORTHY_TREE=DIR SEAWORTHY_BINARY=FILE node tests/simulation/measure.mjs docs/SIMULATION.md
//
// `tests/run.sh simulation` makes the tree. It needs what tests/service/support.mjs names, and taskset.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg, totalmem } from "node:os";
import { sleep, startDependencies, startService, stopEverything } from "../service/support.mjs";
import { closedLoad, openLoad } from "./open-load.mjs";

/** Seconds of a load below the capacity; beyond it the queue grows with time, so it lasts as long as the model's. */
const SECONDS = 15;
const OVERLOAD_SECONDS = 10;
const REST_MS = 1500;
/** The optimiser of the JavaScript engine takes some thousand requests to finish; what it has not reached looks like less capacity. */
const WARM_UP_SECONDS = 12;
const CALIBRATION_SECONDS = 8;

/** Loads in percent of the event loop's capacity; each is in the tool's own list. */
const LOADS = [30, 50, 60, 70, 80, 90, 120];
const FIXED_LOADS = [60, 80];
const SMALL_POOL_LOADS = [30, 50, 60];

/** Of the database: enough for the wanted pool, and so few that an instance gets two. */
const CONNECTIONS = { wanted: 100, small: 12 };

/**
 * How far the model may be off before it is wrong. Capacity: what is left over is the calibration's own error. p99: at 80 % a
 * queue takes half a second to forget, so 15 s are some thirty independent looks, and the p99 of as many scatters by a third;
 * times what the model leaves out (garbage collection, timers of a millisecond). Above 80 % a run of seconds says little.
 */
const CAPACITY_TOLERANCE = 0.15;
const P99_FACTOR = 1.5;
const JUDGED_UP_TO = 80;

/** Beyond this a queue is at its end, and its p99 is a matter of luck. */
const SLOW_MS = 300;

/** Before this process is bound to some of them. */
const cores = availableParallelism();

const [document] = process.argv.slice(2);
const binary = process.env.SEAWORTHY_BINARY;
if (!document || !binary) throw new Error("usage: SEAWORTHY_BINARY=FILE measure.mjs DOCUMENT");

/** The tool's own prediction for one instance. */
function predicted(rps, connections) {
  const set = { "project.name": "measured", "scale.rps-per-replica": rps, "scale.peak-rps": Math.floor(rps / 2), "scale.trough-rps": 1, "scale.db-max-connections": connections };
  const args = Object.entries(set).flatMap(([key, value]) => ["--set", `${key}=${value}`]);
  let text;
  try {
    text = execFileSync(binary, ["simulate", "--preset", "api", ...args, "--json"], { encoding: "utf8" });
  } catch (error) {
    // Sizes that do not hold are a result too.
    if (error.status !== 3) throw error;
    text = error.stdout;
  }
  const { steady, inputs } = JSON.parse(text);
  const pool = Number(inputs.find(({ title }) => title === "Connections of an instance").value);
  return { pool, at: (percent) => steady.find((it) => it.percent === percent) };
}

function pin(pid, cores) {
  execFileSync("taskset", ["--all-tasks", "--cpu-list", "--pid", cores, String(pid)], { stdio: "ignore" });
}

async function started(env, pool) {
  const start = performance.now();
  const service = await startService({ ...env, SHUTDOWN_DELAY_MS: "0", LOG_LEVEL: "warn", DATABASE_POOL_MAX: String(pool) });
  const seconds = (performance.now() - start) / 1000;
  pin(service.pid, "0");
  await closedLoad({ port: service.port, path: "/work?times=random", clients: 50, seconds: WARM_UP_SECONDS });
  return { ...service, seconds };
}

async function measured(service, load, percent, times) {
  const seconds = percent > 100 ? OVERLOAD_SECONDS : SECONDS;
  const outcome = await openLoad({ port: service.port, path: `/work?times=${times}`, perSecond: load, seconds });
  await sleep(REST_MS);
  const at = (share) => outcome.ms[Math.min(outcome.ms.length - 1, Math.floor(outcome.ms.length * share))] ?? Number.NaN;
  return {
    p50: at(0.5),
    p99: at(0.99),
    failedPercent: (100 * outcome.failed) / outcome.sent,
    answered: outcome.answeredPerSecond,
  };
}

const rows = [];
const problems = [];

/** One load: measured, predicted, and whether they agree. */
async function compare(service, model, percent, times, name) {
  const of = model.at(percent);
  const run = await measured(service, of.load, percent, times);
  const answers = of.answered_per_second;
  const isFull = answers < 0.95 * of.load;
  const isJudged = times === "random" && !isFull && percent <= JUDGED_UP_TO && of.p99_ms < SLOW_MS;
  const factor = run.p99 / of.p99_ms;
  let verdict = "shown, not judged";
  if (isFull) {
    verdict = overloaded(run.answered / answers);
  } else if (isJudged) {
    verdict = factor <= P99_FACTOR && factor >= 1 / P99_FACTOR ? "agrees" : "is off";
  }
  if (verdict === "is off") problems.push(`${name}, ${Math.round(of.load)} requests/s`);
  rows.push(
    [name, `${Math.round(of.load)} (${percent} %)`, Math.round(answers), Math.round(run.answered), ms(of.p50_ms), ms(run.p50), ms(of.p99_ms), ms(run.p99),
      percentText(of.failed_percent), percentText(run.failedPercent), verdict],
  );
  console.log(rows.at(-1).join(" | "));
}

/** More answers than predicted let nobody plan too little: what the model lets fail for its wait, the service answered late. */
function overloaded(share) {
  if (share < 1 - CAPACITY_TOLERANCE) return "is off";
  return share <= 1 + CAPACITY_TOLERANCE ? "agrees" : "errs to the safe side";
}

const ms = (value) => (value < 1000 ? `${Math.round(value)} ms` : `${(value / 1000).toFixed(1)} s`);
const percentText = (value) => `${value.toFixed(1)} %`;

function report({ rps, seconds, before }) {
  const head = ["run", "load", "predicted answers/s", "measured", "predicted p50", "measured", "predicted p99", "measured", "predicted failed", "measured", "the model"];
  const lines = [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`);
  const { model } = cpus()[0];
  const [after] = loadavg();
  return `
Measured on ${new Date().toISOString().slice(0, 10)}: ${cores} cores (${model.trim()}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node.js ${process.version}, the service
on one core, PostgreSQL and the load on ${cores === 2 ? "the other" : "the others"}. The machine's load average was ${before.toFixed(1)} before and ${after.toFixed(1)} at the end${
    before > cores ? `: it was busy with\nother work, which got most of both cores, so the run says more about that than about the service` : ""
  }. One instance answered ${rps} requests/s at the most (\`scale.rps-per-replica\`), and was ready
${seconds.toFixed(1)} s after its start.

${lines.join("\n")}

${problems.length === 0 ? "All that is judged agrees, or errs to the safe side." : `Off: ${problems.join("; ")}.`}
`;
}

function write(text) {
  const [start, end] = ["<!-- measured -->\n", "<!-- /measured -->\n"];
  const old = readFileSync(document, "utf8");
  const [from, to] = [old.indexOf(start), old.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${document} has no place for the table, from ${start.trim()} to ${end.trim()}`);
  writeFileSync(document, `${old.slice(0, from + start.length)}${text.trimStart()}${old.slice(to)}`);
}

try {
  const [before] = loadavg();
  const { env } = await startDependencies();
  pin(process.pid, `1-${cores - 1}`);
  let service = await started(env, 8);
  const { seconds } = service;
  // As a team would measure it: as many requests at once as the service takes.
  const rps = Math.round(await closedLoad({ port: service.port, path: "/work?times=random", clients: 50, seconds: CALIBRATION_SECONDS }));
  console.log(`one instance answers ${rps} requests/s at the most`);
  const wanted = predicted(rps, CONNECTIONS.wanted);
  if (wanted.pool !== 8) {
    await service.stop();
    service = await started(env, wanted.pool);
  }
  for (const percent of LOADS) await compare(service, wanted, percent, "random", `pool of ${wanted.pool}, times by chance`);
  for (const percent of FIXED_LOADS) await compare(service, wanted, percent, "fixed", `pool of ${wanted.pool}, fixed times`);
  await service.stop();
  const small = predicted(rps, CONNECTIONS.small);
  service = await started(env, small.pool);
  for (const percent of SMALL_POOL_LOADS) await compare(service, small, percent, "random", `pool of ${small.pool}, times by chance`);
  write(report({ rps, seconds, before }));
} finally {
  await stopEverything();
}
if (problems.length > 0) {
  console.error(`the model is off: ${problems.join("; ")}`);
  process.exitCode = 1;
}
