[# Options of the client of a migration. Needs: project. #]
    connectionString: databaseUrl,
    application_name: [= (project.name ~ "-migrate")|ts =],
    connectionTimeoutMillis: 10000,
    lock_timeout: LOCK_MS,
    statement_timeout: STATEMENT_MS,
