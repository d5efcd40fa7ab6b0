[# Constants of a migration. #]
/** A migration that waits for a lock makes every later query on that table wait behind it. */
const LOCK_MS = 5000;

const STATEMENT_MS = 5 * 60 * 1000;
