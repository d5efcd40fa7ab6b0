[# Functions `openProbe` and `openPool`. Needs: project. #]
/**
 * Health checks have a connection of their own: a full pool is a reason to queue, and must not make
 * every instance unready at the same moment.
 */
function openProbe(url: string, logger: Logger): Pool {
  return openPool(logger, {
    connectionString: url,
    application_name: [= (project.name ~ "-health")|ts =],
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
