// Clients that keep their connections open and busy, and say exactly what became of each request that they sent.
import { once } from "node:events";
import net from "node:net";
import { count } from "./counts.mjs";
import { sleep } from "./docker.mjs";

/** An answer that takes longer is a failed request. */
const ANSWER_MS = 15_000;

/**
 * Constant load until `stop()`. Each client sends, waits for the whole response, pauses, and sends again on the same
 * connection; a new connection is made only when the server asked for it by `Connection: close`. There are no retries:
 * a connection that is refused, cut or silent, and a status other than 2xx, is a failed request.
 *
 *   const load = startLoad({ port, request: () => ({ path: "/livez" }) });
 *   await load.stop();      { sent, answered, failed, failures, longestMs }; counted for the summary too
 *
 * host, port, clients, pauseMs   where to, how many at once, and how long each waits between two requests
 * request()                      { method, path, headers, body } of the next request
 * onResponse({ status, headers, body })   for every answer, for example to see which version gave it
 */
export function startLoad({ host = "127.0.0.1", port, clients = 10, pauseMs = 5, request, onResponse = () => {} }) {
  const tally = { sent: 0, answered: 0, failed: 0, failures: [], longestMs: 0 };
  const state = { running: true, connecting: true };
  const fail = (why) => {
    tally.failed += 1;
    if (tally.failures.length < 20) tally.failures.push(`${new Date().toISOString()} ${why}`);
  };
  const client = { host, port, pauseMs, request, onResponse, tally, state, fail };
  const done = Promise.all(Array.from({ length: clients }, () => keepBusy(client)));
  return {
    tally,
    /** For a server that is about to stop: connections that end well are not replaced. */
    stopConnecting() {
      state.connecting = false;
    },
    async stop() {
      state.running = false;
      await done;
      count({ requests_sent: tally.sent, requests_failed: tally.failed });
      return tally;
    },
  };
}

async function keepBusy(client) {
  while (client.state.running && client.state.connecting) {
    const socket = net.connect({ host: client.host, port: client.port, noDelay: true });
    socket.on("error", () => {});
    try {
      await once(socket, "connect", { signal: AbortSignal.timeout(ANSWER_MS) });
      await useUp(client, socket);
    } catch (error) {
      client.tally.sent += 1;
      client.fail(`connect: ${error.code ?? error.name}`);
      await sleep(100);
    } finally {
      socket.destroy();
    }
  }
}

/** Until the load ends, the server announces that it closes the connection, or a request fails. */
async function useUp(client, socket) {
  const responses = read(socket);
  while (client.state.running) {
    const start = performance.now();
    const message = client.request();
    client.tally.sent += 1;
    socket.write(encode(message));
    const timer = setTimeout(() => socket.destroy(), ANSWER_MS);
    const { value: response } = await responses.next();
    clearTimeout(timer);
    const ms = performance.now() - start;
    client.tally.longestMs = Math.max(client.tally.longestMs, ms);
    if (!response) return client.fail(`${message.path}: connection closed after ${Math.round(ms)} ms, without an answer`);
    client.onResponse(response);
    if (response.status < 200 || response.status > 299) {
      client.fail(`${message.path}: status ${response.status} ${response.body.slice(0, 200)}`);
    } else {
      client.tally.answered += 1;
    }
    if (response.headers.connection === "close") return;
    await sleep(client.pauseMs);
  }
}

function encode({ method = "GET", path, headers = {}, body = "" }) {
  const all = { host: "localhost", ...headers, ...(body && { "content-type": "application/json", "content-length": Buffer.byteLength(body) }) };
  const lines = Object.entries(all).map(([key, value]) => `${key}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n${body}`;
}

/** Yields { status, headers, body }: by Content-Length or in chunks. Ends with the connection. */
async function* read(socket) {
  let pending = "";
  try {
    for await (const chunk of socket.setEncoding("latin1")) {
      pending += chunk;
      const end = pending.indexOf("\r\n\r\n") + 4;
      if (end < 4) continue;
      const headers = parseHeaders(pending.slice(0, end));
      const body = bodyOf(headers, pending.slice(end));
      if (!body) continue;
      const status = Number(pending.slice(9, 12));
      pending = pending.slice(end + body.length);
      yield { status, headers, body: body.text };
    }
  } catch {
    // Reset: the caller sees that the response is missing.
  }
}

function parseHeaders(head) {
  const lines = head.split("\r\n").slice(1).filter(Boolean);
  return Object.fromEntries(lines.map((line) => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  }));
}

/** { text, length on the wire }, or nothing while a part of it is missing. */
function bodyOf(headers, text) {
  if (headers["transfer-encoding"] === "chunked") return chunks(text);
  const length = Number(headers["content-length"] ?? 0);
  return text.length >= length ? { text: text.slice(0, length), length } : undefined;
}

function chunks(text) {
  let at = 0;
  let whole = "";
  while (true) {
    const end = text.indexOf("\r\n", at);
    if (end < 0) return undefined;
    const size = Number.parseInt(text.slice(at, end), 16);
    const next = end + 2 + size + 2;
    if (text.length < next) return undefined;
    whole += text.slice(end + 2, end + 2 + size);
    at = next;
    if (size === 0) return { text: whole, length: at };
  }
}
