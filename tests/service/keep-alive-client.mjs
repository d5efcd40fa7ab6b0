// A client that keeps one connection busy, and says exactly what became of each request that it sent.
import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";

/**
 * Sends the same request again and again. Opens a new connection when the server asks for it with
 * `Connection: close`, for as long as `mayConnect()` says so, as a load balancer would.
 */
export async function keepBusy(port, message, mayConnect) {
  const tally = { answered: 0, announced: 0, failures: [] };
  while (mayConnect()) {
    const socket = net.connect({ port, host: "127.0.0.1", noDelay: true });
    socket.on("error", () => {});
    try {
      await once(socket, "connect");
    } catch (error) {
      tally.failures.push(`connect: ${error.code}`);
      break;
    }
    await useUp(socket, message(), tally);
    if (tally.failures.length > 0) break;
  }
  return tally;
}

/** Until the server announces that it closes the connection. A request without an answer is a failure. */
async function useUp(socket, message, tally) {
  const responses = read(socket);
  while (true) {
    socket.write(message);
    const { value: response, done } = await responses.next();
    if (done) return tally.failures.push("connection closed before the whole response came");
    if (!/^2/.test(response.status)) return tally.failures.push(`status ${response.status}`);
    tally.answered += 1;
    if (response.close) {
      tally.announced += 1;
      return socket.destroy();
    }
  }
}

/** Ends with the connection. */
async function* read(socket) {
  let pending = "";
  try {
    for await (const chunk of socket.setEncoding("latin1")) {
      pending += chunk;
      const start = pending.indexOf("\r\n\r\n") + 4;
      if (start < 4) continue;
      const head = pending.slice(0, start);
      const end = endOfBody(head, pending, start);
      if (end === undefined || pending.length < end) continue;
      pending = pending.slice(end);
      yield { status: head.slice(9, 12), close: /^connection: close/im.test(head) };
    }
  } catch {
    // Reset: the caller sees that the response is missing.
  }
}

/** Where the body ends that begins at `start`; nothing while that is not known. */
function endOfBody(head, text, start) {
  const length = /^content-length: (\d+)/im.exec(head)?.[1];
  if (length) return start + Number(length);
  assert.match(head, /^transfer-encoding: chunked\r$/im);
  for (let place = start; ; ) {
    const size = /^([0-9a-f]+)\r\n/i.exec(text.slice(place, place + 20));
    if (!size) return undefined;
    const bytes = Number.parseInt(size[1], 16);
    place += size[0].length + bytes + 2;
    if (bytes === 0) return place;
  }
}
