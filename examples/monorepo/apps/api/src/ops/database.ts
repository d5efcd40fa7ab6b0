import { Pool, type PoolConfig } from "pg";
import type { Logger } from "pino";
import { CHECK_LIMIT_MS } from "./health.ts";

export interface Database {
  pool: Pool;
  /** Rejects when the database does not answer. */
  ping: () => Promise<unknown>;
  close: () => Promise<unknown>;
}

/** A request waits this long for a connection before it fails: an answer, not a queue without end. */
const CONNECT_MS = 3000;

/** PostgreSQL cancels a statement after this time, before the client gives up on its request. */
const STATEMENT_MS = 10000;

/** For a server that went silent and cancels nothing. */
const ANSWER_MS = STATEMENT_MS + 1000;

export function openDatabase(url: string, poolMax: number, logger: Logger): Database {
  const pool = openPool(logger, {
    connectionString: url,
    application_name: "shop-api",
    max: poolMax,
    connectionTimeoutMillis: CONNECT_MS,
    idleTimeoutMillis: 30000,
    statement_timeout: STATEMENT_MS,
    query_timeout: ANSWER_MS,
  });
  const probe = openProbe(url, logger);
  return {
    pool,
    ping: () => probe.query("SELECT 1"),
    close: () => Promise.all([pool.end(), probe.end()]),
  };
}

/**
 * Health checks have a connection of their own: a full pool is a reason to queue, and must not make
 * every instance unready at the same moment.
 */
function openProbe(url: string, logger: Logger): Pool {
  return openPool(logger, {
    connectionString: url,
    application_name: "shop-api-health",
    max: 1,
    connectionTimeoutMillis: CHECK_LIMIT_MS,
    // A connection that did not answer is dropped, and the next check starts with a new one.
    query_timeout: CHECK_LIMIT_MS,
    // Longer than the time between two probes, so that they share a connection.
    idleTimeoutMillis: 60000,
  });
}

function openPool(logger: Logger, config: PoolConfig): Pool {
  const pool = new Pool({ keepAlive: true, ...config });
  // Idle connections break when the server restarts. Without a listener that ends the process.
  // The message only: pg attaches its whole client to the error.
  pool.on("error", ({ message }) => logger.warn({ reason: message }, "idle connection lost"));
  return pool;
}
