/** How long client connections live, and how they end when the service stops. */
import type { Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** Longer than the load balancer keeps an idle connection (60 s): it must be the first to close. */
const KEEP_ALIVE_MS = 65 * 1000;

/** A client has this long to send its whole request. */
const REQUEST_MS = 15000;

export function setTimeouts(server: Server): void {
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  // Above keepAliveTimeout, so that an idle connection is never mistaken for slow headers.
  // Slow clients meet requestTimeout first.
  server.headersTimeout = KEEP_ALIVE_MS + 1000;
  server.requestTimeout = REQUEST_MS;
}

export class Connections {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #responses = new Set<ServerResponse>();
  readonly #silent = new WeakSet<Socket>();
  #closing = false;

  constructor(server: Server) {
    this.#server = server;
    server.on("connection", (socket) => remember(this.#sockets, socket));
    // Before the framework's listener, which may answer at once.
    server.prependListener("request", (_request, response) => {
      remember(this.#responses, response);
      if (this.#closing) response.setHeader("connection", "close");
    });
  }

  /** Every response from now on asks its client to open a new connection, elsewhere. */
  announceClose(): void {
    this.#closing = true;
    for (const response of this.#responses) {
      if (!response.headersSent) response.setHeader("connection", "close");
    }
  }

  /** Closes what carries no request. Call it again and again until none is left. */
  closeIdle(): void {
    this.#server.closeIdleConnections();
    // Node does not count a connection that never sent a byte as idle. A request may be on its way
    // from the kernel to this process, so only one that stays silent from one call to the next goes.
    for (const socket of this.#sockets) {
      if (socket.bytesRead > 0) this.#silent.delete(socket);
      else if (this.#silent.has(socket)) socket.destroy();
      else this.#silent.add(socket);
    }
  }
}

function remember<T extends Socket | ServerResponse>(open: Set<T>, item: T): void {
  open.add(item);
  item.once("close", () => open.delete(item));
}
