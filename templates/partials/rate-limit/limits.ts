const WRITES_PER_MINUTE = 120;

const WINDOW_MS = 60_000;

const READS: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);
