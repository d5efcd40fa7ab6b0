// Commands, without blocking: the load generators run in the same process.
import { spawn } from "node:child_process";
import { once } from "node:events";
import net from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

export { sleep };

/** Resolves to { code, stdout, output, ms }; output is stdout and stderr as they came. Never rejects on an exit code. */
export async function attempt(command, args, { cwd, env, input, limitMs = 600_000 } = {}) {
  const start = performance.now();
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: [input ? "pipe" : "ignore", "pipe", "pipe"] });
  const timer = setTimeout(() => child.kill("SIGKILL"), limitMs);
  let stdout = "";
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text) => {
    stdout += text;
    output += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text) => {
    output += text;
  });
  if (input) child.stdin.end(input);
  try {
    const [code, signal] = await once(child, "close");
    return { code: code ?? signal, stdout, output, ms: performance.now() - start };
  } finally {
    clearTimeout(timer);
  }
}

/** Rejects, with everything that the command said, unless it exits with 0. */
export async function run(command, args, options) {
  const result = await attempt(command, args, options);
  if (result.code !== 0) {
    throw new Error(`${command} ${args.join(" ")}: exit ${result.code}\n${result.output.slice(-6000)}`);
  }
  return result;
}

/** Resolves to what `docker ARGS` wrote to stdout, without the white space around it. */
export async function docker(...args) {
  return (await run("docker", args)).stdout.trim();
}

/** One field of a container, an image or a network, as the engine has it: inspect("x", ".State.Status"). */
export async function inspect(id, field) {
  return JSON.parse(await docker("inspect", "--format", `{{json ${field}}}`, id));
}

/** Runs JavaScript in a running container, in a node of its own, and resolves to what it printed. */
export function nodeIn(container, script) {
  return docker("exec", container, "node", "-e", script);
}

/** Polls until the condition gives something true; fails with what was last seen. */
export async function eventually(what, condition, limitMs = 60_000, everyMs = 200) {
  const end = performance.now() + limitMs;
  let last;
  while (performance.now() < end) {
    try {
      last = await condition();
      if (last) return last;
    } catch (error) {
      last = error;
    }
    await sleep(everyMs);
  }
  throw new Error(`not within ${limitMs} ms: ${what} (last: ${last?.stack ?? JSON.stringify(last)})`);
}

/** Below the range that outgoing connections take theirs from, so that it stays free until a container binds it. */
export async function freePort() {
  while (true) {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    const server = net.createServer();
    try {
      server.listen(port, "127.0.0.1");
      await once(server, "listening");
    } catch {
      continue;
    }
    server.close();
    await once(server, "close");
    return port;
  }
}

/** How a TCP connection from this machine ends: "connected", or the error code, or "timeout". */
export async function reach(host, port, limitMs = 2000) {
  const socket = net.connect({ host, port, timeout: limitMs });
  try {
    return await new Promise((resolve) => {
      socket.once("connect", () => resolve("connected"));
      socket.once("timeout", () => resolve("timeout"));
      socket.once("error", ({ code }) => resolve(code));
    });
  } finally {
    socket.destroy();
  }
}
