[# Constants of the pool. Needs: database, timeouts. #]
/** A request waits this long for a connection before it fails: an answer, not a queue without end. */
const CONNECT_MS = [= database.pool_wait_ms =];

/** PostgreSQL cancels a statement after this time, before the client gives up on its request. */
const STATEMENT_MS = [= timeouts.statement_timeout_ms =];

/** For a server that went silent and cancels nothing. */
const ANSWER_MS = STATEMENT_MS + 1000;
