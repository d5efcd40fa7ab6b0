// A host under load, and one line for each thing that happens to it: how long it took, what became of the requests, and
// which version answered at the end.
import assert from "node:assert/strict";
import { count } from "../counts.mjs";
import { newHost } from "./host.mjs";
import { startLoad } from "./load.mjs";

/** A host on which version "v1" serves, under load. */
export async function newStage({ versions, name, tls = false }) {
  const host = await newHost({ versions, settings: { SITE_ADDRESS: tls ? "localhost" : ":80" } });
  const stage = new Stage({ name, host, versions, url: tls ? `https://localhost:${host.ports.HTTPS_PORT}` : `http://localhost:${host.ports.HTTP_PORT}` });
  try {
    await stage.build("v1");
    const { code, output } = await host.deploy("v1", stage.images.get("v1"));
    assert.equal(code, 0, output);
    await host.confirm("v1", stage.images.get("v1"));
  } catch (error) {
    await host.remove();
    throw error;
  }
  stage.startLoad();
  return stage;
}

class Stage {
  /** Version -> image by digest. */
  images = new Map();

  constructor({ name, host, versions, url }) {
    Object.assign(this, { name, host, versions, url });
  }

  startLoad() {
    this.load = startLoad(this.url);
  }

  async build(release, lines) {
    this.images.set(release, await this.versions.build(this.host.name, release, lines));
  }

  /** Deploys a version under a commit of its own name, and confirms it where it got through. */
  async deploy(release, options) {
    const image = this.images.get(release);
    const deployed = await this.host.deploy(release, image, options);
    if (deployed.code === 0) await this.host.confirm(release, image);
    return deployed;
  }

  /**
   * One thing that happens: `action` resolves to { code, output }, or an array of these. `code` is what each exits with,
   * `serves` the versions of which one answers afterwards, and alone. No request may fail meanwhile.
   */
  async scene(what, action, { code = 0, serves, says }) {
    const before = { sent: this.load.sent, failed: this.load.failed.length, at: performance.now() };
    const results = [await action()].flat();
    const output = results.map((result) => result.output).join("\n----\n");
    const seen = await this.load.seen();
    const sent = this.load.sent - before.sent;
    const failed = this.load.failed.length - before.failed;
    const seconds = ((performance.now() - before.at) / 1000).toFixed(1);
    console.log(`  ${this.name}: ${what}: ${seconds} s, requests ${sent}, failed ${failed}, answers ${seen.join(" and ")}`);
    count({ checks: 3 });
    for (const result of results) assert.equal(result.code, code, output);
    if (says) assert.match(output, says);
    assert.equal(failed, 0, `${this.load.report()}\n${output}`);
    assert.equal(seen.length, 1, `${seen} answer\n${output}`);
    assert.ok([serves].flat().includes(seen[0]), `${seen} answers, not ${serves}\n${output}`);
    return { output, serves: seen[0] };
  }

  /** Everything that the service said it has stored is there. */
  async dataIsThere() {
    // Before the query: more is written meanwhile.
    const written = [...this.load.written];
    const rows = (await this.host.sql("SELECT id || ' ' || text FROM notes")).split("\n");
    const stored = new Set(rows);
    const lost = written.filter(([id, text]) => !stored.has(`${id} ${text}`));
    console.log(`  ${this.name}: ${written.length} notes were written, ${lost.length} are lost`);
    count({ checks: 1 });
    assert.ok(written.length > 0);
    assert.deepEqual(lost, []);
  }

  async end() {
    await this.load.stop();
    await this.host.remove();
  }
}
