// What docker and curl answer on a host with one deployment: enough of them to take deploy.sh through every failure.

export const freshState = () => ({
  calls: [],
  /** Number of a call, or a part of it -> kill (before it), "kill after", or fail. */
  faults: {},
  images: [],
  /** Service -> image. */
  running: {},
  /** Images that never become healthy, and those that do but answer no request. */
  broken: [],
  mute: [],
  /** Caddy keeps its old settings. */
  stuck: false,
  curlKills: false,
  migrated: [],
  badMigrations: [],
  /** What Caddy logged. */
  log: [],
  /** How many times more the migration of an earlier run is listed. */
  earlierMigration: 0,
});

const OK = { status: 0, output: "" };
const KILLED = { status: "kill", output: "" };

/** Changes the state, and returns { status, output }; the status "kill" is the process group's end. */
export function docker(state, argv, { image, workerImage, input }) {
  const words = argv.join(" ").replace(/--(project-directory|env-file|file|config) \S+ ?/g, "");
  state.calls.push(words);
  const named = Object.keys(state.faults).find((key) => Number.isNaN(Number(key)) && words.includes(key));
  const fault = state.faults[state.calls.length] ?? state.faults[named];
  if (fault === "kill") return KILLED;
  if (fault === "fail") return { status: 1, output: "" };
  const answer = COMMANDS.find(([start]) => words.startsWith(start))?.[1] ?? (() => OK);
  const { status, output } = answer(state, { argv, words, image, workerImage, input });
  return { status: fault === "kill after" ? "kill" : status, output };
}

const lines = (names) => ({ status: 0, output: names.map((name) => `${name}\n`).join("") });

// The first that fits.
const COMMANDS = [
  ["image inspect", inspectImages],
  ["image ls", (state) => lines([...new Set(state.images)])],
  ["image rm", removeImage],
  ["login", logIn],
  ["pull", pull],
  ["compose up", up],
  ["compose stop", stop],
  ["compose rm", remove],
  ["compose run", migrate],
  ["compose port", () => lines(["127.0.0.1:8081"])],
  ["compose exec", (_, { words }) => (words.includes("pg_dump") ? lines(["dump"]) : OK)],
  ["ps", list],
  ["logs", (state) => lines(state.log)],
  ["inspect", (state, { argv }) => lines([state.running[argv.at(-1)]])],
];

function inspectImages(state, { argv }) {
  const names = argv.filter((word) => word.includes("@sha256:"));
  return names.every((name) => state.images.includes(name)) ? lines(names) : { status: 1, output: "" };
}

function removeImage(state, { argv }) {
  state.images = state.images.filter((name) => name !== argv.at(-1));
  return OK;
}

function logIn(state, { input }) {
  state.login = input.trim();
  return OK;
}

function pull(state, { argv }) {
  state.images.push(argv.at(-1));
  return OK;
}

function up(state, { argv, words, image, workerImage }) {
  let broken = false;
  for (const service of argv.filter((word) => /^((app|worker)-(blue|green)|caddy|database|redis)$/.test(word))) {
    if (words.includes("--force-recreate") || !state.running[service]) {
      state.running[service] = service.startsWith("worker-") ? workerImage : image;
    }
    broken ||= /^(app|worker)-/.test(service) && state.broken.includes(state.running[service]);
  }
  return { status: broken ? 1 : 0, output: "" };
}

function stop(state, { argv }) {
  for (const service of argv.slice(argv.indexOf("stop") + 1)) delete state.running[service];
  return OK;
}

function remove(state, { argv }) {
  for (const service of argv.slice(argv.indexOf("--force") + 1)) delete state.running[service];
  return OK;
}

function migrate(state, { image }) {
  state.migrated.push(image);
  return { status: state.badMigrations.includes(image) ? 1 : 0, output: "" };
}

function list(state, { words }) {
  if (words.includes("oneoff")) {
    if (state.earlierMigration === 0) return OK;
    state.earlierMigration -= 1;
    return lines(["1f2e3d"]);
  }
  const slot = words.match(/service=(app-\w+|caddy)/)?.[1];
  return state.running[slot] ? lines([slot]) : OK;
}

/** 0 when the slot that Caddy is pointed at (`green`: by the switch's file), or that a header names, runs a version that works. */
export function curl(state, argv, green) {
  const asked = argv.join(" ").match(/Slot: (blue|green)/)?.[1];
  // As users ask, after the switch.
  if (state.curlKills && !asked && argv.includes("--dump-header")) return KILLED;
  const image = state.running[`app-${asked ?? (green ? "green" : "blue")}`];
  const works = state.running.caddy && image && !state.broken.includes(image) && !state.mute.includes(image);
  return { status: works ? 0 : 22, output: `HTTP/1.1 200 OK\r\n${green && !state.stuck ? "Slot: green\r\n" : ""}` };
}
