// Open arrivals: requests come by chance (Poisson) and do not wait for the answers to earlier ones. The time of a request
// counts from when it was to be sent, so that a server that is behind is not spared.
import net from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** After this an answer counts as failed; longer than any limit of the service. */
const ANSWER_MS = 30_000;

/** Resolves to { sent, failed, ms: the sorted times of the answered ones, answeredPerSecond while the load lasted }. */
export async function openLoad({ port, path, perSecond, seconds }) {
  const run = { idle: [], sockets: new Set(), ms: [], failed: 0, open: 0, answeredInTime: 0, end: performance.now() + seconds * 1000 };
  const message = `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
  let sent = 0;
  for (let due = performance.now(); due < run.end; due += gap(perSecond)) {
    // Timers are a millisecond coarse: all that is due goes out at once.
    while (performance.now() < due) await sleep(1);
    send(run, { port, message, due });
    sent += 1;
  }
  const limit = performance.now() + ANSWER_MS;
  while (run.open > 0 && performance.now() < limit) await sleep(20);
  for (const socket of run.sockets) socket.destroy();
  return {
    sent,
    failed: run.failed + run.open,
    ms: run.ms.sort((a, b) => a - b),
    answeredPerSecond: run.answeredInTime / seconds,
  };
}

/** As many clients as given, each with one request at a time: what the service answers at the most, per second. */
export async function closedLoad({ port, path, clients, seconds }) {
  let answered = 0;
  const end = performance.now() + seconds * 1000;
  await Promise.all(Array.from({ length: clients }, async () => {
    const run = { idle: [], sockets: new Set(), ms: [], failed: 0, open: 0, answeredInTime: 0, end };
    const message = `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
    while (performance.now() < end) {
      await new Promise((done) => send(run, { port, message, due: performance.now(), done }));
    }
    answered += run.answeredInTime;
    for (const socket of run.sockets) socket.destroy();
  }));
  return answered / seconds;
}

/** Milliseconds to the next request. */
function gap(perSecond) {
  return (-1000 / perSecond) * Math.log(1 - Math.random());
}

/** On a connection that is free, or a new one. */
function send(run, request) {
  run.open += 1;
  const socket = run.idle.pop() ?? connect(run, request.port);
  socket.request = request;
  socket.write(request.message);
}

function connect(run, port) {
  const socket = net.connect({ host: "127.0.0.1", port, noDelay: true });
  run.sockets.add(socket);
  let pending = "";
  const answered = (status) => {
    const { due, done } = socket.request;
    const now = performance.now();
    run.open -= 1;
    if (status === 200) {
      run.ms.push(now - due);
      if (now <= run.end) run.answeredInTime += 1;
    } else {
      run.failed += 1;
    }
    socket.request = undefined;
    done?.();
  };
  socket.setEncoding("latin1").on("data", (text) => {
    pending += text;
    const head = pending.indexOf("\r\n\r\n");
    if (head < 0) return;
    const length = Number(/content-length: (\d+)/i.exec(pending)?.[1] ?? 0);
    if (pending.length < head + 4 + length) return;
    const status = Number(pending.slice(9, 12));
    const closes = /\r\nconnection: close/i.test(pending.slice(0, head));
    pending = "";
    answered(status);
    if (closes) {
      socket.destroy();
      run.sockets.delete(socket);
    } else {
      run.idle.push(socket);
    }
  });
  socket.on("error", () => {}).on("close", () => {
    run.sockets.delete(socket);
    const at = run.idle.indexOf(socket);
    if (at >= 0) run.idle.splice(at, 1);
    if (socket.request) answered(0);
  });
  return socket;
}
