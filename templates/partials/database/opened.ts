[# `pool` and `probe`, from `url`, `poolMax` and `logger`. Needs: project. #]
  const pool = openPool(logger, {
    connectionString: url,
    application_name: [= project.name|ts =],
    max: poolMax,
    connectionTimeoutMillis: CONNECT_MS,
    idleTimeoutMillis: 30000,
    statement_timeout: STATEMENT_MS,
    query_timeout: ANSWER_MS,
  });
  const probe = openProbe(url, logger);
