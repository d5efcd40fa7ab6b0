/** The server that `next build` made, with a hand on its HTTP server before that listens. */
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { Server } from "node:http";

/** The same from src/ops and from dist/ops. */
const STANDALONE = new URL("../../.next/standalone/apps/web/server.js", import.meta.url);

/** What Node tells of each server that is about to listen. */
const LISTENS = "tracing:net.server.listen:asyncStart";

/** Listens on all interfaces: in a container the loopback interface is out of reach for everybody else. */
export async function startNext(port: number, prepare: (server: Server) => void): Promise<void> {
  process.env["PORT"] = String(port);
  // Containers have a name of their own in it, and Next would listen on the address of that name only.
  process.env["HOSTNAME"] = "0.0.0.0";
  // Next's own handlers cut requests off, and end with 143.
  process.env["NEXT_MANUAL_SIG_HANDLE"] = "true";
  const prepareOnce = (message: unknown) => {
    const { server } = message as { server: unknown };
    if (!(server instanceof Server)) return;
    unsubscribe(LISTENS, prepareOnce);
    prepare(server);
  };
  subscribe(LISTENS, prepareOnce);
  await import(STANDALONE.href);
}
