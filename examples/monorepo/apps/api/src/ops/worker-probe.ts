/** Asks for the health of the worker in this container: `worker-probe.js [ready]`. Exit code 1 and a line when it is not well. */
import { findProblem } from "./heartbeat.ts";

const problem = findProblem(process.argv[2] === "ready");
if (problem !== undefined) {
  console.error(problem);
  process.exitCode = 1;
}
