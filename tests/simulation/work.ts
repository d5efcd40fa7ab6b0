import type { FastifyInstance } from "fastify";
import type { Pool } from "pg";

/** Means of what a handler of the size takes that the plan reckons with; the framework's own share of the CPU comes on top. */
const CPU_MS = 2.2;
const DATABASE_MS = 10;

/** A route that takes CPU on the event loop before and after it asks the database, all of it by chance or always the same. */
export function workRoutes(app: FastifyInstance, pool: Pool): void {
  app.get<{ Querystring: { times: string } }>("/work", async (request) => {
    const time = request.query.times === "fixed" ? (mean: number) => mean : byChance;
    const cpu = time(CPU_MS);
    burn(cpu / 2);
    await pool.query("SELECT pg_sleep($1)", [time(DATABASE_MS) / 1000]);
    burn(cpu / 2);
    return {};
  });
}

/** An exponential time. */
function byChance(mean: number): number {
  return -mean * Math.log(1 - Math.random());
}

let sink = 0;

/** The same work each time, whatever else the machine does meanwhile; its clock of CPU time may be too coarse. */
function turns(count: number): void {
  for (let turn = 0; turn < count; turn += 1) sink = (sink * 31 + turn) % 65_521;
}

/** Turns in a millisecond: the fastest of many tries, in which nothing came between. */
function turnsInOneMs(): number {
  const COUNT = 100_000;
  let fastest = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 300; run += 1) {
    const start = performance.now();
    turns(COUNT);
    fastest = Math.min(fastest, performance.now() - start);
  }
  return COUNT / fastest;
}

const perMs = turnsInOneMs();

function burn(ms: number): void {
  turns(Math.round(ms * perMs));
}
