// Constant load as users make it: readers and a writer that keep their connections, readers that open one for each request,
// and one whose requests are always under way for longer than a switch takes. Nothing is tried again: a connection that is
// refused or cut, a status other than 2xx, and silence are failed requests.
import http from "node:http";
import https from "node:https";
import { count } from "../counts.mjs";
import { sleep } from "../docker.mjs";

const ANSWER_MS = 10_000;

/** Kept below what the service allows one address: 120 writes a minute. */
const WRITE_PAUSE_MS = 600;

/** `url`: where users reach the service. */
export function startLoad(url) {
  const load = new Load(new URL(url));
  for (let reader = 0; reader < 3; reader++) load.keep("read, kept", 40, () => load.read());
  for (let reader = 0; reader < 2; reader++) load.keep("read, fresh", 80, () => load.read(), false);
  load.keep("slow, kept", 100, () => ({ path: "/slow" }));
  load.keep("write, kept", WRITE_PAUSE_MS, () => load.write());
  return load;
}

class Load {
  /** Every request that failed: { at, client, request, why }. */
  failed = [];
  sent = 0;
  /** Of each version: how many answers it gave, and when the last request was sent that it answered. */
  answers = new Map();
  /** Notes that the service said it has: id -> text. */
  written = new Map();
  /** While true, only the clients that open a connection for each request send any. */
  keepsNone = false;
  #running = true;
  #paused = false;
  #underWay = 0;
  #clients = [];
  #agents = [];
  #url;
  #http;
  #address;

  constructor(url) {
    this.#url = url;
    // Whatever the name is that the certificate is for, it is this machine.
    this.#address = { host: "127.0.0.1", port: url.port, servername: url.hostname };
    this.#http = url.protocol === "https:" ? https : http;
  }

  /** A client that makes requests one after the other until the load ends. */
  keep(client, pauseMs, request, keepAlive = true) {
    const options = { keepAlive, maxSockets: 1, rejectUnauthorized: false };
    const agent = new this.#http.Agent(options);
    this.#agents.push(agent);
    this.#clients.push(this.#loop({ client, agent, pauseMs, keepAlive }, request).finally(() => agent.destroy()));
  }

  async #loop({ client, agent, pauseMs, keepAlive }, request) {
    while (this.#running) {
      if (!this.#paused && !(keepAlive && this.keepsNone)) await this.#once(client, agent, request());
      await sleep(pauseMs);
    }
  }

  read() {
    const ids = [...this.written.keys()];
    const id = ids[this.sent % (ids.length || 1)];
    return { path: id && this.sent % 2 ? `/notes/${id}` : "/notes?limit=3" };
  }

  write() {
    const text = `note ${this.sent}`;
    return { method: "POST", path: "/notes", text, body: JSON.stringify({ text }) };
  }

  async #once(client, agent, request) {
    this.sent += 1;
    this.#underWay += 1;
    const at = new Date();
    try {
      const { status, release, body } = await this.#send(agent, request);
      if (status < 200 || status > 299) throw new Error(`status ${status}: ${body.slice(0, 200)}`);
      const { answered = 0, lastSent = 0 } = this.answers.get(release) ?? {};
      this.answers.set(release, { answered: answered + 1, lastSent: Math.max(lastSent, at) });
      if (request.text) this.written.set(JSON.parse(body).id, request.text);
    } catch (error) {
      const why = `${error.code ?? error.message} after ${Date.now() - at} ms`;
      this.failed.push({ at: at.toISOString(), client, request: `${request.method ?? "GET"} ${request.path}`, why });
      await sleep(100);
    } finally {
      this.#underWay -= 1;
    }
  }

  #send(agent, { path, method = "GET", body }) {
    const headers = { host: this.#url.host };
    if (body) Object.assign(headers, { "content-type": "application/json", "content-length": Buffer.byteLength(body) });
    return new Promise((resolve, reject) => {
      const request = this.#http.request({ ...this.#address, path, method, headers, agent }, (response) => {
        const { statusCode: status, headers: got } = response;
        let text = "";
        response.setEncoding("utf8").on("data", (chunk) => (text += chunk));
        response.on("error", reject).on("end", () => resolve({ status, release: got["x-release"], body: text }));
      });
      request.setTimeout(ANSWER_MS, () => request.destroy(new Error("no answer")));
      request.on("error", reject).end(body);
    });
  }

  /** Which versions answer the next requests of every client. */
  async seen() {
    const from = Date.now();
    const late = from + ANSWER_MS;
    const releases = () => [...this.answers].filter(([, { lastSent }]) => lastSent > from).map(([release]) => release).sort();
    const sent = this.sent + (this.keepsNone ? 8 : 20);
    while (Date.now() < late && (this.sent < sent || releases().length === 0)) await sleep(50);
    return releases();
  }

  /** For what cannot be done without an outage. Resolves once no request is under way. */
  async pause() {
    this.#paused = true;
    while (this.#underWay > 0) await sleep(20);
  }

  /** On new connections: the kept ones have ended meanwhile. */
  resume() {
    for (const agent of this.#agents) agent.destroy();
    this.#paused = false;
  }

  /** Resolves once the last request has ended, and counts. */
  async stop() {
    this.#running = false;
    await Promise.all(this.#clients);
    count({ requests_sent: this.sent, requests_failed: this.failed.length });
  }

  /** For a failed assertion: which requests failed, and when. */
  report() {
    const lines = this.failed.slice(0, 30).map(({ at, client, request, why }) => `  ${at} ${client}: ${request}: ${why}`);
    return `${this.failed.length} of ${this.sent} requests failed\n${lines.join("\n")}`;
  }
}
