// Deploys to one host, as the emitted workflow makes them, under constant load: see deploy/stage.mjs for what each scene shows.
import { after, before, describe, test } from "node:test";
import { aroundTheSwitch, beforeTheSwitch } from "./deploy/killed.mjs";
import { mishaps } from "./deploy/mishaps.mjs";
import { releases } from "./deploy/releases.mjs";
import { startVersions } from "./deploy/versions.mjs";

/** Side by side: most of a deploy is waiting. More would starve the services on two cores, and their requests would fail. */
const HOSTS = 3;

describe("deploys under load", { concurrency: HOSTS }, () => {
  let versions;
  before(async () => {
    versions = await startVersions();
  });
  after(() => versions?.close());

  test("good versions and bad ones", (t) => releases(t, versions));
  test("killed before the switch", (t) => beforeTheSwitch(t, versions));
  test("killed around the switch", (t) => aroundTheSwitch(t, versions));
  test("what happens to a machine", (t) => mishaps(t, versions));
});
