import { type Logger, pino, stdTimeFunctions } from "pino";

/** JSON lines on stdout: the platform collects them. */
export function createLogger(level: string): Logger {
  return pino({
    level,
    timestamp: stdTimeFunctions.isoTime,
    // Headers are not logged by default; this is for the day when somebody adds them.
    redact: ["req.headers.authorization", "req.headers.cookie", 'res.headers["set-cookie"]'],
  });
}
