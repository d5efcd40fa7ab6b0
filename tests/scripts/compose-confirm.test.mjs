// What deploy/compose/deploy.sh of a rendered tree (SEAWORTHY_TREE) takes for good, and so goes back to: against a stand-in for
// Docker. A version whose job dies between the switch and the end of the watch is confirmed by nobody.
import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { hasWorker, host, image, workerImage } from "./compose-standin.mjs";

async function ok(run) {
  const { status, output } = await run;
  assert.equal(status, 0, output);
  return output;
}

/** A host on which "a" is verified, and what came after it is not. */
async function deployed(...names) {
  const place = host();
  await ok(place.deploy("a"));
  await ok(place.confirm("a"));
  for (const name of names) await ok(place.deploy(name));
  place.set({});
  return place;
}

const marks = (place) => {
  const { verified, previous_image: previous, previous_verified: before } = place.state();
  return [verified, previous, before];
};

test("a version is verified once it is confirmed, and confirmed twice it is the same", async () => {
  const place = host();
  await ok(place.deploy("a"));
  assert.equal(place.state().verified, "false");
  for (const time of [1, 2]) {
    assert.match(await ok(place.confirm("a")), /slot blue serves .*a{64}, which is verified/, time);
    assert.equal(place.state().verified, "true");
  }
  await ok(place.deploy("b"));
  assert.deepEqual(marks(place), ["false", image("a"), "true"]);
});

test("a version that nobody confirmed is not gone back to", async () => {
  const place = await deployed("b", "c");
  assert.deepEqual(marks(place), ["false", image("a"), "true"]);
  assert.ok(place.docker.images.includes(image("a")), "the image to go back to is gone");
  assert.ok(!place.docker.images.includes(image("b")), "an image that nothing goes back to stays");
  assert.ok(existsSync(join(place.home, "releases/a")) && !existsSync(join(place.home, "releases/b")));
  await ok(place.rollBackFrom("c"));
  assert.equal(place.serving(), image("a"));
  assert.deepEqual(Object.values(place.workers()), hasWorker ? [workerImage("a")] : []);
  assert.deepEqual(marks(place), ["true", "", ""]);
  // Nor is the version that it came from.
  const { status, output } = await place.rollBack();
  assert.equal(status, 1);
  assert.match(output, /there is no previous version; slot \w+ serves on/);
  assert.equal(place.serving(), image("a"));
});

test("from a version that is verified a rollback goes back and forth", async () => {
  const place = await deployed("b");
  await ok(place.confirm("b"));
  for (const name of ["a", "b", "a"]) {
    await ok(place.rollBack());
    assert.equal(place.serving(), image(name));
    assert.equal(place.state().verified, "true");
  }
});

test("the job that died is run again: the way back stays, and then it is verified", async () => {
  const place = await deployed("b");
  await ok(place.deploy("b"));
  assert.deepEqual(marks(place), ["false", image("a"), "true"]);
  await ok(place.confirm("b"));
  // And once more, as for a new secret: it is what it was.
  await ok(place.deploy("b"));
  assert.deepEqual(marks(place), ["true", image("a"), "true"]);
});

test("where nothing is verified yet, the version that served before is gone back to", async () => {
  const place = host();
  for (const name of ["a", "b", "c"]) await ok(place.deploy(name));
  const output = await ok(place.rollBackFrom("c"));
  assert.match(output, /no version has been verified yet/);
  assert.equal(place.serving(), image("b"));
  assert.equal(place.state().verified, "false");
});

test("on a host that earlier scripts deployed to, what serves and what served before count as good", async () => {
  const place = await deployed("b");
  const unmarked = () => writeFileSync(join(place.home, "state"), place.file("state").replace(/^(previous_)?verified=.*\n/gm, ""));
  unmarked();
  await ok(place.rollBack());
  assert.equal(place.serving(), image("a"));
  unmarked();
  for (const name of ["c", "d"]) await ok(place.deploy(name));
  await ok(place.rollBackFrom("d"));
  assert.equal(place.serving(), image("a"));
});

for (const [what, prepare, name] of [
  ["another version", () => deployed("b"), "a"],
  ["a version that is switched to but not written down", () => switched(), "b"],
  ["nothing", () => deployed(), "b"],
]) {
  test(`what does not serve is not confirmed: ${what}`, async () => {
    const place = await prepare();
    const before = place.file("state");
    const { status, output } = await place.confirm("a", image(name));
    assert.equal(status, 1);
    assert.match(output, /does not serve; nothing is marked/);
    assert.equal(place.file("state"), before);
  });
}

/** The deploy of "b" is killed when users have it, and the state file does not say so. */
async function switched() {
  const place = await deployed();
  place.set({ curlKills: true });
  assert.notEqual((await place.deploy("b")).status, 0);
  assert.equal(place.serving(), image("b"));
  place.set({ curlKills: false });
  return place;
}

test("nothing is confirmed before the first deploy", async () => {
  const place = await deployed();
  writeFileSync(join(place.home, "state"), "");
  const { status, output } = await place.confirm("a");
  assert.equal(status, 1);
  assert.match(output, /does not serve; nothing is marked/);
});

test("--confirm without an image is no use of it", async () => {
  const place = await deployed();
  assert.equal((await place.deploy("a", ["--confirm"])).status, 2);
});

test("a deploy that is cut short at its switch is gone back from, through the version that nobody confirmed", async () => {
  const place = await deployed("b");
  place.set({ curlKills: true });
  assert.notEqual((await place.deploy("c")).status, 0);
  assert.equal(place.serving(), image("c"));
  place.set({ curlKills: false });
  for (const time of ["once", "twice"]) {
    await ok(place.rollBackFrom("c"));
    assert.equal(place.serving(), image("a"), time);
    assert.deepEqual(marks(place), ["true", "", ""], time);
  }
});

/** Before each call to Docker of one run it is killed. */
async function atEachCall(prepare, act, check) {
  const probe = await prepare();
  await act(probe);
  const calls = probe.docker.calls.length;
  assert.ok(calls > 5);
  await Promise.all(
    Array.from({ length: calls }, async (_, index) => {
      const place = await prepare();
      place.set({ faults: { [index + 1]: "kill" } });
      const cut = await act(place);
      const where = `at ${place.docker.calls[index]}\n${cut.output}`;
      assert.ok(place.serving(), where);
      place.set({});
      await check(place, where);
    }),
  );
}

test("a deploy that is killed anywhere over a version that nobody confirmed keeps the way back", async () => {
  const cut = (place) => place.deploy("c");
  await atEachCall(() => deployed("b"), cut, async (place, where) => {
    await ok(place.rollBackFrom("c"));
    // Before the switch nothing had changed.
    assert.ok([image("a"), image("b")].includes(place.serving()), where);
    assert.equal(place.state().image, place.serving(), where);
    await ok(place.deploy("d"));
    assert.equal(place.serving(), image("d"), where);
    assert.deepEqual(marks(place), ["false", image("a"), "true"], where);
  });
});

test("a rollback that is killed anywhere arrives when it is called again, and so does a deploy after it", async () => {
  const cut = (place) => place.rollBackFrom("c");
  await atEachCall(() => deployed("b", "c"), cut, async (place, where) => {
    await ok(place.rollBackFrom("c"));
    assert.equal(place.serving(), image("a"), where);
    assert.equal(place.slots().length, 1, where);
    await ok(place.deploy("d"));
    assert.deepEqual(marks(place), ["false", image("a"), "true"], where);
  });
});
